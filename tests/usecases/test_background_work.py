"""Tasks: each is done, once at a time, again when it failed, and by another worker when its own has died."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from rookery import tasks
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import tasks as records
from rookery.workers import loop
from rookery.workers.handlers import HANDLERS
from rookery.workers.loop import RUNNING_MAX, Worker
from tests.world import World

PATIENCE_S = 30.0


class Errand(tasks.Task, frozen=True):
    """A task for these tests."""

    number: int = 0


class ShortErrand(Errand, frozen=True):
    """An errand that may take one second only."""


class Round(tasks.Task, frozen=True):
    """A periodic task for these tests."""


class Desk:
    """What the tasks of a test did, and what they are to do."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.rounds = 0
        self.running = 0
        self.most_running = 0
        self.failures = 0
        """How often the next errands fail."""
        self.gate: asyncio.Event | None = None
        """Errands wait here."""
        self.begun: Callable[[], None] = lambda: None
        """Called when an errand begins."""

    async def run_errand(self, _services: Services, task: Errand) -> None:
        self.begun()
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if self.gate is not None:
                await self.gate.wait()
            if self.failures:
                self.failures -= 1
                raise ValueError("the shop was closed")
            self.done.append(task.number)
        finally:
            self.running -= 1

    async def make_round(self, _services: Services, _task: Round) -> None:
        self.rounds += 1
        if self.failures:
            self.failures -= 1
            raise ValueError("it rained")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk()
    for payload, handler, policy in (
        (Errand, desk.run_errand, tasks.Policy("tests", 3, 60)),
        (ShortErrand, desk.run_errand, tasks.Policy("tests", 3, 1)),
        (Round, desk.make_round, tasks.Policy("tests", 3, 60, every_s=60)),
    ):
        monkeypatch.setitem(tasks.CATALOGUE, payload.__name__, payload)
        monkeypatch.setitem(tasks.POLICIES, payload, policy)
        monkeypatch.setitem(HANDLERS, payload, handler)
    return desk


async def queue(world: World, *payloads: tasks.Task) -> None:
    async def work(tx: Write) -> None:
        for payload in payloads:
            await records.enqueue(world.services, tx, payload)

    await world.services.db.write(work)


async def rows(world: World) -> list[tuple[object, ...]]:
    found = await world.rows(
        "SELECT kind, attempts, error, failed_ms FROM tasks WHERE kind IN ('Errand', 'ShortErrand', 'Unheard')"
    )
    return [tuple(row) for row in found]


@asynccontextmanager
async def worker(world: World) -> AsyncGenerator[Worker]:
    """A worker that runs meanwhile."""
    one = Worker(world.services, asyncio.Event())
    task = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        one.stop()
        await asyncio.wait_for(task, PATIENCE_S)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110  what is waited for lies in the database as often as here
            await asyncio.sleep(0.01)


async def test_what_is_queued_is_done_and_gone(world: World, desk: Desk):
    await queue(world, *[Errand(number) for number in range(100)])
    await world.running.worker.drain()
    assert sorted(desk.done) == list(range(100))
    assert await rows(world) == []
    assert desk.most_running <= RUNNING_MAX


async def test_a_running_worker_notices_what_is_queued_meanwhile(world: World, desk: Desk):
    async with worker(world):
        await queue(world, Errand(1))
        await until(lambda: desk.done == [1])
        await queue(world, Errand(2))
        await until(lambda: desk.done == [1, 2])
    assert await rows(world) == []


async def test_workers_share_the_tasks_without_doing_one_twice(world: World, desk: Desk):
    async with worker(world), worker(world), worker(world):
        await queue(world, *[Errand(number) for number in range(200)])
        await until(lambda: len(desk.done) >= 200)
    assert sorted(desk.done) == list(range(200))
    assert await rows(world) == []


async def test_a_task_goes_straight_to_the_worker_of_its_process(world: World, desk: Desk):
    async with worker(world):
        await until(lambda: desk.rounds == 1)
        await asyncio.sleep(0.5)
        sent: list[str] = []
        with world.counted() as count:
            desk.begun = lambda: sent.extend(count.texts)
            await queue(world, Errand(1))
            await until(lambda: desk.done == [1])
        assert not [text for text in sent if text.startswith("UPDATE tasks")], "nobody had to claim it"
    assert await rows(world) == []


async def test_more_tasks_than_a_worker_has_room_for_wait_in_the_database(world: World, desk: Desk):
    desk.gate = asyncio.Event()
    async with worker(world):
        for number in range(100):
            await queue(world, Errand(number))
        await until(lambda: desk.running >= RUNNING_MAX)
        await asyncio.sleep(0.1)
        # What came straight from transactions during a claim comes on top of what was claimed.
        assert desk.running < 2 * RUNNING_MAX
        desk.gate.set()
        await until(lambda: len(desk.done) == 100)
    assert sorted(desk.done) == list(range(100))
    assert await rows(world) == []


async def test_a_task_whose_worker_died_before_it_began_returns(world: World, desk: Desk):
    world.services.desk.take = lambda _task_id, _task: None
    await queue(world, Errand(1))
    world.services.desk.take = None
    await world.running.worker.drain()
    assert desk.done == []
    world.advance(ms=tasks.LEASE_MS)
    await world.running.worker.drain()
    assert desk.done == [1]


async def test_a_failed_task_waits_and_is_tried_again(world: World, desk: Desk):
    desk.failures = 1
    await queue(world, Errand(1))
    await world.running.worker.drain()
    assert await rows(world) == [("Errand", 1, "ValueError: the shop was closed", None)]
    await world.running.worker.drain()
    assert desk.done == []
    world.advance(seconds=loop.RETRY_FIRST_S)
    await world.running.worker.drain()
    assert desk.done == [1]
    assert await rows(world) == []


async def test_a_task_that_keeps_failing_is_given_up_and_kept(world: World, desk: Desk):
    desk.failures = 100
    await queue(world, Errand(1))
    for _ in range(5):
        await world.running.worker.drain()
        world.advance(seconds=loop.RETRY_LAST_S)
    assert desk.failures == 97
    assert await rows(world) == [
        ("Errand", 3, "ValueError: the shop was closed", world.now_ms - 3 * 3_600_000)
    ]
    async with world.services.db.read() as tx:
        assert await records.count(tx) == (0, 1)


async def test_a_task_that_takes_too_long_is_stopped(world: World, desk: Desk):
    desk.gate = asyncio.Event()
    await queue(world, ShortErrand(1))
    await world.running.worker.drain()
    assert await rows(world) == [("ShortErrand", 1, "it took longer than 1 s", None)]
    assert desk.running == 0


@pytest.mark.usefixtures("desk")
async def test_a_kind_that_this_program_does_not_know_waits_for_one_that_does(world: World):
    await queue(world, Errand(1))

    async def rename(tx: Write) -> None:
        from rookery.sql import sql

        await tx.run(sql("UPDATE tasks SET kind = 'Unheard' WHERE kind = 'Errand'"))

    await world.services.db.write(rename)
    await world.running.worker.drain()
    assert await rows(world) == [("Unheard", 1, "this program knows no such task", None)]


async def test_a_dead_workers_task_returns_when_its_lease_ends(world: World, desk: Desk):
    await queue(world, Errand(1))

    async def claim_and_die(tx: Write) -> int:
        lease_until_ms = world.now_ms + tasks.LEASE_MS
        return len(
            await records.claim(
                tx, now_ms=world.now_ms, lease_until_ms=lease_until_ms, limit=10, queues=[], within=False
            )
        )

    assert await world.services.db.write(claim_and_die) == 1
    await world.running.worker.drain()
    assert desk.done == []
    world.advance(ms=tasks.LEASE_MS)
    await world.running.worker.drain()
    assert desk.done == [1]


async def test_leases_of_running_tasks_are_lengthened(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(loop, "EXTEND_EVERY_S", 0.05)
    desk.gate = asyncio.Event()
    async with worker(world):
        await queue(world, Errand(1))
        await until(lambda: desk.running == 1)
        world.advance(seconds=25)
        await asyncio.sleep(0.3)
        world.advance(seconds=25)
        await Worker(world.services, asyncio.Event()).drain()
        assert desk.most_running == 1
        desk.gate.set()
        await until(lambda: desk.done == [1])


async def test_a_worker_that_stops_finishes_what_runs(world: World, desk: Desk):
    desk.gate = asyncio.Event()
    async with worker(world) as one:
        await queue(world, Errand(1))
        await until(lambda: desk.running == 1)
        one.stop()
        await queue(world, Errand(2))
        await asyncio.sleep(0.05)
        desk.gate.set()
    assert desk.done == [1]
    assert len(await rows(world)) == 1, "the other waits for a worker that goes on"


async def test_a_worker_that_may_not_wait_any_longer_gives_tasks_back(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(loop, "STOP_S", 0.05)
    desk.gate = asyncio.Event()
    async with worker(world):
        await queue(world, Errand(1))
        await until(lambda: desk.running == 1)
    assert desk.running == 0
    desk.gate = None
    await world.running.worker.drain()
    assert desk.done == [1]


async def test_periodic_work_is_done_once_a_period_however_many_workers_there_are(world: World, desk: Desk):
    async with worker(world), worker(world), worker(world):
        await until(lambda: desk.rounds == 1)
        await asyncio.sleep(0.6)
        assert desk.rounds == 1
        world.advance(seconds=61)
        await until(lambda: desk.rounds == 2)
        await asyncio.sleep(0.6)
        assert desk.rounds == 2


async def test_periodic_work_that_failed_has_its_next_turn(world: World, desk: Desk):
    desk.failures = 50
    async with worker(world):
        for turn in range(1, 8):
            await until(lambda turn=turn: desk.rounds == turn)
            await asyncio.sleep(0.3)
            world.advance(seconds=61)
    found = await world.rows("SELECT failed_ms, error FROM tasks WHERE kind = 'Round'")
    assert [tuple(row) for row in found] == [(None, "ValueError: it rained")]


async def test_a_task_leaves_only_with_its_transaction(world: World, desk: Desk):
    async def work(tx: Write) -> None:
        await records.enqueue(world.services, tx, Errand(1))
        raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        await world.services.db.write(work)
    await world.running.worker.drain()
    assert desk.done == []


async def test_an_idle_worker_hardly_asks_the_database(world: World, desk: Desk):
    async with worker(world):
        await until(lambda: desk.rounds == 1)
        await asyncio.sleep(0.5)
        with world.counted() as count:
            await asyncio.sleep(1.0)
    assert count.writes == 0
    assert count.reads <= 6
