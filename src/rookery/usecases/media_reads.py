"""How often files are read: hints, counted in memory and written down now and then, never one write for one read."""

from collections import Counter
from contextlib import suppress
from typing import Final

from rookery.errors import RookeryError
from rookery.services import Services
from rookery.storage import media_objects

WRITTEN_EVERY_MS: Final = 60_000
KEYS_MAX: Final = 10_000
"""Files whose reads are counted at a time; more are passed over."""


class MediaReads:
    """The reads of one process that are not written down yet."""

    def __init__(self, services: Services) -> None:
        """Take the services."""
        self._services = services
        self._counts: Counter[str] = Counter()
        self._written_ms = services.now_ms()

    def note(self, key: str) -> None:
        """Count a read."""
        if len(self._counts) < KEYS_MAX or key in self._counts:
            self._counts[key] += 1
        now_ms = self._services.now_ms()
        if now_ms - self._written_ms >= WRITTEN_EVERY_MS:
            self._written_ms = now_ms
            self._services.later(self.write)

    async def write(self) -> None:
        """Write down what was counted; should that fail, the hints are lost."""
        counts, self._counts = self._counts, Counter()
        # In the order of keys, so that two processes never wait for each other.
        reads = [(counts[key], key) for key in sorted(counts)]
        with suppress(RookeryError):
            await self._services.db.write(
                lambda tx: media_objects.note_reads(tx, reads, now_ms=self._services.now_ms())
            )
