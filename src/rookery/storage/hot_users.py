"""Authors with so many followers that their tweets are merged at reading instead of being delivered.

Whoever was hot once stays here: their tweets go on being merged (what was delivered as well shows once), so that
crossing the limit, up or down, never loses, repeats or reorders a tweet.
"""

from rookery.domain.ids import UserId
from rookery.ports import Read, Write
from rookery.sql import sql

_INSERT_IF_HOT = sql("""
    INSERT INTO hot_users (user_id, since_ms)
    SELECT user_id, CAST(:now_ms AS BIGINT) FROM user_counts WHERE user_id = :user_id AND followers > :followers_max
    ON CONFLICT DO NOTHING
""")


async def insert_if_hot(tx: Write, user_id: UserId, *, followers_max: int, now_ms: int) -> None:
    """Enter the user if more than that many follow."""
    await tx.run(_INSERT_IF_HOT, user_id=user_id, followers_max=followers_max, now_ms=now_ms)


_FOLLOWED_BY = sql("""
    SELECT h.user_id FROM hot_users h CROSS JOIN follows f
    WHERE f.follower_id = :follower_id AND f.followee_id = h.user_id
""")


async def followed_by(tx: Read, follower_id: UserId) -> list[UserId]:
    """Return the hot users that somebody follows.

    CROSS JOIN keeps SQLite from walking the follows, of which there are many more than hot users.
    """
    return [row[0] for row in await tx.all(_FOLLOWED_BY, follower_id=follower_id)]


_PUSHES = sql("SELECT followers <= :followers_max FROM user_counts WHERE user_id = :user_id")


async def is_pushed(tx: Read, user_id: UserId, *, followers_max: int) -> bool:
    """Tell whether this author's tweets are delivered to the followers' timelines."""
    row = await tx.one(_PUSHES, user_id=user_id, followers_max=followers_max)
    return bool(row and row[0])
