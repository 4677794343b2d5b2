"""Who favorited what."""

from rookery.domain.ids import TweetId, UserId
from rookery.ports import Write
from rookery.sql import sql

_INSERT = sql("""
    INSERT INTO favorites (user_id, tweet_id, id) VALUES (:user_id, :tweet_id, :id) ON CONFLICT DO NOTHING
""")


async def insert(tx: Write, user_id: UserId, tweet_id: TweetId, *, new_id: int) -> bool:
    """Enter a favorite; False when it is there already."""
    return bool(await tx.run(_INSERT, user_id=user_id, tweet_id=tweet_id, id=new_id))


_DELETE = sql("DELETE FROM favorites WHERE user_id = :user_id AND tweet_id = :tweet_id")


async def delete(tx: Write, user_id: UserId, tweet_id: TweetId) -> bool:
    """Remove a favorite; False when there was none."""
    return bool(await tx.run(_DELETE, user_id=user_id, tweet_id=tweet_id))
