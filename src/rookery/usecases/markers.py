"""Remembering how far a timeline was read."""

from collections.abc import Mapping, Sequence
from typing import Final

from rookery.domain.ids import UserId
from rookery.domain.timelines import Marker
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import markers

TIMELINES: Final = ("home", "notifications")
"""Timelines that have a marker."""


async def get_markers(services: Services, viewer_id: UserId, timelines: Sequence[str]) -> dict[str, Marker]:
    """Return the viewer's markers on those of the timelines that have one."""
    async with services.db.read() as tx:
        return await _markers(tx, viewer_id, timelines)


async def move_markers(
    services: Services, viewer_id: UserId, last_read_ids: Mapping[str, int]
) -> dict[str, Marker]:
    """Move the viewer's markers and return them; timelines that have none are passed over."""
    moved = {name: last_read_ids[name] for name in TIMELINES if name in last_read_ids}

    async def work(tx: Write) -> dict[str, Marker]:
        for timeline, last_read_id in moved.items():
            await markers.put(tx, viewer_id, timeline, last_read_id=last_read_id, now_ms=services.now_ms())
        return await _markers(tx, viewer_id, list(moved))

    return await services.db.write(work)


async def _markers(tx: Read, viewer_id: UserId, timelines: Sequence[str]) -> dict[str, Marker]:
    known = [name for name in TIMELINES if name in timelines]
    return {row[0]: Marker(*row[1:]) for row in await markers.list_by_user(tx, viewer_id, known)}
