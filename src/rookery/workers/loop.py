"""The worker: takes tasks, runs them, and leaves what fails for later.

Tasks that this process queues come straight from their transaction (`TaskDesk`), which has claimed them already; all
others are claimed when they are due. What came of finished tasks is written for many at once. A claim is a lease: a
worker that dies loses its tasks to another when the lease ends.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

import msgspec
import structlog

from rookery import tasks
from rookery.domain.measurements import Kind, Measurement
from rookery.errors import RookeryError, Unavailable
from rookery.ports import Row, Write
from rookery.services import Services
from rookery.storage import tasks as task_records
from rookery.workers.handlers import GIVEN_UP, HANDLERS

RUNNING_MAX: Final = 32
"""Tasks one worker claims to run at a time; those that transactions leave with it during a claim come on top."""
IDLE_S: Final = 0.25
"""How long a worker sleeps when no task is due and nobody wakes it: other processes' tasks are found by looking."""
EXTEND_EVERY_S: Final = 10
"""How often the leases of running tasks are lengthened."""
RETRY_FIRST_S: Final = 2
"""The first pause after a failure; it doubles."""
RETRY_LAST_S: Final = 3_600
UNKNOWN_ATTEMPTS_MAX: Final = 20
"""Attempts at a kind this program does not know: a newer one that shares the database may."""
AWAY_S: Final = 1.0
"""How long a worker waits when the database cannot be reached."""
STOP_S: Final = 10.0
"""How long running tasks may take when the worker is to stop; then they go back to the queue."""
_ERROR_CHARS_MAX: Final = 500

Outcome = Callable[[Write], Awaitable[None]]

_log = structlog.get_logger(__name__)


class Worker:
    """Runs tasks in this process until it is stopped; any number of workers may share a database."""

    def __init__(self, services: Services, waiting: asyncio.Event) -> None:
        """Take the services and the event that tells of a new task."""
        self.counts: Counter[str] = Counter()
        """How many runs ended how: `done`, `failed` (to be tried again), `given up`."""
        self._services = services
        self._waiting = waiting
        self._running: dict[int, asyncio.Task[None]] = {}
        self._slow: Counter[str] = Counter()
        """How many of them are of each slow queue."""
        self._done: list[int] = []
        """Tasks that are finished and still in the table."""
        self._outcomes: list[Outcome] = []
        """What else is to be written about finished tasks."""
        self._more = False
        """Whether `RUNNING_MAX` has kept this worker from claiming, so that more tasks may be due."""
        self._takes = False
        """Whether transactions may leave tasks here."""
        self._stopping = False

    async def run(self) -> None:
        """Work until `stop` is called; then finish the running tasks and return."""
        extending = asyncio.create_task(self._extend_leases())
        scheduled = False
        self._offer(takes=True)
        try:
            while not self._stopping:
                self._waiting.clear()
                try:
                    if not scheduled:
                        await self._schedule_periodic()
                        scheduled = True
                    await self._pause(await self._step())
                except Unavailable as error:
                    _log.warning("the database is away; tasks wait", error=error.message)
                    await self._pause(AWAY_S)
                except Exception:  # noqa: BLE001  a bug must not stop the queue
                    _log.exception("the worker stumbled and goes on")
                    await self._pause(AWAY_S)
            await self._wind_down()
        finally:
            self._offer(takes=False)
            extending.cancel()

    def stop(self) -> None:
        """Let `run` claim nothing more and return."""
        self._stopping = True
        self._offer(takes=False)
        self._waiting.set()

    def _offer(self, *, takes: bool) -> None:
        """Let transactions leave their tasks here, as long as there is room."""
        self._takes = takes
        self._services.desk.take = self._take if takes and self._quick < RUNNING_MAX else None

    @property
    def _quick(self) -> int:
        """How many running tasks are of no slow queue."""
        return len(self._running) - self._slow.total()

    def _take(self, task_id: int, task: tasks.Task) -> None:
        if self._stopping:
            self._outcomes.append(self._given_back(task_id))
        else:
            self._begin(task_id, task, attempts=1)

    def _begin(self, task_id: int, task: tasks.Task, *, attempts: int) -> None:
        if (queue := tasks.POLICIES[type(task)].queue) in tasks.SLOW_QUEUES:
            self._slow[queue] += 1
        self._running[task_id] = asyncio.create_task(self._carry_out(task_id, task, attempts))
        if self._takes and self._quick >= RUNNING_MAX:
            self._offer(takes=True)

    def _begin_claimed(self, row: Row) -> None:
        task_id, kind, payload, attempts = row
        try:
            task = tasks.decode(kind, payload)
        except (KeyError, msgspec.MsgspecError) as error:
            self._outcomes.append(self._failed(task_id, kind, attempts, error))
        else:
            self._begin(task_id, task, attempts=attempts)

    async def drain(self) -> None:
        """Run everything that is due, and what that queues, until nothing is."""
        while True:
            await self._step()
            if self._running:
                await asyncio.wait(self._running.values())
            elif not self._done and not self._outcomes:
                return

    async def _step(self) -> float:
        """Report what is finished, claim and begin what is due; return how long to sleep, in seconds."""
        now_ms = self._services.now_ms()
        room = max(0, RUNNING_MAX - self._quick)
        self._more = not room
        if not self._done and not self._outcomes:
            async with self._services.db.read() as tx:
                due_ms = await task_records.next_run_at_ms(tx, full=self._full())
            if not room or due_ms is None:
                return IDLE_S
            if due_ms > now_ms:
                return min(IDLE_S, (due_ms - now_ms) / 1000)
        rows = await self._exchange(now_ms, room)
        for row in rows:
            # A claim may have been under way when the worker was told to stop.
            if self._stopping:
                self._outcomes.append(self._given_back(row[0]))
            else:
                self._begin_claimed(row)
        self._more = len(rows) >= room
        return IDLE_S

    async def _exchange(self, now_ms: int, room: int) -> list[Row]:
        """Report finished tasks and claim due ones in one transaction; what cannot be reported now is kept."""
        done, self._done = self._done, []
        outcomes, self._outcomes = self._outcomes, []

        async def work(tx: Write) -> list[Row]:
            if done:
                await task_records.delete(tx, done)
            for outcome in outcomes:
                await outcome(tx)
            if not room or self._stopping:
                return []
            return await self._claim(tx, now_ms, room)

        try:
            return await self._services.db.write(work)
        except BaseException:
            self._done += done
            self._outcomes += outcomes
            raise

    async def _claim(self, tx: Write, now_ms: int, room: int) -> list[Row]:
        lease_until_ms = now_ms + tasks.LEASE_MS
        rows = list(
            await task_records.claim(
                tx,
                now_ms=now_ms,
                lease_until_ms=lease_until_ms,
                limit=room,
                queues=list(tasks.SLOW_QUEUES),
                within=False,
            )
        )
        for queue, running_max in tasks.SLOW_QUEUES.items():
            if (free := running_max - self._slow[queue]) > 0:
                rows += await task_records.claim(
                    tx,
                    now_ms=now_ms,
                    lease_until_ms=lease_until_ms,
                    limit=free,
                    queues=[queue],
                    within=True,
                )
        return rows

    def _full(self) -> list[str]:
        """Return the slow queues of which as much is done here as may be."""
        return [queue for queue, most in tasks.SLOW_QUEUES.items() if self._slow[queue] >= most]

    async def _carry_out(self, task_id: int, task: tasks.Task, attempts: int) -> None:
        policy = tasks.POLICIES[type(task)]
        try:
            async with asyncio.timeout(policy.deadline_s):
                await HANDLERS[type(task)](self._services, task)
        except asyncio.CancelledError:
            self._outcomes.append(self._given_back(task_id))
        except Exception as error:  # noqa: BLE001  whatever a task raises is kept with the task
            self._outcomes.append(self._failed(task_id, type(task).__name__, attempts, error, task))
        else:
            self.counts["done"] += 1
            if policy.every_s is None:
                self._done.append(task_id)
            else:
                self._outcomes.append(self._rested(task_id, every_s=policy.every_s, error=None))
        finally:
            self._ended(task_id, policy.queue)

    def _ended(self, task_id: int, queue: str) -> None:
        del self._running[task_id]
        if queue in tasks.SLOW_QUEUES:
            self._slow[queue] -= 1
            self._waiting.set()
        if self._takes and self._services.desk.take is None:
            self._offer(takes=True)
        if self._more and self._quick <= RUNNING_MAX // 2:
            self._waiting.set()

    def _rested(self, task_id: int, *, every_s: int, error: str | None) -> Outcome:
        run_at_ms = self._services.now_ms() + every_s * 1000
        return lambda tx: task_records.rest(tx, task_id, run_at_ms=run_at_ms, error=error)

    def _given_back(self, task_id: int) -> Outcome:
        run_at_ms = self._services.now_ms()
        return lambda tx: task_records.retry(
            tx, task_id, run_at_ms=run_at_ms, error="the worker was stopped meanwhile"
        )

    def _failed(
        self, task_id: int, kind: str, attempts: int, error: Exception, task: tasks.Task | None = None
    ) -> Outcome:
        policy = tasks.POLICIES[type(task)] if task is not None else None
        now_ms = self._services.now_ms()
        sentence = _sentence(error, policy)
        every_s = policy.every_s if policy else None
        attempts_max = policy.attempts_max if policy else UNKNOWN_ATTEMPTS_MAX
        given_up = every_s is None and attempts >= attempts_max
        self.counts["given up" if given_up else "failed"] += 1
        _log.warning(
            "a task failed",
            kind=kind,
            attempts=attempts,
            given_up=given_up,
            error=sentence,
            exc_info=None if isinstance(error, RookeryError | TimeoutError) else error,
        )
        if every_s is not None:
            return self._rested(task_id, every_s=every_s, error=sentence)
        if given_up:
            return self._given_up(task_id, task, error=sentence)
        pause_s = min(RETRY_LAST_S, RETRY_FIRST_S * 2 ** (attempts - 1))
        return lambda tx: task_records.retry(tx, task_id, run_at_ms=now_ms + pause_s * 1000, error=sentence)

    def _given_up(self, task_id: int, task: tasks.Task | None, *, error: str) -> Outcome:
        now_ms = self._services.now_ms()

        async def outcome(tx: Write) -> None:
            await task_records.fail(tx, task_id, now_ms=now_ms, error=error)
            if task is not None and (note := GIVEN_UP.get(type(task))) is not None:
                await note(self._services, tx, task)

        return outcome

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        return [
            Measurement(
                "rookery_tasks_done", "Tasks carried out here.", Kind.COUNTER, lambda: self.counts["done"]
            ),
            Measurement(
                "rookery_tasks_retried",
                "Runs of tasks here that failed and are tried again.",
                Kind.COUNTER,
                lambda: self.counts["failed"],
            ),
        ]

    async def _pause(self, seconds: float) -> None:
        timer = asyncio.get_running_loop().call_later(seconds, self._waiting.set)
        await self._waiting.wait()
        timer.cancel()

    async def _wind_down(self) -> None:
        if self._running:
            _, late = await asyncio.wait(self._running.values(), timeout=STOP_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        with suppress(Unavailable):
            if self._done or self._outcomes:
                await self._exchange(self._services.now_ms(), 0)

    async def _extend_leases(self) -> None:
        while True:
            await asyncio.sleep(EXTEND_EVERY_S)
            task_ids = list(self._running)
            lease_until_ms = self._services.now_ms() + tasks.LEASE_MS

            async def work(
                tx: Write, task_ids: list[int] = task_ids, lease_until_ms: int = lease_until_ms
            ) -> None:
                await task_records.extend(tx, task_ids, lease_until_ms=lease_until_ms)

            if task_ids:
                with suppress(Unavailable):
                    await self._services.db.write(work)

    async def _schedule_periodic(self) -> None:
        async def work(tx: Write) -> None:
            for payload, policy in tasks.POLICIES.items():
                if policy.every_s is not None:
                    await task_records.insert(
                        tx,
                        payload(),
                        new_id=self._services.new_id(),
                        run_at_ms=self._services.now_ms(),
                        period_key=payload.__name__,
                    )

        await self._services.db.write(work)


def _sentence(error: Exception, policy: tasks.Policy | None) -> str:
    if isinstance(error, TimeoutError) and policy is not None:
        return f"it took longer than {policy.deadline_s} s"
    if policy is None and isinstance(error, KeyError):
        return "this program knows no such task"
    return f"{type(error).__name__}: {error}"[:_ERROR_CHARS_MAX]
