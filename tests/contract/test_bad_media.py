"""Files that lie, are cut short or would burst: each ends in a sentence or in a file, and leaves nothing behind."""

import asyncio
import io
import os
import random
import resource
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from rookery.domain.media import Converted, MediaLimits, MediaPurpose
from rookery.engines.media.converting import ChildConverter
from rookery.errors import Invalid, Unavailable
from tests import samples
from tests.conversions import Made, Workbench
from tests.decoders import BROKE_DOWN, decode_all

SEED = 20_261_121
PATIENCE_S = 60.0
GROWTH_BYTES_MAX = 48 * 1024 * 1024


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    return Workbench(tmp_path)


def children() -> set[int]:
    """The processes that this one has started and not seen the end of."""
    found = set[int]()
    for thread in Path("/proc/self/task").iterdir():
        found |= {int(pid) for pid in (thread / "children").read_text(encoding="ascii").split()}
    return found


def memory_bytes() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def check_sentence(result: object) -> None:
    """Hold that a file became nothing, and that this is said as one says it to a person."""
    assert isinstance(result, str)
    assert 15 < len(result) < 200, result
    assert result[0].isupper(), result
    assert "Traceback" not in result
    assert "'" not in result, result


async def check_all(bench: Workbench, contents: list[bytes]) -> list[Made | str]:
    """Convert everything; see that each ends well and that nothing is left of it."""
    before, memory = children(), memory_bytes()
    results = await bench.attempt_all(contents)
    for result in results:
        if isinstance(result, str):
            check_sentence(result)
    assert children() <= before
    assert list((bench.folder / "temporary").iterdir()) == []
    assert memory_bytes() - memory < GROWTH_BYTES_MAX
    return results


def png(size: tuple[int, int], *, rows: bytes = b"") -> bytes:
    """A PNG whose head claims a size, whatever it holds."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def whole_files(folder: Path) -> dict[str, bytes]:
    """One good file of every kind."""
    noise = Image.effect_noise((64, 48), 80).convert("RGB")
    pictures = samples.changes(6, (48, 32))
    return {
        "jpeg": samples.saved(noise, "JPEG"),
        "png": samples.saved(noise, "PNG"),
        "webp": samples.saved(noise, "WEBP"),
        "avif": samples.saved(noise, "AVIF"),
        "bmp": samples.saved(noise, "BMP"),
        "gif": samples.moving(frames=4),
        "apng": samples.moving("PNG", frames=4),
        "moving webp": samples.moving("WEBP", frames=4),
        "mp4": samples.film(folder / "a", pictures, sound=("aac", "stereo")),
        "444": samples.film(folder / "b", pictures, pixels="yuv444p", options={"preset": "ultrafast"}),
        "webm": samples.film(
            folder / "c", pictures, codec="libvpx", form="webm", sound=("libopus", "stereo")
        ),
        "avi": samples.film(
            folder / "d", pictures, codec="mpeg4", form="avi", sound=("libmp3lame", "stereo")
        ),
        "mp3": samples.audio(folder / "e", seconds=0.3),
        "ogg": samples.audio(folder / "f", codec="libopus", form="ogg", seconds=0.3),
        "flac": samples.audio(folder / "g", codec="flac", form="flac", seconds=0.3),
        "wav": samples.audio(folder / "h", codec="pcm_s16le", form="wav", seconds=0.3),
    }


async def test_what_is_something_else_is_told_so(bench: Workbench, tmp_path: Path):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bomb", bytes(2_000_000))
    page = b"<!doctype html><script>alert(1)</script>"
    contents = [
        b"",
        b"\0",
        archive.getvalue(),
        page,
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        b"\xff\xd8\xff" + page,
        b"\x89PNG\r\n\x1a\n" + page,
        b"GIF89a" + page,
        b"RIFF\x10\0\0\0WEBP" + page,
        b"\0\0\0\x18ftypavif" + page,
        b"\0\0\0\x18ftypisom" + page,
        b"\x1aE\xdf\xa3" + page,
        b"OggS" + page,
        b"fLaC" + page,
        b"BM" + page,
    ]
    for result in decode_all(tmp_path, contents):
        check_sentence(result)
    results = await check_all(bench, contents[::5])
    assert all(isinstance(result, str) for result in results)


async def test_no_file_makes_a_child_read_another(bench: Workbench, tmp_path: Path):
    """What reads playlists would follow them: to files, to addresses within the network, and to themselves."""
    secret = samples.audio(tmp_path / "secret.mp3")
    tag = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)
    listening = await asyncio.start_server(lambda *_: called.append(True), "127.0.0.1", 0)
    called: list[bool] = []
    port = listening.sockets[0].getsockname()[1]
    contents = [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n%s\n#EXT-X-ENDLIST\n" % target
        for target in (b"http://127.0.0.1:%d/x.mp3" % port, b"file:" + str(tmp_path / "secret.mp3").encode())
    ]
    contents += [b"ffconcat version 1.0\nfile '%s'\n" % name for name in (b"upload", b"../secret.mp3")]
    contents = [*contents, *[tag + content for content in contents]]
    contents += [b"\0\0\0\x08wide" + content for content in contents[:4]]
    assert len(secret) > 1_000
    async with listening:
        results = await check_all(bench, contents)
    assert all(isinstance(result, str) for result in results)
    assert not called


async def test_a_wrong_name_or_kind_changes_nothing(bench: Workbench, tmp_path: Path):
    # A video that says it is audio, audio that says it is a video, and an MP4 without anything.
    video = bytearray(samples.film(tmp_path / "a", samples.changes(3, (48, 32))))
    video[8:12] = b"M4A "
    audio = bytearray(samples.audio(tmp_path / "b", codec="aac", form="ipod"))
    audio[8:12] = b"isom"
    kinds = [
        result.converted.kind.value if isinstance(result, Made) else result
        for result in await check_all(bench, [bytes(video), bytes(audio)])
    ]
    assert kinds == ["video", "audio"]


async def test_bombs_are_refused_before_they_burst(bench: Workbench):
    claims = [(10_000, 10_000), (65_535, 65_535), (2_000_000_000, 2_000_000_000), (0, 0), (100_000, 1)]
    contents = [png(size) for size in claims]
    contents.append(samples.photo((7_000, 5_000), form="PNG"))
    giant = bytearray(samples.moving(frames=2))
    giant[6:10] = b"\xff\xff\xff\xff"
    contents.append(bytes(giant))
    frame = b"\x21\xf9\x04\x04\x05\0\0\0" + b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    gif = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0"
    contents.append(gif + frame * 100_000 + b";")
    contents.append(gif + frame * 100_000)
    results = await check_all(bench, contents)
    assert [isinstance(result, str) for result in results] == [True] * len(contents)
    assert results[0] == "The picture has 10000 x 10000 pixels: 33 million are the most"
    assert results[7] == results[8] == "The moving picture has 100000 frames: 2000 are the most"


async def test_heads_that_claim_more_than_follows_are_not_believed(bench: Workbench, tmp_path: Path):
    wav = bytearray(samples.audio(tmp_path / "a", codec="pcm_s16le", form="wav", seconds=0.2))
    place = wav.index(b"data") + 4
    wav[4:8] = wav[place : place + 4] = b"\xff\xff\xff\xff"
    endless = bytearray(wav)
    endless[place : place + 4] = b"\0\0\0\0"
    mp4 = samples.film(tmp_path / "b", samples.changes(4, (48, 32)))
    atom = bytearray(mp4)
    atom[atom.index(b"stsz") + 8 : atom.index(b"stsz") + 16] = b"\0\0\0\x01\x7f\xff\xff\xff"
    inside_out = mp4[:24] + b"\0\0\0\x10moov\0\0\0\x10moov" * 2_000
    for content in (bytes(wav), bytes(endless), bytes(atom), inside_out):
        [result] = await check_all(bench, [content])
        if isinstance(result, Made):
            assert (result.told().duration_ms or 0) < 10_000


def test_one_good_file_of_every_kind_becomes_something(tmp_path: Path):
    files = whole_files(tmp_path)
    for kind, result in zip(files, decode_all(tmp_path, list(files.values())), strict=True):
        assert isinstance(result, Converted), (kind, result)


def test_files_cut_off_anywhere_end_in_a_sentence_or_in_what_was_there(tmp_path: Path):
    files = whole_files(tmp_path)
    shares = (0.03, 0.4, 0.9)
    contents = [
        content[: max(1, int(len(content) * share))] for content in files.values() for share in shares
    ]
    results = decode_all(tmp_path, contents)
    for result in results:
        if not isinstance(result, Converted):
            check_sentence(result)
    for result in results[:: len(shares)][:8]:
        check_sentence(result)


def test_files_with_random_damage_end_in_a_sentence_or_in_something(tmp_path: Path):
    chance = random.Random(SEED)
    files = list(whole_files(tmp_path).values())

    def damaged(number: int) -> bytes:
        content = bytearray(files[number % len(files)])
        way = chance.choice(("bits", "cut", "splice", "repeat"))
        if way == "bits":
            for _ in range(chance.choice((1, 8, 64))):
                content[chance.randrange(12, len(content))] ^= 1 << chance.randrange(8)
        elif way == "cut":
            start = chance.randrange(12, len(content))
            del content[start : start + chance.randrange(1, 400)]
        elif way == "splice":
            other = chance.choice(files)
            start, size = chance.randrange(12, len(content)), chance.randrange(1, 400)
            content[start : start + size] = other[start : start + size]
        else:
            start = chance.randrange(12, len(content))
            content[start:start] = content[start : start + 200] * chance.choice((1, 50))
        return bytes(content)

    results = decode_all(tmp_path, [damaged(number) for number in range(60)])
    for result in results:
        if not isinstance(result, Converted) and result != BROKE_DOWN:
            check_sentence(result)
    assert any(isinstance(result, Converted) for result in results)
    assert any(isinstance(result, str) for result in results)


@pytest.fixture(scope="module")
def slow_video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A video whose conversion takes a while."""
    noise = [Image.effect_noise((640, 480), 90).convert("RGB") for _ in range(4)]
    return samples.film(tmp_path_factory.mktemp("slow") / "slow", noise * 60, codec="mpeg4", form="avi")


async def begun(bench: Workbench, content: bytes) -> tuple[asyncio.Task[object], int]:
    """Start a conversion; return when its child has told of progress."""
    source, into = bench.place(content)
    before = children()
    told = asyncio.Event()
    task: asyncio.Task[object] = asyncio.create_task(
        bench.converter.convert(source, into=into, purpose=MediaPurpose.TWEET, progress=lambda _: told.set())
    )
    async with asyncio.timeout(PATIENCE_S):
        await told.wait()
    [child] = children() - before
    return task, child


def is_there(pid: int) -> bool:
    """Tell whether a process runs; one that has ended is there until somebody has asked how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def gone(pid: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while is_there(pid):  # noqa: ASYNC110  no event tells of it
            await asyncio.sleep(0.01)


async def test_children_end_with_their_conversion_however_it_ends(bench: Workbench, slow_video: bytes):
    task, child = await begun(bench, slow_video)
    os.kill(child, 9)
    with pytest.raises(Invalid, match="cannot be converted"):
        await task
    task, child = await begun(bench, slow_video)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(child)
    task, child = await begun(bench, slow_video)
    await bench.converter.close()
    with pytest.raises(Unavailable):
        await task
    await gone(child)
    with pytest.raises(Unavailable):
        await bench.attempt(slow_video)


async def test_conversions_that_are_cancelled_as_they_start_come_to_an_end(bench: Workbench):
    before = children()
    started = [asyncio.create_task(bench.convert(samples.photo())) for _ in range(6)]
    for task in started:
        await asyncio.sleep(0)
        task.cancel()
        # As a loop does at its end, with whatever runs in it.
        for other in asyncio.all_tasks() - {asyncio.current_task()}:
            other.cancel()
    _, waiting = await asyncio.wait(started, timeout=PATIENCE_S)
    assert not waiting
    async with asyncio.timeout(PATIENCE_S):
        while not children() <= before:  # noqa: ASYNC110  no event tells of it
            await asyncio.sleep(0.01)


async def test_a_child_that_uses_too_much_of_the_processor_says_so(bench: Workbench, slow_video: bytes):
    task, child = await begun(bench, slow_video)
    _, hard = resource.prlimit(child, resource.RLIMIT_CPU)
    resource.prlimit(child, resource.RLIMIT_CPU, (1, hard))
    with pytest.raises(Invalid, match="takes too long to convert"):
        await task
    await gone(child)


async def test_a_child_outlives_no_service_that_was_killed(bench: Workbench, slow_video: bytes):
    source, into = bench.place(slow_video)
    program = (
        "import asyncio, sys, pathlib\n"
        "from rookery.domain.media import MediaLimits, MediaPurpose\n"
        "from rookery.engines.media.converting import ChildConverter\n"
        "converter = ChildConverter(MediaLimits())\n"
        "def told(percent):\n"
        "    print(next(iter(converter._children)).pid, flush=True)\n"
        "asyncio.run(converter.convert(pathlib.Path(sys.argv[1]), into=pathlib.Path(sys.argv[2]),\n"
        "    purpose=MediaPurpose.TWEET, progress=told))\n"
    )
    service = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(source), str(into), stdout=asyncio.subprocess.PIPE
    )
    assert service.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        child = int(await service.stdout.readline())
    service.kill()
    await service.wait()
    await gone(child)


async def test_a_child_knows_no_secrets_of_the_service(
    bench: Workbench, slow_video: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ROOKERY_DATABASE_URL", "postgresql://ada:s3cr3t@127.0.0.1/rookery")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t")
    task, child = await begun(bench, slow_video)
    assert b"s3cr3t" not in environment(child)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_full_disk_is_no_fault_of_the_file(tmp_path: Path):
    converter = ChildConverter(MediaLimits())
    source, into = tmp_path / "upload", tmp_path / "into"
    source.write_bytes(samples.photo())
    into.mkdir()
    (into / "full.webp").symlink_to("/dev/full")
    with pytest.raises(Unavailable, match="space"):
        await converter.convert(source, into=into, purpose=MediaPurpose.TWEET, progress=lambda _: None)
