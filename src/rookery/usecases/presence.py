"""Remembering when users were last here and tokens last used, without a write for every request."""

from typing import Final

from rookery.domain.caches import BoundedCache
from rookery.domain.ids import TokenId, UserId
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import people, tokens

SEEN_EVERY_MS: Final = 3_600_000
"""How old `last_seen_ms` and `last_used_ms` may be: one process writes them once an hour."""
SEEN_CACHED_MAX: Final = 100_000


class Presence:
    """What one process knows of who was here lately, and with which token."""

    def __init__(self, services: Services) -> None:
        """Take the services."""
        self._services = services
        self._noted_ms: BoundedCache[TokenId, int] = BoundedCache(SEEN_CACHED_MAX)

    def note_use(self, token_id: TokenId, user_id: UserId | None) -> None:
        """Note that a token is used and its user here; the records are written soon, and only when an hour old."""
        now_ms = self._services.now_ms()
        noted_ms = self._noted_ms.get(token_id)
        if noted_ms is not None and now_ms - noted_ms < SEEN_EVERY_MS:
            return
        self._noted_ms.put(token_id, now_ms)

        async def work(tx: Write) -> None:
            await tokens.note_use(tx, token_id, now_ms=now_ms)
            if user_id is not None:
                await people.note_seen(tx, user_id, now_ms=now_ms)

        async def write() -> None:
            await self._services.db.write(work)

        self._services.later(write)
