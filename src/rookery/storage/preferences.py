"""How people like to read."""

from rookery.domain.ids import UserId
from rookery.domain.preferences import ReadingPreferences
from rookery.ports import Read, Write
from rookery.sql import sql

_GET = sql("SELECT media, spoilers, autoplay FROM reading_preferences WHERE user_id = :user_id")


async def get(tx: Read, user_id: UserId) -> ReadingPreferences:
    """Return what a user has chosen, or what holds for those who have chosen nothing."""
    row = await tx.one(_GET, user_id=user_id)
    return ReadingPreferences() if row is None else ReadingPreferences(row[0], bool(row[1]), bool(row[2]))


_PUT = sql("""
    INSERT INTO reading_preferences (user_id, media, spoilers, autoplay)
    VALUES (:user_id, :media, :spoilers, :autoplay)
    ON CONFLICT (user_id) DO UPDATE SET
        media = excluded.media, spoilers = excluded.spoilers, autoplay = excluded.autoplay
""")


async def put(tx: Write, user_id: UserId, chosen: ReadingPreferences) -> None:
    """Keep what a user has chosen."""
    await tx.run(
        _PUT, user_id=user_id, media=chosen.media, spoilers=chosen.spoilers, autoplay=chosen.autoplay
    )
