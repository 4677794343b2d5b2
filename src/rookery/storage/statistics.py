"""Counts of the whole instance, and whom to write to about it.

Counting looks at every user, so a periodic task does it slice by slice and readers find what came of it in one row.
"""

from typing import Final, NamedTuple

from rookery.domain.ids import UserId
from rookery.ports import Read, Write
from rookery.sql import sql


class Totals(NamedTuple):
    """Counts of active users and of what they have written."""

    users: int = 0
    tweets: int = 0
    """Tweets and retweets."""
    users_active_month: int = 0
    users_active_half_year: int = 0


_COUNT_SLICE = sql("""
    SELECT MAX(id), COUNT(*), CAST(COALESCE(SUM(active), 0) AS BIGINT), CAST(COALESCE(SUM(tweets), 0) AS BIGINT),
        CAST(COALESCE(SUM(in_month), 0) AS BIGINT), CAST(COALESCE(SUM(in_half_year), 0) AS BIGINT)
    FROM (
        SELECT u.id, CASE WHEN u.state = 'active' THEN 1 ELSE 0 END AS active,
            CASE WHEN u.state = 'active' THEN c.tweets ELSE 0 END AS tweets,
            CASE WHEN u.state = 'active' AND p.last_seen_ms >= :month_ms THEN 1 ELSE 0 END AS in_month,
            CASE WHEN u.state = 'active' AND p.last_seen_ms >= :half_year_ms THEN 1 ELSE 0 END AS in_half_year
        FROM users u
        LEFT JOIN user_counts c ON c.user_id = u.id
        LEFT JOIN people p ON p.user_id = u.id
        WHERE u.id > :after_id ORDER BY u.id LIMIT :limit) slice
""")


async def count_slice(
    tx: Read, *, after_id: int, limit: int, month_ms: int, half_year_ms: int
) -> tuple[int | None, Totals]:
    """Return the counts of so many users behind an id, and the last one's id (None: nobody is behind them).

    `month_ms` and `half_year_ms` say since when somebody must have been here to count as active.
    """
    row = await tx.one(
        _COUNT_SLICE, after_id=after_id, limit=limit, month_ms=month_ms, half_year_ms=half_year_ms
    )
    if row is None:
        return None, Totals()
    last_id, looked_at, *counts = row
    return last_id if looked_at >= limit else None, Totals(*counts)


_ROW: Final = 1
_PUT = sql("""
    INSERT INTO statistics (id, users, tweets, users_active_month, users_active_half_year)
    VALUES (:id, :users, :tweets, :users_active_month, :users_active_half_year)
    ON CONFLICT (id) DO UPDATE SET users = excluded.users, tweets = excluded.tweets,
        users_active_month = excluded.users_active_month, users_active_half_year = excluded.users_active_half_year
""")


async def put(tx: Write, totals: Totals) -> None:
    """Replace the counts."""
    await tx.run(_PUT, id=_ROW, **totals._asdict())


_GET = sql("""
    SELECT users, tweets, users_active_month, users_active_half_year FROM statistics WHERE id = :id
""")


async def get(tx: Read) -> Totals:
    """Return the counts as they were taken last; zeros before the first time."""
    row = await tx.one(_GET, id=_ROW)
    return Totals(*row) if row else Totals()


_ANYBODY = sql("SELECT id FROM users WHERE id > 0 LIMIT 1")


async def has_users(tx: Read) -> bool:
    """Tell whether anybody has ever signed up."""
    return await tx.one(_ANYBODY) is not None


_FIRST_ADMIN = sql("SELECT MIN(id) FROM users WHERE role = 'admin' AND state = 'active'")


async def first_admin(tx: Read) -> UserId | None:
    """Return the administrator who has been there longest, or None."""
    row = await tx.one(_FIRST_ADMIN)
    return row[0] if row else None
