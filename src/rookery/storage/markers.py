"""How far users have read their timelines, so that another app goes on from there."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.ports import Read, Row, Write
from rookery.sql import sql

_PUT = sql("""
    INSERT INTO markers (user_id, timeline, last_read_id, version, updated_ms)
    VALUES (:user_id, :timeline, :last_read_id, 0, :now_ms)
    ON CONFLICT (user_id, timeline) DO UPDATE SET
        last_read_id = excluded.last_read_id, version = markers.version + 1, updated_ms = excluded.updated_ms
""")


async def put(tx: Write, user_id: UserId, timeline: str, *, last_read_id: int, now_ms: int) -> None:
    """Move a marker; its version counts how often that was done."""
    await tx.run(_PUT, user_id=user_id, timeline=timeline, last_read_id=last_read_id, now_ms=now_ms)


_LIST = sql("""
    SELECT timeline, last_read_id, version, updated_ms FROM markers
    WHERE user_id = :user_id AND timeline = ANY(:timelines) ORDER BY timeline
""")


async def list_by_user(tx: Read, user_id: UserId, timelines: Sequence[str]) -> Sequence[Row]:
    """Return (timeline, last read id, version, updated in ms) of those of the timelines that have a marker."""
    return await tx.all(_LIST, user_id=user_id, timelines=timelines)
