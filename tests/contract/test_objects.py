"""All stores of files keep the same promises: a directory, a real S3-compatible service, and both as one."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from rookery.engines import objects
from rookery.engines.objects import CHUNK_BYTES, open_store
from rookery.engines.tiers import joined, open_stores
from rookery.errors import NotFound, Unavailable
from rookery.ports import ObjectStore
from tests.ceph import Gate, bucket_url

MEGABYTE = 1_048_576
LARGE_BYTES = 40 * MEGABYTE
MEMORY_BYTES_MAX = 30 * MEGABYTE
WEBP = "image/webp"
PATIENCE_S = 30


class StoreContract:
    """What holds for every store; `store` is made by those who take this over."""

    async def test_what_was_never_kept_is_absent(self, store: ObjectStore):
        assert await store.head("ab/none.webp") is None
        with pytest.raises(NotFound):
            await content_of(store, "ab/none.webp")
        assert [one async for one in store.list()] == []

    @pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES + 1])
    async def test_what_is_kept_is_read_again(self, store: ObjectStore, tmp_path: Path, size: int):
        content = bytes(number % 251 for number in range(size))
        file = tmp_path / "content"
        file.write_bytes(content)
        for name, given in (("bytes", content), ("file", file), ("stream", pieces(content))):
            key = f"ab/{name}.webp"
            assert await store.put(key, given, content_type=WEBP) == size
            assert await content_of(store, key) == content
            found = await store.head(key)
            assert found is not None
            assert (found.key, found.size_bytes) == (key, size)
            assert found.changed_ms > 1_600_000_000_000

    async def test_ranges_are_read(self, store: ObjectStore):
        content = bytes(number % 251 for number in range(1_000))
        await store.put("ab/x.webp", content, content_type=WEBP)
        for start, end in ((0, 1), (0, 1_000), (10, 20), (999, 1_000), (990, 5_000), (5, None), (5, 5)):
            part = await content_of(store, "ab/x.webp", start=start, end=end)
            assert part == content[start:end], (start, end)
        with pytest.raises(NotFound):
            await content_of(store, "ab/none.webp", start=1, end=2)

    async def test_what_is_kept_again_replaces_what_was_there(self, store: ObjectStore):
        for content in (b"longer", b"short", b""):
            assert await store.put("ab/x.webp", content, content_type=WEBP) == len(content)
            assert await content_of(store, "ab/x.webp") == content

    async def test_what_is_removed_is_absent_and_may_be_removed_again(self, store: ObjectStore):
        for key in ("ab/1.webp", "ab/2.webp", "uploads/3"):
            await store.put(key, b"x", content_type=WEBP)
        await store.delete([])
        await store.delete(["ab/1.webp", "ab/none.webp", "uploads/3"])
        await store.delete(["ab/1.webp"])
        assert [one.key async for one in store.list()] == ["ab/2.webp"]
        assert await store.head("ab/1.webp") is None
        await store.put("ab/1.webp", b"y", content_type=WEBP)
        assert await content_of(store, "ab/1.webp") == b"y"

    async def test_what_is_kept_is_listed_by_folder(self, store: ObjectStore):
        keys = [f"{folder}/{number}" for folder in ("ab", "abc", "uploads") for number in range(5)]
        for key in keys:
            await store.put(key, key.encode(), content_type=WEBP)
        listed = {one.key: one.size_bytes async for one in store.list()}
        assert listed == {key: len(key) for key in keys}
        assert sorted([one.key async for one in store.list(prefix="ab")]) == keys[:5]
        assert [one.key async for one in store.list(prefix="none")] == []

    async def test_large_files_are_never_whole_in_memory(self, store: ObjectStore):
        # What the libraries need once is not counted.
        await store.put("uploads/first", made(MEGABYTE, hashlib.sha256()), content_type="video/mp4")
        await content_of(store, "uploads/first")
        before, most = memory_bytes(), 0
        sent, received = hashlib.sha256(), hashlib.sha256()

        async def watched() -> AsyncIterator[bytes]:
            nonlocal most
            async for piece in made(LARGE_BYTES, sent):
                most = max(most, memory_bytes())
                yield piece

        assert await store.put("uploads/1", watched(), content_type="video/mp4") == LARGE_BYTES
        async for chunk in store.read("uploads/1"):
            received.update(chunk)
            most = max(most, memory_bytes())
        assert sent.digest() == received.digest()
        assert most - before < MEMORY_BYTES_MAX

    async def test_a_stream_that_breaks_off_leaves_nothing_to_be_seen(self, store: ObjectStore):
        async def breaking() -> AsyncIterator[bytes]:
            async for piece in made(12 * MEGABYTE, hashlib.sha256()):
                yield piece
            raise ConnectionResetError

        with pytest.raises(Unavailable):
            await store.put("uploads/1", breaking(), content_type="video/mp4")
        assert await store.head("uploads/1") is None
        assert [one async for one in store.list()] == []


class TestDirectory(StoreContract):
    """Files in a directory."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> ObjectStore:
        return open_store(f"file:///{tmp_path}/media of mine".replace(" ", "%20"))

    async def test_there_is_no_link(self, store: ObjectStore):
        await store.put("ab/x.webp", b"x", content_type=WEBP)
        assert await store.link("ab/x.webp", lasts_s=60) is None

    async def test_files_lie_where_the_url_says(self, store: ObjectStore, tmp_path: Path):
        await store.put("ab/x.webp", b"x", content_type=WEBP)
        assert (tmp_path / "media of mine" / "ab" / "x.webp").read_bytes() == b"x"

    async def test_keys_do_not_lead_outside(self, store: ObjectStore, tmp_path: Path):
        (tmp_path / "secret").write_text("x")
        with pytest.raises(ValueError, match="Could not parse"):
            await content_of(store, "../secret")

    async def test_a_directory_that_became_something_else_is_unavailable(
        self, store: ObjectStore, tmp_path: Path
    ):
        (tmp_path / "media of mine").rmdir()
        (tmp_path / "media of mine").write_text("in the way")
        with pytest.raises(Unavailable):
            await store.put("ab/x.webp", b"x", content_type=WEBP)


class TestJoinedStores(StoreContract):
    """New files in a directory, old ones in a bucket: as one store."""

    @pytest.fixture
    def store(self, tmp_path: Path, s3_url: str) -> ObjectStore:
        return joined(open_stores(f"file:///{tmp_path}/media", cold_url=s3_url))

    async def test_links_lead_to_the_store_that_has_the_file(self, store: ObjectStore, s3_url: str):
        await store.put("ab/new.webp", b"new", content_type=WEBP)
        await open_store(s3_url).put("ab/old.webp", b"old", content_type=WEBP)
        assert await store.link("ab/new.webp", lasts_s=600) is None
        async with httpx.AsyncClient(timeout=PATIENCE_S) as anybody:
            link = await store.link("ab/old.webp", lasts_s=600)
            assert (await anybody.get(str(link))).content == b"old"
        assert sorted([one.key async for one in store.list()]) == ["ab/new.webp", "ab/old.webp"]
        assert await content_of(store, "ab/old.webp", start=1) == b"ld"
        await store.delete(["ab/new.webp", "ab/old.webp"])
        assert [one async for one in store.list()] == []


class TestS3(StoreContract):
    """Files in a bucket."""

    @pytest.fixture
    def store(self, s3_url: str) -> ObjectStore:
        return open_store(s3_url)

    async def test_links_lead_to_the_file_for_as_long_as_they_last(self, store: ObjectStore):
        await store.put("ab/x.webp", b"content", content_type=WEBP)
        link = await store.link("ab/x.webp", lasts_s=600)
        async with httpx.AsyncClient(timeout=PATIENCE_S) as anybody:
            whole = await anybody.get(str(link))
            assert (whole.status_code, whole.content) == (200, b"content")
            assert whole.headers["content-type"] == WEBP
            part = await anybody.get(str(link), headers={"Range": "bytes=1-3"})
            assert (part.status_code, part.content) == (206, b"ont")
            for wrong in (
                str(link).partition("?")[0],
                str(link).replace("x.webp", "y.webp"),
                str(link).replace("Expires=600", "Expires=6000"),
            ):
                assert (await anybody.get(wrong)).status_code == 403

    async def test_content_types_are_kept_however_the_content_came(self, store: ObjectStore, tmp_path: Path):
        (tmp_path / "file").write_bytes(bytes(6 * MEGABYTE))
        for key, content in (("1", b"x"), ("2", pieces(b"x")), ("3", tmp_path / "file")):
            await store.put(key, content, content_type="video/mp4")
            async with httpx.AsyncClient(timeout=PATIENCE_S) as anybody:
                link = await store.link(key, lasts_s=600)
                answer = await anybody.get(str(link), headers={"Range": "bytes=0-0"})
                assert answer.headers["content-type"] == "video/mp4"

    async def test_a_folder_of_a_bucket_is_a_store_of_its_own(self, store: ObjectStore, s3_url: str):
        folder = open_store(s3_url.replace("?", "/some/folder?"))
        await folder.put("ab/x.webp", b"inner", content_type=WEBP)
        await store.put("ab/y.webp", b"outer", content_type=WEBP)
        assert await content_of(folder, "ab/x.webp") == b"inner"
        assert [one.key async for one in folder.list()] == ["ab/x.webp"]
        assert [one.key async for one in folder.list(prefix="ab")] == ["ab/x.webp"]
        assert sorted([one.key async for one in store.list()]) == ["ab/y.webp", "some/folder/ab/x.webp"]
        async with httpx.AsyncClient(timeout=PATIENCE_S) as anybody:
            link = await folder.link("ab/x.webp", lasts_s=600)
            assert (await anybody.get(str(link))).content == b"inner"
        await folder.delete(["ab/x.webp", "ab/y.webp"])
        assert [one.key async for one in store.list()] == ["ab/y.webp"]

    async def test_many_are_removed_by_few_requests(
        self, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(objects, "REMOVED_AT_ONCE", 5)
        keys = [f"ab/{number} & <more>.webp" for number in range(12)]
        for key in keys:
            await store.put(key, b"x", content_type=WEBP)
        before = requests_done(store)
        await store.delete([*keys[1:], "ab/never.webp"])
        assert requests_done(store) - before == 3
        assert [one.key async for one in store.list()] == keys[:1]

    async def test_wrong_credentials_make_it_unavailable(
        self, store: ObjectStore, s3_url: str, shared_s3: int
    ):
        await store.put("ab/x.webp", b"x", content_type=WEBP)
        bucket = str(urlsplit(s3_url).hostname)
        for keys in ({"secret_key": "wrong"}, {"access_key": "nobody"}):
            await all_unavailable(open_store(bucket_url(shared_s3, bucket, **keys)))
        assert await content_of(store, "ab/x.webp") == b"x"

    async def test_writing_to_a_bucket_that_does_not_exist_makes_it_unavailable(self, shared_s3: int):
        store = open_store(bucket_url(shared_s3, "no-such-bucket"))
        for content in (b"x", pieces(b"x")):
            with pytest.raises(Unavailable):
                await store.put("ab/x.webp", content, content_type=WEBP)

    async def test_a_service_that_is_down_is_unavailable_until_it_is_back(
        self, s3_url: str, shared_s3: int, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(objects, "RETRIES_MAX", 1)
        with Gate(shared_s3) as gate:
            store = open_store(bucket_url(gate.port, str(urlsplit(s3_url).hostname)))
            await all_unavailable(store)
            async with gate.opened():
                await store.put("ab/x.webp", b"x", content_type=WEBP)
                assert await content_of(store, "ab/x.webp") == b"x"
            await all_unavailable(store)
            async with gate.opened():
                assert await content_of(store, "ab/x.webp") == b"x"

    async def test_whoever_reads_slowly_is_not_cut_off(
        self, store: ObjectStore, s3_url: str, monkeypatch: pytest.MonkeyPatch
    ):
        await store.put("uploads/1", made(LARGE_BYTES, hashlib.sha256()), content_type="video/mp4")
        monkeypatch.setattr(objects, "TIMEOUT_S", 4)
        monkeypatch.setattr(objects, "RETRY_FOR_S", 0)
        received = 0
        async with aclosing(open_store(s3_url).read("uploads/1")) as chunks:
            async for chunk in chunks:
                if not received:
                    await asyncio.sleep(5)
                received += len(chunk)
        assert received == LARGE_BYTES


def requests_done(store: ObjectStore) -> float:
    """Return what the store has counted of its uses that succeeded."""
    [count] = [each.read() for each in store.measurements() if each.name == "rookery_objects_done"]
    return count


async def all_unavailable(store: ObjectStore) -> None:
    """Hold that whatever is asked of a store fails in the way that callers expect."""

    async def listed() -> object:
        return [one async for one in store.list()]

    for asked in (
        store.put("ab/x.webp", b"x", content_type=WEBP),
        store.head("ab/x.webp"),
        content_of(store, "ab/x.webp"),
        store.delete(["ab/x.webp"]),
        listed(),
    ):
        with pytest.raises(Unavailable):
            await asked


async def content_of(store: ObjectStore, key: str, *, start: int = 0, end: int | None = None) -> bytes:
    """Read a file, or a part of it."""
    return b"".join([chunk async for chunk in store.read(key, start=start, end=end)])


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    """Stream content as a client does: in pieces of no particular size."""
    for start in range(0, len(content), 65_537):
        yield content[start : start + 65_537]


async def made(size: int, digest: "hashlib._Hash") -> AsyncIterator[bytes]:
    """Stream that many bytes, no megabyte like another, into nobody's memory."""
    for number in range(size // MEGABYTE):
        piece = number.to_bytes(8) * (MEGABYTE // 8)
        digest.update(piece)
        yield piece


def memory_bytes() -> int:
    """Return how much memory this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4_096
