"""How often signing in failed lately, by account and by address: the throttle that all processes share."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.ports import Write
from rookery.sql import sql


def user_key(user_id: UserId) -> str:
    """Return the key under which a user's failures are counted."""
    return f"user:{user_id}"


def codes_key(user_id: UserId) -> str:
    """Return the key under which a user's wrong codes of the second factor are counted."""
    return f"two-factor:{user_id}"


_COUNT = sql("""
    INSERT INTO sign_in_failures (key, failures, window_end_ms) VALUES (:key, 1, :window_end_ms)
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN sign_in_failures.window_end_ms <= :now_ms THEN 1
            ELSE sign_in_failures.failures + 1 END,
        window_end_ms = CASE WHEN sign_in_failures.window_end_ms <= :now_ms THEN :window_end_ms
            ELSE sign_in_failures.window_end_ms END
    RETURNING failures, window_end_ms
""")


async def count(tx: Write, key: str, *, now_ms: int, window_end_ms: int) -> tuple[int, int]:
    """Count one more; return how many there are and when (ms, UTC) they are forgotten."""
    rows = await tx.all(_COUNT, key=key, now_ms=now_ms, window_end_ms=window_end_ms)
    return rows[0][0], rows[0][1]


_FORGET = sql("UPDATE sign_in_failures SET failures = failures - 1 WHERE key = ANY(:keys) AND failures > 0")


async def forget_one(tx: Write, keys: Sequence[str]) -> None:
    """Take one failure back."""
    await tx.run(_FORGET, keys=keys)


_DELETE = sql("DELETE FROM sign_in_failures WHERE key = :key")


async def delete(tx: Write, key: str) -> None:
    """Forget all failures under this key."""
    await tx.run(_DELETE, key=key)


_DELETE_EXPIRED = sql("""
    DELETE FROM sign_in_failures WHERE key IN (
        SELECT key FROM sign_in_failures WHERE window_end_ms < :before_ms ORDER BY window_end_ms LIMIT :limit)
""")


async def delete_expired(tx: Write, *, before_ms: int, limit: int) -> int:
    """Remove counters whose window ended before that time; return how many."""
    return await tx.run(_DELETE_EXPIRED, before_ms=before_ms, limit=limit)
