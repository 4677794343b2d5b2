"""Filing media: how files get into the store under their names, and records out of it."""

import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rookery.domain.media import HEAD_BYTES, ConvertedFile, MediaFile, MediaId
from rookery.errors import Unavailable
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import media, media_objects

HASHED_AT_ONCE_BYTES: Final = 1_048_576


def upload_key(media_id: int) -> str:
    """Return under which key an upload waits for its conversion."""
    return f"uploads/{media_id}"


@contextmanager
def workplace() -> Generator[Path]:
    """Give a folder for a conversion, which is gone after it. Raises Unavailable when this machine has no room for one."""
    try:
        with tempfile.TemporaryDirectory(prefix="rookery-media-") as name:
            yield Path(name)
    except OSError as error:
        raise Unavailable(f"the temporary folder cannot be used: {error}") from None


def unheard(percent: int) -> None:
    """Nobody waits for the progress of a small picture."""


def head(path: str) -> bytes:
    """Return as much of a file's beginning as tells what it is."""
    with Path(path).open("rb") as file:
        return file.read(HEAD_BYTES)


def file_of(services: Services, made: ConvertedFile) -> MediaFile:
    """Return what a conversion wrote as a file of the store, named by its content."""
    path = Path(made.path)
    digest = services.media_names.digest()
    with path.open("rb") as file:
        while chunk := file.read(HASHED_AT_ONCE_BYTES):
            digest.update(chunk)
    return MediaFile(
        role=made.role,
        key=services.media_names.key(digest.hexdigest(), made.extension),
        content_type=made.content_type,
        size_bytes=path.stat().st_size,
        width=made.width,
        height=made.height,
        duration_ms=made.duration_ms,
        frame_rate=made.frame_rate,
        bitrate_bps=made.bitrate_bps,
    )


async def put(services: Services, file: MediaFile, path: str, claim_id: int) -> None:
    """Claim a file's object and write it into the store, unless it is there. Raises Unavailable."""

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


async def remove_loose(services: Services, tx: Write, media_ids: Sequence[MediaId]) -> list[MediaId]:
    """Remove those of the media that nothing shows or holds at this moment, and return them."""
    gone, keys = await media.delete_loose(tx, media_ids)
    await media_objects.let_go(services, tx, keys)
    return gone
