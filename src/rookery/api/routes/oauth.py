"""The authorization server's machine side: https://docs.joinmastodon.org/methods/oauth/ (RFC 6749, 7009, 8414)."""

import base64
import binascii
from typing import Final
from urllib.parse import unquote_plus

import msgspec

from rookery.api import scopes
from rookery.api.endpoints import Access, Call, Json, Nothing, endpoint
from rookery.api.entities.tokens import AuthorizationServer, Token, UserInfo
from rookery.domain.oauth import App, IssuedToken
from rookery.errors import Refused, UnknownApp
from rookery.usecases import authorizations, users

NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What an app hands over for a token."""

    grant_type: str = ""
    client_id: str = ""
    client_secret: str = ""
    code: str = ""
    redirect_uri: str = ""
    code_verifier: str = ""
    scope: str | list[str] = ""


class Revocation(msgspec.Struct, frozen=True, kw_only=True):
    """Which token is to end."""

    token: str = ""
    token_type_hint: str = ""
    client_id: str = ""
    client_secret: str = ""


@endpoint("POST", "/oauth/token", access=Access.CLIENT)
async def token(call: Call, params: TokenRequest) -> Json[Token]:
    """Exchange an authorization code, or an app's own credentials, for an access token."""
    if not params.grant_type:
        raise Refused("invalid_request", "grant_type is missing")
    if params.grant_type not in {"authorization_code", "client_credentials"}:
        raise Refused(
            "unsupported_grant_type", "The grant type is not one of authorization_code, client_credentials"
        )
    app = await _app(call, client_id=params.client_id, client_secret=params.client_secret)
    if params.grant_type == "client_credentials":
        asked = params.scope if isinstance(params.scope, str) else " ".join(params.scope)
        wanted = scopes.parse(asked)
        if wanted is None:
            raise Refused("invalid_scope", "The requested scope is unknown or malformed")
        return token_answer(await authorizations.issue_app_token(call.services, app, scopes=wanted))
    if not params.code:
        raise Refused("invalid_request", "code is missing")
    return token_answer(
        await authorizations.exchange_code(
            call.services,
            app,
            code=params.code,
            redirect_uri=params.redirect_uri,
            verifier=params.code_verifier,
        )
    )


@endpoint("POST", "/oauth/revoke", access=Access.CLIENT)
async def revoke(call: Call, params: Revocation) -> Json[Nothing]:
    """End an access token; one that is unknown is ended already."""
    app = await _app(call, client_id=params.client_id, client_secret=params.client_secret)
    if not params.token:
        raise Refused("invalid_request", "token is missing")
    await authorizations.revoke_token(call.services, app, token=params.token)
    return Json.of(Nothing(), headers=NO_STORE)


@endpoint("GET", "/oauth/userinfo", scope="profile")
async def userinfo(call: Call) -> Json[UserInfo]:
    """Return who has signed in."""
    user = (await users.get_user(call.services, call.viewer, call.viewer)).user
    base_url = call.services.instance.base_url
    url = call.present.account_url(user.username)
    return Json.of(
        UserInfo(
            iss=base_url,
            sub=url,
            name=user.display_name or user.username,
            preferred_username=user.username,
            profile=url,
            picture=call.services.instance.avatar_url(user),
        )
    )


@endpoint("GET", "/.well-known/oauth-authorization-server", access=Access.CLIENT)
async def metadata(call: Call) -> Json[AuthorizationServer]:
    """Return what this authorization server can do and where."""
    base_url = call.services.instance.base_url
    methods = ["client_secret_basic", "client_secret_post"]
    return Json.of(
        AuthorizationServer(
            issuer=base_url,
            authorization_endpoint=f"{base_url}/oauth/authorize",
            token_endpoint=f"{base_url}/oauth/token",
            revocation_endpoint=f"{base_url}/oauth/revoke",
            userinfo_endpoint=f"{base_url}/oauth/userinfo",
            app_registration_endpoint=f"{base_url}/api/v1/apps",
            service_documentation="https://docs.joinmastodon.org/",
            scopes_supported=sorted(scopes.ALL),
            response_types_supported=["code"],
            response_modes_supported=["query"],
            grant_types_supported=["authorization_code", "client_credentials"],
            token_endpoint_auth_methods_supported=methods,
            revocation_endpoint_auth_methods_supported=methods,
            code_challenge_methods_supported=["S256"],
        )
    )


def token_answer(issued: IssuedToken) -> Json[Token]:
    """Answer a new token, which no cache may keep."""
    return Json.of(
        Token(
            access_token=issued.secret,
            scope=" ".join(issued.scopes),
            created_at=issued.created_ms // 1000,
        ),
        headers=NO_STORE,
    )


async def _app(call: Call, *, client_id: str, client_secret: str) -> App:
    """Return the app that proves itself in the body or by HTTP Basic."""
    basic = _basic(call.header("authorization"))
    if basic is not None:
        if client_secret or client_id not in {"", basic[0]}:
            raise Refused("invalid_request", "The app must prove itself in one way only")
        client_id, client_secret = basic
    return await authorizations.authenticate_app(
        call.services, client_id=client_id, client_secret=client_secret
    )


def _basic(header: str | None) -> tuple[str, str] | None:
    kind, _, encoded = (header or "").partition(" ")
    if kind.lower() != "basic":
        # NOTE: Mastodon.py sends the bearer token that it holds with every request, this one included.
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise UnknownApp from None
    name, _, secret = text.partition(":")
    # RFC 6749, section 2.3.1: both parts are encoded as in a form before they are joined.
    return unquote_plus(name), unquote_plus(secret)
