"""Previews of links: fetched by tasks, once for each link, with the pictures that pages want to be shown with."""

import asyncio
from pathlib import Path
from typing import Final

from rookery import filing, tasks
from rookery.domain.media import HEAD_BYTES, Converted, MediaFile, MediaKind, MediaPurpose, kind_of
from rookery.errors import Invalid
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import links, media_objects, previews

PICTURE_SIDE_MIN: Final = 32
"""Pixels; what is smaller is there to count readers, or for looks."""


async def fetch_preview(services: Services, task: tasks.FetchPreview) -> None:
    """Fetch what the page behind a link says about itself, and let the tweets show it; then its picture."""
    async with services.db.read() as tx:
        url = (await links.urls(tx, [task.link_id])).get(task.link_id)
    if url is None:
        return
    found = await services.previews.fetch(url)
    if found is None:
        return
    kept = await services.db.write(lambda tx: previews.keep(tx, task.link_id, found))
    if not kept:
        return
    if not found.picture_url:
        await _show(services, task.link_id, None, description="", blurhash=None, claim_id=0)
        return
    content = await services.previews.fetch_picture(found.picture_url)
    if content is not None and await _has_room(services, len(content)):
        await _keep_picture(services, task.link_id, content, description=found.picture_description)


async def _has_room(services: Services, size_bytes: int) -> bool:
    most = services.limits.media_bytes_max
    if not most:
        return True
    async with services.db.read() as tx:
        _, kept = await media_objects.total(tx)
    return kept + size_bytes <= most


async def _keep_picture(services: Services, link_id: int, content: bytes, *, description: str) -> None:
    """Convert a picture as people's uploads are, and show it; one that cannot be shown leaves the card as it is."""
    claim_id = services.new_id()
    with filing.workplace() as folder:
        try:
            converted = await _converted(services, content, folder)
        except Invalid:
            return
        made = converted.files[0]
        if min(made.width or 0, made.height or 0) < PICTURE_SIDE_MIN:
            return
        file = await asyncio.to_thread(filing.file_of, services, made)
        await filing.put(services, file, made.path, claim_id)
    await _show(
        services, link_id, file, description=description, blurhash=converted.blurhash, claim_id=claim_id
    )


async def _converted(services: Services, content: bytes, folder: Path) -> Converted:
    """Raise Invalid for what is no picture, whatever it is said to be, or none that can be shown."""
    if kind_of(content[:HEAD_BYTES]) is not MediaKind.IMAGE:
        raise Invalid("The file is no picture")
    source = folder / "picture"
    await asyncio.to_thread(source.write_bytes, content)
    return await services.converter.convert(
        source, into=folder, purpose=MediaPurpose.CARD, progress=filing.unheard
    )


async def _show(
    services: Services,
    link_id: int,
    file: MediaFile | None,
    *,
    description: str,
    blurhash: str | None,
    claim_id: int,
) -> None:
    """Let a link's card show a picture, or none; remove what nothing shows then."""

    async def work(tx: Write) -> None:
        unused = await previews.keep_picture(
            tx, link_id, file, description=description, blurhash=blurhash, now_ms=services.now_ms()
        )
        if file is not None:
            await media_objects.give_back(tx, [file.key], claim_id=claim_id)
            unused = [file.key] if unused is None else unused
        await media_objects.let_go(services, tx, unused or ())

    await services.db.write(work)
