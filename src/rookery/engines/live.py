"""Live events through the database: a row that leaves with the commit, and a look at the rows of the last seconds.

It needs no server beside the database, so it is what small installations use. With Redis, events go by its channel
(`engines/redis_live.py`), and this is the way around while Redis is away.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import msgspec
import structlog

from rookery.domain import live
from rookery.domain.ids import id_at
from rookery.domain.live import LiveEvent
from rookery.domain.measurements import Kind, Measurement
from rookery.errors import Unavailable
from rookery.ports import Database, Write
from rookery.storage import live_events

LOOK_EVERY_S: Final = 0.1
"""How often a process that has listeners looks for other processes' events; its own commits wake it at once."""
NARROW_LOOK_MS: Final = 500
"""How far back each look goes: transactions commit in another order than they took their ids."""
WIDE_LOOK_MS: Final = 5_000
"""How far back one look a second goes: slow transactions, and machines whose clocks differ."""
WIDE_LOOK_EVERY_S: Final = 1.0
EVENTS_PER_LOOK: Final = 5_000
AWAY_S: Final = 1.0

Numbered = tuple[int, str]
"""An event as it travels: its id and its JSON."""

_log = structlog.get_logger(__name__)


class LogLive:
    """The `LiveEvents` port over the table of live events."""

    def __init__(self, db: Database, new_id: Callable[[], int], now_ms: Callable[[], int]) -> None:
        """Take the records, and what makes ids and tells the time."""
        self._db = db
        self._new_id = new_id
        self._now_ms = now_ms
        self._listeners: list[Callable[[LiveEvent], None]] = []
        self._seen: set[int] = set()
        self.look_every_s = LOOK_EVERY_S
        self._woken = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._counts: Counter[str] = Counter()

    async def announce(self, tx: Write, /, *events: LiveEvent) -> None:
        """Write the events down with the transaction."""
        await self.insert(tx, *[self.numbered(event) for event in events])

    def numbered(self, event: LiveEvent) -> Numbered:
        """Give an event the id by which it is known to be the same, whichever way it comes."""
        self._counts["announced"] += 1
        return self._new_id(), live.encode(event)

    async def insert(self, tx: Write, *events: Numbered) -> None:
        """Write events down with the transaction."""
        if not events:
            return
        await live_events.insert(tx, events)
        if self._looking is not None:
            tx.after_commit(self.wake)

    def wake(self) -> None:
        """Look at once."""
        self._woken.set()

    async def listen(self, hear: Callable[[LiveEvent], None], /) -> Callable[[], None]:
        """Tell `hear` of every event from now on; the first listener makes this process look."""
        if self._looking is None:
            await self._begin()
            self._looking = asyncio.create_task(self._look_again_and_again())
        self._listeners.append(hear)

        def stop() -> None:
            self._listeners.remove(hear)

        return stop

    async def _begin(self) -> None:
        """Take note of what happened before anybody listened."""
        self._seen = {event_id for event_id, _ in await self._read(WIDE_LOOK_MS)}

    async def _look_again_and_again(self) -> None:
        loop = asyncio.get_running_loop()
        wide_at = loop.time()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self.look_every_s)
            self._woken.clear()
            if not self._listeners:
                continue
            wide = loop.time() >= wide_at
            try:
                rows = await self._read(WIDE_LOOK_MS if wide else NARROW_LOOK_MS)
            except Unavailable as error:
                _log.warning("the database is away; live updates wait", error=error.message)
                await asyncio.sleep(AWAY_S)
                continue
            if wide:
                wide_at = loop.time() + WIDE_LOOK_EVERY_S
                oldest = id_at(self._now_ms() - 2 * WIDE_LOOK_MS)
                self._seen = {event_id for event_id in self._seen if event_id >= oldest}
            for event_id, text in rows:
                self.hear(event_id, text)

    async def _read(self, back_ms: int) -> Sequence[tuple[int, str]]:
        async with self._db.read() as tx:
            rows = await live_events.since(tx, id_at(self._now_ms() - back_ms), limit=EVENTS_PER_LOOK)
        return [(row[0], row[1]) for row in rows]

    def hear(self, event_id: int, text: str) -> None:
        """Tell the listeners of an event that was not heard before."""
        if event_id in self._seen:
            return
        self._seen.add(event_id)
        try:
            event = live.decode(text)
        except msgspec.MsgspecError:
            return  # a newer program's event: nobody here knows what it means
        self.tell(event)

    def tell(self, event: LiveEvent) -> None:
        """Tell the listeners of an event."""
        self._counts["heard"] += 1
        for hear in tuple(self._listeners):
            hear(event)

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        return (
            Measurement(
                "rookery_live_events_announced",
                "Live events that this process's transactions wrote.",
                Kind.COUNTER,
                lambda: self._counts["announced"],
            ),
            Measurement(
                "rookery_live_events_heard",
                "Live events that this process told its listeners of.",
                Kind.COUNTER,
                lambda: self._counts["heard"],
            ),
        )

    async def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
