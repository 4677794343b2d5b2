"""The own profile: reading it and changing it."""

from rookery import hydration
from rookery.domain import profiles
from rookery.domain.ids import UserId
from rookery.domain.profiles import ProfileChanges
from rookery.domain.users import UserState, UserView
from rookery.errors import NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import follow_requests, users


async def get_own_profile(services: Services, viewer_id: UserId) -> tuple[UserView, int]:
    """Return the viewer's own profile and how many ask to follow."""
    async with services.db.read() as tx:
        return await _own(services, tx, viewer_id)


async def change_profile(
    services: Services, viewer_id: UserId, changes: ProfileChanges
) -> tuple[UserView, int]:
    """Change the viewer's own profile and return it with the number of those who ask to follow.

    Who unlocks a profile keeps the requests that wait: each is still to be decided. Raises Invalid naming the field.
    """

    async def work(tx: Write) -> None:
        if not await users.touch(tx, viewer_id, now_ms=services.now_ms()):
            raise NotFound
        user = await users.get(tx, viewer_id)
        if user is None or user.state is UserState.DELETED:
            raise NotFound
        await users.update_profile(tx, profiles.changed(user, changes, services.limits))

    await services.db.write(work)
    async with services.db.read() as tx:
        return await _own(services, tx, viewer_id)


async def _own(services: Services, tx: Read, viewer_id: UserId) -> tuple[UserView, int]:
    views, _ = await hydration.users(services, tx, viewer_id, [viewer_id])
    if not views:
        raise NotFound
    return views[0], await follow_requests.count(tx, viewer_id)
