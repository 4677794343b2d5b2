"""Tweets that their authors keep on top of their profiles."""

from collections.abc import Sequence

from rookery.domain.ids import TweetId, UserId
from rookery.ports import Read, Write
from rookery.sql import sql

_INSERT = sql("""
    INSERT INTO pins (user_id, tweet_id, id) VALUES (:user_id, :tweet_id, :id) ON CONFLICT DO NOTHING
""")


async def insert(tx: Write, user_id: UserId, tweet_id: TweetId, *, new_id: int) -> bool:
    """Enter a pin; False when it is there already."""
    return bool(await tx.run(_INSERT, user_id=user_id, tweet_id=tweet_id, id=new_id))


_DELETE = sql("DELETE FROM pins WHERE user_id = :user_id AND tweet_id = :tweet_id")


async def delete(tx: Write, user_id: UserId, tweet_id: TweetId) -> bool:
    """Remove a pin; False when there was none."""
    return bool(await tx.run(_DELETE, user_id=user_id, tweet_id=tweet_id))


_DELETE_OF_TWEETS = sql("DELETE FROM pins WHERE user_id = :user_id AND tweet_id = ANY(:tweet_ids)")


async def delete_of_tweets(tx: Write, user_id: UserId, tweet_ids: Sequence[TweetId]) -> None:
    """Remove a user's pins of these tweets."""
    await tx.run(_DELETE_OF_TWEETS, user_id=user_id, tweet_ids=tweet_ids)


_LIST = sql("SELECT tweet_id FROM pins WHERE user_id = :user_id ORDER BY id DESC")


async def list_by_user(tx: Read, user_id: UserId) -> list[TweetId]:
    """Return a user's pinned tweets, the last pinned first; `limits.pins_max` bounds them."""
    return [row[0] for row in await tx.all(_LIST, user_id=user_id)]
