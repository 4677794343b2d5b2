"""Conversions: of an upload are made the files that clients show, or a sentence that says why not."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from rookery import filing, tasks
from rookery.domain.media import Converted, Media, MediaId, MediaState
from rookery.errors import Invalid, NotFound, Unavailable
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import media, media_objects
from rookery.storage import tasks as task_records

PROGRESS_EVERY_S: Final = 2.0
SPARE_S: Final = 60
"""How much of a task's time is left for all but the conversion."""


async def convert_media(services: Services, task: tasks.ConvertPhoto | tasks.ConvertVideo) -> None:
    """Make of an upload the files that clients show; when it cannot be shown, note why."""
    media_id = MediaId(task.media_id)
    async with services.db.read() as tx:
        one = await media.get(tx, media_id)
    if one is None or one.state is not MediaState.PROCESSING:
        await services.objects.delete([filing.upload_key(media_id)])
        return
    with filing.workplace() as folder:
        source = folder / "upload"
        try:
            await _fetch(services, filing.upload_key(media_id), source)
            async with _progress(services, media_id) as told:
                converted = await _converted(services, task, source, one=one, progress=told)
        except (Invalid, NotFound) as error:
            failure = error.message if isinstance(error, Invalid) else "The upload got lost: send it again"
            await services.db.write(lambda tx: media.fail(tx, media_id, failure=failure))
        else:
            await _keep(services, one, converted)
    await services.objects.delete([filing.upload_key(media_id)])


async def _converted(
    services: Services,
    task: tasks.ConvertPhoto | tasks.ConvertVideo,
    source: Path,
    *,
    one: Media,
    progress: "_Progress",
) -> Converted:
    """Convert within the task's time: what took too long once is not tried again. Raises Invalid."""
    try:
        async with asyncio.timeout(tasks.POLICIES[type(task)].deadline_s - SPARE_S):
            return await services.converter.convert(
                source, into=source.parent, purpose=one.purpose, progress=progress
            )
    except TimeoutError:
        raise Invalid("The file takes too long to convert: try a smaller one", field="file") from None


async def give_up(services: Services, tx: Write, task: tasks.ConvertPhoto | tasks.ConvertVideo) -> None:
    """Note that a conversion was tried often enough, and have the upload removed."""
    failure = "The file could not be converted now: send it again later"
    if await media.fail(tx, MediaId(task.media_id), failure=failure):
        # Of what waits for nothing any more this task removes the upload.
        await task_records.enqueue(services, tx, task)


async def _fetch(services: Services, key: str, path: Path) -> None:
    file = await asyncio.to_thread(path.open, "wb")
    try:
        async for chunk in services.objects.read(key):
            await asyncio.to_thread(file.write, chunk)
    finally:
        await asyncio.to_thread(file.close)


@asynccontextmanager
async def _progress(services: Services, media_id: MediaId) -> AsyncGenerator["_Progress"]:
    """Give what a conversion tells its progress to; it is written down every few seconds."""
    progress = _Progress()

    async def note() -> None:
        written = 0
        while True:
            await asyncio.sleep(PROGRESS_EVERY_S)
            if progress.percent != written:
                written = progress.percent
                # What cannot be told now is no reason to convert again.
                with suppress(Unavailable):
                    await services.db.write(
                        lambda tx, percent=written: media.note_progress(tx, media_id, percent=percent)
                    )

    noting = asyncio.create_task(note())
    try:
        yield progress
    finally:
        noting.cancel()
        with suppress(asyncio.CancelledError):
            await noting


class _Progress:
    percent = 0

    def __call__(self, percent: int) -> None:
        self.percent = percent


async def _keep(services: Services, one: Media, converted: Converted) -> None:
    """Put the files into the store, each under the hash of its content, and show them."""
    claim_id = services.new_id()
    files = [await asyncio.to_thread(filing.file_of, services, file) for file in converted.files]
    for file, made in zip(files, converted.files, strict=True):
        await filing.put(services, file, made.path, claim_id)

    async def work(tx: Write) -> None:
        shown = await media.finish(tx, one.id, kind=converted.kind, blurhash=converted.blurhash, files=files)
        await media_objects.give_back(tx, [file.key for file in files], claim_id=claim_id)
        if not shown:
            await media_objects.let_go(services, tx, [file.key for file in files])

    await services.db.write(work)
