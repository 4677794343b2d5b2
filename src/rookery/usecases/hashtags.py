"""Finding hashtags, and how they were used lately."""

from collections.abc import Sequence
from typing import Final

from rookery.domain import text
from rookery.domain.ids import id_at
from rookery.domain.timelines import HashtagDay
from rookery.services import Services
from rookery.storage import hashtags

DAYS: Final = 7
DAY_MS: Final = 86_400_000
USES_COUNTED_MAX: Final = 10_000
"""Uses of hashtags that are counted for a day, shared by those asked for; what is above shows as this many."""
CANDIDATES_MAX: Final = 100
"""Hashtags with a beginning that are looked at."""
USES_RANKED_MAX: Final = 50
"""Uses of a hashtag that count for its place among those found."""
USES_COUNTED_MIN: Final = 100
"""However many hashtags are asked for, so many uses of each are counted for a day."""


async def search_hashtags(services: Services, written: str, *, limit: int, skip: int = 0) -> list[str]:
    """Return hashtags, in their kept form, that begin so: the very one first, then those most used in a week."""
    key = text.hashtag_key(written.removeprefix("#").removeprefix("\uff03"))
    if not key or "\0" in key or skip >= CANDIDATES_MAX:
        return []
    week_ms = services.now_ms() - DAYS * DAY_MS
    async with services.db.read() as tx:
        names = await hashtags.names_by_prefix(tx, key, limit=CANDIDATES_MAX)
        if not names:
            return []
        used = await hashtags.uses(
            tx,
            names,
            first_id=id_at(week_ms),
            end_id=id_at(services.now_ms() + DAY_MS),
            limit=USES_RANKED_MAX,
        )
    names.sort(key=lambda name: (name != key, -used.get(name, (0, 0))[1], name))
    return names[skip : skip + limit]


async def hashtag_histories(services: Services, names: Sequence[str]) -> dict[str, list[HashtagDay]]:
    """Return the public uses of hashtags, in their kept form, in the last seven days, today first.

    One that nobody has used has a history of zeros. The more are asked for, the sooner counting stops.
    """
    if not names:
        return {}
    today_ms = services.now_ms() // DAY_MS * DAY_MS
    days: dict[str, list[HashtagDay]] = {name: [] for name in names}
    counted_max = max(USES_COUNTED_MIN, USES_COUNTED_MAX // len(names))
    async with services.db.read() as tx:
        for day_ms in range(today_ms, today_ms - DAYS * DAY_MS, -DAY_MS):
            found = await hashtags.uses(
                tx, names, first_id=id_at(day_ms), end_id=id_at(day_ms + DAY_MS), limit=counted_max
            )
            for name, history in days.items():
                history.append(HashtagDay(day_ms, *found.get(name, (0, 0))))
    return days
