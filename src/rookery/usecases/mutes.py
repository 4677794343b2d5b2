"""Muting: the viewer sees nothing of somebody, for good or for a while, and they are not told."""

from typing import Final

from rookery import access, hydration
from rookery.domain.ids import UserId
from rookery.domain.timelines import Page, PageRequest, paged
from rookery.domain.users import MutedView, Relation
from rookery.errors import Invalid
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import mutes, relations

DURATION_MAX_S: Final = 100 * 366 * 86_400
"""A hundred years; whoever wants longer mutes for good."""


async def mute(
    services: Services,
    viewer_id: UserId,
    target_id: UserId,
    *,
    hides_notifications: bool = True,
    duration_s: int = 0,
) -> Relation:
    """Mute somebody for that many seconds (0: for good). Doing it again changes what was chosen before."""
    if not 0 <= duration_s <= DURATION_MAX_S:
        raise Invalid(f"The duration lies between 0 and {DURATION_MAX_S} seconds", field="duration")
    until_ms = services.now_ms() + duration_s * 1000 if duration_s else None

    async def work(tx: Write) -> Relation:
        await access.visible_user(tx, target_id)
        if target_id != viewer_id:
            await mutes.put(
                tx,
                viewer_id,
                target_id,
                new_id=services.new_id(),
                hides_notifications=hides_notifications,
                until_ms=until_ms,
            )
        return await relations.require(tx, viewer_id, target_id, now_ms=services.now_ms())

    return await services.db.write(work)


async def unmute(services: Services, viewer_id: UserId, target_id: UserId) -> Relation:
    """Take a mute back. Who was not muted stays so."""

    async def work(tx: Write) -> Relation:
        await mutes.delete(tx, viewer_id, target_id)
        return await relations.require(tx, viewer_id, target_id, now_ms=services.now_ms())

    return await services.db.write(work)


async def page_muted(services: Services, viewer_id: UserId, page: PageRequest) -> Page[MutedView]:
    """Return those whom the viewer mutes now, the latest first, and until when."""
    async with services.db.read() as tx:
        rows = await mutes.page(tx, viewer_id, page, now_ms=services.now_ms())
        views, _ = await hydration.users(services, tx, viewer_id, [row[1] for row in rows])
    ends = {row[1]: row[2] for row in rows}
    return paged(page, [MutedView(view, ends[view.user.id]) for view in views], [row[0] for row in rows])
