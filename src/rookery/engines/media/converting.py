"""The `MediaConverter` port: each conversion in a child process of its own, bounded in time, memory and disk."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Final

import msgspec
import structlog

from rookery.domain.media import Converted, MediaLimits, MediaPurpose
from rookery.engines.media.orders import Order, Report
from rookery.errors import Invalid, Unavailable

CHILD: Final = "rookery.engines.media.child"
LINE_BYTES_MAX: Final = 65_536
AT_ONCE_MAX: Final = 2
"""Pictures of profiles and the like, for which requests wait; the worker bounds what it converts itself."""
CARDS_AT_ONCE_MAX: Final = 1
"""Pictures of links, for which nobody waits: however many are linked to, people's own go on."""
_KEPT_ENVIRONMENT: Final = frozenset(
    ("PATH", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT")
)
"""A child knows no passwords of databases and stores: it meets files of strangers."""
NOISE_BYTES_MAX: Final = 4_096
"""How much of what a failing child prints is worth keeping."""

_log = structlog.get_logger(__name__)


class ChildConverter:
    """Converts in child processes."""

    def __init__(self, limits: MediaLimits) -> None:
        """Take what is taken in at the most."""
        self._limits = limits
        self._children: set[_Child] = set()
        self._room = asyncio.Semaphore(AT_ONCE_MAX)
        self._room_for_cards = asyncio.Semaphore(CARDS_AT_ONCE_MAX)
        self._closed = False

    async def convert(
        self, source: Path, /, *, into: Path, purpose: MediaPurpose, progress: Callable[[int], None]
    ) -> Converted:
        """Write the files to show into a directory; `progress` hears of percent. Raises Invalid with a sentence."""
        order = Order(str(source), str(into), purpose, self._limits)
        if purpose is MediaPurpose.TWEET:
            return await self._carry_out(order, progress)
        async with self._room_for_cards if purpose is MediaPurpose.CARD else self._room:
            return await self._carry_out(order, progress)

    async def _carry_out(self, order: Order, progress: Callable[[int], None]) -> Converted:
        if self._closed:
            raise Unavailable(_STOPPING)
        try:
            child = _Child(order.into)
        except OSError as error:
            raise Unavailable(f"no process can be started to convert a file: {error}") from None
        self._children.add(child)
        try:
            return await self._attend(child, order, progress)
        finally:
            child.kill()
            try:
                await child.wait()
            finally:
                self._children.discard(child)

    async def _attend(self, child: "_Child", order: Order, progress: Callable[[int], None]) -> Converted:
        with child.heard() as (reports, noise):
            listening = asyncio.create_task(_listened(noise))
            try:
                child.tell(msgspec.json.encode(order) + b"\n")
                # A line that is none of ours was printed by a library that broke down.
                with suppress(msgspec.MsgspecError, ValueError):
                    async for line in reports:
                        report = msgspec.json.decode(line, type=Report)
                        if report.percent is not None:
                            progress(report.percent)
                        if report.converted is not None:
                            return report.converted
                        _raise(report)
                child.kill()
                code = await child.wait()
                if self._closed:
                    raise Unavailable(_STOPPING)
                _log.warning("a conversion broke down", code=code, printed=(await listening)[-400:])
                if code == -signal.SIGXCPU:
                    raise Invalid("The file takes too long to convert: try a smaller one", field="file")
                raise Invalid(
                    "The file cannot be converted: it is damaged, or too much to handle", field="file"
                )
            finally:
                listening.cancel()

    async def close(self) -> None:
        """End what is under way; it is to be tried again."""
        self._closed = True
        for child in tuple(self._children):
            child.kill()


class _Child:
    """A process that converts one file.

    None of asyncio's, which may wait for themselves for ever when they are cancelled as they start (CPython 3.11).
    """

    def __init__(self, folder: str) -> None:
        """Start it. Raises OSError."""
        self._process = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-P", "-m", CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=folder,
            env={name: value for name, value in os.environ.items() if name in _KEPT_ENVIRONMENT}
            | {"MALLOC_ARENA_MAX": "2"},
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, line: bytes) -> None:
        """Give the order, which no pipe is too small for; the pipe stays open: its end says that the service is gone."""
        assert self._process.stdin is not None  # noqa: S101  all three are pipes
        with suppress(ConnectionError):
            self._process.stdin.write(line)

    @contextmanager
    def heard(self) -> Generator[tuple[asyncio.StreamReader, asyncio.StreamReader]]:
        """Give what it reports and what it prints besides; at the end all pipes are closed."""
        loop = asyncio.get_running_loop()
        assert self._process.stdin is not None  # noqa: S101  all three are pipes
        assert self._process.stdout is not None  # noqa: S101
        assert self._process.stderr is not None  # noqa: S101
        reports, noise = [asyncio.StreamReader(limit=LINE_BYTES_MAX) for _ in range(2)]
        with ExitStack() as closing:
            closing.enter_context(self._process.stdin)
            for pipe, reader in ((self._process.stdout, reports), (self._process.stderr, noise)):
                closing.enter_context(pipe)
                os.set_blocking(pipe.fileno(), False)
                # Not by a transport of the loop's, to which a pipe belongs from some moment on that cannot be told.
                loop.add_reader(pipe.fileno(), _feed, reader, pipe)
                closing.callback(loop.remove_reader, pipe.fileno())
            yield reports, noise

    def kill(self) -> None:
        """End it, if it has not ended yet."""
        self._process.kill()

    async def wait(self) -> int:
        """Wait for its end, which is near; return its code, or a signal's number below zero."""
        # Whoever waits may be cancelled; that the process is seen off may not.
        ended = asyncio.get_running_loop().run_in_executor(None, self._process.wait)
        return await asyncio.shield(ended)


def _feed(reader: asyncio.StreamReader, pipe: IO[bytes]) -> None:
    chunk = pipe.read(LINE_BYTES_MAX)
    if chunk:
        reader.feed_data(chunk)
    elif chunk == b"":
        asyncio.get_running_loop().remove_reader(pipe.fileno())
        reader.feed_eof()


_STOPPING: Final = "the service is stopping"


def _raise(report: Report) -> None:
    if report.failure is not None:
        raise Invalid(report.failure, field="file")
    if report.shortage is not None:
        raise Unavailable(f"a file cannot be converted now: {report.shortage}")


async def _listened(stream: asyncio.StreamReader) -> str:
    """Read what is printed, so that nobody waits for room, and return the end of it."""
    kept = b""
    while chunk := await stream.read(NOISE_BYTES_MAX):
        kept = (kept + chunk)[-NOISE_BYTES_MAX:]
    return kept.decode(errors="replace")
