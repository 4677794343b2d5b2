"""Hashtags that people follow, and those that they feature on their profile."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import paging

_FOLLOW = sql("""
    INSERT INTO followed_hashtags (user_id, hashtag_id, id) VALUES (:user_id, :hashtag_id, :id)
    ON CONFLICT DO NOTHING
""")
_COUNT = sql("""
    UPDATE users SET followed_hashtags = (SELECT COUNT(*) FROM followed_hashtags WHERE user_id = :user_id)
    WHERE id = :user_id
""")


async def follow(tx: Write, user_id: UserId, hashtag_id: int, *, new_id: int) -> bool:
    """Let a user follow a hashtag; False when they do already."""
    followed = bool(await tx.run(_FOLLOW, user_id=user_id, hashtag_id=hashtag_id, id=new_id))
    await tx.run(_COUNT, user_id=user_id)
    return followed


_UNFOLLOW = sql("DELETE FROM followed_hashtags WHERE user_id = :user_id AND hashtag_id = :hashtag_id")


async def unfollow(tx: Write, user_id: UserId, hashtag_id: int) -> bool:
    """Let a user follow a hashtag no longer; False when they did not."""
    unfollowed = bool(await tx.run(_UNFOLLOW, user_id=user_id, hashtag_id=hashtag_id))
    await tx.run(_COUNT, user_id=user_id)
    return unfollowed


_FOLLOWED = sql("""
    SELECT h.id, h.name FROM followed_hashtags f JOIN hashtags h ON h.id = f.hashtag_id
    WHERE f.user_id = :user_id
""")


async def followed(tx: Read, user_id: UserId) -> dict[int, str]:
    """Return the ids and names of the hashtags that a user follows; there are few."""
    return {row[0]: row[1] for row in await tx.all(_FOLLOWED, user_id=user_id)}


_PAGE = sql("""
    SELECT f.id, h.name FROM followed_hashtags f JOIN hashtags h ON h.id = f.hashtag_id
    WHERE f.user_id = :user_id AND f.id < :before AND f.id > :after ORDER BY f.id DESC LIMIT :limit
""")
_PAGE_OLDEST = sql("""
    SELECT f.id, h.name FROM followed_hashtags f JOIN hashtags h ON h.id = f.hashtag_id
    WHERE f.user_id = :user_id AND f.id < :before AND f.id > :after ORDER BY f.id LIMIT :limit
""")


async def page(tx: Read, user_id: UserId, request: PageRequest) -> Sequence[Row]:
    """Return (follow's id, name) of the hashtags that a user follows, the latest first."""
    return await paging.page(tx, _PAGE, _PAGE_OLDEST, request, user_id=user_id)


_FEATURE = sql("""
    INSERT INTO featured_hashtags (user_id, hashtag_id, id) VALUES (:user_id, :hashtag_id, :id)
    ON CONFLICT DO NOTHING
""")


async def feature(tx: Write, user_id: UserId, hashtag_id: int, *, new_id: int) -> bool:
    """Put a hashtag on a user's profile; False when it is there already."""
    return bool(await tx.run(_FEATURE, user_id=user_id, hashtag_id=hashtag_id, id=new_id))


_UNFEATURE = sql("DELETE FROM featured_hashtags WHERE user_id = :user_id AND id = :id")


async def unfeature(tx: Write, user_id: UserId, entry_id: int) -> bool:
    """Take a hashtag off a user's profile; False when it was not there."""
    return bool(await tx.run(_UNFEATURE, user_id=user_id, id=entry_id))


_FEATURED = sql("""
    SELECT f.id, h.id, h.name FROM featured_hashtags f JOIN hashtags h ON h.id = f.hashtag_id
    WHERE f.user_id = :user_id ORDER BY f.id
""")


async def featured(tx: Read, user_id: UserId) -> Sequence[Row]:
    """Return (entry, hashtag id, name) of the hashtags on a user's profile."""
    return await tx.all(_FEATURED, user_id=user_id)


_OWN_USE = sql("""
    SELECT COUNT(*), MAX(tweet_id) FROM (
        SELECT h.tweet_id FROM hashtag_tweets h JOIN tweets t ON t.id = h.tweet_id
        WHERE h.author_id = :user_id AND h.hashtag_id = :hashtag_id AND t.visibility <= 1
        ORDER BY h.tweet_id DESC LIMIT :limit) AS used
""")


async def own_use(tx: Read, user_id: UserId, hashtag_id: int, *, limit: int) -> tuple[int, int | None]:
    """Return in how many open tweets (up to a limit) a user has used a hashtag, and the latest."""
    row = await tx.one(_OWN_USE, user_id=user_id, hashtag_id=hashtag_id, limit=limit)
    return (row[0], row[1]) if row else (0, None)


_MOST_USED = sql("""
    SELECT h.id, h.name, COUNT(*) AS uses FROM (
        SELECT hashtag_id FROM hashtag_tweets WHERE author_id = :user_id LIMIT :counted_max) AS used
    JOIN hashtags h ON h.id = used.hashtag_id
    GROUP BY h.id, h.name ORDER BY uses DESC, h.name LIMIT :limit
""")


async def most_used(tx: Read, user_id: UserId, *, counted_max: int, limit: int) -> Sequence[Row]:
    """Return (id, name, uses) of the hashtags that a user writes most, counted over so many uses."""
    return await tx.all(_MOST_USED, user_id=user_id, counted_max=counted_max, limit=limit)
