"""Removing media: files with their last use, and uploads that nobody shows."""

from collections.abc import Sequence
from typing import Final

from rookery import filing, tasks
from rookery.domain.media import UPLOAD_KEY, MediaId
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import media, media_objects

LOOSE_KEPT_MS: Final = 86_400_000
"""How long an upload is kept that nothing shows, or a file of a tweet that was deleted to be written anew."""
ORIGINAL_LOST_MS: Final = 3_600_000
"""How long an upload may lie in the store without waiting for a conversion: it may be on its way into the records."""
SWEPT_SLICE: Final = 200
SWEPT_FOR_MS: Final = 40_000
"""How long one run goes on beginning slices; the next one goes on."""


async def remove_objects(services: Services, task: tasks.RemoveObjects) -> None:
    """Remove those of the files that nothing shows any more."""
    now_ms = services.now_ms()

    async def begin(tx: Write) -> list[str]:
        removing = [row[0] for row in await media_objects.begin_removal(tx, task.keys, now_ms=now_ms)]
        if left := sorted({*task.keys} - {*removing}):
            await media_objects.checked(tx, left, now_ms=now_ms)
        return removing

    removing = await services.db.write(begin)
    if removing:
        await services.objects.delete(removing)
        await services.db.write(lambda tx: media_objects.delete(tx, removing, begun_ms=now_ms))


async def sweep_media(services: Services, task: tasks.SweepMedia) -> None:  # noqa: ARG001
    """Remove uploads of yesterday that nothing shows, files whose removal was not finished, and lost originals."""
    ends_ms = services.now_ms() + SWEPT_FOR_MS
    before_ms = services.now_ms() - LOOSE_KEPT_MS

    async def work(tx: Write) -> list[MediaId]:
        found = await media.loose(tx, before_ms=before_ms, limit=SWEPT_SLICE)
        return await filing.remove_loose(services, tx, found)

    while services.now_ms() < ends_ms and (found := await services.db.write(work)):
        await services.objects.delete([filing.upload_key(media_id) for media_id in found])
    while services.now_ms() < ends_ms and (keys := await _due(services)):
        await remove_objects(services, tasks.RemoveObjects(tuple(keys)))
    await _sweep_originals(services, ends_ms)


async def _due(services: Services) -> list[str]:
    async with services.db.read() as tx:
        return await media_objects.due(tx, now_ms=services.now_ms(), limit=SWEPT_SLICE)


async def _sweep_originals(services: Services, ends_ms: int) -> None:
    """Remove uploads from the store that wait for no conversion: what a process has left that died at the wrong moment."""
    before_ms = services.now_ms() - ORIGINAL_LOST_MS
    found: dict[int, str] = {}
    async for info in services.objects.list(prefix="uploads"):
        if services.now_ms() >= ends_ms:
            return
        match = UPLOAD_KEY.fullmatch(info.key)
        if match is None or info.changed_ms >= before_ms:
            continue
        found[int(match["media_id"])] = info.key
        if len(found) == SWEPT_SLICE:
            await _remove_lost(services, found)
            found = {}
    await _remove_lost(services, found)


async def _remove_lost(services: Services, found: dict[int, str]) -> None:
    if not found:
        return
    async with services.db.read() as tx:
        waiting = await media.processing(tx, list(found))
    lost: Sequence[str] = [key for media_id, key in found.items() if media_id not in waiting]
    await services.objects.delete(lost)
