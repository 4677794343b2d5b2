"""Files of media in two stores: what nobody reads goes to the cold one and comes back, and nothing gets lost on the way."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rookery import tasks
from rookery.domain.ids import UserId
from rookery.domain.media import (
    FileRole,
    Media,
    MediaFile,
    MediaId,
    MediaKind,
    MediaState,
    content_type_of,
)
from rookery.errors import Misconfigured, Unavailable
from rookery.ports import ObjectInfo, ObjectStore, Write
from rookery.services import MediaStores, Services
from rookery.storage import media, media_objects
from rookery.usecases.media import remove_objects
from rookery.usecases.media_reads import MediaReads
from rookery.usecases.media_stores import IN_MEMORY_BYTES_MAX, move_media
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

    from rookery.engines.tiers import TieredObjects

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
