"""What lies in the media stores against what the records say: how much, and what is missing, left over or damaged."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rookery.domain.media import UPLOAD_KEY, content_type_of, digest_in
from rookery.errors import NotFound
from rookery.ports import ObjectInfo
from rookery.services import Services
from rookery.storage import media, media_objects

ORPHAN_AFTER_MS: Final = 86_400_000
"""How long a file may lie in a store without a row: it may be on its way into the records."""
PAGE: Final = 200
READ_AT_ONCE: Final = 4


class Usage(NamedTuple):
    """How much of one kind lies in one of the stores."""

    content_type: str
    is_cold: bool
    files: int
    size_bytes: int


@dataclass(slots=True)
class Findings:
    """How many files were looked at, and what was wrong with them."""

    files: int = 0
    missing: int = 0
    damaged: int = 0
    orphaned: int = 0
    removed: int = 0


async def media_usage(services: Services) -> list[Usage]:
    """Return how much lies in the stores, by content type and store."""
    async with services.db.read() as tx:
        rows = await media_objects.usage(tx)
    return [Usage(row[0], bool(row[1]), int(row[2]), int(row[3])) for row in rows]


class OwnersUsage(NamedTuple):
    """How much one user's photos and videos take; a file that two of them show counts for both."""

    username: str
    media: int
    size_bytes: int


async def largest_owners(services: Services, *, most: int) -> list[OwnersUsage]:
    """Return the users whose photos and videos take most, the largest first."""
    async with services.db.read() as tx:
        return [
            OwnersUsage(row[0], int(row[1]), int(row[2]))
            for row in await media.largest_owners(tx, limit=most)
        ]


async def count_files(services: Services) -> int:
    """Return how many files the records know."""
    async with services.db.read() as tx:
        files, _ = await media_objects.total(tx)
    return files


async def verify_media(
    services: Services, *, repair: bool, found: Callable[[str, str], None], told: Callable[[int], None]
) -> Findings:
    """Read every file and look at every object; tell `found` what is wrong with which, and `told` how far it is.

    A repair removes what is orphaned; for what is missing or damaged there is nothing here to repair it from.
    """
    findings = Findings()
    after = ""
    while True:
        async with services.db.read() as tx:
            rows = await media_objects.page(tx, after=after, limit=PAGE)
        if not rows:
            break
        for start in range(0, len(rows), READ_AT_ONCE):
            some = rows[start : start + READ_AT_ONCE]
            wrong = await asyncio.gather(*(_wrong_with(services, row[0], row[1]) for row in some))
            for row, fault in zip(some, wrong, strict=True):
                if fault is not None:
                    setattr(findings, fault, getattr(findings, fault) + 1)
                    found(fault, row[0])
            findings.files += len(some)
            told(findings.files)
        after = rows[-1][0]
    async for batch in _batches(services.objects.list()):
        for key in await _orphans(services, batch):
            findings.orphaned += 1
            found("orphaned", key)
            if repair and await _remove_orphan(services, key):
                findings.removed += 1
    return findings


async def _wrong_with(services: Services, key: str, size_bytes: int) -> str | None:
    """Return what is wrong with a file, as the records see it after it was read, or None."""
    digest, read = services.media_names.digest_for(key), 0
    fault = "missing"
    try:
        async for chunk in services.objects.read(key):
            digest.update(chunk)
            read += len(chunk)
    except NotFound:
        pass
    else:
        if read == size_bytes and digest_in(key) == digest.hexdigest():
            return None
        fault = "damaged"
    async with services.db.read() as tx:
        meant = await media_objects.meant_to_lie(tx, [key], now_ms=services.now_ms())
    return fault if key in meant else None


async def _batches(objects: AsyncIterator[ObjectInfo]) -> AsyncIterator[list[ObjectInfo]]:
    batch: list[ObjectInfo] = []
    async for info in objects:
        batch.append(info)
        if len(batch) == PAGE:
            yield batch
            batch = []
    if batch:
        yield batch


async def _orphans(services: Services, objects: Sequence[ObjectInfo]) -> list[str]:
    """Return the keys of files that have lain there for a day without a row; what others keep there is not ours."""
    before_ms = services.now_ms() - ORPHAN_AFTER_MS
    old = [
        each.key for each in objects if each.changed_ms < before_ms and content_type_of(each.key) is not None
    ]
    if not old:
        return []
    uploads = {key: int(match["media_id"]) for key in old if (match := UPLOAD_KEY.fullmatch(key))}
    async with services.db.read() as tx:
        known = await media_objects.known(tx, old)
        waiting = await media.processing(tx, list(uploads.values())) if uploads else set[int]()
    return [key for key in old if key not in known and uploads.get(key) not in waiting]


async def _remove_orphan(services: Services, key: str) -> bool:
    if UPLOAD_KEY.fullmatch(key):
        await services.objects.delete([key])
        return True
    content_type, now_ms = content_type_of(key) or "", services.now_ms()
    if not await services.db.write(
        lambda tx: media_objects.begin_orphans_removal(tx, key, content_type=content_type, now_ms=now_ms)
    ):
        return False
    await services.objects.delete([key])
    await services.db.write(lambda tx: media_objects.delete(tx, [key], begun_ms=now_ms))
    return True
