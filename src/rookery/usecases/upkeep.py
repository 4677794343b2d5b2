"""Periodic work that keeps tables small."""

from rookery import tasks
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import deliveries


async def trim_deliveries(services: Services, task: tasks.TrimDeliveries) -> None:  # noqa: ARG001
    """Drop the delivery log's old end."""

    async def work(tx: Write) -> None:
        await deliveries.trim(tx, before_ms=services.now_ms() - deliveries.KEPT_MS)

    await services.db.write(work)


async def sweep_expired(services: Services, task: tasks.SweepExpired) -> None:
    """Drop what has expired."""
