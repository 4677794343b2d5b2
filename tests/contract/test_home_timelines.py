"""The promise of the `HomeTimelines` port, kept by this process's memory and by Redis."""

import asyncio
import time
from array import array
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from rookery.app import open_database
from rookery.domain.ids import ID_MAX, TweetId, UserId
from rookery.engines.memory import CATCH_UP_EVERY_MS, GAP_PATIENCE_MS, MemoryTimelines
from rookery.engines.redis import AWAY_S, RedisTimelines
from rookery.engines.sqlite import SqliteDatabase
from rookery.errors import Misconfigured, Unavailable
from rookery.ports import Database, HomeTimelines, KeptTimeline, Read, Write
from rookery.sql import sql
from tests.servers import Redis
from tests.world import Clock

ADA, BOB, NOBODY = UserId(2**60 + 1), UserId(2**60 + 2), UserId(2**60 + 3)
ENTRIES_MAX = 400
FIRST = 2**60


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        both = metafunc.config.getoption("--engines") == "both"
        metafunc.parametrize("kind", ["memory", "redis"] if both else ["memory"])


@pytest.fixture
def redis_or_nothing(request: pytest.FixtureRequest, kind: str) -> str:
    return request.getfixturevalue("redis_url") if kind == "redis" else ""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def timelines(redis_or_nothing: str, sqlite_url: str, clock: Clock) -> AsyncGenerator[HomeTimelines]:
    if redis_or_nothing:
        kept: HomeTimelines = RedisTimelines(
            redis_or_nothing, entries_max=ENTRIES_MAX, inactive_after_ms=60_000
        )
        yield kept
        await kept.close()
        return
    db = await open_database(sqlite_url)
    kept = in_memory(db, clock)
    yield kept
    await kept.close()
    await db.close()


def in_memory(db: Database, clock: Clock, *, ids_max: int = 100_000) -> MemoryTimelines:
    return MemoryTimelines(
        db, clock, entries_max=ENTRIES_MAX, timelines_max=100, ids_max=ids_max, inactive_after_ms=60_000
    )


def tweets(*numbers: int) -> list[TweetId]:
    return [TweetId(FIRST + number) for number in numbers]


async def page(
    timelines: HomeTimelines,
    user_id: UserId = ADA,
    *,
    version: int = 1,
    before: int = ID_MAX,
    after: int = 0,
    limit: int = 20,
    oldest: bool = False,
) -> KeptTimeline | None:
    return await timelines.page(
        user_id, version=version, before=before, after=after, limit=limit, oldest=oldest
    )


async def ids(timelines: HomeTimelines, user_id: UserId = ADA, **more: int) -> Sequence[int]:
    kept = await page(timelines, user_id, **more)
    assert kept is not None
    return [tweet_id - FIRST for tweet_id in kept.ids]


async def keep(
    timelines: HomeTimelines, user_id: UserId = ADA, *numbers: int, version: int = 1, floor: int = 0
) -> None:
    assert await timelines.expect(user_id, version=version)
    await timelines.keep(user_id, version=version, ids=tweets(*numbers), floor=floor)


async def test_nothing_is_kept_at_first(timelines: HomeTimelines):
    assert await page(timelines) is None


async def test_what_is_kept_comes_back_newest_first(timelines: HomeTimelines):
    await keep(timelines, ADA, 9, 5, 3)
    assert await ids(timelines) == [9, 5, 3]


async def test_a_page_holds_the_newest_below_before(timelines: HomeTimelines):
    await keep(timelines, ADA, 9, 7, 5, 3, 1)
    assert await ids(timelines, before=FIRST + 9, limit=2) == [7, 5]


async def test_a_page_holds_only_what_lies_above_after(timelines: HomeTimelines):
    await keep(timelines, ADA, 9, 7, 5, 3, 1)
    assert await ids(timelines, after=FIRST + 5) == [9, 7]


async def test_the_oldest_above_after_come_in_ascending_order(timelines: HomeTimelines):
    await keep(timelines, ADA, 9, 7, 5, 3, 1)
    assert await ids(timelines, after=FIRST + 1, limit=2, oldest=True) == [3, 5]


async def test_the_floor_comes_back(timelines: HomeTimelines):
    await keep(timelines, ADA, 9, 7, floor=FIRST + 7)
    kept = await page(timelines)
    assert kept is not None
    assert kept.floor == FIRST + 7


async def test_a_delivery_appears_in_kept_timelines_only(timelines: HomeTimelines):
    await keep(timelines, ADA, 3)
    await timelines.deliver(TweetId(FIRST + 4), [ADA, BOB])
    assert await ids(timelines) == [4, 3]


async def test_delivering_twice_is_delivering_once(timelines: HomeTimelines):
    await keep(timelines, ADA, 3)
    for _ in range(3):
        await timelines.deliver(TweetId(FIRST + 4), [ADA])
    assert await ids(timelines) == [4, 3]


async def test_deliveries_out_of_order_are_read_in_order(timelines: HomeTimelines):
    await keep(timelines, ADA, 3)
    for number in (8, 5, 9, 4):
        await timelines.deliver(TweetId(FIRST + number), [ADA])
    assert await ids(timelines) == [9, 8, 5, 4, 3]


async def test_what_is_delivered_while_a_timeline_is_built_is_joined_in(timelines: HomeTimelines):
    assert await timelines.expect(ADA, version=1)
    await timelines.deliver(TweetId(FIRST + 9), [ADA])
    assert await page(timelines) is None, "not complete yet"
    await timelines.keep(ADA, version=1, ids=tweets(5, 3), floor=0)
    assert await ids(timelines) == [9, 5, 3]


async def test_a_timeline_is_built_by_one_at_a_time(timelines: HomeTimelines):
    assert await timelines.expect(ADA, version=1)
    assert not await timelines.expect(ADA, version=1)


async def test_what_was_never_built_is_free_for_another_builder_after_a_while(
    timelines: HomeTimelines, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    for engine in ("memory", "redis"):
        monkeypatch.setattr(f"rookery.engines.{engine}.BUILD_MS_MAX", 400)
    assert await timelines.expect(ADA, version=1)
    for _ in range(5):
        assert await page(timelines) is None
        await asyncio.sleep(0.1)
        clock.now_ms += 100
    assert await timelines.expect(ADA, version=1)
    await timelines.keep(ADA, version=1, ids=tweets(5), floor=0)
    assert await ids(timelines) == [5]
    assert not await timelines.expect(ADA, version=1)


async def test_a_kept_timeline_is_not_built_again(timelines: HomeTimelines):
    await keep(timelines, ADA, 3)
    assert not await timelines.expect(ADA, version=1)
    assert await ids(timelines) == [3]


async def test_another_version_is_not_kept(timelines: HomeTimelines):
    await keep(timelines, ADA, 3, version=1)
    assert await page(timelines, version=2) is None


async def test_a_new_version_replaces_the_old(timelines: HomeTimelines):
    await keep(timelines, ADA, 3, version=1)
    await keep(timelines, ADA, 8, version=2)
    assert await ids(timelines, version=2) == [8]
    assert await page(timelines, version=1) is None


async def test_an_outdated_builder_changes_nothing(timelines: HomeTimelines):
    assert await timelines.expect(ADA, version=1)
    assert await timelines.expect(ADA, version=2)
    await timelines.keep(ADA, version=1, ids=tweets(1), floor=0)
    assert await page(timelines, version=2) is None
    await timelines.keep(ADA, version=2, ids=tweets(2), floor=0)
    assert await ids(timelines, version=2) == [2]


async def test_keeping_what_nobody_expects_changes_nothing(timelines: HomeTimelines):
    await timelines.keep(ADA, version=1, ids=tweets(1), floor=0)
    assert await page(timelines) is None


async def test_a_kept_timeline_may_be_empty(timelines: HomeTimelines):
    await keep(timelines, ADA)
    assert await ids(timelines) == []
    await timelines.deliver(TweetId(FIRST + 1), [ADA])
    assert await ids(timelines) == [1]


async def test_a_timeline_does_not_grow_without_end_and_its_floor_rises(timelines: HomeTimelines):
    await keep(timelines, ADA, *range(ENTRIES_MAX, 0, -1))
    last = 2 * ENTRIES_MAX + 10
    for number in range(ENTRIES_MAX + 1, last + 1):
        await timelines.deliver(TweetId(FIRST + number), [ADA])
    kept = await page(timelines, limit=10_000)
    assert kept is not None
    assert ENTRIES_MAX <= len(kept.ids) <= ENTRIES_MAX + 201
    assert kept.ids == tweets(*range(last, last - len(kept.ids), -1)), "the newest, without a gap"
    assert kept.floor == kept.ids[-1]


async def test_what_is_older_than_the_floor_stays_out(timelines: HomeTimelines):
    await keep(timelines, ADA, 9, 7, floor=FIRST + 7)
    await timelines.deliver(TweetId(FIRST + 2), [ADA])
    assert await ids(timelines) == [9, 7]


async def test_delivering_to_nobody_is_fine(timelines: HomeTimelines):
    await timelines.deliver(TweetId(FIRST + 2), [])


async def test_a_delivery_to_thousands_reaches_them_all(timelines: HomeTimelines):
    readers = [UserId(FIRST + number) for number in range(2_500)]
    for reader in readers[::500]:
        await keep(timelines, reader, 1)
    await timelines.deliver(TweetId(FIRST + 4), readers)
    assert [await ids(timelines, reader) for reader in readers[::500]] == [[4, 1]] * 5


async def test_each_part_says_what_it_counts(timelines: HomeTimelines):
    await timelines.deliver(TweetId(FIRST + 4), [ADA, BOB])
    numbers = {measurement.name: measurement.read() for measurement in timelines.measurements()}
    assert numbers["rookery_deliveries"] == 2


async def test_unread_timelines_leave_redis(redis_url: str):
    kept = RedisTimelines(redis_url, entries_max=10, inactive_after_ms=1500)
    await keep(kept, ADA, 1)
    for _ in range(4):
        await asyncio.sleep(0.5)
        assert await ids(kept) == [1], "being read keeps it"
    await asyncio.sleep(1.6)
    assert await page(kept) is None
    await kept.close()


async def test_two_processes_share_timelines_in_redis(redis_url: str):
    one, two = (RedisTimelines(redis_url, entries_max=10, inactive_after_ms=60_000) for _ in range(2))
    assert await one.expect(ADA, version=1)
    assert not await two.expect(ADA, version=1)
    await two.deliver(TweetId(FIRST + 9), [ADA])
    await one.keep(ADA, version=1, ids=tweets(5), floor=0)
    assert await ids(two) == [9, 5]
    await one.close()
    await two.close()


async def test_without_redis_nothing_is_kept_and_a_delivery_is_to_be_tried_again(own_redis: Redis):
    kept = RedisTimelines(own_redis.url(), entries_max=10, inactive_after_ms=60_000)
    await keep(kept, ADA, 1)
    own_redis.kill()
    assert await page(kept) is None
    assert not await kept.expect(ADA, version=1)
    await kept.keep(ADA, version=1, ids=[], floor=0)
    with pytest.raises(Unavailable):
        await kept.deliver(TweetId(FIRST + 9), [ADA])
    own_redis.start()
    await asyncio.sleep(AWAY_S)
    assert await page(kept) is None, "the server came back empty"
    await keep(kept, ADA, 1)
    await kept.deliver(TweetId(FIRST + 9), [ADA])
    assert await ids(kept) == [9, 1]
    await kept.close()


async def test_a_lost_redis_is_not_waited_for_at_every_reading(own_redis: Redis):
    kept = RedisTimelines(own_redis.url(), entries_max=10, inactive_after_ms=60_000)
    await page(kept)
    own_redis.kill()
    await page(kept)
    began = time.perf_counter()
    for _ in range(1000):
        assert await page(kept) is None
    assert time.perf_counter() - began < 30, "waiting 30 ms at every reading is too much"
    await kept.close()


async def test_what_a_restarted_redis_brings_back_from_its_disk_is_not_believed(own_redis: Redis):
    kept = RedisTimelines(own_redis.url(), entries_max=10, inactive_after_ms=60_000)
    await keep(kept, ADA, 1)
    own_redis.command("SAVE")
    await kept.deliver(TweetId(FIRST + 9), [ADA])
    own_redis.kill()
    own_redis.start()
    assert own_redis.command("DBSIZE") == ":1", "the snapshot is there, and it lacks the delivery"
    await asyncio.sleep(AWAY_S)
    assert await page(kept) is None
    await keep(kept, ADA, 9, 1)
    assert await ids(kept) == [9, 1]
    await kept.close()


async def test_redis_is_spoken_to_through_tls(own_tls_redis: Redis):
    kept = RedisTimelines(own_tls_redis.url(), entries_max=10, inactive_after_ms=60_000)
    await keep(kept, ADA, 1)
    assert await ids(kept) == [1]
    await kept.close()


async def test_a_url_that_is_none_is_refused_with_a_sentence():
    with pytest.raises(Misconfigured, match="redis_url is wrong"):
        RedisTimelines("http://localhost", entries_max=10, inactive_after_ms=60_000)


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncGenerator[SqliteDatabase]:
    db = SqliteDatabase(Path(sqlite_url.removeprefix("sqlite:///")))
    yield db
    await db.close()


async def test_the_least_recently_read_leave_when_all_ids_together_are_too_many(sqlite: SqliteDatabase):
    kept = in_memory(sqlite, Clock(), ids_max=10)
    await keep(kept, ADA, 4, 3, 2, 1)
    await keep(kept, BOB, 4, 3, 2, 1)
    assert await ids(kept, ADA) == [4, 3, 2, 1], "read after Bob's"
    for number in (5, 6):
        await kept.deliver(TweetId(FIRST + number), [ADA])
    assert await ids(kept, ADA) == [6, 5, 4, 3, 2, 1]
    assert await page(kept, BOB) is not None
    await kept.deliver(TweetId(FIRST + 7), [BOB])
    assert await page(kept, ADA) is None
    assert await ids(kept, BOB) == [7, 4, 3, 2, 1]
    held = {measurement.name: measurement.read() for measurement in kept.measurements()}
    assert held["rookery_timeline_ids_kept"] == 5


_DELIVERY = sql("""
    INSERT INTO deliveries (seq, tweet_id, user_ids, created_ms) VALUES (:seq, :tweet_id, :user_ids, 0)
""")


async def enter(db: Database, seq: int) -> None:
    """Write to the log under a number of one's choice, as a transaction that commits late does."""

    async def work(tx: Write) -> None:
        ada = array("q", [ADA]).tobytes()
        await tx.run(_DELIVERY, seq=seq, tweet_id=FIRST + seq, user_ids=ada)

    await db.write(work)


async def test_what_commits_late_is_folded_in_and_nothing_is_read_twice(sqlite: SqliteDatabase):
    clock = Clock()
    kept = in_memory(sqlite, clock)
    await keep(kept, ADA)
    await enter(sqlite, 1)
    await enter(sqlite, 4)
    clock.now_ms += CATCH_UP_EVERY_MS
    assert await ids(kept) == [4, 1]
    await enter(sqlite, 3)
    clock.now_ms += CATCH_UP_EVERY_MS
    assert await ids(kept) == [4, 3, 1]
    clock.now_ms += GAP_PATIENCE_MS + 1
    assert await ids(kept) == [4, 3, 1]
    await enter(sqlite, 2)
    clock.now_ms += CATCH_UP_EVERY_MS
    assert await ids(kept) == [4, 3, 1], "nobody waits that long for a number"
    await enter(sqlite, 5)
    clock.now_ms += CATCH_UP_EVERY_MS
    assert await ids(kept) == [5, 4, 3, 1]


class Faltering:
    """A database whose readers wait until they are let go, and may then fail."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.begun = 0
        self.fails = False
        self.free = asyncio.Event()
        self.free.set()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Read]:
        self.begun += 1
        await self.free.wait()
        if self.fails:
            raise Unavailable
        async with self._db.read() as tx:
            yield tx

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


async def test_a_catch_up_that_failed_is_begun_anew_by_the_next_reader(sqlite: SqliteDatabase):
    db, clock = Faltering(sqlite), Clock()
    kept = in_memory(db, clock)
    await keep(kept, ADA)
    await enter(sqlite, 1)
    clock.now_ms += CATCH_UP_EVERY_MS
    db.fails = True
    for _ in range(2):
        with pytest.raises(Unavailable):
            await page(kept)
    db.fails = False
    assert await ids(kept) == [1]


async def test_readers_wait_for_the_catch_up_that_is_under_way(sqlite: SqliteDatabase):
    db, clock = Faltering(sqlite), Clock()
    kept = in_memory(db, clock)
    await keep(kept, ADA)
    await enter(sqlite, 1)
    clock.now_ms += CATCH_UP_EVERY_MS
    db.begun = 0
    db.free.clear()
    readers = [asyncio.ensure_future(ids(kept)) for _ in range(5)]
    await asyncio.sleep(0)
    db.free.set()
    assert await asyncio.gather(*readers) == [[1]] * 5
    assert db.begun == 1


async def test_a_reader_that_leaves_does_not_take_the_others_catch_up_along(sqlite: SqliteDatabase):
    db, clock = Faltering(sqlite), Clock()
    kept = in_memory(db, clock)
    await keep(kept, ADA)
    await enter(sqlite, 1)
    clock.now_ms += CATCH_UP_EVERY_MS
    db.free.clear()
    first, second = [asyncio.ensure_future(ids(kept)) for _ in range(2)]
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    db.free.set()
    assert await second == [1]
