"""Browser sessions, found by the hash of what their cookie carries."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.ports import Read, Row, Write
from rookery.sql import sql

_INSERT = sql("""
    INSERT INTO sessions (session_hash, user_id, browser, created_ms, expires_ms)
    VALUES (:session_hash, :user_id, :browser, :created_ms, :expires_ms)
""")


async def insert(
    tx: Write, session_hash: bytes, user_id: UserId, *, browser: str, now_ms: int, expires_ms: int
) -> None:
    """Begin a session in this browser."""
    await tx.run(
        _INSERT,
        session_hash=session_hash,
        user_id=user_id,
        browser=browser,
        created_ms=now_ms,
        expires_ms=expires_ms,
    )


_USER_OF = sql("SELECT user_id FROM sessions WHERE session_hash = :session_hash AND expires_ms > :now_ms")


async def user_of(tx: Read, session_hash: bytes, *, now_ms: int) -> UserId | None:
    """Return who is signed in, or None when the session is unknown or over."""
    row = await tx.one(_USER_OF, session_hash=session_hash, now_ms=now_ms)
    return UserId(row[0]) if row else None


_DELETE = sql("DELETE FROM sessions WHERE session_hash = :session_hash")


async def delete(tx: Write, session_hash: bytes) -> None:
    """End a session."""
    await tx.run(_DELETE, session_hash=session_hash)


_OF_USER = sql("""
    SELECT session_hash, browser, created_ms FROM sessions
    WHERE user_id = :user_id AND expires_ms > :now_ms ORDER BY created_ms DESC LIMIT :limit
""")


async def of_user(tx: Read, user_id: UserId, *, now_ms: int, limit: int) -> Sequence[Row]:
    """Return (hash, browser, since) of a user's sessions, the newest first."""
    return await tx.all(_OF_USER, user_id=user_id, now_ms=now_ms, limit=limit)


_DELETE_OF_USER = sql("DELETE FROM sessions WHERE session_hash = :session_hash AND user_id = :user_id")


async def delete_of_user(tx: Write, user_id: UserId, session_hash: bytes) -> bool:
    """End one of a user's sessions; False when the user has no such session."""
    return bool(await tx.run(_DELETE_OF_USER, user_id=user_id, session_hash=session_hash))


_DELETE_OTHERS = sql("DELETE FROM sessions WHERE user_id = :user_id AND session_hash <> :session_hash")


async def delete_others(tx: Write, user_id: UserId, *, kept: bytes) -> None:
    """End a user's sessions but the one whose hash is `kept` (which may be empty)."""
    await tx.run(_DELETE_OTHERS, user_id=user_id, session_hash=kept)


_DELETE_EXPIRED = sql("""
    DELETE FROM sessions WHERE session_hash IN (
        SELECT session_hash FROM sessions WHERE expires_ms < :before_ms ORDER BY expires_ms LIMIT :limit)
""")


async def delete_expired(tx: Write, *, before_ms: int, limit: int) -> int:
    """Remove sessions that ended before that time; return how many."""
    return await tx.run(_DELETE_EXPIRED, before_ms=before_ms, limit=limit)
