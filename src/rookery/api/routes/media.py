"""Media: https://docs.joinmastodon.org/methods/media/."""

import asyncio
from typing import Final

import msgspec

from rookery.api.endpoints import Call, Json, Nothing, RateLimit, endpoint
from rookery.api.entities.media import MediaAttachment
from rookery.api.uploads import UploadedFile
from rookery.domain.media import Media, MediaId, MediaLimits, MediaState, Upload, focus_of
from rookery.errors import Invalid
from rookery.usecases import uploads

UPLOADS: Final = RateLimit("media", requests_max=30, window_ms=1_800_000)
WAITED_S: Final = 25.0
"""How long the older call waits for a conversion: apps give up after 30 seconds."""
LOOKED_EVERY_S: Final = 0.1


class NewMedia(msgspec.Struct, frozen=True, kw_only=True):
    """A file, and what is said of it."""

    file: UploadedFile | None = None
    thumbnail: UploadedFile | None = None
    description: str | None = None
    focus: str | None = None


class MediaOf(msgspec.Struct, frozen=True, kw_only=True):
    """Which medium."""

    id: int


class ChangedMedia(msgspec.Struct, frozen=True, kw_only=True):
    """Which medium, and what is said of it now."""

    id: int
    thumbnail: UploadedFile | None = None
    description: str | None = None
    focus: str | None = None


def _bytes_of_uploads(limits: MediaLimits) -> int:
    return limits.video_bytes_max + limits.image_bytes_max


def _bytes_of_thumbnails(limits: MediaLimits) -> int:
    return limits.image_bytes_max


async def _take_in(call: Call, new: NewMedia) -> Media:
    if new.file is None:
        raise Invalid("Validation failed: File can't be blank", field="file")
    x, y = focus_of(new.focus) if new.focus else (0.0, 0.0)
    upload = Upload(
        path=new.file.path,
        size_bytes=new.file.size_bytes,
        description=new.description or "",
        focus_x=x,
        focus_y=y,
    )
    return await uploads.take_in(call.services, call.viewer, upload, thumbnail=_thumbnail(new.thumbnail))


def _thumbnail(file: UploadedFile | None) -> Upload | None:
    return None if file is None else Upload(path=file.path, size_bytes=file.size_bytes)


def _shown(call: Call, one: Media, *, unfinished: int) -> Json[MediaAttachment]:
    if one.state is MediaState.FAILED:
        raise Invalid(one.failure, field="file")
    status = unfinished if one.state is MediaState.PROCESSING else 200
    return Json.of(call.present.media_entity(one), status=status)


async def _admit(call: Call) -> None:
    await uploads.check_room(call.services, call.viewer)


@endpoint(
    "POST",
    "/api/v2/media",
    scope="write:media",
    limit=UPLOADS,
    also=202,
    uploads=_bytes_of_uploads,
    admits=_admit,
)
async def create(call: Call, new: NewMedia) -> Json[MediaAttachment]:
    """Take in a file; 202 while it is being converted, which `GET /api/v1/media/{id}` tells the end of."""
    return _shown(call, await _take_in(call, new), unfinished=202)


@endpoint(
    "POST",
    "/api/v1/media",
    scope="write:media",
    limit=UPLOADS,
    also=202,
    uploads=_bytes_of_uploads,
    admits=_admit,
    deprecated=True,
)
async def create_and_wait(call: Call, new: NewMedia) -> Json[MediaAttachment]:
    """Take in a file and wait until it can be shown, as older apps expect."""
    one = await _take_in(call, new)
    try:
        async with asyncio.timeout(WAITED_S):
            while one.state is MediaState.PROCESSING:
                await asyncio.sleep(LOOKED_EVERY_S)
                one = await uploads.get_media(call.services, call.viewer, one.id)
    except TimeoutError:
        return _shown(call, one, unfinished=202)
    return _shown(call, one, unfinished=202)


@endpoint("GET", "/api/v1/media/{id}", scope="write:media", also=206)
async def show(call: Call, which: MediaOf) -> Json[MediaAttachment]:
    """Return an own upload: 206 while it is being converted, 422 with the reason when it cannot be shown."""
    one = await uploads.get_media(call.services, call.viewer, MediaId(which.id))
    return _shown(call, one, unfinished=206)


@endpoint("PUT", "/api/v1/media/{id}", scope="write:media", also=206, uploads=_bytes_of_thumbnails)
async def update(call: Call, changed: ChangedMedia) -> Json[MediaAttachment]:
    """Say what an own upload shows, where to look, and what stands for it."""
    one = await uploads.describe_media(
        call.services,
        call.viewer,
        MediaId(changed.id),
        description=changed.description,
        focus=focus_of(changed.focus) if changed.focus else None,
        thumbnail=_thumbnail(changed.thumbnail),
    )
    return _shown(call, one, unfinished=206)


@endpoint("DELETE", "/api/v1/media/{id}", scope="write:media")
async def destroy(call: Call, which: MediaOf) -> Json[Nothing]:
    """Throw an own upload away that no status shows."""
    await uploads.discard_media(call.services, call.viewer, MediaId(which.id))
    return Json(b"{}")
