"""Tweets that wait for their time."""

import msgspec

from rookery.domain.composing import Manuscript
from rookery.domain.ids import UserId
from rookery.domain.scheduling import ScheduledTweet
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import paging

_MANUSCRIPT = msgspec.json.Decoder(Manuscript)

_INSERT = sql("""
    INSERT INTO scheduled_tweets (id, user_id, post_at_ms, manuscript)
    VALUES (:id, :user_id, :post_at_ms, :manuscript)
""")


async def insert(tx: Write, one: ScheduledTweet) -> None:
    """Enter a tweet that waits."""
    await tx.run(
        _INSERT,
        id=one.id,
        user_id=one.user_id,
        post_at_ms=one.post_at_ms,
        manuscript=msgspec.json.encode(one.manuscript).decode(),
    )


_GET = sql("SELECT id, user_id, post_at_ms, manuscript, failure FROM scheduled_tweets WHERE id = :id")


async def get(tx: Read, scheduled_id: int) -> ScheduledTweet | None:
    """Return a tweet that waits."""
    row = await tx.one(_GET, id=scheduled_id)
    return _scheduled(row) if row else None


def _scheduled(row: Row) -> ScheduledTweet:
    return ScheduledTweet(row[0], row[1], row[2], _MANUSCRIPT.decode(row[3]), row[4])


_PAGE = sql("""
    SELECT id, user_id, post_at_ms, manuscript, failure FROM scheduled_tweets
    WHERE user_id = :user_id AND id < :before AND id > :after ORDER BY id DESC LIMIT :limit
""")
_PAGE_OLDEST = sql("""
    SELECT id, user_id, post_at_ms, manuscript, failure FROM scheduled_tweets
    WHERE user_id = :user_id AND id < :before AND id > :after ORDER BY id LIMIT :limit
""")


async def page(tx: Read, user_id: UserId, request: PageRequest) -> list[ScheduledTweet]:
    """Return a user's tweets that wait, the one scheduled last first."""
    return [_scheduled(row) for row in await paging.page(tx, _PAGE, _PAGE_OLDEST, request, user_id=user_id)]


_COUNT = sql("""
    SELECT COUNT(*), COALESCE(SUM(CASE WHEN post_at_ms >= :from_ms AND post_at_ms < :to_ms THEN 1 ELSE 0 END), 0)
    FROM scheduled_tweets WHERE user_id = :user_id
""")


async def count(tx: Read, user_id: UserId, *, from_ms: int, to_ms: int) -> tuple[int, int]:
    """Return how many of a user's tweets wait, and how many for a time in this range."""
    row = await tx.one(_COUNT, user_id=user_id, from_ms=from_ms, to_ms=to_ms)
    return (int(row[0]), int(row[1])) if row else (0, 0)


_MOVE = sql("UPDATE scheduled_tweets SET post_at_ms = :post_at_ms, failure = NULL WHERE id = :id")


async def move(tx: Write, scheduled_id: int, *, post_at_ms: int) -> None:
    """Let a tweet wait for another time."""
    await tx.run(_MOVE, id=scheduled_id, post_at_ms=post_at_ms)


_FAIL = sql("UPDATE scheduled_tweets SET failure = :failure WHERE id = :id")


async def fail(tx: Write, scheduled_id: int, *, failure: str) -> None:
    """Note why a tweet could not be posted."""
    await tx.run(_FAIL, id=scheduled_id, failure=failure)


_DELETE = sql("DELETE FROM scheduled_tweets WHERE id = :id AND post_at_ms = :post_at_ms")


async def delete(tx: Write, scheduled_id: int, *, post_at_ms: int) -> bool:
    """Remove a tweet that waits for this time; False when it is gone, or was moved."""
    return bool(await tx.run(_DELETE, id=scheduled_id, post_at_ms=post_at_ms))
