"""What one process keeps in its own memory: home timelines fed by the delivery log, and counters."""

import asyncio
import sys
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from rookery.domain.ids import TweetId, UserId
from rookery.domain.measurements import Kind, Measurement
from rookery.ports import BUILD_MS_MAX, Database, KeptTimeline, Read, Write
from rookery.storage import deliveries

LOG_PAGE: Final = 256
"""Deliveries read from the log at a time."""
CATCH_UP_EVERY_MS: Final = 20
"""How old a process's knowledge of the other processes' deliveries may be when it answers."""
GAP_PATIENCE_MS: Final = 30_000
"""How long a hole in the log's numbers may be a transaction that has not committed yet (PostgreSQL only)."""
HOLES_MAX: Final = 1_000
"""How many missing numbers of the log are looked for; of more, the newest."""
_TRIM_SLACK: Final = 200


@dataclass(slots=True)
class _Timeline:
    version: int
    built: bool = False
    floor: int = 0
    ids: list[TweetId] = field(default_factory=list[TweetId])
    """Oldest first."""
    read_ms: int = 0
    """Before it is built: when that began."""


class MemoryTimelines:
    """The `HomeTimelines` port: lists of ids in this process, the same number object shared by all of them.

    `deliver` writes to the delivery log in the database; this process and every other folds the log into its lists.
    A process that starts has none, and rebuilds each when its user comes.
    """

    def __init__(
        self,
        db: Database,
        now_ms: Callable[[], int],
        *,
        entries_max: int,
        timelines_max: int,
        ids_max: int,
        inactive_after_ms: int,
    ) -> None:
        """Take the database that holds the log, a clock, and the bounds."""
        self._db = db
        self._now_ms = now_ms
        self._entries_max = entries_max
        self._timelines_max = timelines_max
        self._ids_max = ids_max
        self._inactive_after_ms = inactive_after_ms
        self._timelines: OrderedDict[UserId, _Timeline] = OrderedDict()
        self._delivered = 0
        self._ids_held = 0
        self._read_to = -1
        """The log has been folded in up to here, but for the holes; -1 before the first look."""
        self._holes: dict[int, int] = {}
        """Numbers below that were missing, and when that was noticed, oldest first.

        PostgreSQL numbers rows before they commit, so a missing number may still come.
        """
        self._caught_up_ms = 0
        self._under_way: asyncio.Future[bool] | None = None
        """The catch-up that other callers may wait for; True when it has succeeded."""

    async def page(
        self, user_id: UserId, *, version: int, before: int, after: int, limit: int, oldest: bool
    ) -> KeptTimeline | None:
        """Return kept ids in the asked order, or None."""
        await self._catch_up_if_stale()
        timeline = self._timelines.get(user_id)
        if timeline is None or not timeline.built or timeline.version != version:
            return None
        timeline.read_ms = self._now_ms()
        self._timelines.move_to_end(user_id)
        ids = timeline.ids
        low, high = bisect_right(ids, after), bisect_left(ids, before)
        if oldest:
            chosen = ids[low : min(high, low + limit)]
        else:
            chosen = ids[max(low, high - limit) : high]
            chosen.reverse()
        return KeptTimeline(chosen, timeline.floor)

    async def expect(self, user_id: UserId, *, version: int) -> bool:
        """Begin an empty timeline that takes deliveries."""
        if self._read_to < 0:
            await self._catch_up_if_stale()
        timeline = self._timelines.get(user_id)
        if (
            timeline is not None
            and timeline.version == version
            and (timeline.built or self._now_ms() - timeline.read_ms < BUILD_MS_MAX)
        ):
            return False
        self._drop(user_id)
        self._timelines[user_id] = _Timeline(version, read_ms=self._now_ms())
        self._drop_unread()
        return True

    async def keep(self, user_id: UserId, *, version: int, ids: Sequence[TweetId], floor: int) -> None:
        """Join the ids with what was delivered since `expect`."""
        timeline = self._timelines.get(user_id)
        if timeline is None or timeline.version != version:
            return
        # So much may have been delivered meanwhile that the oldest of it was dropped again.
        timeline.floor = max(floor, timeline.floor)
        joined = sorted({*ids, *timeline.ids})
        joined = joined[bisect_left(joined, timeline.floor) :]
        self._ids_held += len(joined) - len(timeline.ids)
        timeline.ids = joined
        timeline.built = True
        self._drop_unread()

    async def deliver(self, tweet_id: TweetId, user_ids: Sequence[UserId]) -> None:
        """Enter the delivery in the log, then fold it in."""

        async def work(tx: Write) -> None:
            await deliveries.insert(tx, tweet_id, user_ids, now_ms=self._now_ms())

        if user_ids:
            await self._db.write(work)
            await self._catch_up_with_own()
            self._delivered += len(user_ids)

    def measurements(self) -> Sequence[Measurement]:
        """Return how much is kept and was delivered here."""
        return (
            Measurement(
                "rookery_timelines_kept",
                "Home timelines kept ready.",
                Kind.GAUGE,
                lambda: len(self._timelines),
            ),
            Measurement(
                "rookery_timeline_ids_kept",
                "Ids in the home timelines kept ready.",
                Kind.GAUGE,
                lambda: self._ids_held,
            ),
            Measurement(
                "rookery_deliveries",
                "Receivers of tweets delivered here.",
                Kind.COUNTER,
                lambda: self._delivered,
            ),
        )

    async def close(self) -> None:
        """Forget everything."""
        self._forget()

    async def _catch_up_if_stale(self) -> None:
        while self._now_ms() - self._caught_up_ms >= CATCH_UP_EVERY_MS:
            if self._under_way is None:
                await self._catch_up()
                return
            if await asyncio.shield(self._under_way):
                return

    async def _catch_up_with_own(self) -> None:
        """Fold in what this process has just written: a catch-up that was under way may have begun too early."""
        if self._under_way is not None:
            await asyncio.wait([self._under_way])
        while self._under_way is not None:
            if await asyncio.shield(self._under_way):
                return
        await self._catch_up()

    async def _catch_up(self) -> None:
        """Fold in what is new; whoever asks meanwhile waits for the same outcome."""
        under_way: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._under_way = under_way
        try:
            await self._read_log()
        except Exception as error:
            under_way.set_exception(error)
            under_way.exception()  # seen, even if nobody else waits
            raise
        finally:
            self._under_way = None
            if not under_way.done():
                # False when this caller was cancelled: whoever waits begins anew.
                under_way.set_result(sys.exc_info()[0] is None)

    async def _read_log(self) -> None:
        now_ms = self._now_ms()
        if now_ms - self._caught_up_ms > deliveries.KEPT_MS // 2:
            # The log's old end may be gone: what was kept cannot be brought up to date.
            self._forget()
        async with self._db.read() as tx:
            if self._read_to < 0:
                # What was delivered before this process kept anything is in the records.
                self._read_to = await deliveries.last_seq(tx)
            else:
                await self._fold_new(tx, now_ms)
        self._caught_up_ms = now_ms
        self._drop_unread()

    async def _fold_new(self, tx: Read, now_ms: int) -> None:
        if self._holes:
            for delivery in await deliveries.at(tx, list(self._holes)):
                self._fold(delivery.tweet_id, delivery.user_ids)
                del self._holes[delivery.seq]
        while page := await deliveries.page(tx, after=self._read_to, limit=LOG_PAGE):
            for delivery in page:
                self._note_holes(delivery.seq, now_ms)
                self._fold(delivery.tweet_id, delivery.user_ids)
                self._read_to = delivery.seq
            if len(page) < LOG_PAGE:
                break
        self._give_up_holes(now_ms)

    def _note_holes(self, seq: int, now_ms: int) -> None:
        for missing in range(max(self._read_to + 1, seq - HOLES_MAX), seq):
            self._holes[missing] = now_ms

    def _give_up_holes(self, now_ms: int) -> None:
        while self._holes:
            seq, noticed_ms = next(iter(self._holes.items()))
            if len(self._holes) <= HOLES_MAX and now_ms - noticed_ms <= GAP_PATIENCE_MS:
                break
            del self._holes[seq]

    def _forget(self) -> None:
        self._timelines.clear()
        self._ids_held = 0
        self._holes.clear()
        self._read_to = -1

    def _fold(self, tweet_id: TweetId, user_ids: Sequence[int]) -> None:
        timelines = self._timelines
        added = 0
        for user_id in user_ids:
            timeline = timelines.get(user_id)  # pyright: ignore[reportArgumentType]
            if timeline is None:
                continue
            ids = timeline.ids
            if not ids or tweet_id > ids[-1]:
                ids.append(tweet_id)
                added += 1
                if len(ids) > self._entries_max + _TRIM_SLACK:
                    del ids[:_TRIM_SLACK]
                    added -= _TRIM_SLACK
                    timeline.floor = ids[0]
            elif tweet_id >= timeline.floor:
                place = bisect_left(ids, tweet_id)
                if ids[place] != tweet_id:
                    ids.insert(place, tweet_id)
                    added += 1
        self._ids_held += added

    def _drop_unread(self) -> None:
        unread_since_ms = self._now_ms() - self._inactive_after_ms
        while self._timelines:
            user_id, oldest = next(iter(self._timelines.items()))
            if (
                len(self._timelines) <= self._timelines_max
                and self._ids_held <= self._ids_max
                and oldest.read_ms >= unread_since_ms
            ):
                break
            self._drop(user_id)

    def _drop(self, user_id: UserId) -> None:
        timeline = self._timelines.pop(user_id, None)
        if timeline is not None:
            self._ids_held -= len(timeline.ids)


class MemoryCounters:
    """The `Counters` port within one process."""

    def __init__(self) -> None:
        """Start without counters."""
        self._counts: dict[str, tuple[int, int]] = {}
        self._sweep_ms = 0

    async def add(self, key: str, *, window_ms: int, now_ms: int) -> tuple[int, int]:
        """Count one more; windows are aligned to the clock."""
        if now_ms >= self._sweep_ms:
            self._counts = {key: entry for key, entry in self._counts.items() if entry[1] > now_ms}
            self._sweep_ms = now_ms + 60_000
        count, end_ms = self._counts.get(key, (0, 0))
        if end_ms <= now_ms:
            count, end_ms = 0, now_ms - now_ms % window_ms + window_ms
        self._counts[key] = (count + 1, end_ms)
        return count + 1, end_ms

    async def reset(self, key: str) -> None:
        """Forget a counter."""
        self._counts.pop(key, None)

    async def close(self) -> None:
        """Nothing is held."""
