"""Periodic work that keeps tables small."""

from typing import Final

from rookery import tasks
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import (
    authorization_codes,
    confirmations,
    deliveries,
    idempotency,
    mutes,
    sessions,
    sign_in_failures,
)

USED_CODES_KEPT_MS: Final = 86_400_000
"""How long a code outlives its end, so that one that comes back is known for what it is."""
MUTES_PER_SLICE: Final = 1_000
"""Mutes that one transaction ends at the most."""


async def trim_deliveries(services: Services, task: tasks.TrimDeliveries) -> None:  # noqa: ARG001
    """Drop the delivery log's old end."""

    async def work(tx: Write) -> None:
        await deliveries.trim(tx, before_ms=services.now_ms() - deliveries.KEPT_MS)

    await services.db.write(work)


async def sweep_expired(services: Services, task: tasks.SweepExpired) -> None:  # noqa: ARG001
    """Drop what has expired."""
    now_ms = services.now_ms()

    async def work(tx: Write) -> None:
        await authorization_codes.delete_expired(tx, before_ms=now_ms - USED_CODES_KEPT_MS)
        await confirmations.delete_expired(tx, before_ms=now_ms)
        await sessions.delete_expired(tx, before_ms=now_ms)
        await sign_in_failures.delete_expired(tx, before_ms=now_ms)
        await idempotency.delete_expired(tx, now_ms=now_ms)

    await services.db.write(work)

    async def end_mutes(tx: Write) -> int:
        return await mutes.delete_expired(tx, now_ms=now_ms, limit=MUTES_PER_SLICE)

    while await services.db.write(end_mutes) >= MUTES_PER_SLICE:
        pass
