"""Remembering when a user was last here, without a write for every request."""

from typing import Final

from rookery.domain.caches import BoundedCache
from rookery.domain.ids import UserId
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import users

SEEN_EVERY_MS: Final = 3_600_000
"""How old `last_seen_ms` may be: one process writes it once an hour for each user."""
SEEN_CACHED_MAX: Final = 100_000


class Presence:
    """What one process knows of who was here lately."""

    def __init__(self, services: Services) -> None:
        """Take the services."""
        self._services = services
        self._noted_ms: BoundedCache[UserId, int] = BoundedCache(SEEN_CACHED_MAX)

    def note_seen(self, user_id: UserId) -> None:
        """Note that the user is here; the record is written soon, and only when it is an hour old."""
        now_ms = self._services.now_ms()
        noted_ms = self._noted_ms.get(user_id)
        if noted_ms is not None and now_ms - noted_ms < SEEN_EVERY_MS:
            return
        self._noted_ms.put(user_id, now_ms)

        async def work(tx: Write) -> None:
            await users.note_seen(tx, user_id, now_ms=now_ms)

        async def write() -> None:
            await self._services.db.write(work)

        self._services.later(write)
