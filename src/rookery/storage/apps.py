"""Apps that users let act for them; their secrets are stored only as SHA-256 hashes."""

from rookery.domain.ids import AppId
from rookery.domain.oauth import App
from rookery.domain.tweets import PostedWith
from rookery.ports import Read, Row, Write
from rookery.sql import sql

_INSERT = sql("""
    INSERT INTO apps (id, client_id, secret_hash, name, website, redirect_uris, scopes, created_ms)
    VALUES (:id, :client_id, :secret_hash, :name, :website, :redirect_uris, :scopes, :created_ms)
    ON CONFLICT DO NOTHING
""")


async def insert(tx: Write, app: App) -> bool:
    """Enter an app; False when its client id is taken."""
    return bool(
        await tx.run(
            _INSERT,
            id=app.id,
            client_id=app.client_id,
            secret_hash=app.secret_hash,
            name=app.name,
            website=app.website,
            redirect_uris="\n".join(app.redirect_uris),
            scopes=" ".join(app.scopes),
            created_ms=app.created_ms,
        )
    )


def _app(row: Row) -> App:
    return App(
        id=row[0],
        client_id=row[1],
        secret_hash=bytes(row[2]),
        name=row[3],
        website=row[4],
        redirect_uris=tuple(row[5].split("\n")) if row[5] else (),
        scopes=tuple(row[6].split()),
        created_ms=row[7],
    )


_GET = sql("""
    SELECT id, client_id, secret_hash, name, website, redirect_uris, scopes, created_ms FROM apps WHERE id = :id
""")


async def get(tx: Read, app_id: AppId) -> App | None:
    """Return the app, or None."""
    row = await tx.one(_GET, id=app_id)
    return _app(row) if row else None


_POSTED_WITH = sql("SELECT id, name, website FROM apps WHERE id = :id")


async def posted_with(tx: Read, app_id: AppId) -> PostedWith | None:
    """Return what a tweet says of the app it was posted with, or None."""
    row = await tx.one(_POSTED_WITH, id=app_id)
    return PostedWith(*row) if row else None


_GET_BY_CLIENT_ID = sql("""
    SELECT id, client_id, secret_hash, name, website, redirect_uris, scopes, created_ms FROM apps
    WHERE client_id = :client_id
""")


async def get_by_client_id(tx: Read, client_id: str) -> App | None:
    """Return the app of that client id, or None."""
    row = await tx.one(_GET_BY_CLIENT_ID, client_id=client_id)
    return _app(row) if row else None
