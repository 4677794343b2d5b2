"""Conversations of which somebody does not want to hear more."""

from rookery.domain.ids import TweetId, UserId
from rookery.ports import Write
from rookery.sql import sql

_INSERT = sql("""
    INSERT INTO thread_mutes (user_id, thread_id) VALUES (:user_id, :thread_id) ON CONFLICT DO NOTHING
""")


async def insert(tx: Write, user_id: UserId, thread_id: TweetId) -> bool:
    """Enter a mute; False when it is there already."""
    return bool(await tx.run(_INSERT, user_id=user_id, thread_id=thread_id))


_DELETE = sql("DELETE FROM thread_mutes WHERE user_id = :user_id AND thread_id = :thread_id")


async def delete(tx: Write, user_id: UserId, thread_id: TweetId) -> bool:
    """Remove a mute; False when there was none."""
    return bool(await tx.run(_DELETE, user_id=user_id, thread_id=thread_id))
