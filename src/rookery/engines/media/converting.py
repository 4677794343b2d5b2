"""The `MediaConverter` port: each conversion in a child process of its own, bounded in time, memory and disk."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import structlog

from rookery.domain.media import Converted, MediaLimits, MediaPurpose
from rookery.engines.media.orders import Order, Report
from rookery.errors import Invalid, Unavailable

CHILD: Final = "rookery.engines.media.child"
LINE_BYTES_MAX: Final = 65_536
AT_ONCE_MAX: Final = 2
"""Pictures of profiles and the like, for which requests wait; the worker bounds what it converts itself."""
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
        self._children: set[asyncio.subprocess.Process] = set()
        self._room = asyncio.Semaphore(AT_ONCE_MAX)
        self._closed = False

    async def convert(
        self, source: Path, /, *, into: Path, purpose: MediaPurpose, progress: Callable[[int], None]
    ) -> Converted:
        """Write the files to show into a directory; `progress` hears of percent. Raises Invalid with a sentence."""
        order = Order(str(source), str(into), purpose, self._limits)
        if purpose is MediaPurpose.TWEET:
            return await self._carry_out(order, progress)
        async with self._room:
            return await self._carry_out(order, progress)

    async def _carry_out(self, order: Order, progress: Callable[[int], None]) -> Converted:
        if self._closed:
            raise Unavailable(_STOPPING)
        try:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                CHILD,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=LINE_BYTES_MAX,
                cwd=order.into,
                env={name: value for name, value in os.environ.items() if name in _KEPT_ENVIRONMENT}
                | {"MALLOC_ARENA_MAX": "2"},
            )
        except OSError as error:
            raise Unavailable(f"no process can be started to convert a file: {error}") from None
        self._children.add(child)
        try:
            return await self._attend(child, order, progress)
        finally:
            with suppress(ProcessLookupError):
                child.kill()
            try:
                await child.wait()
            finally:
                self._children.discard(child)

    async def _attend(
        self, child: asyncio.subprocess.Process, order: Order, progress: Callable[[int], None]
    ) -> Converted:
        assert child.stdin is not None  # noqa: S101  all three are pipes
        assert child.stdout is not None  # noqa: S101
        assert child.stderr is not None  # noqa: S101
        noise = asyncio.create_task(_listened(child.stderr))
        try:
            with suppress(ConnectionError):
                # The pipe stays open: its end tells the child that the service is gone.
                child.stdin.write(msgspec.json.encode(order) + b"\n")
                await child.stdin.drain()
            # A line that is none of ours was printed by a library that broke down.
            with suppress(msgspec.MsgspecError, ValueError):
                async for line in child.stdout:
                    report = msgspec.json.decode(line, type=Report)
                    if report.percent is not None:
                        progress(report.percent)
                    if report.converted is not None:
                        return report.converted
                    _raise(report)
            with suppress(ProcessLookupError):
                child.kill()
            code = await child.wait()
            if self._closed:
                raise Unavailable(_STOPPING)
            _log.warning("a conversion broke down", code=code, printed=(await noise)[-400:])
            if code == -signal.SIGXCPU:
                raise Invalid("The file takes too long to convert: try a smaller one", field="file")
            raise Invalid("The file cannot be converted: it is damaged, or too much to handle", field="file")
        finally:
            noise.cancel()
            child.stdin.close()

    async def close(self) -> None:
        """End what is under way; it is to be tried again."""
        self._closed = True
        for child in tuple(self._children):
            with suppress(ProcessLookupError):
                child.kill()


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
