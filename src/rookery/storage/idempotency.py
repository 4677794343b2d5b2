"""Keys with which a client asks for the same thing again without getting it twice."""

from typing import Final

from rookery.domain.ids import TweetId, UserId
from rookery.ports import Write
from rookery.sql import sql

KEPT_MS: Final = 3_600_000
"""How long a key is remembered."""

_CLAIM = sql("""
    INSERT INTO idempotency_keys (user_id, key, tweet_id, created_ms)
    VALUES (:user_id, :key, :tweet_id, :now_ms)
    ON CONFLICT (user_id, key) DO UPDATE SET tweet_id = excluded.tweet_id, created_ms = excluded.created_ms
    WHERE idempotency_keys.created_ms < :expired_ms
""")
_HELD_BY = sql("SELECT tweet_id FROM idempotency_keys WHERE user_id = :user_id AND key = :key")


async def claim(tx: Write, user_id: UserId, key: str, tweet_id: TweetId, *, now_ms: int) -> TweetId:
    """Remember the key for this tweet, or return the tweet that it was used for first.

    Of two transactions with one key the later waits until the earlier has ended.
    """
    claimed = await tx.run(
        _CLAIM, user_id=user_id, key=key, tweet_id=tweet_id, now_ms=now_ms, expired_ms=now_ms - KEPT_MS
    )
    if claimed:
        return tweet_id
    row = await tx.one(_HELD_BY, user_id=user_id, key=key)
    return row[0] if row else tweet_id


_DELETE_EXPIRED = sql("""
    DELETE FROM idempotency_keys WHERE (user_id, key) IN (
        SELECT user_id, key FROM idempotency_keys WHERE created_ms < :before_ms ORDER BY created_ms LIMIT :limit)
""")


async def delete_expired(tx: Write, *, before_ms: int, limit: int) -> int:
    """Forget keys that were used before that time; return how many."""
    return await tx.run(_DELETE_EXPIRED, before_ms=before_ms, limit=limit)
