"""Addresses that users wish for, at most one each, encrypted."""

from rookery.domain.ids import UserId
from rookery.ports import Read, Write
from rookery.sql import sql

_PUT = sql("""
    INSERT INTO email_changes (user_id, wish, sent_ms, expires_ms)
    VALUES (:user_id, :wish, :sent_ms, :expires_ms)
    ON CONFLICT (user_id) DO UPDATE
    SET wish = excluded.wish, sent_ms = excluded.sent_ms, expires_ms = excluded.expires_ms
""")


async def put(tx: Write, user_id: UserId, *, wish: str, sent_ms: int, expires_ms: int) -> None:
    """Enter a wish, in the place of an earlier one."""
    await tx.run(_PUT, user_id=user_id, wish=wish, sent_ms=sent_ms, expires_ms=expires_ms)


_GET = sql("SELECT wish, sent_ms FROM email_changes WHERE user_id = :user_id AND expires_ms > :now_ms")


async def get(tx: Read, user_id: UserId, *, now_ms: int) -> tuple[str, int] | None:
    """Return a user's wish and when the last letter about it was sent (ms, UTC), or None."""
    row = await tx.one(_GET, user_id=user_id, now_ms=now_ms)
    return (row[0], row[1]) if row else None


_DELETE = sql("DELETE FROM email_changes WHERE user_id = :user_id")


async def delete(tx: Write, user_id: UserId) -> None:
    """Forget what a user has wished for."""
    await tx.run(_DELETE, user_id=user_id)


_DELETE_EXPIRED = sql("""
    DELETE FROM email_changes WHERE user_id IN (
        SELECT user_id FROM email_changes WHERE expires_ms < :before_ms ORDER BY expires_ms LIMIT :limit)
""")


async def delete_expired(tx: Write, *, before_ms: int, limit: int) -> int:
    """Remove wishes that ended before that time; return how many."""
    return await tx.run(_DELETE_EXPIRED, before_ms=before_ms, limit=limit)
