"""What tweets said before they were edited."""

from collections.abc import Sequence

import msgspec

from rookery.domain.ids import TweetId
from rookery.domain.media import Media, MediaVersion
from rookery.domain.tweets import Tweet, TweetVersion
from rookery.ports import Read, Write
from rookery.sql import sql

_MEDIA = msgspec.json.Decoder(tuple[MediaVersion, ...])

_INSERT = sql("""
    INSERT INTO tweet_versions (tweet_id, revision, text, spoiler, sensitive, written_ms, media)
    VALUES (:tweet_id, :revision, :text, :spoiler, :sensitive, :written_ms, :media)
    ON CONFLICT DO NOTHING
""")


async def insert(tx: Write, tweet: Tweet) -> None:
    """Keep what a tweet says now, before it is changed."""
    await tx.run(
        _INSERT,
        tweet_id=tweet.id,
        revision=tweet.revision,
        text=tweet.text,
        spoiler=tweet.spoiler,
        sensitive=tweet.sensitive,
        written_ms=tweet.edited_ms or tweet.created_ms,
        media=_encoded(tweet.media),
    )


def _encoded(shown: Sequence[Media]) -> str:
    versions = [MediaVersion(one.id, one.description) for one in shown]
    return msgspec.json.encode(versions).decode() if versions else ""


_LIST = sql("""
    SELECT text, spoiler, sensitive, written_ms, media FROM tweet_versions WHERE tweet_id = :tweet_id ORDER BY revision
""")


async def list_by_tweet(tx: Read, tweet_id: TweetId) -> list[TweetVersion]:
    """Return what a tweet said before, the first version first; there are few."""
    return [
        TweetVersion(row[0], row[1], bool(row[2]), row[3], _MEDIA.decode(row[4]) if row[4] else ())
        for row in await tx.all(_LIST, tweet_id=tweet_id)
    ]


_COUNT = sql("SELECT COUNT(*) FROM tweet_versions WHERE tweet_id = :tweet_id")


async def count(tx: Read, tweet_id: TweetId) -> int:
    """Return how often a tweet was edited."""
    row = await tx.one(_COUNT, tweet_id=tweet_id)
    return row[0] if row else 0


_DELETE = sql("DELETE FROM tweet_versions WHERE tweet_id = ANY(:tweet_ids)")


async def delete(tx: Write, tweet_ids: Sequence[TweetId]) -> None:
    """Forget what deleted tweets said before; of each there are few versions."""
    await tx.run(_DELETE, tweet_ids=tweet_ids)
