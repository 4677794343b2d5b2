"""Authors with so many followers that their tweets are merged at reading instead of being delivered.

Whoever was hot once stays here: their tweets go on being merged (what was delivered as well shows once), so that
crossing the limit, up or down, never loses, repeats or reorders a tweet.
"""

from typing import Final, NamedTuple

from rookery.domain.ids import UserId
from rookery.ports import Read, Write
from rookery.sql import sql

WALKED_MAX: Final = 256
"""Up to so many hot users are walked to find those whom somebody follows; of more, the follows are."""

_INSERT_IF_HOT = sql("""
    INSERT INTO hot_users (user_id, since_ms)
    SELECT user_id, CAST(:now_ms AS BIGINT) FROM user_counts WHERE user_id = :user_id AND followers > :followers_max
    ON CONFLICT DO NOTHING
""")


async def insert_if_hot(tx: Write, user_id: UserId, *, followers_max: int, now_ms: int) -> None:
    """Enter the user if more than that many follow."""
    await tx.run(_INSERT_IF_HOT, user_id=user_id, followers_max=followers_max, now_ms=now_ms)


class HomeStamp(NamedTuple):
    """What every reading of a home timeline begins with."""

    version: int
    """Grows whenever the user's follows change."""
    hot_users: int
    """How many users are hot, counted up to one more than `WALKED_MAX`."""
    filters: int
    """The version of the user's filters; 0: none."""
    followed_hashtags: int
    exclusive_lists: int


_HOME_STAMP = sql("""
    SELECT home_version, (SELECT COUNT(*) FROM (SELECT 1 FROM hot_users LIMIT :counted_max) h), filters_version,
        followed_hashtags, exclusive_lists
    FROM users WHERE id = :user_id
""")


async def home_stamp(tx: Read, user_id: UserId) -> HomeStamp:
    """Return the version of a user's home and whether hot users are to be looked for."""
    row = await tx.one(_HOME_STAMP, user_id=user_id, counted_max=WALKED_MAX + 1)
    return HomeStamp(*row) if row else HomeStamp(0, 0, 0, 0, 0)


# NOTE: CROSS JOIN tells SQLite which of the two to walk.
_FEW_FOLLOWED_BY = sql("""
    SELECT h.user_id FROM hot_users h CROSS JOIN follows f
    WHERE f.follower_id = :follower_id AND f.followee_id = h.user_id
""")
_MANY_FOLLOWED_BY = sql("""
    SELECT h.user_id FROM follows f CROSS JOIN hot_users h
    WHERE f.follower_id = :follower_id AND f.followee_id = h.user_id
""")


async def followed_by(tx: Read, follower_id: UserId, *, hot_users: int) -> list[UserId]:
    """Return the hot users that somebody follows; `hot_users` is how many there are, as `home_stamp` tells."""
    if not hot_users:
        return []
    statement = _FEW_FOLLOWED_BY if hot_users <= WALKED_MAX else _MANY_FOLLOWED_BY
    return [row[0] for row in await tx.all(statement, follower_id=follower_id)]


_PUSHES = sql("SELECT followers <= :followers_max FROM user_counts WHERE user_id = :user_id")


async def is_pushed(tx: Read, user_id: UserId, *, followers_max: int) -> bool:
    """Tell whether this author's tweets are delivered to the followers' timelines."""
    row = await tx.one(_PUSHES, user_id=user_id, followers_max=followers_max)
    return bool(row and row[0])
