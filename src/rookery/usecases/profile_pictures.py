"""Profile pictures: avatars and headers, converted at once."""

import asyncio
from pathlib import Path

from rookery import filing
from rookery.domain.ids import UserId
from rookery.domain.media import (
    Media,
    MediaId,
    MediaKind,
    MediaPurpose,
    MediaState,
    Upload,
    check_size,
    kind_of,
)
from rookery.errors import Invalid, NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import media, media_objects, users


async def set_picture(services: Services, owner_id: UserId, purpose: MediaPurpose, upload: Upload) -> None:
    """Let a profile show another avatar or header, at once; the one before is removed. Raises Invalid."""
    field = purpose.value
    if kind_of(await asyncio.to_thread(filing.head, upload.path)) is not MediaKind.IMAGE:
        raise Invalid(f"Validation failed: {field.capitalize()} must be a picture", field=field)
    check_size(MediaKind.IMAGE, upload.size_bytes, services.limits.media)
    one = Media(
        id=MediaId(services.new_id()),
        owner_id=owner_id,
        kind=MediaKind.IMAGE,
        state=MediaState.PROCESSING,
        purpose=purpose,
    )
    claim_id = services.new_id()
    with filing.workplace() as folder:
        converted = await services.converter.convert(
            Path(upload.path), into=folder, purpose=purpose, progress=filing.unheard
        )
        made = converted.files[0]
        file = await asyncio.to_thread(filing.file_of, services, made)
        await filing.put(services, file, made.path, claim_id)

    async def work(tx: Write) -> None:
        if not await users.touch(tx, owner_id, now_ms=services.now_ms()):
            raise NotFound
        await media.insert(tx, one, size_bytes=upload.size_bytes, now_ms=services.now_ms())
        await media.finish(tx, one.id, kind=one.kind, blurhash=converted.blurhash, files=[file])
        await media_objects.give_back(tx, [file.key], claim_id=claim_id)
        await users.update_picture(tx, owner_id, purpose, file.key)
        await filing.remove_loose(services, tx, await media.ids_for(tx, owner_id, purpose, before=one.id))

    await services.db.write(work)


async def remove_picture(services: Services, owner_id: UserId, purpose: MediaPurpose) -> None:
    """Let a profile show no avatar or header of its own any more."""

    async def work(tx: Write) -> None:
        if await users.touch(tx, owner_id, now_ms=services.now_ms()):
            await users.update_picture(tx, owner_id, purpose, "")
        await filing.remove_loose(
            services, tx, await media.ids_for(tx, owner_id, purpose, before=services.new_id())
        )

    await services.db.write(work)
