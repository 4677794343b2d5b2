"""OAuth 2: a user allows an app, the app exchanges the code for a token, either of them ends it."""

import hmac
from collections.abc import Sequence
from typing import Final

import msgspec

from rookery.domain import oauth
from rookery.domain.ids import AppId, TokenId, UserId
from rookery.domain.oauth import App, Authorization, AuthorizedApp, IssuedToken
from rookery.domain.tokens import hash_of, new_secret
from rookery.domain.users import UserState
from rookery.entrance import end_access
from rookery.errors import Forbidden, ForeignToken, Refused, UnknownApp
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import apps, authorization_codes, sessions, tokens, users

AUTHORIZED_APPS_MAX: Final = 200
"""Apps shown to a user, the newest first."""
_SIGNED_IN_STATES: Final = frozenset((UserState.ACTIVE, UserState.PENDING, UserState.UNCONFIRMED))
_NO_SECRET: Final = hash_of("")


async def find_app(services: Services, client_id: str) -> App | None:
    """Return the app that goes by this id, or None. The web client is there without having registered."""
    async with services.db.read() as tx:
        app = await apps.get_by_client_id(tx, client_id)
    if client_id != oauth.WEB_CLIENT:
        return app
    app = app or await _enter_web_client(services)
    # What counts is where the instance is now, not where it was when the row was written.
    return msgspec.structs.replace(app, redirect_uris=(services.instance.links.signed_in,))


async def _enter_web_client(services: Services) -> App:
    app = App(
        id=AppId(services.new_id()),
        client_id=oauth.WEB_CLIENT,
        secret_hash=hash_of(new_secret()),
        name=oauth.WEB_CLIENT_NAME,
        website=None,
        redirect_uris=(),
        scopes=oauth.WEB_CLIENT_SCOPES,
        created_ms=services.now_ms(),
    )

    async def work(tx: Write) -> App:
        await apps.insert(tx, app)
        return await apps.get_by_client_id(tx, oauth.WEB_CLIENT) or app

    return await services.db.write(work)


async def authenticate_app(services: Services, *, client_id: str, client_secret: str) -> App:
    """Return the app that proves itself with its secret; raises UnknownApp. The web client has none to show."""
    app = await find_app(services, client_id)
    if app is not None and app.is_web_client and not client_secret:
        return app
    expected = app.secret_hash if app is not None else _NO_SECRET
    if not hmac.compare_digest(hash_of(client_secret), expected) or app is None:
        raise UnknownApp
    return app


async def authorize(
    services: Services,
    user_id: UserId,
    app: App,
    *,
    redirect_uri: str,
    scopes: Sequence[str],
    challenge: str | None,
    session: str = "",
) -> str:
    """Let the app act for the user within these scopes; return the code that it exchanges for a token.

    What the web client gets ends with the `session` of the browser that it runs in.
    """
    if not app.may_be_answered_at(redirect_uri):
        raise Refused("invalid_request", "The redirect URI is not one that the app has registered")
    if app.is_web_client and challenge is None:
        raise Refused("invalid_request", "An app without a secret must send a code challenge")
    if not oauth.within(scopes, app.scopes):
        raise Refused("invalid_scope", "The app asks for more than it has registered for")
    code = new_secret()
    authorization = Authorization(
        app_id=app.id,
        user_id=user_id,
        redirect_uri=redirect_uri,
        scopes=tuple(scopes),
        challenge=challenge,
        expires_ms=services.now_ms() + oauth.CODE_LIFE_MS,
        session_hash=hash_of(session) if app.is_web_client else None,
    )

    async def work(tx: Write) -> None:
        user = await users.get(tx, user_id)
        if user is None or not user.active:
            raise Forbidden
        await authorization_codes.insert(tx, hash_of(code), authorization)

    await services.db.write(work)
    return code


async def exchange_code(
    services: Services, app: App, *, code: str, redirect_uri: str, verifier: str
) -> IssuedToken:
    """Return a token for the code. A code that is used a second time was stolen: its tokens end."""
    code_hash = hash_of(code)
    secret = new_secret()
    now_ms = services.now_ms()

    async def work(tx: Write) -> IssuedToken | None:
        allowed = await authorization_codes.get(tx, code_hash)
        if allowed is None or allowed.app_id != app.id:
            return None
        if allowed.used_ms is not None:
            await end_access(services, tx, await tokens.delete_of_code(tx, code_hash))
            return None
        if (
            allowed.expires_ms <= now_ms
            or allowed.redirect_uri != redirect_uri
            or not oauth.fits(allowed.challenge, verifier)
        ):
            return None
        if not await _is_still_there(tx, allowed, now_ms=now_ms):
            return None
        if not await authorization_codes.use(tx, code_hash, now_ms=now_ms):
            await end_access(services, tx, await tokens.delete_of_code(tx, code_hash))
            return None
        return await _issue(
            services,
            tx,
            app,
            secret=secret,
            user_id=allowed.user_id,
            scopes=allowed.scopes,
            code_hash=code_hash,
            session_hash=allowed.session_hash,
        )

    issued = await services.db.write(work)
    if issued is None:
        raise Refused(
            "invalid_grant",
            "The authorization code is unknown, used, too old, or was issued for another redirect URI or app",
        )
    return issued


async def _is_still_there(tx: Write, allowed: Authorization, *, now_ms: int) -> bool:
    """Tell whether the user who allowed this is, and the session in which it was, if it ends with that."""
    user = await users.get(tx, allowed.user_id)
    if user is None or user.state not in _SIGNED_IN_STATES:
        return False
    session_hash = allowed.session_hash
    return session_hash is None or await sessions.user_of(tx, session_hash, now_ms=now_ms) is not None


async def issue_app_token(services: Services, app: App, *, scopes: Sequence[str]) -> IssuedToken:
    """Return a token with which the app acts for itself (client credentials)."""
    return await _issue_for(services, app, user_id=None, scopes=scopes)


async def issue_user_token(services: Services, app: App, user_id: UserId) -> IssuedToken:
    """Return a token with everything the app registered for, for a user who has just signed up through it."""
    return await _issue_for(services, app, user_id=user_id, scopes=app.scopes)


async def _issue_for(
    services: Services, app: App, *, user_id: UserId | None, scopes: Sequence[str]
) -> IssuedToken:
    if app.is_web_client:
        # Anybody may say that they are this app: it gets nothing but what a user in a browser has allowed.
        raise Refused(
            "unauthorized_client", "This app acts for users who have signed in, and never for itself"
        )
    if not oauth.within(scopes, app.scopes):
        raise Refused("invalid_scope", "The app asks for more than it has registered for")
    secret = new_secret()

    async def work(tx: Write) -> IssuedToken:
        return await _issue(
            services, tx, app, secret=secret, user_id=user_id, scopes=tuple(scopes), code_hash=None
        )

    return await services.db.write(work)


async def _issue(
    services: Services,
    tx: Write,
    app: App,
    *,
    secret: str,
    user_id: UserId | None,
    scopes: tuple[str, ...],
    code_hash: bytes | None,
    session_hash: bytes | None = None,
) -> IssuedToken:
    now_ms = services.now_ms()
    await tokens.insert(
        tx,
        token_id=TokenId(services.new_id()),
        token_hash=hash_of(secret),
        app_id=app.id,
        user_id=user_id,
        scopes=" ".join(scopes),
        code_hash=code_hash,
        session_hash=session_hash,
        now_ms=now_ms,
    )
    return IssuedToken(secret=secret, scopes=scopes, created_ms=now_ms)


async def revoke_token(services: Services, app: App, *, token: str) -> None:
    """End one of the app's tokens (RFC 7009). An unknown token is ended already; another app's raises ForeignToken."""
    token_hash = hash_of(token)

    async def work(tx: Write) -> None:
        owner = await tokens.app_of(tx, token_hash)
        if owner is not None and owner != app.id:
            raise ForeignToken
        await end_access(services, tx, await tokens.delete(tx, token_hash, app_id=app.id))

    await services.db.write(work)


async def authorized_apps(services: Services, user_id: UserId) -> list[AuthorizedApp]:
    """Return the apps that hold tokens of the user, the newest first."""
    async with services.db.read() as tx:
        rows = await tokens.apps_of_user(tx, user_id, limit=AUTHORIZED_APPS_MAX)
        granted = await tokens.scopes_of_user(tx, user_id)
    scopes: dict[AppId, set[str]] = {}
    for app_id, text in granted:
        scopes.setdefault(app_id, set()).update(text.split())
    return [
        AuthorizedApp(
            id=row[0],
            name=row[1],
            website=row[2],
            scopes=tuple(sorted(scopes.get(row[0], ()))),
            since_ms=row[3],
            last_used_ms=row[4],
        )
        for row in rows
    ]


async def revoke_app(services: Services, user_id: UserId, app_id: AppId) -> None:
    """End everything the user has allowed the app."""

    async def work(tx: Write) -> None:
        await end_access(services, tx, await tokens.delete_of_app(tx, user_id, app_id))
        await authorization_codes.delete_of_app(tx, user_id, app_id)

    await services.db.write(work)
