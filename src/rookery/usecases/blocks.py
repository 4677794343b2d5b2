"""Blocking: the two see nothing of each other any more."""

from rookery import access, hydration
from rookery.domain.ids import UserId
from rookery.domain.live import FollowsChanged
from rookery.domain.timelines import Page, PageRequest, paged
from rookery.domain.users import Relation, UserView
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import blocks, collections, relations, users


async def block(services: Services, viewer_id: UserId, target_id: UserId) -> Relation:
    """Block somebody and end all follows and requests between the two. Nobody blocks themselves."""

    async def work(tx: Write) -> Relation:
        await users.lock_counts(tx, [viewer_id, target_id])
        await access.visible_user(tx, target_id)
        if target_id != viewer_id and await blocks.insert(tx, viewer_id, target_id, new_id=services.new_id()):
            await relations.end_follow(services, tx, viewer_id, target_id)
            await relations.end_follow(services, tx, target_id, viewer_id)
            await collections.delete_between(tx, viewer_id, target_id)
            await services.live.announce(tx, FollowsChanged(viewer_id))
            await services.live.announce(tx, FollowsChanged(target_id))
        return await relations.require(tx, viewer_id, target_id, now_ms=services.now_ms())

    return await services.db.write(work)


async def unblock(services: Services, viewer_id: UserId, target_id: UserId) -> Relation:
    """Take a block back. The follows that it ended stay ended."""

    async def work(tx: Write) -> Relation:
        if await blocks.delete(tx, viewer_id, target_id):
            await services.live.announce(tx, FollowsChanged(viewer_id))
            await services.live.announce(tx, FollowsChanged(target_id))
        return await relations.require(tx, viewer_id, target_id, now_ms=services.now_ms())

    return await services.db.write(work)


async def page_blocked(services: Services, viewer_id: UserId, page: PageRequest) -> Page[UserView]:
    """Return those whom the viewer blocks, the latest first."""
    async with services.db.read() as tx:
        rows = await blocks.page(tx, viewer_id, page)
        views, _ = await hydration.users(services, tx, viewer_id, [row[1] for row in rows])
    return paged(page, views, [row[0] for row in rows])
