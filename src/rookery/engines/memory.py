"""What one process keeps in its own memory: home timelines fed by the delivery log, and counters."""

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from rookery.domain.ids import TweetId, UserId
from rookery.domain.measurements import Kind, Measurement
from rookery.ports import Database, KeptTimeline, Write
from rookery.storage import deliveries

LOG_PAGE: Final = 256
"""Deliveries read from the log at a time."""
CATCH_UP_EVERY_MS: Final = 20
"""How old a process's knowledge of the other processes' deliveries may be when it answers."""
GAP_PATIENCE_MS: Final = 30_000
"""How long a hole in the log's numbers may be a transaction that has not committed yet (PostgreSQL only)."""
_TRIM_SLACK: Final = 200


@dataclass(slots=True)
class _Timeline:
    version: int
    built: bool = False
    floor: int = 0
    ids: list[TweetId] = field(default_factory=list[TweetId])
    """Oldest first."""
    read_ms: int = 0


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
        inactive_after_ms: int,
    ) -> None:
        """Take the database that holds the log, a clock, and the bounds."""
        self._db = db
        self._now_ms = now_ms
        self._entries_max = entries_max
        self._timelines_max = timelines_max
        self._inactive_after_ms = inactive_after_ms
        self._timelines: OrderedDict[UserId, _Timeline] = OrderedDict()
        self._delivered = 0
        self._read_to = -1
        """The log has been folded in up to here without a hole; -1 before the first look."""
        self._beyond: dict[int, int] = {}
        """Entries behind a hole that were folded in already, with the time of it."""
        self._caught_up_ms = 0

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

    async def is_kept(self, user_id: UserId, *, version: int) -> bool:
        """Tell whether this user's timeline of this version is kept or being built."""
        timeline = self._timelines.get(user_id)
        return timeline is not None and timeline.version == version

    async def expect(self, user_id: UserId, *, version: int) -> bool:
        """Begin an empty timeline that takes deliveries."""
        if await self.is_kept(user_id, version=version):
            return False
        if self._read_to < 0:
            await self._catch_up()
        self._timelines[user_id] = _Timeline(version, read_ms=self._now_ms())
        self._timelines.move_to_end(user_id)
        self._drop_unread()
        return True

    async def keep(self, user_id: UserId, *, version: int, ids: Sequence[TweetId], floor: int) -> None:
        """Join the ids with what was delivered since `expect`."""
        timeline = self._timelines.get(user_id)
        if timeline is None or timeline.version != version:
            return
        timeline.ids = sorted({*ids, *timeline.ids})
        timeline.floor = floor
        timeline.built = True

    async def deliver(self, tweet_id: TweetId, user_ids: Sequence[UserId]) -> None:
        """Enter the delivery in the log, then fold it in."""

        async def work(tx: Write) -> None:
            await deliveries.insert(tx, tweet_id, user_ids, now_ms=self._now_ms())

        if user_ids:
            await self._db.write(work)
            await self._catch_up()
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
                "rookery_deliveries",
                "Receivers of tweets delivered here.",
                Kind.COUNTER,
                lambda: self._delivered,
            ),
        )

    async def close(self) -> None:
        """Forget everything."""
        self._timelines.clear()

    async def _catch_up_if_stale(self) -> None:
        if self._now_ms() - self._caught_up_ms >= CATCH_UP_EVERY_MS:
            await self._catch_up()

    async def _catch_up(self) -> None:
        now_ms = self._now_ms()
        if now_ms - self._caught_up_ms > deliveries.KEPT_MS // 2:
            # The log's old end may be gone: what was kept cannot be brought up to date.
            self._timelines.clear()
            self._beyond.clear()
            self._read_to = -1
        self._caught_up_ms = now_ms
        async with self._db.read() as tx:
            if self._read_to < 0:
                # What was delivered before this process kept anything is in the records.
                self._read_to = await deliveries.last_seq(tx)
                return
            after = self._read_to
            while page := await deliveries.page(tx, after=after, limit=LOG_PAGE):
                for delivery in page:
                    after = delivery.seq
                    if delivery.seq > self._read_to and delivery.seq not in self._beyond:
                        self._fold(delivery.tweet_id, delivery.user_ids)
                        self._beyond[delivery.seq] = self._caught_up_ms
                if len(page) < LOG_PAGE:
                    break
        self._close_holes()

    def _close_holes(self) -> None:
        beyond = self._beyond
        for seq in sorted(beyond):
            # NOTE: PostgreSQL numbers rows before they commit, so a missing number may still come.
            if seq == self._read_to + 1 or beyond[seq] < self._caught_up_ms - GAP_PATIENCE_MS:
                self._read_to = seq
                del beyond[seq]
            else:
                break

    def _fold(self, tweet_id: TweetId, user_ids: Sequence[int]) -> None:
        timelines = self._timelines
        for user_id in user_ids:
            timeline = timelines.get(user_id)  # pyright: ignore[reportArgumentType]
            if timeline is None:
                continue
            ids = timeline.ids
            if not ids or tweet_id > ids[-1]:
                ids.append(tweet_id)
                if len(ids) > self._entries_max + _TRIM_SLACK:
                    del ids[:_TRIM_SLACK]
                    timeline.floor = ids[0]
            elif tweet_id >= timeline.floor:
                place = bisect_left(ids, tweet_id)
                if ids[place] != tweet_id:
                    insort(ids, tweet_id)

    def _drop_unread(self) -> None:
        unread_since_ms = self._now_ms() - self._inactive_after_ms
        while self._timelines:
            user_id, oldest = next(iter(self._timelines.items()))
            if len(self._timelines) <= self._timelines_max and oldest.read_ms >= unread_since_ms:
                break
            del self._timelines[user_id]


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
