"""Periodic work that keeps tables small."""

from collections.abc import Awaitable
from typing import Final, Protocol

from rookery import tasks
from rookery.domain.ids import id_at
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import (
    authorization_codes,
    confirmations,
    deliveries,
    email_changes,
    idempotency,
    live_events,
    mutes,
    notifications,
    passkeys,
    rankings,
    sessions,
    sign_in_failures,
    two_factor,
)
from rookery.storage import tasks as task_records

USED_CODES_KEPT_MS: Final = 86_400_000
"""How long a code outlives its end, so that one that comes back is known for what it is."""
FAILED_TASKS_KEPT_MS: Final = 30 * 86_400_000
"""How long a task that was given up stays to be looked at."""
LIVE_EVENTS_KEPT_MS: Final = 60_000
"""How long live events stay: longer than any process is behind."""
NOTIFICATIONS_KEPT_MS: Final = 180 * 86_400_000
"""Half a year: who has not read it by then will not."""
RANKINGS_KEPT_MS: Final = 2 * 86_400_000
"""Who comes back later than that begins anew."""
SLICE_ROWS: Final = 1_000
"""Rows that one transaction removes at the most."""


async def trim_deliveries(services: Services, task: tasks.TrimDeliveries) -> None:  # noqa: ARG001
    """Drop the old ends of the delivery log and of the live events."""

    async def work(tx: Write) -> None:
        await deliveries.trim(tx, before_ms=services.now_ms() - deliveries.KEPT_MS)

    async def forget(tx: Write) -> int:
        return await live_events.delete_before(
            tx, id_at(services.now_ms() - LIVE_EVENTS_KEPT_MS), limit=SLICE_ROWS
        )

    await services.db.write(work)
    while await services.db.write(forget) >= SLICE_ROWS:
        pass


class _Removal(Protocol):
    """Removes rows that ended before a time, at most so many, and returns how many."""

    def __call__(self, tx: Write, /, *, before_ms: int, limit: int) -> Awaitable[int]: ...


async def sweep_expired(services: Services, task: tasks.SweepExpired) -> None:  # noqa: ARG001
    """Drop what has expired, in transactions that are over quickly."""
    now_ms = services.now_ms()
    removals: tuple[tuple[_Removal, int], ...] = (
        (authorization_codes.delete_expired, now_ms - USED_CODES_KEPT_MS),
        (confirmations.delete_expired, now_ms),
        (email_changes.delete_expired, now_ms),
        (sessions.delete_expired, now_ms),
        (two_factor.delete_expired_steps, now_ms),
        (passkeys.delete_expired_challenges, now_ms),
        (sign_in_failures.delete_expired, now_ms),
        (idempotency.delete_expired, now_ms - idempotency.KEPT_MS),
        (mutes.delete_expired, now_ms),
        (notifications.delete_old, now_ms - NOTIFICATIONS_KEPT_MS),
        (rankings.delete_old, now_ms - RANKINGS_KEPT_MS),
        (task_records.delete_failed, now_ms - FAILED_TASKS_KEPT_MS),
    )
    for remove, before_ms in removals:
        await _remove_all(services, remove, before_ms=before_ms)


async def _remove_all(services: Services, remove: _Removal, *, before_ms: int) -> None:
    async def work(tx: Write) -> int:
        return await remove(tx, before_ms=before_ms, limit=SLICE_ROWS)

    while await services.db.write(work) >= SLICE_ROWS:
        pass
