"""The worker: claims tasks that are due, runs them, and leaves what fails for later."""

import asyncio
from typing import Final

import structlog

from rookery import tasks
from rookery.errors import Unavailable
from rookery.ports import Row, Write
from rookery.services import Services
from rookery.storage import tasks as task_records
from rookery.workers.handlers import HANDLERS

CLAIM_MAX: Final = 32
"""Tasks claimed at a time."""
IDLE_S: Final = 1.0
"""How long a worker sleeps when no task is due and nobody wakes it."""
LEASE_S: Final = 60
RETRY_FIRST_S: Final = 2
RETRY_LAST_S: Final = 3_600

_log = structlog.get_logger(__name__)


class Worker:
    """Runs tasks in this process until it is stopped; any number of workers may share a database."""

    def __init__(self, services: Services, waiting: asyncio.Event) -> None:
        """Take the services and the event that tells of a new task."""
        self._services = services
        self._waiting = waiting

    async def run(self) -> None:
        """Work until cancelled."""
        await self._schedule_periodic()
        while True:
            self._waiting.clear()
            try:
                busy = await self.run_due()
            except Unavailable:
                _log.warning("the database is away; tasks wait")
                busy = False
            if not busy:
                try:
                    await asyncio.wait_for(self._waiting.wait(), IDLE_S)
                except TimeoutError:
                    continue

    async def drain(self) -> None:
        """Run everything that is due, and what that queues, until nothing is."""
        while await self.run_due():
            pass

    async def run_due(self) -> bool:
        """Claim and run a handful of tasks; False when none was due."""
        now_ms = self._services.now_ms()
        async with self._services.db.read() as tx:
            due_ms = await task_records.next_run_at_ms(tx)
        if due_ms is None or due_ms > now_ms:
            return False

        async def claim(tx: Write) -> list[Row]:
            return list(
                await task_records.claim(
                    tx, now_ms=now_ms, lease_until_ms=now_ms + LEASE_S * 1000, limit=CLAIM_MAX
                )
            )

        rows = await self._services.db.write(claim)
        await asyncio.gather(*[self._run(row) for row in rows])
        return bool(rows)

    async def _run(self, row: Row) -> None:
        task_id, kind, payload, attempts = row
        policy = None
        try:
            task = tasks.decode(kind, payload)
            policy = tasks.POLICIES[type(task)]
            async with asyncio.timeout(policy.deadline_s):
                await HANDLERS[type(task)](self._services, task)
        except Exception as error:  # noqa: BLE001  whatever a task raises is kept with the task
            attempts_max = policy.attempts_max if policy else 1
            await self._failed(task_id, kind, attempts, attempts_max, error)
            return
        every_s = policy.every_s

        async def done(tx: Write) -> None:
            if every_s is None:
                await task_records.delete(tx, [task_id])
            else:
                await task_records.rest(tx, task_id, run_at_ms=self._services.now_ms() + every_s * 1000)

        await self._services.db.write(done)

    async def _failed(self, task_id: int, kind: str, attempts: int, attempts_max: int, error: Exception) -> None:
        now_ms = self._services.now_ms()
        sentence = f"{type(error).__name__}: {error}"[:500]
        last = attempts >= attempts_max
        _log.warning("a task failed", kind=kind, attempts=attempts, given_up=last, error=sentence, exc_info=error)

        async def work(tx: Write) -> None:
            if last:
                await task_records.fail(tx, task_id, now_ms=now_ms, error=sentence)
            else:
                pause_s = min(RETRY_LAST_S, RETRY_FIRST_S * 2**attempts)
                await task_records.retry(tx, task_id, run_at_ms=now_ms + pause_s * 1000, error=sentence)

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
