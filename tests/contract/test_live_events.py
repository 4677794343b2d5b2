"""Live events leave with the commit and reach every process once, through the database and through Redis."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest

from rookery.app import open_database
from rookery.domain.ids import Snowflake, TweetId, UserId, id_at
from rookery.domain.live import EventsLost, FiltersChanged, LiveEvent, TweetPosted, decode, encode
from rookery.engines.live import LogLive
from rookery.engines.redis_live import RedisLive
from rookery.ports import LiveEvents, Write
from rookery.storage import live_events
from tests.servers import Redis
from tests.world import RealClock

PATIENCE_S = 30.0


class Process:
    """What one process has: a connection to the records, and the port."""

    def __init__(self, db: Any, live: LiveEvents, new_id: Snowflake) -> None:
        self.db = db
        self.live = live
        self.new_id = new_id
        self.heard: asyncio.Queue[LiveEvent] = asyncio.Queue()

    async def listen(self) -> Callable[[], None]:
        return await self.live.listen(self.heard.put_nowait)

    async def announce(self, *events: LiveEvent) -> None:
        async def work(tx: Write) -> None:
            for event in events:
                await self.live.announce(tx, event)

        await self.db.write(work)

    async def next(self) -> LiveEvent:
        """The next event that says something about somebody."""
        while isinstance(event := await asyncio.wait_for(self.heard.get(), PATIENCE_S), EventsLost):
            pass
        return event


Start = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start(database_url: str, engine_parts: Any) -> AsyncGenerator[Start]:
    """Start a process on the test's database, with the Redis server beside it, if there is one, or another."""
    async with AsyncExitStack() as closing:
        nodes = iter(range(100))

        async def started(*, redis_url: str = engine_parts[2]) -> Process:
            db = await open_database(database_url)
            closing.push_async_callback(db.close)
            new_id = Snowflake(next(nodes), RealClock())
            log = LogLive(db, new_id, RealClock())
            live = RedisLive(redis_url, db, log) if redis_url else log
            closing.push_async_callback(live.close)
            return Process(db, live, new_id)

        yield started


def about(number: int) -> TweetPosted:
    return TweetPosted(TweetId(number), UserId(1))


async def test_every_process_that_listens_hears_every_event_once_and_in_order(start: Start):
    writer, *listeners = [await start() for _ in range(3)]
    for listener in listeners:
        await listener.listen()
    for number in range(20):
        await writer.announce(about(number))
    for listener in listeners:
        assert [await listener.next() for _ in range(20)] == [about(number) for number in range(20)]
    await writer.announce(FiltersChanged(UserId(7)))
    for listener in listeners:
        assert await listener.next() == FiltersChanged(UserId(7))
        assert listener.heard.empty()


async def test_what_is_rolled_back_is_not_told(start: Start):
    process = await start()
    await process.listen()

    async def failing(tx: Write) -> None:
        await process.live.announce(tx, about(1))
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await process.db.write(failing)
    await process.announce(about(2))
    assert await process.next() == about(2)


async def test_nothing_is_told_of_what_was_before_and_after_one_listens(start: Start):
    writer, listener = await start(), await start()
    await writer.announce(about(1))
    stop = await listener.listen()
    await writer.announce(about(2))
    assert await listener.next() == about(2)
    stop()
    other = await start()
    await other.listen()
    await writer.announce(about(3))
    assert await other.next() == about(3)
    assert listener.heard.empty()


async def test_an_event_that_commits_after_a_younger_one_is_told(start: Start):
    process = await start(redis_url="")
    await process.listen()
    early = process.new_id()
    await process.announce(about(2))
    assert await process.next() == about(2)

    async def late(tx: Write) -> None:
        await live_events.insert(tx, [(early, encode(about(1)))])

    await process.db.write(late)
    assert await process.next() == about(1)


async def test_an_event_of_a_newer_program_is_passed_over(start: Start):
    process = await start(redis_url="")
    await process.listen()

    async def work(tx: Write) -> None:
        await live_events.insert(tx, [(process.new_id(), '["FromTheFuture", 1]')])
        await process.live.announce(tx, about(1))

    await process.db.write(work)
    assert await process.next() == about(1)


async def test_old_events_are_dropped_in_slices(start: Start):
    process = await start(redis_url="")
    await process.announce(about(1), about(2), about(3))
    later = id_at(RealClock()() + 1_000)

    async def drop(tx: Write) -> int:
        return await live_events.delete_before(tx, later, limit=2)

    assert [await process.db.write(drop) for _ in range(3)] == [2, 1, 0]


async def rows(process: Process) -> Sequence[Any]:
    async with process.db.read() as tx:
        return await live_events.since(tx, 0, limit=100)


async def test_with_redis_nothing_is_written_down(start: Start, redis_url: str):
    process = await start(redis_url=redis_url)
    await process.listen()
    await process.announce(about(1))
    assert await process.next() == about(1)
    assert not await rows(process)


async def test_while_redis_is_away_events_go_by_the_database_and_then_by_redis_again(
    start: Start, own_redis: Redis
):
    writer, listener = [await start(redis_url=own_redis.url()) for _ in range(2)]
    await listener.listen()
    await writer.announce(about(1))
    assert await listener.next() == about(1)
    own_redis.kill()
    await writer.announce(about(2))
    await writer.announce(about(3))
    assert {await listener.next(), await listener.next()} == {about(2), about(3)}
    assert {decode(row[1]) for row in await rows(writer)} == {about(2), about(3)}
    own_redis.start()
    async with asyncio.timeout(PATIENCE_S):
        while not isinstance(await listener.heard.get(), EventsLost):
            pass
    await writer.announce(about(4))
    assert await listener.next() == about(4)


async def test_a_process_that_reaches_redis_hears_one_that_does_not(start: Start, redis_url: str):
    cut_off, listener = await start(redis_url="redis://127.0.0.1:1/0"), await start(redis_url=redis_url)
    await listener.listen()
    await cut_off.announce(about(1))
    assert await listener.next() == about(1)


async def test_instances_in_two_databases_of_one_redis_do_not_hear_each_other(start: Start, redis_url: str):
    ours, theirs = (
        await start(redis_url=redis_url),
        await start(redis_url=redis_url.rsplit("/", 1)[0] + "/63"),
    )
    await ours.listen()
    await theirs.announce(about(1))
    await ours.announce(about(2))
    assert await ours.next() == about(2)
    assert ours.heard.empty()
