"""Uploads: files that people send, described, thrown away, and shown by their tweets once they are converted."""

import asyncio
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from rookery import filing, tasks
from rookery.domain import media as media_rules
from rookery.domain.ids import UserId
from rookery.domain.live import TweetEdited
from rookery.domain.media import (
    FileRole,
    Media,
    MediaChange,
    MediaFile,
    MediaId,
    MediaKind,
    MediaPurpose,
    MediaState,
    Upload,
    check_description,
    check_size,
    kind_of,
)
from rookery.errors import Invalid, NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import media, media_objects, tweets, users
from rookery.storage import tasks as task_records

TURN_MS: Final = 300_000
"""By how much an upload is put behind those of others for each one of the same user that waits already."""
TURNS: Final = 12
"""How many of a user's uploads are told apart by that; those behind them count as queued when they come."""


async def take_in(
    services: Services,
    owner_id: UserId,
    upload: Upload,
    *,
    thumbnail: Upload | None = None,
) -> Media:
    """Keep an uploaded file and have it converted; a thumbnail of one's own stands for a video or for audio.

    Raises Invalid when it is nothing to show, or too large.
    """
    limits = services.limits.media
    kind = kind_of(await asyncio.to_thread(filing.head, upload.path))
    check_size(kind, upload.size_bytes, limits)
    one = Media(
        id=MediaId(services.new_id()),
        owner_id=owner_id,
        kind=kind,
        state=MediaState.PROCESSING,
        description=check_description(upload.description, limits),
        focus_x=upload.focus_x,
        focus_y=upload.focus_y,
    )
    async with services.db.read() as tx:
        await _refuse_without_room(services, tx, owner_id, upload.size_bytes)
    own_small = None
    if thumbnail is not None and kind is not MediaKind.IMAGE:
        own_small = await _thumbnail(services, thumbnail)
    key = filing.upload_key(one.id)
    await services.objects.put(key, Path(upload.path), content_type="application/octet-stream")

    async def work(tx: Write) -> None:
        # Whoever uploads something else at the same time waits here, so that both are counted.
        await users.lock_counts(tx, [owner_id])
        before = await _refuse_of_user(services, tx, owner_id, upload.size_bytes)
        await media.insert(tx, one, size_bytes=upload.size_bytes, now_ms=services.now_ms())
        task = tasks.ConvertPhoto(one.id) if kind is MediaKind.IMAGE else tasks.ConvertVideo(one.id)
        if own_small is not None:
            await own_small.show(tx, one.id)
        await task_records.enqueue(services, tx, task, ahead_ms=max(0, TURNS - before) * TURN_MS)

    try:
        await services.db.write(work)
    except BaseException:
        await services.objects.delete([key])
        raise
    return one


class _Thumbnail(NamedTuple):
    """A picture that is in the store and stands for a medium from the end of the transaction on."""

    file: MediaFile
    blurhash: str | None
    claim_id: int

    async def show(self, tx: Write, media_id: MediaId) -> list[str]:
        """Let it stand for a medium, in the place of what did; return the keys of that."""
        before = await media.replace_small(tx, media_id, self.file, blurhash=self.blurhash)
        await media_objects.give_back(tx, [self.file.key], claim_id=self.claim_id)
        return before


async def _thumbnail(services: Services, upload: Upload) -> _Thumbnail:
    """Convert a picture that is to stand for something else, at once. Raises Invalid."""
    if kind_of(await asyncio.to_thread(filing.head, upload.path)) is not MediaKind.IMAGE:
        raise Invalid("Validation failed: Thumbnail must be a picture", field="thumbnail")
    check_size(MediaKind.IMAGE, upload.size_bytes, services.limits.media)
    claim_id = services.new_id()
    with filing.workplace() as folder:
        converted = await services.converter.convert(
            Path(upload.path), into=folder, purpose=MediaPurpose.THUMBNAIL, progress=filing.unheard
        )
        made = converted.files[0]
        file = msgspec.structs.replace(
            await asyncio.to_thread(filing.file_of, services, made), role=FileRole.SMALL
        )
        await filing.put(services, file, made.path, claim_id)
    return _Thumbnail(file, converted.blurhash, claim_id)


async def check_room(services: Services, owner_id: UserId) -> None:
    """Raise Invalid when there is no room for anything more: before it has come in."""
    async with services.db.read() as tx:
        await _refuse_without_room(services, tx, owner_id, 1)


async def _refuse_without_room(services: Services, tx: Read, owner_id: UserId, size_bytes: int) -> None:
    await _refuse_of_user(services, tx, owner_id, size_bytes)
    if most := services.limits.media_bytes_max:
        _, kept = await media_objects.total(tx)
        if kept + size_bytes > most:
            raise Invalid("This instance has no room for more photos and videos", field="file")


async def _refuse_of_user(services: Services, tx: Read, owner_id: UserId, size_bytes: int) -> int:
    """Raise Invalid when one user has sent too much; return how many of their uploads wait."""
    waiting, waiting_bytes = await media.waiting(tx, owner_id)
    if waiting >= services.limits.media_user_processing_max:
        raise Invalid(
            f"You have {waiting} files that are still being processed: send this one when some of them are done",
            field="file",
        )
    if most := services.limits.media_user_bytes_max:
        kept = await media.kept_bytes(tx, owner_id)
        if kept + waiting_bytes + size_bytes > most:
            raise Invalid(
                f"Your photos and videos may take {most // 1_048_576} MB, and take {kept // 1_048_576} MB: "
                "delete some to make room",
                field="file",
            )
    return waiting


async def get_media(services: Services, owner_id: UserId, media_id: MediaId) -> Media:
    """Return one of the user's uploads, or raise NotFound."""
    async with services.db.read() as tx:
        return await _own(tx, owner_id, media_id)


async def _own(tx: Read, owner_id: UserId, media_id: MediaId) -> Media:
    one = await media.get(tx, media_id)
    if one is None or one.owner_id != owner_id or one.purpose is not MediaPurpose.TWEET:
        raise NotFound
    return one


async def describe_media(
    services: Services,
    owner_id: UserId,
    media_id: MediaId,
    *,
    description: str | None,
    focus: tuple[float, float] | None,
    thumbnail: Upload | None = None,
) -> Media:
    """Say what an own upload shows and where to look; what is None stays. Raises NotFound, Invalid."""
    own_small = None
    if thumbnail is not None:
        one = await get_media(services, owner_id, media_id)
        if one.kind is not MediaKind.IMAGE:
            own_small = await _thumbnail(services, thumbnail)

    async def work(tx: Write) -> Media:
        one = await _own(tx, owner_id, media_id)
        if own_small is not None:
            replaced = await own_small.show(tx, media_id)
            await media_objects.let_go(services, tx, replaced)
            one = await _own(tx, owner_id, media_id)
        change = MediaChange(media_id=media_id, description=description, focus=focus)
        changed = media_rules.changed(one, change, services.limits.media)
        if changed != one or own_small is not None:
            await media.describe(tx, changed)
            if one.tweet_id is not None:
                await tweets.revise(tx, one.tweet_id)
                await services.live.announce(tx, TweetEdited(one.tweet_id, owner_id))
        return changed

    return await services.db.write(work)


async def discard_media(services: Services, owner_id: UserId, media_id: MediaId) -> None:
    """Throw an own upload away. Raises NotFound, Invalid when a tweet shows it or one that waits, or a draft, will."""

    async def work(tx: Write) -> None:
        await _own(tx, owner_id, media_id)
        if not await filing.remove_loose(services, tx, [media_id]):
            raise Invalid("This is part of a post, or of one that waits", field="id")

    await services.db.write(work)
    await services.objects.delete([filing.upload_key(media_id)])
