"""The `MediaConverter` port: each conversion in a child process of its own, bounded in time, memory and disk."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import structlog

from rookery.domain.media import Converted, MediaLimits, MediaPurpose
from rookery.errors import Invalid

CHILD: Final = "rookery.engines.media.child"
LINE_BYTES_MAX: Final = 65_536
NOISE_BYTES_MAX: Final = 4_096
"""How much of what a failing child prints is worth keeping."""

_log = structlog.get_logger(__name__)


class Order(msgspec.Struct, frozen=True):
    """What a child is to do."""

    source: str
    into: str
    purpose: MediaPurpose
    limits: MediaLimits


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a child tells: how far it is, what came of it, or why nothing did."""

    percent: int | None = None
    converted: Converted | None = None
    failure: str | None = None


class ChildConverter:
    """Converts in child processes."""

    def __init__(self, limits: MediaLimits) -> None:
        """Take what is taken in at the most."""
        self._limits = limits
        self._children: set[asyncio.subprocess.Process] = set()

    async def convert(
        self, source: Path, /, *, into: Path, purpose: MediaPurpose, progress: Callable[[int], None]
    ) -> Converted:
        """Write the files to show into a directory; `progress` hears of percent. Raises Invalid with a sentence."""
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            CHILD,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LINE_BYTES_MAX,
            cwd=into,
        )
        self._children.add(child)
        try:
            order = Order(str(source), str(into), purpose, self._limits)
            return await self._attend(child, order, progress)
        finally:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
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
                child.stdin.write(msgspec.json.encode(order))
                await child.stdin.drain()
            child.stdin.close()
            async for line in child.stdout:
                report = msgspec.json.decode(line, type=Report)
                if report.percent is not None:
                    progress(report.percent)
                if report.failure is not None:
                    raise Invalid(report.failure, field="file")
                if report.converted is not None:
                    return report.converted
            code = await child.wait()
            _log.warning("a conversion broke down", code=code, printed=(await noise)[-400:])
            raise Invalid("The file cannot be converted: it is damaged, or too much to handle", field="file")
        finally:
            noise.cancel()

    async def close(self) -> None:
        """End what is under way."""
        for child in tuple(self._children):
            with suppress(ProcessLookupError):
                child.kill()


async def _listened(stream: asyncio.StreamReader) -> str:
    """Read what is printed, so that nobody waits for room, and return the end of it."""
    kept = b""
    while chunk := await stream.read(NOISE_BYTES_MAX):
        kept = (kept + chunk)[-NOISE_BYTES_MAX:]
    return kept.decode(errors="replace")
