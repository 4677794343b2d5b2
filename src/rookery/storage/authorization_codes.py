"""Authorization codes: what a user has allowed an app, waiting to be exchanged once for a token."""

from rookery.domain.ids import AppId, UserId
from rookery.domain.oauth import Authorization
from rookery.ports import Read, Write
from rookery.sql import sql

_INSERT = sql("""
    INSERT INTO authorization_codes
        (code_hash, app_id, user_id, redirect_uri, scopes, challenge, session_hash, expires_ms)
    VALUES (:code_hash, :app_id, :user_id, :redirect_uri, :scopes, :challenge, :session_hash, :expires_ms)
""")


async def insert(tx: Write, code_hash: bytes, authorization: Authorization) -> None:
    """Enter a code under its hash."""
    await tx.run(
        _INSERT,
        code_hash=code_hash,
        app_id=authorization.app_id,
        user_id=authorization.user_id,
        redirect_uri=authorization.redirect_uri,
        scopes=" ".join(authorization.scopes),
        challenge=authorization.challenge,
        session_hash=authorization.session_hash,
        expires_ms=authorization.expires_ms,
    )


_GET = sql("""
    SELECT app_id, user_id, redirect_uri, scopes, challenge, expires_ms, used_ms, session_hash
    FROM authorization_codes WHERE code_hash = :code_hash
""")


async def get(tx: Read, code_hash: bytes) -> Authorization | None:
    """Return what the code stands for, used or not, or None."""
    row = await tx.one(_GET, code_hash=code_hash)
    if row is None:
        return None
    return Authorization(
        app_id=row[0],
        user_id=row[1],
        redirect_uri=row[2],
        scopes=tuple(row[3].split()),
        challenge=row[4],
        expires_ms=row[5],
        used_ms=row[6],
        session_hash=bytes(row[7]) if row[7] is not None else None,
    )


_USE = sql(
    "UPDATE authorization_codes SET used_ms = :now_ms WHERE code_hash = :code_hash AND used_ms IS NULL"
)


async def use(tx: Write, code_hash: bytes, *, now_ms: int) -> bool:
    """Mark a code as used; False when somebody else was faster."""
    return bool(await tx.run(_USE, code_hash=code_hash, now_ms=now_ms))


_DELETE_OF_APP = sql("DELETE FROM authorization_codes WHERE user_id = :user_id AND app_id = :app_id")


async def delete_of_app(tx: Write, user_id: UserId, app_id: AppId) -> None:
    """Remove a user's codes for an app."""
    await tx.run(_DELETE_OF_APP, user_id=user_id, app_id=app_id)


_DELETE_OF_USER = sql("DELETE FROM authorization_codes WHERE user_id = :user_id")


async def delete_of_user(tx: Write, user_id: UserId) -> None:
    """Remove all of a user's codes."""
    await tx.run(_DELETE_OF_USER, user_id=user_id)


_DELETE_EXPIRED = sql("""
    DELETE FROM authorization_codes WHERE code_hash IN (
        SELECT code_hash FROM authorization_codes WHERE expires_ms < :before_ms ORDER BY expires_ms LIMIT :limit)
""")


async def delete_expired(tx: Write, *, before_ms: int, limit: int) -> int:
    """Remove codes that ended before that time; return how many."""
    return await tx.run(_DELETE_EXPIRED, before_ms=before_ms, limit=limit)
