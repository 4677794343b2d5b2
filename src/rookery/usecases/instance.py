"""What the instance says of itself: how large it is and whom to ask."""

import asyncio
from typing import Final

from rookery import hydration, tasks
from rookery.domain.instance import Statistics
from rookery.domain.users import UserView
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import statistics
from rookery.storage.statistics import Totals

MONTH_MS: Final = 30 * 86_400_000
HALF_YEAR_MS: Final = 180 * 86_400_000
SLICE_USERS: Final = 2_000
"""Users that are counted at a time: a few milliseconds of the event loop on SQLite."""


async def instance_statistics(services: Services) -> Statistics:
    """Return counts of users and tweets as `count_instance` found them last."""
    async with services.db.read() as tx:
        totals = await statistics.get(tx)
        contact_id = await statistics.first_admin(tx)
    return Statistics(**totals._asdict(), contact_id=contact_id)


async def has_users(services: Services) -> bool:
    """Tell whether anybody has signed up, at this moment."""
    async with services.db.read() as tx:
        return await statistics.has_users(tx)


async def count_instance(services: Services, task: tasks.CountInstance) -> None:  # noqa: ARG001
    """Count users and tweets, a slice of users at a time so that others can read in between."""
    now_ms = services.now_ms()
    totals = Totals()
    after_id: int | None = 0
    while after_id is not None:
        async with services.db.read() as tx:
            after_id, found = await statistics.count_slice(
                tx,
                after_id=after_id,
                limit=SLICE_USERS,
                month_ms=now_ms - MONTH_MS,
                half_year_ms=now_ms - HALF_YEAR_MS,
            )
        totals = Totals(*(sum(pair) for pair in zip(totals, found, strict=True)))
        await asyncio.sleep(0)

    async def work(tx: Write) -> None:
        await statistics.put(tx, totals)

    await services.db.write(work)


async def contact_user(services: Services) -> UserView | None:
    """Return the administrator to write to, or None when there is none yet."""
    async with services.db.read() as tx:
        contact_id = await statistics.first_admin(tx)
        if contact_id is None:
            return None
        views, _ = await hydration.users(services, tx, None, [contact_id])
    return views[0] if views and views[0].user.active else None
