"""Removing media: files with their last use, and uploads that nobody shows."""

from typing import Final

from rookery import filing, tasks
from rookery.domain.ids import id_at
from rookery.domain.media import MediaId
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import media, media_objects

LOOSE_KEPT_MS: Final = 86_400_000
"""How long an upload that nothing shows is kept."""
SWEPT_SLICE: Final = 200


async def remove_objects(services: Services, task: tasks.RemoveObjects) -> None:
    """Remove those of the files that nothing shows any more."""
    now_ms = services.now_ms()

    async def begin(tx: Write) -> list[str]:
        return [row[0] for row in await media_objects.begin_removal(tx, task.keys, now_ms=now_ms)]

    removing = await services.db.write(begin)
    if removing:
        await services.objects.delete(removing)
        await services.db.write(lambda tx: media_objects.delete(tx, removing, begun_ms=now_ms))


async def sweep_media(services: Services, task: tasks.SweepMedia) -> None:  # noqa: ARG001
    """Remove uploads of yesterday that nothing shows, and files whose removal was not finished."""
    before = id_at(services.now_ms() - LOOSE_KEPT_MS)

    async def work(tx: Write) -> list[MediaId]:
        found = await media.loose(tx, before=before, limit=SWEPT_SLICE)
        return await filing.remove_loose(services, tx, found)

    while found := await services.db.write(work):
        await services.objects.delete([filing.upload_key(media_id) for media_id in found])
    after = ""
    while True:
        async with services.db.read() as tx:
            keys = await media_objects.unused(tx, after=after, limit=SWEPT_SLICE)
        if not keys:
            return
        await remove_objects(services, tasks.RemoveObjects(tuple(keys)))
        after = keys[-1]
