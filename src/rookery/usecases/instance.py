"""What the instance says of itself: how large it is and whom to ask."""

from typing import Final

from rookery import hydration
from rookery.domain.instance import Statistics
from rookery.domain.users import UserView
from rookery.services import Services
from rookery.storage import statistics

STATISTICS_KEPT_MS: Final = 60_000
"""Counting everybody takes a look at everybody, so the numbers are up to a minute old."""
MONTH_MS: Final = 30 * 86_400_000
HALF_YEAR_MS: Final = 180 * 86_400_000


async def instance_statistics(services: Services) -> Statistics:
    """Return counts of users and tweets, at most a minute old."""
    now_ms = services.now_ms()
    minute = now_ms // STATISTICS_KEPT_MS
    kept = services.statistics_cache.get(minute)
    if kept is not None:
        return kept
    async with services.db.read() as tx:
        users, tweets = await statistics.totals(tx)
        fresh = Statistics(
            users=users,
            tweets=tweets,
            users_active_month=await statistics.seen_since(tx, since_ms=now_ms - MONTH_MS),
            users_active_half_year=await statistics.seen_since(tx, since_ms=now_ms - HALF_YEAR_MS),
            contact_id=await statistics.first_admin(tx),
        )
    services.statistics_cache.put(minute, fresh)
    return fresh


async def contact_user(services: Services) -> UserView | None:
    """Return the administrator to write to, or None when there is none yet."""
    facts = await instance_statistics(services)
    if facts.contact_id is None:
        return None
    async with services.db.read() as tx:
        views, _ = await hydration.users(services, tx, None, [facts.contact_id])
    return views[0] if views and views[0].user.active else None
