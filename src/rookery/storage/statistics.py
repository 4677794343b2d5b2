"""Counts of the whole instance, and whom to write to about it."""

from rookery.domain.ids import UserId
from rookery.ports import Read
from rookery.sql import sql

_TOTALS = sql("""
    SELECT COUNT(*), CAST(COALESCE(SUM(c.tweets), 0) AS BIGINT)
    FROM users u JOIN user_counts c ON c.user_id = u.id
    WHERE u.state = 'active'
""")


async def totals(tx: Read) -> tuple[int, int]:
    """Return how many active users there are and how many tweets and retweets they have written."""
    row = await tx.one(_TOTALS)
    return (row[0], row[1]) if row else (0, 0)


_SEEN_SINCE = sql("""
    SELECT COUNT(*) FROM people p JOIN users u ON u.id = p.user_id
    WHERE p.last_seen_ms >= :since_ms AND u.state = 'active'
""")


async def seen_since(tx: Read, *, since_ms: int) -> int:
    """Return how many active users have used the service since then."""
    row = await tx.one(_SEEN_SINCE, since_ms=since_ms)
    return row[0] if row else 0


_FIRST_ADMIN = sql("SELECT MIN(id) FROM users WHERE role = 'admin' AND state = 'active'")


async def first_admin(tx: Read) -> UserId | None:
    """Return the administrator who has been there longest, or None."""
    row = await tx.one(_FIRST_ADMIN)
    return row[0] if row else None
