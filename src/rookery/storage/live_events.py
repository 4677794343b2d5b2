"""Live events on their way to the processes that have listeners: a log of a few seconds, written with the commit."""

from collections.abc import Sequence

from rookery.ports import Read, Row, Write
from rookery.sql import sql

_INSERT = sql("INSERT INTO live_events (id, event) VALUES (:id, :event) ON CONFLICT DO NOTHING")


async def insert(tx: Write, events: Sequence[tuple[int, str]]) -> None:
    """Enter events, each an id and its JSON. Twice is once."""
    if len(events) == 1:
        await tx.run(_INSERT, id=events[0][0], event=events[0][1])
    elif events:
        await tx.many(_INSERT, events)


_SINCE = sql("SELECT id, event FROM live_events WHERE id >= :first ORDER BY id LIMIT :limit")


async def since(tx: Read, first: int, *, limit: int) -> Sequence[Row]:
    """Return (id, event) from an id on, oldest first."""
    return await tx.all(_SINCE, first=first, limit=limit)


_DELETE_BEFORE = sql("""
    DELETE FROM live_events
    WHERE id IN (SELECT id FROM live_events WHERE id < :before ORDER BY id LIMIT :limit)
""")


async def delete_before(tx: Write, before: int, *, limit: int) -> int:
    """Drop events with smaller ids, at most so many, and return how many."""
    return await tx.run(_DELETE_BEFORE, before=before, limit=limit)
