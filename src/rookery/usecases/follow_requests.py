"""Deciding about those who ask to follow a locked user."""

from rookery import hydration
from rookery.domain.ids import UserId
from rookery.domain.notifications import NotificationKind
from rookery.domain.timelines import Page, PageRequest, paged
from rookery.domain.users import Relation, UserView
from rookery.errors import NotFound
from rookery.notifying import notify, withdraw
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import follow_requests, relations


async def accept_follow_request(services: Services, viewer_id: UserId, follower_id: UserId) -> Relation:
    """Let somebody who asked follow the viewer. Raises NotFound when they did not ask."""

    async def work(tx: Write) -> Relation:
        asked = await follow_requests.take(tx, follower_id, viewer_id)
        if asked is None:
            raise NotFound
        shows_retweets, notifies, languages = asked
        await relations.begin_follow(
            services,
            tx,
            follower_id,
            viewer_id,
            shows_retweets=bool(shows_retweets),
            notifies=bool(notifies),
            languages=languages.split(),
        )
        await withdraw(tx, NotificationKind.FOLLOW_REQUEST, by=follower_id, recipient=viewer_id)
        await notify(services, tx, NotificationKind.FOLLOW, recipients=[viewer_id], by=follower_id)
        return await relations.require(tx, viewer_id, follower_id, now_ms=services.now_ms())

    return await services.db.write(work)


async def reject_follow_request(services: Services, viewer_id: UserId, follower_id: UserId) -> Relation:
    """Turn somebody down who asked to follow the viewer. Raises NotFound when they did not ask."""

    async def work(tx: Write) -> Relation:
        if await follow_requests.take(tx, follower_id, viewer_id) is None:
            raise NotFound
        await withdraw(tx, NotificationKind.FOLLOW_REQUEST, by=follower_id, recipient=viewer_id)
        return await relations.require(tx, viewer_id, follower_id, now_ms=services.now_ms())

    return await services.db.write(work)


async def page_follow_requests(services: Services, viewer_id: UserId, page: PageRequest) -> Page[UserView]:
    """Return those who ask to follow the viewer, the latest first."""
    async with services.db.read() as tx:
        rows = await follow_requests.page(tx, viewer_id, page)
        views, _ = await hydration.users(services, tx, viewer_id, [row[1] for row in rows])
    return paged(page, views, [row[0] for row in rows])
