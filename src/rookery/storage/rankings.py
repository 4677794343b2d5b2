"""Rankings: the orders in which a home was shown to its reader last."""

import sys
from array import array
from collections.abc import Sequence
from typing import cast

import msgspec

from rookery.domain.for_you import Facts, Ranking
from rookery.domain.ids import TweetId, UserId, id_at
from rookery.ports import Read, Row, Write
from rookery.sql import sql

_FACTS = msgspec.msgpack.Decoder(tuple[Facts, ...])

_INSERT = sql("""
    INSERT INTO rankings (user_id, id, home_version, floor_id, ends, tweet_ids, sources)
    VALUES (:user_id, :id, :home_version, :floor_id, :ends, :tweet_ids, :sources)
""")
_INSERT_FACTS = sql("""
    INSERT INTO ranking_facts (user_id, ranking_id, facts) VALUES (:user_id, :ranking_id, :facts)
""")
_DELETE_EARLIER = sql("""
    DELETE FROM rankings WHERE user_id = :user_id AND id NOT IN (
        SELECT id FROM rankings WHERE user_id = :user_id ORDER BY id DESC LIMIT :kept)
""")
_DELETE_EARLIER_FACTS = sql("""
    DELETE FROM ranking_facts WHERE user_id = :user_id AND ranking_id NOT IN (
        SELECT id FROM rankings WHERE user_id = :user_id)
""")


async def insert(tx: Write, user_id: UserId, ranking: Ranking, facts: Sequence[Facts], *, kept: int) -> None:
    """Keep a ranking with the facts of each place, and of a user's rankings the latest `kept` only."""
    await tx.run(
        _INSERT,
        user_id=user_id,
        id=ranking.id,
        home_version=ranking.home_version,
        floor_id=ranking.floor_id,
        ends=" ".join(map(str, ranking.ends)),
        tweet_ids=packed(ranking.tweet_ids),
        sources=bytes(ranking.sources),
    )
    await tx.run(_INSERT_FACTS, user_id=user_id, ranking_id=ranking.id, facts=msgspec.msgpack.encode(facts))
    await tx.run(_DELETE_EARLIER, user_id=user_id, kept=kept)
    await tx.run(_DELETE_EARLIER_FACTS, user_id=user_id)


def packed(tweet_ids: Sequence[TweetId]) -> bytes:
    """Return ids as they are kept, eight bytes each, the smallest first."""
    return _little_endian(array("q", tweet_ids)).tobytes()


def _unpacked(packed: bytes) -> Sequence[TweetId]:
    ids = array("q")
    ids.frombytes(packed)
    return cast("Sequence[TweetId]", _little_endian(ids))


def _little_endian(ids: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        ids.byteswap()
    return ids


_LATEST = sql("""
    SELECT id, home_version, floor_id, ends, tweet_ids, sources FROM rankings
    WHERE user_id = :user_id ORDER BY id DESC LIMIT :limit
""")


async def latest(tx: Read, user_id: UserId, *, limit: int) -> list[Ranking]:
    """Return a user's rankings, the latest first."""
    return [_ranking(row) for row in await tx.all(_LATEST, user_id=user_id, limit=limit)]


def _ranking(row: Row) -> Ranking:
    ranking_id, home_version, floor_id, ends, tweet_ids, sources = row
    return Ranking(
        ranking_id,
        home_version,
        floor_id,
        [int(place) for place in ends.split()],
        _unpacked(tweet_ids),
        sources,
    )


_FACTS_OF = sql("SELECT facts FROM ranking_facts WHERE user_id = :user_id AND ranking_id = :ranking_id")


async def facts(tx: Read, user_id: UserId, ranking_id: int) -> tuple[Facts, ...]:
    """Return what each place of a ranking was given for; nothing when it is gone."""
    row = await tx.one(_FACTS_OF, user_id=user_id, ranking_id=ranking_id)
    return _FACTS.decode(row[0]) if row else ()


_ADD_END = sql("UPDATE rankings SET ends = ends || :added WHERE user_id = :user_id AND id = :id")


async def add_end(tx: Write, user_id: UserId, ranking_id: int, place: int) -> None:
    """Note that a page of a ranking ended at a place."""
    await tx.run(_ADD_END, user_id=user_id, id=ranking_id, added=f" {place}")


_DELETE_OLD = sql("""
    DELETE FROM rankings WHERE (user_id, id) IN (
        SELECT user_id, id FROM rankings WHERE id < :before_id ORDER BY id LIMIT :limit)
    RETURNING user_id, id
""")
_DELETE_FACTS = sql("DELETE FROM ranking_facts WHERE user_id = :user_id AND ranking_id = :ranking_id")


async def delete_old(tx: Write, *, before_ms: int, limit: int) -> int:
    """Forget rankings that were made before that time; return how many."""
    rows = await tx.all(_DELETE_OLD, before_id=id_at(before_ms), limit=limit)
    await tx.many(_DELETE_FACTS, [(row[0], row[1]) for row in rows])
    return len(rows)
