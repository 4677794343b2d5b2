"""Confirming an e-mail address: https://docs.joinmastodon.org/methods/emails/."""

from typing import Final

import msgspec

from rookery.api.endpoints import Access, Call, Json, Nothing, RateLimit, endpoint
from rookery.usecases import sign_up

CONFIRMATIONS: Final = RateLimit("confirmations", requests_max=5, window_ms=1_800_000)


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """The address to confirm, when it is to be another one."""

    email: str = ""


@endpoint(
    "POST",
    "/api/v1/emails/confirmations",
    access=Access.UNFINISHED,
    scope="write:accounts",
    limit=CONFIRMATIONS,
)
async def ask_for_confirmation(call: Call, params: Confirmation) -> Json[Nothing]:
    """Ask for the confirmation of one's e-mail address anew, or of another address."""
    await sign_up.ask_for_confirmation(call.services, call.viewer, email=params.email or None)
    return Json.of(Nothing())


@endpoint("GET", "/api/v1/emails/check_confirmation", access=Access.UNFINISHED, scope="read:accounts")
async def check_confirmation(call: Call) -> Json[bool]:
    """Tell whether one's e-mail address is confirmed."""
    return Json.of(await sign_up.is_confirmed(call.services, call.viewer))
