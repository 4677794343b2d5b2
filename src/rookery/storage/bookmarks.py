"""Who keeps what for later; nobody else learns of it."""

from collections.abc import Sequence

from rookery.domain.ids import TweetId, UserId
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import paging

_INSERT = sql("""
    INSERT INTO bookmarks (user_id, tweet_id, id) VALUES (:user_id, :tweet_id, :id) ON CONFLICT DO NOTHING
""")


async def insert(tx: Write, user_id: UserId, tweet_id: TweetId, *, new_id: int) -> bool:
    """Enter a bookmark; False when it is there already."""
    return bool(await tx.run(_INSERT, user_id=user_id, tweet_id=tweet_id, id=new_id))


_DELETE = sql("DELETE FROM bookmarks WHERE user_id = :user_id AND tweet_id = :tweet_id")


async def delete(tx: Write, user_id: UserId, tweet_id: TweetId) -> bool:
    """Remove a bookmark; False when there was none."""
    return bool(await tx.run(_DELETE, user_id=user_id, tweet_id=tweet_id))


_PAGE = sql("""
    SELECT id, tweet_id FROM bookmarks WHERE user_id = :user_id AND id < :before AND id > :after
    ORDER BY id DESC LIMIT :limit
""")
_PAGE_OLDEST = sql("""
    SELECT id, tweet_id FROM bookmarks WHERE user_id = :user_id AND id < :before AND id > :after
    ORDER BY id LIMIT :limit
""")


async def page(tx: Read, user_id: UserId, page: PageRequest) -> Sequence[Row]:
    """Return (bookmark id, tweet id), newest first."""
    return await paging.page(tx, _PAGE, _PAGE_OLDEST, page, user_id=user_id)


_BOOKMARKED = sql("SELECT DISTINCT tweet_id FROM bookmarks WHERE tweet_id = ANY(:tweet_ids)")


async def bookmarked(tx: Read, tweet_ids: Sequence[TweetId]) -> set[TweetId]:
    """Return those of the tweets that anybody keeps."""
    return {row[0] for row in await tx.all(_BOOKMARKED, tweet_ids=tweet_ids)}


_DELETE_SLICE = sql("""
    DELETE FROM bookmarks WHERE tweet_id = :tweet_id
    AND user_id IN (SELECT user_id FROM bookmarks WHERE tweet_id = :tweet_id LIMIT :limit)
""")


async def delete_slice(tx: Write, tweet_id: TweetId, *, limit: int) -> int:
    """Remove at most so many bookmarks of one tweet; return how many there were."""
    return await tx.run(_DELETE_SLICE, tweet_id=tweet_id, limit=limit)
