"""What tweets said before they were edited."""

from collections.abc import Sequence

from rookery.domain.ids import TweetId
from rookery.domain.tweets import Tweet, TweetVersion
from rookery.ports import Read, Write
from rookery.sql import sql

_INSERT = sql("""
    INSERT INTO tweet_versions (tweet_id, revision, text, spoiler, sensitive, written_ms)
    VALUES (:tweet_id, :revision, :text, :spoiler, :sensitive, :written_ms)
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
    )


_LIST = sql("""
    SELECT text, spoiler, sensitive, written_ms FROM tweet_versions WHERE tweet_id = :tweet_id ORDER BY revision
""")


async def list_by_tweet(tx: Read, tweet_id: TweetId) -> list[TweetVersion]:
    """Return what a tweet said before, the first version first; there are few."""
    return [
        TweetVersion(row[0], row[1], bool(row[2]), row[3]) for row in await tx.all(_LIST, tweet_id=tweet_id)
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
