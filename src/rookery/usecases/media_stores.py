"""Which store a file lies in: what nobody reads moves to the cold one, and comes back when it is read again.

A file is copied, looked at, and noted as moved before it is removed where it was: it lies in the store that its row
names at any moment, and whoever is about to show it finds it. While it is on its way nothing else moves or removes it.
"""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final

import structlog

from rookery import tasks
from rookery.domain.media import UPLOAD_CONTENT_TYPE, content_type_of, digest_in
from rookery.domain.media_names import MediaNames
from rookery.errors import Misconfigured, NotFound, RookeryError
from rookery.ports import ObjectInfo, ObjectStore
from rookery.services import Services
from rookery.storage import media_objects

DAY_MS: Final = 86_400_000
COLD_AFTER_MS: Final = 90 * DAY_MS
"""How old a file is, and how long unread, that moves to the cold store."""
WARM_READS_MIN: Final = 5
"""How often a file in the cold store is read before it comes back."""
WARM_WITHIN_MS: Final = 7 * DAY_MS
"""How long ago the last of these reads may be."""
SLICE_MS: Final = 50_000
"""How long one run goes on beginning moves."""
PAGE: Final = 100
COPIED_AT_ONCE: Final = 8
IN_MEMORY_BYTES_MAX: Final = 4 * 1_048_576
"""Files up to here are copied in memory; larger ones by way of a temporary file."""

_log = structlog.get_logger(__name__)


class Copying(Enum):
    """How copying a file has ended."""

    DONE = auto()
    MISSING = auto()
    DAMAGED = auto()
    """Its content is not what its name says; nothing was written."""


async def copy(
    names: MediaNames,
    source: ObjectStore,
    target: ObjectStore,
    key: str,
    *,
    content_type: str,
    size_bytes: int,
) -> Copying:
    """Copy a file from one store to another, once its content is known to be what its name says. Raises Unavailable."""
    with tempfile.TemporaryDirectory(prefix="rookery-media-") as folder:
        digest = names.digest_for(key)
        content: Path | bytes
        read = 0
        try:
            if size_bytes <= IN_MEMORY_BYTES_MAX:
                content = b"".join([chunk async for chunk in source.read(key)])
                digest.update(content)
                read = len(content)
            else:
                content = Path(folder) / "file"
                with await asyncio.to_thread(content.open, "wb") as file:
                    async for chunk in source.read(key):
                        digest.update(chunk)
                        read += len(chunk)
                        await asyncio.to_thread(file.write, chunk)
        except NotFound:
            return Copying.MISSING
        if read != size_bytes or digest_in(key) not in {None, digest.hexdigest()}:
            return Copying.DAMAGED
        written = await target.put(key, content, content_type=content_type)
        return Copying.DONE if written == size_bytes else Copying.DAMAGED


async def are_one(services: Services, one: ObjectStore, another: ObjectStore) -> bool:
    """Tell whether two addresses lead to the same store: to move from one to the other would be to remove."""
    key = f"uploads/{services.new_id()}"
    await one.put(key, b"Is this another place?", content_type=UPLOAD_CONTENT_TYPE)
    try:
        return await another.head(key) is not None
    finally:
        await one.delete([key])


async def move_media(services: Services, task: tasks.MoveMedia) -> None:  # noqa: ARG001
    """Move what nobody reads to the cold store and back what is read again, for a minute at most.

    The rows say what is left to do. While an operator moves everything to another place, nothing is moved here.
    """
    stores = services.media_stores
    if stores.cold is None or stores.other is not None:
        return
    await _end_broken_off(services)
    ends_ms = services.now_ms() + SLICE_MS
    checked = False
    for to_cold in (False, True):
        while found := await _due(services, to_cold=to_cold):
            if not checked and await are_one(services, stores.cold, stores.first):
                raise Misconfigured("media_url and media_cold_url lead to the same place")
            checked = True
            for key in found:
                if services.now_ms() >= ends_ms:
                    return
                await move(services, key, to_cold=to_cold)


async def _due(services: Services, *, to_cold: bool) -> list[str]:
    now_ms = services.now_ms()
    async with services.db.read() as tx:
        if to_cold:
            return await media_objects.unread(tx, before_ms=now_ms - COLD_AFTER_MS, limit=PAGE)
        return await media_objects.read_again(
            tx, after_ms=now_ms - WARM_WITHIN_MS, reads_min=WARM_READS_MIN, limit=PAGE
        )


async def move(services: Services, key: str, *, to_cold: bool) -> None:
    """Move a file between the first store and the cold one, unless it is gone or on its way already."""
    first, cold = services.media_stores.first, services.media_stores.cold
    if cold is None:
        return
    source, target = (first, cold) if to_cold else (cold, first)
    began_ms = services.now_ms()
    row = await services.db.write(
        lambda tx: media_objects.begin_move(tx, key, to_cold=to_cold, now_ms=began_ms)
    )
    if row is None:
        return
    content_type, size_bytes = row
    try:
        ended = await copy(
            services.media_names, source, target, key, content_type=content_type, size_bytes=size_bytes
        )
        there = await target.head(key)
    except RookeryError:
        with suppress(RookeryError):
            await services.db.write(lambda tx: media_objects.end_move(tx, key, began_ms=began_ms))
        raise
    if ended is Copying.DAMAGED or there is None or there.size_bytes != size_bytes:
        _log.warning("a file of media stays where it is", key=key, outcome=ended.name.lower())
        await services.db.write(
            lambda tx: media_objects.put_off(tx, key, began_ms=began_ms, now_ms=services.now_ms())
        )
        return
    if await services.db.write(lambda tx: media_objects.land(tx, key, to_cold=to_cold, began_ms=began_ms)):
        await source.delete([key])
        await services.db.write(lambda tx: media_objects.end_move(tx, key, began_ms=began_ms))


async def _end_broken_off(services: Services) -> None:
    """Remove what moves that were never ended have left in the store that the row does not name."""
    stores = services.media_stores
    async with services.db.read() as tx:
        found = await media_objects.broken_off(tx, now_ms=services.now_ms(), limit=PAGE)
    for key, began_ms in found:
        now_ms = services.now_ms()
        is_cold = await services.db.write(
            lambda tx, key=key, began_ms=began_ms, now_ms=now_ms: media_objects.take_over_move(
                tx, key, began_ms=began_ms, now_ms=now_ms
            )
        )
        if is_cold is None:
            continue
        home, away = (stores.cold, stores.first) if is_cold else (stores.first, stores.cold)
        if home is not None and away is not None and await home.head(key) is not None:
            await away.delete([key])
        await services.db.write(
            lambda tx, key=key, now_ms=now_ms: media_objects.end_move(tx, key, began_ms=now_ms)
        )


@dataclass(slots=True)
class Moved:
    """What came of moving everything from one store to another."""

    files: int = 0
    """Files that were looked at."""
    copied: int = 0
    damaged: int = 0
    """Files that stay where they are, since their content is not what their name says."""


async def move_everything(
    services: Services,
    source: ObjectStore,
    target: ObjectStore,
    *,
    remove: bool,
    found: Callable[[str, str], None],
    told: Callable[[int], None],
) -> Moved:
    """Copy every file that the target does not have yet; `remove` those from the source that it has then.

    May be ended at any time and begun again. Removing is for when every process writes to the target and still looks
    into the source. `found` hears of files that stay, `told` of how many were looked at. Raises Misconfigured when both
    are one.
    """
    if await are_one(services, source, target):
        raise Misconfigured("both addresses lead to the same place")
    moved = Moved()
    batch: list[ObjectInfo] = []

    async def carry() -> None:
        there = await _carry_batch(services.media_names, source, target, batch, moved, found=found)
        if remove and there:
            if target is services.media_stores.first:
                await services.db.write(lambda tx: media_objects.lie_in_first(tx, there))
            await source.delete(there)
        batch.clear()
        told(moved.files)

    async for info in source.list():
        # Uploads wait for minutes only: before the end they are left to the worker.
        if content_type_of(info.key) is None or (not remove and digest_in(info.key) is None):
            continue
        batch.append(info)
        if len(batch) == COPIED_AT_ONCE:
            await carry()
    await carry()
    return moved


async def _carry_batch(
    names: MediaNames,
    source: ObjectStore,
    target: ObjectStore,
    batch: Sequence[ObjectInfo],
    moved: Moved,
    *,
    found: Callable[[str, str], None],
) -> list[str]:
    """Copy files and count what came of it; return the keys of those that lie in the target now."""
    there: list[str] = []
    ends = await asyncio.gather(*(_carry(names, source, target, info) for info in batch))
    for info, end in zip(batch, ends, strict=True):
        moved.files += 1
        if end is Copying.DAMAGED:
            moved.damaged += 1
            found("damaged", info.key)
        elif end is not Copying.MISSING:
            moved.copied += end is Copying.DONE
            there.append(info.key)
    return there


async def _carry(
    names: MediaNames, source: ObjectStore, target: ObjectStore, info: ObjectInfo
) -> Copying | None:
    """Copy a file unless it is there already, which None says."""
    there = await target.head(info.key)
    if there is not None and there.size_bytes == info.size_bytes:
        return None
    content_type = content_type_of(info.key) or UPLOAD_CONTENT_TYPE
    return await copy(names, source, target, info.key, content_type=content_type, size_bytes=info.size_bytes)
