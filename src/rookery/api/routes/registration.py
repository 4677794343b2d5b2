"""Signing up through an app: https://docs.joinmastodon.org/methods/accounts/#create."""

from typing import Final

import msgspec

from rookery.api.endpoints import Access, Call, Json, RateLimit, endpoint
from rookery.api.entities.tokens import Token
from rookery.api.routes.oauth import token_answer
from rookery.domain.instance import Registrations
from rookery.errors import Forbidden, InvalidFields, Unauthorized
from rookery.usecases import apps, authorizations, sign_up

SIGN_UPS: Final = RateLimit("sign-ups", requests_max=5, window_ms=1_800_000)


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says of themselves to sign up."""

    username: str = ""
    email: str = ""
    password: str = ""
    agreement: bool = False
    locale: str = ""
    reason: str = ""
    date_of_birth: str = ""


@endpoint("POST", "/api/v1/accounts", access=Access.APP, scope="write:accounts", limit=SIGN_UPS)
async def create(call: Call, params: NewAccount) -> Json[Token]:
    """Sign somebody up and return a token for them; it works once the account is confirmed and approved."""
    credentials = call.credentials
    if credentials is None:
        raise Unauthorized
    if credentials.user_id is not None:
        raise Forbidden("This method requires an client credentials authentication")
    if call.services.instance.registrations is Registrations.CLOSED:
        raise Forbidden("This action is not allowed")
    if not params.agreement:
        raise InvalidFields([("agreement", "accepted", "must be accepted")])
    app = await apps.get_app(call.services, credentials.app_id)
    user = await sign_up.sign_up(
        call.services,
        username=params.username,
        email=params.email,
        password=params.password,
        born_on=params.date_of_birth,
        reason=params.reason,
    )
    return token_answer(await authorizations.issue_user_token(call.services, app, user.id))
