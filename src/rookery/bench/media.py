"""What photos and videos cost: conversions, against the FFmpeg command line, and the memory of a large upload."""

import asyncio
import os
import resource
import shutil
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from rookery.app import running
from rookery.bench import load, towns
from rookery.bench.processes import Measured, free_port, started
from rookery.bench.report import Report, Section
from rookery.domain.media import MediaLimits, MediaPurpose
from rookery.engines.media.converting import ChildConverter
from rookery.settings import Settings
from rookery.usecases import tokens

PHOTOS: Final = 20
PHOTO_SIZE: Final = (4_000, 3_000)
VIDEO_S: Final = 60
VIDEO_SIZE: Final = (1_920, 1_080)
FRAMES_PER_S: Final = 30
UPLOAD_BYTES: Final = 200_000_000
CHUNK_BYTES: Final = 65_536
LOOKED_EVERY_S: Final = 0.02
SETTLE_S: Final = 1.0


async def measure(report: Report, folder: Path, *, share: int) -> None:
    """Convert photos and a video, and upload a large file to a server process."""
    section = report.section(
        "Conversions", "what", "pieces", "wall s", "CPU s", "pieces per CPU second", "MB out"
    )
    await _photos(section, folder, count=max(2, PHOTOS // share))
    await _video(section, folder, seconds=max(1, VIDEO_S // share))
    section.notes.append(
        f"Photos are JPEGs of {PHOTO_SIZE[0]} x {PHOTO_SIZE[1]} pixels with noise, made into two sizes of WebP. The video "
        f"has {VIDEO_SIZE[0]} x {VIDEO_SIZE[1]} pixels in yuv422p, so that it must be encoded anew. CPU is that of the children."
    )
    await _upload(report, folder, size=max(2_000_000, UPLOAD_BYTES // share))


class _Watch:
    """What passes until it is entered: time, and the CPU of children that have ended."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._cpu_s = self._children_cpu_s()

    @staticmethod
    def _children_cpu_s() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def enter(self, section: Section, what: str, *, pieces: int, written: int) -> None:
        """Write a line of what it took."""
        wall_s, cpu_s = time.perf_counter() - self._began, self._children_cpu_s() - self._cpu_s
        section.add(what, pieces, wall_s, cpu_s, pieces / max(cpu_s, 0.001), written / 1e6)


def _unheard(percent: int) -> None:
    """Nobody waits for the progress."""


def _make(folder: Path) -> None:
    folder.mkdir()


def _bytes_in(*paths: str | Path) -> int:
    return sum(Path(path).stat().st_size for path in paths)


async def _photos(section: Section, folder: Path, *, count: int) -> None:
    from PIL import Image  # noqa: PLC0415  heavy, and only this part needs it

    source = folder / "photo.jpg"
    noise = Image.effect_noise(PHOTO_SIZE, 40)
    Image.merge("RGB", [noise, noise.rotate(90, expand=False), noise]).save(source, quality=88)
    converter = ChildConverter(MediaLimits())
    watch, written = _Watch(), 0
    for number in range(count):
        into = folder / f"photo-{number}"
        _make(into)
        made = await converter.convert(source, into=into, purpose=MediaPurpose.TWEET, progress=_unheard)
        written += _bytes_in(*[file.path for file in made.files])
    watch.enter(section, "photos, one after another", pieces=count, written=written)


async def _video(section: Section, folder: Path, *, seconds: int) -> None:
    source, into = folder / "video.mov", folder / "video"
    _make(into)
    await asyncio.to_thread(_make_video, source, seconds)
    watch = _Watch()
    made = await ChildConverter(MediaLimits()).convert(
        source, into=into, purpose=MediaPurpose.TWEET, progress=_unheard
    )
    watch.enter(section, f"a video of {seconds} s", pieces=1, written=_bytes_in(made.files[0].path))
    program = shutil.which("ffmpeg")
    if program is None:
        section.notes.append("No ffmpeg is installed here to compare the video with.")
        return
    target = folder / "by-ffmpeg.mp4"
    watch = _Watch()
    child = await asyncio.create_subprocess_exec(
        program,
        *(
            "-v",
            "error",
            "-nostdin",
            "-i",
            str(source),
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-crf",
            "23",
        ),
        *("-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", str(target)),
    )
    await child.wait()
    what = f"a video of {seconds} s by the ffmpeg command"
    watch.enter(section, what, pieces=1, written=_bytes_in(target))


def _make_video(path: Path, seconds: int) -> None:
    """Write a video in which something moves."""
    import av as library  # noqa: PLC0415  heavy, and only this part needs it
    from PIL import Image  # noqa: PLC0415

    av: Any = library
    noise = Image.effect_noise((VIDEO_SIZE[0] * 2, VIDEO_SIZE[1]), 30).convert("RGB")
    with av.open(str(path), "w", format="mov") as output:
        stream = output.add_stream("libx264", rate=FRAMES_PER_S)
        stream.width, stream.height = VIDEO_SIZE
        stream.pix_fmt = "yuv422p"
        stream.options = {"preset": "ultrafast", "crf": "28"}
        for number in range(seconds * FRAMES_PER_S):
            left = number * 4 % VIDEO_SIZE[0]
            picture = noise.crop((left, 0, left + VIDEO_SIZE[0], VIDEO_SIZE[1]))
            frame = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_S)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


async def _upload(report: Report, folder: Path, *, size: int) -> None:
    section = report.section(
        "A large upload", "what", "MB sent", "wall s", "MB before", "MB at most", "MB more"
    )
    settings = {
        "ROOKERY_DATABASE_URL": f"sqlite:///{folder}/media.db",
        "ROOKERY_MEDIA_URL": f"file:///{folder}/media",
        "ROOKERY_RATE_LIMITS": "off",
    }
    async with running(
        Settings(database_url=settings["ROOKERY_DATABASE_URL"], media_url=settings["ROOKERY_MEDIA_URL"])
    ) as run:
        [user] = await towns.add_users(run.services, 1)
        token = await tokens.create_token(run.services, user, scopes="write:media", app_name="bench")
    port = free_port()
    command = [sys.executable, "-m", "rookery", "serve", "--port", str(port), "--no-worker"]
    async with started(command, port=port, environment=settings, log=folder / "media.log") as server:
        # The first upload loads what the others find loaded.
        await _send(server.port, token, 1_000_000)
        await asyncio.sleep(SETTLE_S)
        before = server.memory_mb()
        began = time.perf_counter()
        async with _watched(server) as most:
            await _send(server.port, token, size)
        section.add(
            "a video that is no more than its beginning",
            size / 1e6,
            time.perf_counter() - began,
            before,
            most[0],
            most[0] - before,
        )
    section.notes.append(
        f"Proportional set size of the serving process, looked at every {LOOKED_EVERY_S * 1000:.0f} ms."
    )


@asynccontextmanager
async def _watched(server: Measured) -> AsyncGenerator[list[float]]:
    """Keep the most memory that a process had meanwhile."""
    most = [0.0]

    async def watch() -> None:
        while True:
            most[0] = max(most[0], server.memory_mb())
            await asyncio.sleep(LOOKED_EVERY_S)

    watching = asyncio.create_task(watch())
    try:
        yield most
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _send(port: int, token: str, size: int) -> None:
    """Upload what begins like a video, and read the answer."""
    boundary = "rookery-bench"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="video.mp4"\r\n'
        "Content-Type: video/mp4\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    request = load.request(
        "POST",
        "/api/v2/media",
        token,
        Content_Type=f"multipart/form-data; boundary={boundary}",
        Content_Length=str(len(head) + size + len(tail)),
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request + head + b"\x00\x00\x00\x18ftypisom")
    left, chunk = size - 12, os.urandom(CHUNK_BYTES)
    while left > 0:
        writer.write(chunk[:left])
        left -= len(chunk)
        await writer.drain()
    writer.write(tail)
    await writer.drain()
    answer = await reader.readline()
    writer.close()
    if b" 202 " not in answer:
        raise RuntimeError(f"the upload was answered {answer!r}")
