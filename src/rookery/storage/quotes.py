"""Which tweet quotes which."""

from collections.abc import Sequence

from rookery.domain.ids import TweetId
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import paging

_INSERT = sql("INSERT INTO quotes (tweet_id, quoted_id, revoked) VALUES (:tweet_id, :quoted_id, FALSE)")


async def insert(tx: Write, tweet_id: TweetId, quoted_id: TweetId) -> None:
    """Let a tweet quote another."""
    await tx.run(_INSERT, tweet_id=tweet_id, quoted_id=quoted_id)


_REVOKE = sql("""
    UPDATE quotes SET revoked = TRUE WHERE tweet_id = :tweet_id AND quoted_id = :quoted_id AND NOT revoked
""")
_EXISTS = sql("SELECT 1 FROM quotes WHERE tweet_id = :tweet_id AND quoted_id = :quoted_id")


async def revoke(tx: Write, tweet_id: TweetId, quoted_id: TweetId) -> bool:
    """Take the quoted tweet out of one that quotes it; False when that was done before, or it does not quote it."""
    return bool(await tx.run(_REVOKE, tweet_id=tweet_id, quoted_id=quoted_id))


async def exists(tx: Read, tweet_id: TweetId, quoted_id: TweetId) -> bool:
    """Tell whether a tweet quotes another, revoked or not."""
    return await tx.one(_EXISTS, tweet_id=tweet_id, quoted_id=quoted_id) is not None


_PAGE = sql("""
    SELECT tweet_id FROM quotes
    WHERE quoted_id = :quoted_id AND NOT revoked AND tweet_id < :before AND tweet_id > :after
    ORDER BY tweet_id DESC LIMIT :limit
""")
_PAGE_OLDEST = sql("""
    SELECT tweet_id FROM quotes
    WHERE quoted_id = :quoted_id AND NOT revoked AND tweet_id < :before AND tweet_id > :after
    ORDER BY tweet_id LIMIT :limit
""")


async def page(tx: Read, quoted_id: TweetId, request: PageRequest) -> list[TweetId]:
    """Return tweets that quote a tweet, newest first."""
    return [row[0] for row in await paging.page(tx, _PAGE, _PAGE_OLDEST, request, quoted_id=quoted_id)]


_AUTHORS_SLICE = sql("""
    SELECT q.tweet_id, t.author_id FROM quotes q JOIN tweets t ON t.id = q.tweet_id
    WHERE q.quoted_id = :quoted_id AND NOT q.revoked AND q.tweet_id > :after
    ORDER BY q.tweet_id LIMIT :limit
""")


async def authors_slice(tx: Read, quoted_id: TweetId, *, after: int, limit: int) -> Sequence[Row]:
    """Return (tweet, author) of some of those that quote a tweet, oldest first."""
    return await tx.all(_AUTHORS_SLICE, quoted_id=quoted_id, after=after, limit=limit)


_DELETE = sql("DELETE FROM quotes WHERE tweet_id = ANY(:tweet_ids) RETURNING quoted_id, revoked")


async def delete(tx: Write, tweet_ids: Sequence[TweetId]) -> list[TweetId]:
    """Forget what deleted tweets quote; return the quoted tweets that counted them, one for each quote."""
    rows = await tx.all(_DELETE, tweet_ids=tweet_ids)
    return [row[0] for row in rows if row[0] is not None and not row[1]]


_QUOTED = sql("SELECT DISTINCT quoted_id FROM quotes WHERE quoted_id = ANY(:tweet_ids)")


async def quoted(tx: Read, tweet_ids: Sequence[TweetId]) -> set[TweetId]:
    """Return which of these tweets are quoted, revoked or not."""
    return {row[0] for row in await tx.all(_QUOTED, tweet_ids=tweet_ids)}


_FORGET = sql("""
    UPDATE quotes SET quoted_id = NULL WHERE tweet_id IN (
        SELECT tweet_id FROM quotes WHERE quoted_id = :quoted_id ORDER BY tweet_id LIMIT :limit)
""")


async def forget_quoted(tx: Write, quoted_id: TweetId, *, limit: int) -> int:
    """Forget of some tweets that they quote one that is gone; return how many there were."""
    return await tx.run(_FORGET, quoted_id=quoted_id, limit=limit)
