"""Photos, videos and audio: taken in, converted, described, and removed with their last use."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from rookery import tasks
from rookery.domain import media as media_rules
from rookery.domain.ids import UserId, id_at
from rookery.domain.live import TweetEdited
from rookery.domain.media import (
    HEAD_BYTES,
    Converted,
    ConvertedFile,
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
from rookery.errors import Invalid, NotFound, Unavailable
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import media, media_objects, tweets, users
from rookery.storage import tasks as task_records

LOOSE_KEPT_MS: Final = 86_400_000
"""How long an upload that nothing shows is kept."""
SWEPT_SLICE: Final = 200
PROGRESS_EVERY_S: Final = 2.0
SPARE_S: Final = 60
"""How much of a task's time is left for all but the conversion."""
HASHED_AT_ONCE_BYTES: Final = 1_048_576


def upload_key(media_id: int) -> str:
    """Return under which key an upload waits for its conversion."""
    return f"uploads/{media_id}"


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
    kind = kind_of(await asyncio.to_thread(_head, upload.path))
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
    await _refuse_above_cap(services, upload.size_bytes)
    own_small = None
    if thumbnail is not None and kind is not MediaKind.IMAGE:
        own_small = await _thumbnail(services, thumbnail)
    key = upload_key(one.id)
    await services.objects.put(key, Path(upload.path), content_type="application/octet-stream")

    async def work(tx: Write) -> None:
        await media.insert(tx, one, size_bytes=upload.size_bytes, now_ms=services.now_ms())
        task = tasks.ConvertPhoto(one.id) if kind is MediaKind.IMAGE else tasks.ConvertVideo(one.id)
        if own_small is not None:
            await own_small.show(tx, one.id)
        await task_records.enqueue(services, tx, task)

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
    if kind_of(await asyncio.to_thread(_head, upload.path)) is not MediaKind.IMAGE:
        raise Invalid("Validation failed: Thumbnail must be a picture", field="thumbnail")
    check_size(MediaKind.IMAGE, upload.size_bytes, services.limits.media)
    claim_id = services.new_id()
    with tempfile.TemporaryDirectory(prefix="rookery-media-") as name:
        converted = await services.converter.convert(
            Path(upload.path), into=Path(name), purpose=MediaPurpose.THUMBNAIL, progress=_unheard
        )
        made = converted.files[0]
        file = msgspec.structs.replace(await asyncio.to_thread(_media_file, made), role=FileRole.SMALL)
        await _put(services, file, made.path, claim_id)
    return _Thumbnail(file, converted.blurhash, claim_id)


def _unheard(percent: int) -> None:
    """Nobody waits for the progress of a small picture."""


def _head(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(HEAD_BYTES)


async def _refuse_above_cap(services: Services, size_bytes: int) -> None:
    most = services.limits.media_bytes_max
    if not most:
        return
    async with services.db.read() as tx:
        _, kept = await media_objects.total(tx)
    if kept + size_bytes > most:
        raise Invalid("This instance has no room for more photos and videos", field="file")


async def convert_media(services: Services, task: tasks.ConvertPhoto | tasks.ConvertVideo) -> None:
    """Make of an upload the files that clients show; when it cannot be shown, note why."""
    media_id = MediaId(task.media_id)
    async with services.db.read() as tx:
        one = await media.get(tx, media_id)
    if one is None or one.state is not MediaState.PROCESSING:
        await services.objects.delete([upload_key(media_id)])
        return
    with tempfile.TemporaryDirectory(prefix="rookery-media-") as name:
        folder = Path(name)
        source = folder / "upload"
        try:
            await _fetch(services, upload_key(media_id), source)
            async with _progress(services, media_id) as told:
                converted = await _converted(services, task, source, one=one, progress=told)
        except (Invalid, NotFound) as error:
            failure = error.message if isinstance(error, Invalid) else "The upload got lost: send it again"
            await services.db.write(lambda tx: media.fail(tx, media_id, failure=failure))
        else:
            await _keep(services, one, converted)
    await services.objects.delete([upload_key(media_id)])


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
    files = [await asyncio.to_thread(_media_file, file) for file in converted.files]
    for file, made in zip(files, converted.files, strict=True):
        await _put(services, file, made.path, claim_id)

    async def work(tx: Write) -> None:
        shown = await media.finish(tx, one.id, kind=converted.kind, blurhash=converted.blurhash, files=files)
        await media_objects.give_back(tx, [file.key for file in files], claim_id=claim_id)
        if not shown:
            await task_records.enqueue(services, tx, tasks.RemoveObjects(tuple(file.key for file in files)))

    await services.db.write(work)


def _media_file(made: ConvertedFile) -> MediaFile:
    path = Path(made.path)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(HASHED_AT_ONCE_BYTES):
            digest.update(chunk)
    name = digest.hexdigest()
    return MediaFile(
        role=made.role,
        key=f"{name[:2]}/{name}.{made.extension}",
        content_type=made.content_type,
        size_bytes=path.stat().st_size,
        width=made.width,
        height=made.height,
        duration_ms=made.duration_ms,
        frame_rate=made.frame_rate,
        bitrate_bps=made.bitrate_bps,
    )


async def _put(services: Services, file: MediaFile, path: str, claim_id: int) -> None:
    async def work(tx: Write) -> bool:
        await media_objects.claim(
            tx,
            file.key,
            content_type=file.content_type,
            size_bytes=file.size_bytes,
            claim_id=claim_id,
            now_ms=services.now_ms(),
        )
        row = await media_objects.get(tx, file.key)
        return row is not None and bool(row[2])

    is_cold = await services.db.write(work)
    # What lies in the cold store is not written again, unless it got lost there.
    if not is_cold or await services.objects.head(file.key) is None:
        await services.objects.put(file.key, Path(path), content_type=file.content_type)
        if is_cold:
            await services.db.write(lambda tx: media_objects.lie_in_first(tx, [file.key]))


async def set_picture(services: Services, owner_id: UserId, purpose: MediaPurpose, upload: Upload) -> None:
    """Let a profile show another avatar or header, at once; the one before is removed. Raises Invalid."""
    field = purpose.value
    if kind_of(await asyncio.to_thread(_head, upload.path)) is not MediaKind.IMAGE:
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
    with tempfile.TemporaryDirectory(prefix="rookery-media-") as name:
        converted = await services.converter.convert(
            Path(upload.path), into=Path(name), purpose=purpose, progress=_unheard
        )
        made = converted.files[0]
        file = await asyncio.to_thread(_media_file, made)
        await _put(services, file, made.path, claim_id)

    async def work(tx: Write) -> None:
        if not await users.touch(tx, owner_id, now_ms=services.now_ms()):
            raise NotFound
        await media.insert(tx, one, size_bytes=upload.size_bytes, now_ms=services.now_ms())
        await media.finish(tx, one.id, kind=one.kind, blurhash=converted.blurhash, files=[file])
        await media_objects.give_back(tx, [file.key], claim_id=claim_id)
        await users.update_picture(tx, owner_id, purpose, file.key)
        await _remove(services, tx, await media.ids_for(tx, owner_id, purpose, before=one.id))

    await services.db.write(work)


async def remove_picture(services: Services, owner_id: UserId, purpose: MediaPurpose) -> None:
    """Let a profile show no avatar or header of its own any more."""

    async def work(tx: Write) -> None:
        if await users.touch(tx, owner_id, now_ms=services.now_ms()):
            await users.update_picture(tx, owner_id, purpose, "")
        await _remove(services, tx, await media.ids_for(tx, owner_id, purpose, before=services.new_id()))

    await services.db.write(work)


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
            await task_records.enqueue(services, tx, tasks.RemoveObjects(tuple(replaced)))
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
        if not await _remove(services, tx, [media_id]):
            raise Invalid("This is part of a post, or of one that waits", field="id")

    await services.db.write(work)
    await services.objects.delete([upload_key(media_id)])


async def _remove(services: Services, tx: Write, media_ids: Sequence[MediaId]) -> list[MediaId]:
    """Remove those of the media that nothing shows or holds at this moment, and return them."""
    gone, keys = await media.delete_loose(tx, media_ids)
    if keys:
        await task_records.enqueue(services, tx, tasks.RemoveObjects(tuple(keys)))
    return gone


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
        return await _remove(services, tx, found)

    while found := await services.db.write(work):
        await services.objects.delete([upload_key(media_id) for media_id in found])
    after = ""
    while True:
        async with services.db.read() as tx:
            keys = await media_objects.unused(tx, after=after, limit=SWEPT_SLICE)
        if not keys:
            return
        await remove_objects(services, tasks.RemoveObjects(tuple(keys)))
        after = keys[-1]
