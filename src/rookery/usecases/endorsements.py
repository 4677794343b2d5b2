"""Recommending others on one's profile."""

from typing import Final

from rookery import access, hydration
from rookery.domain.ids import UserId
from rookery.domain.timelines import Page, PageRequest, paged
from rookery.domain.users import Relation, UserView
from rookery.errors import Invalid
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import endorsements, follows, relations

ENDORSEMENTS_MAX: Final = 500
_NOBODY: Final = UserId(0)


async def endorse(services: Services, viewer_id: UserId, target_id: UserId) -> Relation:
    """Recommend somebody whom one follows. Doing it twice is doing it once; unfollowing takes it back."""

    async def work(tx: Write) -> Relation:
        await access.visible_user(tx, target_id)
        if not await follows.exists(tx, viewer_id, target_id):
            raise Invalid("You must be already following the person you want to endorse", field="id")
        is_new = await endorsements.insert(tx, viewer_id, target_id, new_id=services.new_id())
        if is_new and await endorsements.count(tx, viewer_id) > ENDORSEMENTS_MAX:
            raise Invalid(f"You can feature {ENDORSEMENTS_MAX} people", field="id")
        return await relations.require(tx, viewer_id, target_id, now_ms=services.now_ms())

    return await services.db.write(work)


async def unendorse(services: Services, viewer_id: UserId, target_id: UserId) -> Relation:
    """Take a recommendation back. Who was not recommended stays so."""

    async def work(tx: Write) -> Relation:
        await endorsements.delete(tx, viewer_id, target_id)
        return await relations.require(tx, viewer_id, target_id, now_ms=services.now_ms())

    return await services.db.write(work)


async def page_endorsed(
    services: Services, viewer_id: UserId | None, user_id: UserId, page: PageRequest
) -> Page[UserView]:
    """Return those whom a user recommends, the latest first; nobody where the user blocks the viewer."""
    async with services.db.read() as tx:
        await access.visible_user(tx, user_id)
        _, standings = await hydration.users(services, tx, viewer_id, [user_id])
        if standings[user_id].blocked_by:
            return Page([])
        rows = await endorsements.page(tx, user_id, page, viewer_id=viewer_id or _NOBODY)
        views, _ = await hydration.users(services, tx, viewer_id, [row[1] for row in rows])
    return paged(page, views, [row[0] for row in rows])
