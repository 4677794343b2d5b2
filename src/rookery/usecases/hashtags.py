"""Finding hashtags, and how they were used lately."""

from typing import Final

from rookery.domain import text
from rookery.domain.ids import id_at
from rookery.domain.timelines import HashtagDay
from rookery.errors import NotFound
from rookery.services import Services
from rookery.storage import hashtags

DAYS: Final = 7
DAY_MS: Final = 86_400_000
USES_COUNTED_MAX: Final = 10_000
"""Uses of a hashtag that are counted for a day; what is above shows as this many."""


async def find_hashtag(services: Services, name: str) -> str | None:
    """Return the form under which this hashtag is kept, or None when no tweet has ever carried it."""
    key = text.hashtag_key(name.removeprefix("#"))
    async with services.db.read() as tx:
        return key if key in await hashtags.ids(tx, [key]) else None


async def get_hashtag_history(services: Services, name: str) -> tuple[str, list[HashtagDay]]:
    """Return a hashtag's kept form and its public uses in the last seven days, today first.

    One that nobody has used has a history of zeros; raises NotFound when the text is no hashtag.
    """
    if not text.is_hashtag(name):
        raise NotFound
    key = text.hashtag_key(name)
    today_ms = services.now_ms() // DAY_MS * DAY_MS
    days: list[HashtagDay] = []
    async with services.db.read() as tx:
        hashtag_id = (await hashtags.ids(tx, [key])).get(key)
        for day_ms in range(today_ms, today_ms - DAYS * DAY_MS, -DAY_MS):
            uses, authors = (0, 0)
            if hashtag_id is not None:
                uses, authors = await hashtags.uses(
                    tx,
                    hashtag_id,
                    first_id=id_at(day_ms),
                    end_id=id_at(day_ms + DAY_MS),
                    limit=USES_COUNTED_MAX,
                )
            days.append(HashtagDay(day_ms, uses, authors))
    return key, days
