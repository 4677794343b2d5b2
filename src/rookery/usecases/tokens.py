"""Access tokens made without a browser, and whom a token stands for."""

from typing import NamedTuple

from rookery.domain.ids import AppId, TokenId, UserId
from rookery.domain.oauth import App
from rookery.domain.tokens import hash_of, new_secret
from rookery.domain.users import UserState
from rookery.errors import NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import apps, tokens, users


class FoundToken(NamedTuple):
    """Whom a token stands for and what it allows."""

    token_id: TokenId
    app_id: AppId
    user_id: UserId | None
    user_state: UserState | None
    scopes: str


async def find_token(services: Services, secret: str) -> FoundToken | None:
    """Return what is known of a token, or None. Every request of somebody signed in comes by here."""
    async with services.db.read() as tx:
        row = await tokens.find(tx, hash_of(secret))
    if row is None:
        return None
    token_id, app_id, user_id, scopes, state = row
    return FoundToken(token_id, app_id, user_id, UserState(state) if state else None, scopes)


async def create_token(services: Services, user_id: UserId, *, scopes: str, app_name: str) -> str:
    """Return a new token for a user: for bots, tests and the command line. It is shown once and kept as a hash."""
    secret = new_secret()

    async def work(tx: Write) -> None:
        if await users.get(tx, user_id) is None:
            raise NotFound
        app = await _local_app(services, tx, app_name)
        await tokens.insert(
            tx,
            token_id=TokenId(services.new_id()),
            token_hash=hash_of(secret),
            app_id=app.id,
            user_id=user_id,
            scopes=" ".join(scopes.replace("+", " ").split()),
            code_hash=None,
            now_ms=services.now_ms(),
        )

    await services.db.write(work)
    return secret


async def _local_app(services: Services, tx: Write, name: str) -> App:
    """Return the app of that name that no browser can use: it has no redirect address and a secret nobody knows."""
    client_id = f"local:{name}"
    app = App(
        id=AppId(services.new_id()),
        client_id=client_id,
        secret_hash=hash_of(new_secret()),
        name=name,
        website=None,
        redirect_uris=(),
        scopes=(),
        created_ms=services.now_ms(),
    )
    await apps.insert(tx, app)
    return await apps.get_by_client_id(tx, client_id) or app
