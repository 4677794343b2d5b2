"""The delivery log: which tweet went to whom. Every process folds it into the home timelines it keeps in memory."""

from array import array
from collections.abc import Sequence
from typing import Final, NamedTuple

from rookery.domain.ids import TweetId, UserId
from rookery.ports import Read, Row, Write
from rookery.sql import sql

KEPT_MS: Final = 600_000
"""How long entries stay; a process that was away for half of this forgets what it kept."""


class Delivery(NamedTuple):
    """A tweet and a slice of its receivers."""

    seq: int
    tweet_id: TweetId
    user_ids: Sequence[int]


_INSERT = sql("""
    INSERT INTO deliveries (tweet_id, user_ids, created_ms) VALUES (:tweet_id, :user_ids, :created_ms)
""")


async def insert(tx: Write, tweet_id: TweetId, user_ids: Sequence[UserId], *, now_ms: int) -> None:
    """Enter a delivery; ids are packed as 8 bytes each."""
    await tx.run(_INSERT, tweet_id=tweet_id, user_ids=array("q", user_ids).tobytes(), created_ms=now_ms)


_PAGE = sql("SELECT seq, tweet_id, user_ids FROM deliveries WHERE seq > :after ORDER BY seq LIMIT :limit")


async def page(tx: Read, *, after: int, limit: int) -> list[Delivery]:
    """Return deliveries behind a place in the log, oldest first."""
    return [_delivery(row) for row in await tx.all(_PAGE, after=after, limit=limit)]


def _delivery(row: Row) -> Delivery:
    user_ids = array("q")
    user_ids.frombytes(row[2])
    return Delivery(row[0], row[1], user_ids)


_AT = sql("SELECT seq, tweet_id, user_ids FROM deliveries WHERE seq = ANY(:seqs) ORDER BY seq")


async def at(tx: Read, seqs: Sequence[int]) -> list[Delivery]:
    """Return the deliveries that are at these places in the log by now."""
    return [_delivery(row) for row in await tx.all(_AT, seqs=seqs)]


_LAST = sql("SELECT COALESCE(MAX(seq), 0) FROM deliveries")


async def last_seq(tx: Read) -> int:
    """Return the log's end; 0 when it is empty."""
    row = await tx.one(_LAST)
    return row[0] if row else 0


_TRIM = sql("""
    DELETE FROM deliveries WHERE created_ms < :before_ms AND seq < (SELECT MAX(seq) FROM deliveries)
""")


_EMPTY_LAST = sql("""
    UPDATE deliveries SET user_ids = :nobody
    WHERE seq = (SELECT MAX(seq) FROM deliveries) AND created_ms < :before_ms AND user_ids <> :nobody
""")


async def trim(tx: Write, *, before_ms: int) -> int:
    """Drop what is older; of the last entry its place stays, so that places in the log stay comparable."""
    await tx.run(_EMPTY_LAST, before_ms=before_ms, nobody=b"")
    return await tx.run(_TRIM, before_ms=before_ms)
