"""What those who watch over the service ask: does the database answer, and how much work waits."""

from typing import NamedTuple

from rookery.services import Services
from rookery.storage import tasks
from rookery.storage.migrate import version_of


class Backlog(NamedTuple):
    """Background work that is not done."""

    waiting: int
    failed: int
    """Given up."""


async def require_database(services: Services) -> None:
    """Raise Unavailable when the database does not answer."""
    async with services.db.read() as tx:
        await version_of(tx)


async def count_backlog(services: Services) -> Backlog:
    """Return how many tasks wait or run, and how many were given up."""
    async with services.db.read() as tx:
        return Backlog(*await tasks.count(tx))
