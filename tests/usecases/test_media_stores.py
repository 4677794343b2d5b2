"""Files of media in two stores: what nobody reads goes to the cold one and comes back, and nothing gets lost on the way."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from rookery import tasks
from rookery.domain.ids import UserId
from rookery.domain.media import (
    FileRole,
    Media,
    MediaFile,
    MediaId,
    MediaKind,
    MediaState,
    Upload,
    content_type_of,
)
from rookery.engines.tiers import TieredObjects
from rookery.errors import Invalid, Misconfigured, NotFound, Unavailable
from rookery.ports import ObjectInfo, ObjectStore, Write
from rookery.services import MediaStores, Services
from rookery.storage import media, media_objects
from rookery.usecases.media_checks import Findings, media_usage, verify_media
from rookery.usecases.media_reads import MediaReads
from rookery.usecases.media_removals import remove_objects
from rookery.usecases.media_stores import (
    COPIED_AT_ONCE,
    IN_MEMORY_BYTES_MAX,
    Moved,
    move_everything,
    move_media,
)
from rookery.usecases.uploads import take_in
from tests import samples
from tests.world import World

MOVE = tasks.MoveMedia()
OWNER = UserId(1)

OpenWorld = Callable[..., Awaitable[World]]


@pytest.fixture
async def town(open_worlds: OpenWorld, tmp_path: Path) -> World:
    """A world with a cold store."""
    return await open_worlds(media_cold_url=f"file:///{tmp_path / 'cold'}")


def key_of(content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    return f"{digest[:2]}/{digest}.webp"


async def claim(world: World, content: bytes) -> int:
    """Begin to show a file, as far as the claim on its object."""
    claim_id = world.services.new_id()
    await world.services.db.write(
        lambda tx: media_objects.claim(
            tx,
            key_of(content),
            content_type="image/webp",
            size_bytes=len(content),
            claim_id=claim_id,
            now_ms=world.now_ms,
        )
    )
    return claim_id


async def show(world: World, content: bytes, claim_id: int) -> MediaId:
    """Show a file that lies in the store, and give the claim back."""
    one = Media(
        id=MediaId(world.services.new_id()), owner_id=OWNER, kind=MediaKind.IMAGE, state=MediaState.READY
    )
    key = key_of(content)
    file = MediaFile(role=FileRole.FULL, key=key, content_type="image/webp", size_bytes=len(content))

    async def work(tx: Write) -> None:
        await media.insert(tx, one, size_bytes=len(content), now_ms=world.now_ms)
        await media.finish(tx, one.id, kind=one.kind, blurhash=None, files=[file])
        await media_objects.give_back(tx, [key], claim_id=claim_id)

    await world.services.db.write(work)
    return one.id


async def kept(world: World, content: bytes) -> MediaId:
    """Keep a file and show it."""
    claim_id = await claim(world, content)
    await world.services.objects.put(key_of(content), content, content_type="image/webp")
    return await show(world, content, claim_id)


async def no_longer_shown(world: World, media_id: MediaId) -> None:
    """Remove what shows a file, which is not removed by that yet."""
    await world.services.db.write(lambda tx: media.delete(tx, [media_id]))


async def read(services: Services, key: str) -> bytes:
    return b"".join([chunk async for chunk in services.objects.read(key)])


async def lies_in(world: World, content: bytes) -> str:
    """Return in which stores a file lies."""
    stores = world.services.media_stores
    found = [
        name
        for name in ("first", "cold", "other")
        if (store := getattr(stores, name)) is not None and await store.head(key_of(content)) is not None
    ]
    return " ".join(found)


async def note_reads(world: World, content: bytes, times: int) -> None:
    reads = MediaReads(world.services)
    for _ in range(times):
        reads.note(key_of(content))
    await reads.write()


class Watched:
    """A store that does something of the test's before it does what it is asked for."""

    def __init__(self, store: ObjectStore, **before: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._before = before

    async def _meanwhile(self, name: str) -> None:
        if (work := self._before.pop(name, None)) is not None:
            await work()

    async def put(self, key: str, content: Any, /, *, content_type: str) -> int:
        if key.startswith("uploads/"):
            return await self._store.put(key, content, content_type=content_type)
        await self._meanwhile("put")
        size = await self._store.put(key, content, content_type=content_type)
        await self._meanwhile("after_put")
        return size

    async def head(self, key: str, /) -> ObjectInfo | None:
        return await self._store.head(key)

    async def read(self, key: str, /, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        await self._meanwhile("read")
        async for chunk in self._store.read(key, start=start, end=end):
            yield chunk

    async def delete(self, keys: Any, /) -> None:
        if not any(key.startswith("uploads/") for key in keys):
            await self._meanwhile("delete")
        await self._store.delete(keys)


def meanwhile(
    world: World,
    *,
    first: dict[str, Callable[[], Awaitable[None]]] | None = None,
    cold: dict[str, Callable[[], Awaitable[None]]] | None = None,
) -> Services:
    """Return the services of a mover to whom something happens in between."""
    stores = world.services.media_stores
    assert stores.cold is not None
    watched: Any = MediaStores(Watched(stores.first, **(first or {})), Watched(stores.cold, **(cold or {})))
    return replace(world.services, media_stores=watched)


async def test_what_is_old_and_unread_moves_and_what_is_read_again_comes_back(town: World):
    old, busy = b"old", b"busy"
    await kept(town, old)
    await kept(town, busy)
    town.advance(days=60)
    young = b"young"
    await kept(town, young)
    await note_reads(town, busy, 1)
    town.advance(days=40)
    await move_media(town.services, MOVE)
    assert [await lies_in(town, each) for each in (old, busy, young)] == ["cold", "first", "first"]
    for content in (old, busy, young):
        assert await read(town.services, key_of(content)) == content
        info = await town.services.objects.head(key_of(content))
        assert info is not None
        assert info.size_bytes == len(content)
    await note_reads(town, old, 4)
    await move_media(town.services, MOVE)
    assert await lies_in(town, old) == "cold"
    await note_reads(town, old, 1)
    await move_media(town.services, MOVE)
    assert await lies_in(town, old) == "first"
    assert await town.rows("SELECT key FROM media_objects WHERE is_cold OR moving_ms IS NOT NULL") == []


async def test_names_are_told_by_the_content_and_by_what_the_instance_alone_knows(
    open_worlds: OpenWorld, tmp_path: Path
):
    keys = list[set[str]]()
    for number in range(2):
        place = f"file:///{tmp_path / str(number)}"
        town = await open_worlds(media_url=f"{place}/media", media_cold_url=f"{place}/cold")
        ada = await town.user("ada")
        for _ in range(2):
            await town.photo(ada)
        rows = await town.rows("SELECT key FROM media_objects")
        contents = {row[0]: await read(town.services, row[0]) for row in rows}
        keys.append({*contents})
        assert not any(hashlib.sha256(content).hexdigest() in key for key, content in contents.items())
        await kept(town, b"from before names were secret")
        town.advance(days=100)
        await move_media(town.services, MOVE)
        assert len(await town.rows("SELECT key FROM media_objects WHERE is_cold")) == 2
        assert (await verified(town))[0] == Findings(files=2)
        await town.services.objects.delete([min(contents)])
        await town.services.objects.put(min(contents), b"other", content_type="image/webp")
        assert (await verified(town))[0] == Findings(files=2, damaged=1)
    assert [len(each) for each in keys] == [1, 1]
    assert not keys[0] & keys[1]


async def test_a_large_file_moves_as_well(town: World):
    content = bytes(range(256)) * (IN_MEMORY_BYTES_MAX // 256 + 1)
    await kept(town, content)
    town.advance(days=100)
    await move_media(town.services, MOVE)
    assert await lies_in(town, content) == "cold"
    assert await read(town.services, key_of(content)) == content


async def test_a_slice_ends_in_time_and_the_next_goes_on(town: World):
    contents = [b"%d" % number for number in range(3)]
    for content in contents:
        await kept(town, content)
    town.advance(days=100)

    async def a_minute_passes() -> None:
        town.advance(seconds=60)

    await move_media(meanwhile(town, cold={"after_put": a_minute_passes}), MOVE)
    assert sorted([await lies_in(town, each) for each in contents]) == ["cold", "first", "first"]
    await move_media(town.services, MOVE)
    assert [await lies_in(town, each) for each in contents] == ["cold"] * 3


async def test_a_file_is_read_while_it_moves_either_way(town: World):
    content = b"read meanwhile"
    key = key_of(content)
    await kept(town, content)
    town.advance(days=100)
    seen: list[bytes] = []

    async def look() -> None:
        seen.append(await read(town.services, key))

    watched = {"put": look, "after_put": look, "delete": look}
    await move_media(meanwhile(town, cold=watched, first=watched), MOVE)
    await note_reads(town, content, 9)
    watched = {"put": look, "after_put": look, "delete": look}
    await move_media(meanwhile(town, cold=watched, first=watched), MOVE)
    assert await lies_in(town, content) == "first"
    assert seen == [content] * len(seen)
    assert len(seen) >= 6


async def test_a_reader_who_asked_the_first_store_too_early_asks_again(town: World):
    content = b"back again"
    key = key_of(content)
    stores = town.services.media_stores
    assert stores.cold is not None
    await kept(town, content)
    town.advance(days=100)
    await move_media(town.services, MOVE)
    await note_reads(town, content, 9)

    class Late(Watched):
        async def head(self, key: str, /) -> ObjectInfo | None:
            await self._meanwhile("head")
            return await super().head(key)

    async def comes_back() -> None:
        await move_media(town.services, MOVE)

    late: Any = Late(stores.cold, head=comes_back)
    assert await TieredObjects(stores.first, late).head(key) is not None
    assert await lies_in(town, content) == "first"


MOMENTS = ("read", "put", "after_put", "delete")
"""When something else may happen to a file that moves."""


async def ready_to_move(world: World, content: bytes, direction: str) -> MediaId:
    """Keep a file that is to move to the cold store, or to come back."""
    media_id = await kept(world, content)
    world.advance(days=100)
    if direction == "back":
        await move_media(world.services, MOVE)
        await note_reads(world, content, 9)
    return media_id


def at(world: World, moment: str, direction: str, work: Callable[[], Awaitable[None]]) -> Services:
    """Return the services of a mover to whom that happens at that moment."""
    source, target = ("cold", "first") if direction == "back" else ("first", "cold")
    where: Any = {source if moment in {"read", "delete"} else target: {moment: work}}
    return meanwhile(world, **where)


@pytest.mark.parametrize("direction", ["out", "back"])
async def test_a_file_whose_last_use_goes_while_it_moves_is_removed_after_it(town: World, direction: str):
    for moment in MOMENTS:
        content = moment.encode()
        media_id = await ready_to_move(town, content, direction)
        removal = tasks.RemoveObjects((key_of(content),))

        async def last_use_goes(media_id: MediaId = media_id, removal: tasks.RemoveObjects = removal) -> None:
            await no_longer_shown(town, media_id)
            await remove_objects(town.services, removal)

        await move_media(at(town, moment, direction, last_use_goes), MOVE)
        await remove_objects(town.services, removal)
        assert await lies_in(town, content) == "", moment
        assert await town.rows("SELECT key FROM media_objects") == []


@pytest.mark.parametrize("direction", ["out", "back"])
async def test_a_new_use_of_a_file_that_moves_does_not_lose_it(town: World, direction: str):
    for moment in MOMENTS:
        content = moment.encode()
        media_id = await ready_to_move(town, content, direction)

        async def used_again(content: bytes = content, media_id: MediaId = media_id) -> None:
            claim_id = await claim(town, content)
            [row] = await town.rows(f"SELECT is_cold FROM media_objects WHERE key = '{key_of(content)}'")
            if not row[0]:
                await town.services.objects.put(key_of(content), content, content_type="image/webp")
            await show(town, content, claim_id)
            await no_longer_shown(town, media_id)

        await move_media(at(town, moment, direction, used_again), MOVE)
        await remove_objects(town.services, tasks.RemoveObjects((key_of(content),)))
        town.advance(seconds=7_200)
        await move_media(town.services, MOVE)
        assert await read(town.services, key_of(content)) == content, moment


async def test_a_removed_file_that_comes_again_is_kept_whatever_a_mover_does(town: World):
    content = b"gone and come"
    media_id = await kept(town, content)
    town.advance(days=100)
    await no_longer_shown(town, media_id)
    await remove_objects(town.services, tasks.RemoveObjects((key_of(content),)))
    await asyncio.gather(
        move_media(town.services, MOVE), kept(town, content), move_media(town.services, MOVE)
    )
    assert await read(town.services, key_of(content)) == content


@pytest.mark.parametrize("moment", ["put", "after_put", "delete"])
async def test_a_mover_that_dies_leaves_nothing_that_its_successor_does_not_tidy(town: World, moment: str):
    content = b"broken off"
    await kept(town, content)
    town.advance(days=100)

    async def dies() -> None:
        raise asyncio.CancelledError

    where = "first" if moment == "delete" else "cold"
    watched: Any = {where: {moment: dies}}
    with pytest.raises(asyncio.CancelledError):
        await move_media(meanwhile(town, **watched), MOVE)
    assert await read(town.services, key_of(content)) == content
    await move_media(town.services, MOVE)
    town.advance(seconds=7_200)
    await move_media(town.services, MOVE)
    await move_media(town.services, MOVE)
    assert await lies_in(town, content) == "cold"
    assert await town.rows("SELECT key FROM media_objects WHERE moving_ms IS NOT NULL") == []


async def test_a_cold_store_out_of_reach_leaves_the_file_where_it_is_until_later(town: World):
    content = b"out of reach"
    await kept(town, content)
    town.advance(days=100)

    async def fails() -> None:
        raise Unavailable("out of reach")

    with pytest.raises(Unavailable):
        await move_media(meanwhile(town, cold={"after_put": fails}), MOVE)
    assert await read(town.services, key_of(content)) == content
    await move_media(town.services, MOVE)
    assert await lies_in(town, content) == "cold"


async def test_damaged_and_missing_files_hold_up_nothing(town: World):
    damaged, missing, whole = b"damaged", b"missing", b"whole"
    for content in (damaged, missing, whole):
        await kept(town, content)
    await town.services.objects.put(key_of(damaged), b"demaged", content_type="image/webp")
    await town.services.objects.delete([key_of(missing)])
    town.advance(days=100)
    await move_media(town.services, MOVE)
    assert [await lies_in(town, each) for each in (damaged, missing, whole)] == ["first", "", "cold"]


async def test_one_place_under_two_names_is_noticed_before_anything_is_removed(
    open_worlds: OpenWorld, tmp_path: Path
):
    place = tmp_path / "same"
    town = await open_worlds(media_url=f"file:///{place}", media_cold_url=f"file:///{place}/")
    content = b"twice the same"
    await kept(town, content)
    town.advance(days=100)
    with pytest.raises(Misconfigured, match="same place"):
        await move_media(town.services, MOVE)
    assert await read(town.services, key_of(content)) == content
    with pytest.raises(Misconfigured, match="different"):
        await open_worlds(media_url=f"file:///{place}", media_cold_url=f"file:///{place}")


def test_what_lies_under_a_key_is_told_by_its_name():
    assert content_type_of(key_of(b"x")) == "image/webp"
    assert content_type_of("uploads/12") == "application/octet-stream"
    for foreign in ("notes.txt", "uploads/x", key_of(b"x").replace("webp", "html"), f"../{key_of(b'x')}"):
        assert content_type_of(foreign) is None


async def set_changed(place: Path, content: bytes, changed_ms: int) -> None:
    """Let a file look as if it had been written at that time."""
    os.utime(place / key_of(content), (changed_ms / 1_000, changed_ms / 1_000))


async def verified(world: World, *, repair: bool = False) -> tuple[Findings, set[tuple[str, str]]]:
    found: set[tuple[str, str]] = set()
    counts: list[int] = []
    findings = await verify_media(
        world.services, repair=repair, found=lambda *fault: found.add(fault), told=counts.append
    )
    assert counts == sorted(counts)
    return findings, found


async def test_usage_is_told_by_content_type_and_store(town: World):
    await kept(town, b"old")
    town.advance(days=100)
    await move_media(town.services, MOVE)
    await kept(town, b"new")
    await kept(town, b"newer")
    assert await media_usage(town.services) == [("image/webp", False, 2, 8), ("image/webp", True, 1, 3)]


async def test_missing_damaged_and_orphaned_files_are_found_and_orphans_removed(town: World, tmp_path: Path):
    place = tmp_path / "media"
    whole, cold, missing, damaged, claimed = (
        b"whole",
        b"cold",
        b"missing",
        b"damaged",
        b"claimed, not yet written",
    )
    await kept(town, cold)
    town.advance(days=100)
    await move_media(town.services, MOVE)
    for content in (whole, missing, damaged):
        await kept(town, content)
    await town.services.objects.delete([key_of(missing)])
    await town.services.objects.put(key_of(damaged), b"demaged", content_type="image/webp")
    await claim(town, claimed)
    orphan, young = b"orphan", b"young orphan"
    for content in (orphan, young):
        await town.services.objects.put(key_of(content), content, content_type="image/webp")
    await set_changed(place, orphan, town.now_ms - 2 * 86_400_000)
    await set_changed(place, young, town.now_ms)
    (place / "notes.txt").write_text("not ours")
    os.utime(place / "notes.txt", (0, 0))
    faults = {
        ("missing", key_of(missing)),
        ("damaged", key_of(damaged)),
        ("orphaned", key_of(orphan)),
    }
    findings, found = await verified(town)
    assert found == faults
    assert (findings.files, findings.missing, findings.damaged, findings.orphaned, findings.removed) == (
        *(5, 1, 1, 1),
        0,
    )
    findings, found = await verified(town, repair=True)
    assert (found, findings.removed) == (faults, 1)
    assert [await lies_in(town, each) for each in (orphan, young, whole, cold)] == [
        "",
        "first",
        "first",
        "cold",
    ]
    assert (place / "notes.txt").exists()
    findings, _ = await verified(town)
    assert findings.orphaned == 0
    assert len(await town.rows("SELECT key FROM media_objects")) == 5


async def test_uploads_that_wait_are_no_orphans_and_those_that_nobody_knows_are(town: World, tmp_path: Path):
    one = Media(
        id=MediaId(town.services.new_id()),
        owner_id=OWNER,
        kind=MediaKind.IMAGE,
        state=MediaState.PROCESSING,
    )
    await town.services.db.write(lambda tx: media.insert(tx, one, size_bytes=1, now_ms=town.now_ms))
    lost = town.services.new_id()
    for number in (one.id, lost):
        await town.services.objects.put(f"uploads/{number}", b"x", content_type="image/jpeg")
        os.utime(tmp_path / "media" / "uploads" / str(number), (0, 0))
    _, found = await verified(town, repair=True)
    assert found == {("orphaned", f"uploads/{lost}")}
    assert await town.services.objects.head(f"uploads/{one.id}") is not None


async def test_a_file_that_is_shown_again_while_orphans_are_removed_stays(town: World, tmp_path: Path):
    content = b"orphan no more"
    key = key_of(content)
    await town.services.objects.put(key, content, content_type="image/webp")
    await set_changed(tmp_path / "media", content, town.now_ms - 2 * 86_400_000)
    refused: list[Unavailable] = []

    async def shown_again() -> None:
        try:
            await kept(town, content)
        except Unavailable as error:
            refused.append(error)

    watched: Any = Watched(town.services.media_stores.first, delete=shown_again)
    watched.list = town.services.media_stores.first.list
    findings = await verify_media(
        replace(town.services, objects=watched), repair=True, found=lambda *_: None, told=lambda _: None
    )
    assert (findings.removed, len(refused)) == (1, 1)
    await kept(town, content)
    assert await read(town.services, key) == content


@dataclass
class Places:
    """Worlds over one database, as processes are that start with other settings."""

    open_worlds: OpenWorld
    database_url: str

    async def process(self, **settings: str) -> World:
        return await self.open_worlds(database_url=self.database_url, **settings)


@pytest.fixture
async def places(open_worlds: OpenWorld, database_url: str) -> Places:
    return Places(open_worlds, database_url)


async def moved(world: World, *, to_other: bool) -> Moved:
    """Do one of the two runs of `rookery media move`."""
    stores = world.services.media_stores
    assert stores.other is not None
    source, target = (stores.first, stores.other) if to_other else (stores.other, stores.first)
    return await move_everything(
        world.services, source, target, remove=not to_other, found=lambda *_: None, told=lambda _: None
    )


async def test_everything_moves_to_another_store_while_files_come_go_and_are_read(
    places: Places, tmp_path: Path
):
    await everything_moves(places, f"file:///{tmp_path / 'old'}", f"file:///{tmp_path / 'new'}")


async def test_everything_moves_from_a_directory_to_s3(places: Places, s3_url: str, tmp_path: Path):
    await everything_moves(places, f"file:///{tmp_path / 'old'}", s3_url)


async def test_everything_moves_from_s3_to_a_directory(places: Places, s3_url: str, tmp_path: Path):
    await everything_moves(places, s3_url, f"file:///{tmp_path / 'new'}")


async def everything_moves(places: Places, old: str, new: str) -> None:
    """Move from one store to the other by the steps of docs/moving-media.md, and look for what got lost."""
    contents: dict[bytes, MediaId] = {}
    before = await places.process(media_url=old, media_other_url=new)
    still_before = await places.process(media_url=old, media_other_url=new)
    for number in range(30):
        contents[b"before %d" % number] = await kept(before, b"before %d" % number)
    goes_on = True

    async def service(world: World, name: bytes) -> None:
        """Take in, read and remove files until told to end."""
        number = 0
        while goes_on:
            number += 1
            content = b"%b %d" % (name, number)
            contents[content] = await kept(world, content)
            for each in list(contents)[:: len(contents) // 5]:
                try:
                    assert await read(world.services, key_of(each)) == each
                except NotFound:
                    # The other process may have removed it since it was chosen, and nothing else may.
                    assert each not in contents
            if number % 3 == 0 and len(contents) > 10:
                gone = next(iter(contents))
                await no_longer_shown(world, contents.pop(gone))
                await remove_objects(world.services, tasks.RemoveObjects((key_of(gone),)))
            await asyncio.sleep(0)

    serving = [asyncio.create_task(service(still_before, b"by the old process"))]
    first = await moved(before, to_other=True)
    assert first.copied > 0
    after = await places.process(media_url=new, media_other_url=old)
    serving.append(asyncio.create_task(service(after, b"by the new process")))
    await asyncio.sleep(0)
    # An old process that is still about reads from both, and so loses nothing of what the new one takes in.
    await moved(after, to_other=False)
    goes_on = False
    await asyncio.gather(*serving)
    last = await moved(after, to_other=False)
    assert last.damaged == 0
    alone = await places.process(media_url=new)
    for content in contents:
        assert await read(alone.services, key_of(content)) == content
    left = [info.key async for info in (await places.process(media_url=old)).services.objects.list()]
    assert left == []
    assert (await moved(after, to_other=False)).files == 0


async def test_a_move_that_was_broken_off_goes_on_where_it_was(places: Places, tmp_path: Path):
    old, new = f"file:///{tmp_path / 'old'}", f"file:///{tmp_path / 'new'}"
    world = await places.process(media_url=old, media_other_url=new)
    contents = [b"%d" % number for number in range(12)]
    for content in contents:
        await kept(world, content)
    stores = world.services.media_stores
    assert stores.other is not None

    def ends(_: int) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await move_everything(
            world.services, stores.first, stores.other, remove=False, found=lambda *_: None, told=ends
        )
    again = await moved(world, to_other=True)
    assert (again.files, again.copied) == (12, 12 - COPIED_AT_ONCE)
    assert (await moved(world, to_other=True)).copied == 0
    await world.services.objects.put(key_of(contents[0]), b"damaged", content_type="image/webp")
    after = await places.process(media_url=new, media_other_url=old)
    last = await moved(after, to_other=False)
    assert (last.files, last.damaged) == (12, 1)
    for content in contents:
        assert await read(after.services, key_of(content)) == content


async def test_giving_up_the_cold_store_brings_everything_back(places: Places, tmp_path: Path):
    place, cold = f"file:///{tmp_path / 'media'}", f"file:///{tmp_path / 'cold'}"
    town = await places.process(media_url=place, media_cold_url=cold)
    content = b"cold"
    await kept(town, content)
    town.advance(days=100)
    await move_media(town.services, MOVE)
    assert await lies_in(town, content) == "cold"
    after = await places.process(media_url=place, media_other_url=cold)
    assert await read(after.services, key_of(content)) == content
    await moved(after, to_other=False)
    assert await lies_in(after, content) == "first"
    assert (await media_usage(after.services))[0].is_cold is False


async def test_moving_between_two_names_of_one_place_is_refused(places: Places, tmp_path: Path):
    place = tmp_path / "media"
    world = await places.process(media_url=f"file:///{place}", media_other_url=f"file:///{place}/")
    await kept(world, b"x")
    with pytest.raises(Misconfigured, match="same place"):
        await moved(world, to_other=False)
    assert await read(world.services, key_of(b"x")) == b"x"


async def test_uploads_above_the_cap_are_refused_and_nothing_is_removed_for_them(town: World, tmp_path: Path):
    file = tmp_path / "photo"
    file.write_bytes(samples.photo())
    size = file.stat().st_size
    await kept(town, bytes(1_000))
    town.advance(days=100)
    await move_media(town.services, MOVE)
    upload = Upload(path=str(file), size_bytes=size)

    def capped(most: int) -> Services:
        return replace(town.services, limits=structs.replace(town.services.limits, media_bytes_max=most))

    with pytest.raises(Invalid, match="no room"):
        await take_in(capped(size + 999), OWNER, upload)
    assert await lies_in(town, bytes(1_000)) == "cold"
    assert [info.key async for info in town.services.objects.list(prefix="uploads")] == []
    await take_in(capped(size + 1_000), OWNER, upload)


async def test_whoever_shows_a_file_that_went_with_anothers_use_is_told_to_write_it_again(town: World):
    content = b"shown by two"
    removal = tasks.RemoveObjects((key_of(content),))
    slow = await claim(town, content)
    await town.services.objects.put(key_of(content), content, content_type="image/webp")
    await no_longer_shown(town, await kept(town, content))
    await remove_objects(town.services, removal)
    with pytest.raises(Unavailable):
        await show(town, content, slow)
    assert await town.rows("SELECT id FROM media") == []
    await kept(town, content)
    await remove_objects(town.services, removal)
    assert await read(town.services, key_of(content)) == content


async def test_two_who_remove_a_file_at_once_leave_alone_what_comes_again(town: World):
    content = b"removed by two"
    removal = tasks.RemoveObjects((key_of(content),))
    await no_longer_shown(town, await kept(town, content))

    async def another_removes_it_and_it_comes_again() -> None:
        await remove_objects(town.services, removal)
        with pytest.raises(Unavailable):
            await kept(town, content)

    watched: Any = Watched(town.services.media_stores.first, delete=another_removes_it_and_it_comes_again)
    await remove_objects(replace(town.services, objects=watched), removal)
    assert await town.rows("SELECT key FROM media_objects") == []
    await kept(town, content)
    assert await read(town.services, key_of(content)) == content


async def test_a_removal_that_was_broken_off_is_done_by_the_next(town: World):
    content = b"half removed"
    removal = tasks.RemoveObjects((key_of(content),))
    await no_longer_shown(town, await kept(town, content))

    async def fails() -> None:
        raise Unavailable("out of reach")

    watched: Any = Watched(town.services.media_stores.first, delete=fails)
    with pytest.raises(Unavailable):
        await remove_objects(replace(town.services, objects=watched), removal)
    town.advance(seconds=700)
    await remove_objects(town.services, removal)
    assert await lies_in(town, content) == ""
    assert await town.rows("SELECT key FROM media_objects") == []
