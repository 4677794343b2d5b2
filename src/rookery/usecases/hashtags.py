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
USES_COUNTED_MIN: Final = 100
"""However many hashtags are asked for, so many uses of each are counted for a day."""


async def find_hashtag(services: Services, name: str) -> str | None:
    """Return the form under which this hashtag is kept, or None when nobody has ever used it."""
    key = text.hashtag_key(name.removeprefix("#"))
    async with services.db.read() as tx:
        return key if key in await hashtags.ids(tx, [key]) else None


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
