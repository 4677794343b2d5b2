"""How somebody likes to read."""

from rookery import access
from rookery.domain.ids import UserId
from rookery.domain.preferences import ReadingPreferences
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import preferences


async def get_preferences(services: Services, viewer_id: UserId) -> ReadingPreferences:
    """Return how the viewer likes to read."""
    async with services.db.read() as tx:
        return await preferences.get(tx, viewer_id)


async def set_preferences(services: Services, viewer_id: UserId, chosen: ReadingPreferences) -> None:
    """Keep how the viewer likes to read."""

    async def work(tx: Write) -> None:
        await access.visible_user(tx, viewer_id)
        await preferences.put(tx, viewer_id, chosen)

    await services.db.write(work)
