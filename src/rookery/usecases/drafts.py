"""Drafts: what somebody writes is kept on the server, for all their devices, until it is posted."""

from collections.abc import Sequence

import msgspec

from rookery.domain.composing import Manuscript
from rookery.domain.drafts import DRAFTS_MAX, KeptDraft, encoded
from rookery.domain.ids import UserId
from rookery.domain.timelines import Page, PageRequest, paged
from rookery.errors import Conflict, Invalid, NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import drafts, media, users


async def keep_draft(services: Services, user_id: UserId, manuscript: Manuscript) -> KeptDraft:
    """Keep what is written so far, whether or not it could be posted. Raises Invalid above a limit."""
    content = encoded(manuscript)
    draft_id = services.new_id()

    async def work(tx: Write) -> KeptDraft:
        # Whoever begins another one at the same time waits here, so that both are counted.
        await users.lock_counts(tx, [user_id])
        if await drafts.count(tx, user_id) >= DRAFTS_MAX:
            raise Invalid(f"You have exceeded the limit of {DRAFTS_MAX} drafts", field="text")
        await drafts.insert(tx, draft_id, user_id, content, now_ms=services.now_ms())
        await _hold(services, tx, user_id, draft_id, manuscript)
        return await _own(tx, user_id, draft_id)

    return await services.db.write(work)


async def change_draft(
    services: Services, user_id: UserId, draft_id: int, manuscript: Manuscript, *, seen_revision: int | None
) -> KeptDraft:
    """Write a draft anew. Raises NotFound, Invalid, and Conflict when it is not any more at the revision seen."""
    content = encoded(manuscript)

    async def work(tx: Write) -> KeptDraft:
        await _own(tx, user_id, draft_id)
        if not await drafts.update(
            tx, draft_id, user_id, content, revision=seen_revision or 0, now_ms=services.now_ms()
        ):
            raise Conflict("This draft was changed elsewhere: read it again first", field="revision")
        await _hold(services, tx, user_id, draft_id, manuscript)
        return await _own(tx, user_id, draft_id)

    return await services.db.write(work)


async def get_draft(services: Services, user_id: UserId, draft_id: int) -> KeptDraft:
    """Return one of the user's drafts, or raise NotFound."""
    async with services.db.read() as tx:
        return await _own(tx, user_id, draft_id)


async def page_drafts(services: Services, user_id: UserId, page: PageRequest) -> Page[KeptDraft]:
    """Return a page of the user's drafts, the one begun last first."""
    async with services.db.read() as tx:
        found = await _shown(tx, user_id, await drafts.page(tx, user_id, page))
    return paged(page, found, [one.id for one in found])


async def throw_draft_away(services: Services, user_id: UserId, draft_id: int) -> None:
    """Throw a draft away; raise NotFound when there is none."""

    async def work(tx: Write) -> None:
        if not await drafts.delete(tx, draft_id, user_id):
            raise NotFound
        await media.release(tx, draft_id, now_ms=services.now_ms())

    await services.db.write(work)


async def _hold(
    services: Services, tx: Write, user_id: UserId, draft_id: int, manuscript: Manuscript
) -> None:
    """Keep the user's uploads that the draft names from being swept away."""
    [found] = await media.of_manuscripts(tx, user_id, [manuscript])
    await media.hold(tx, draft_id, [one.id for one in found], now_ms=services.now_ms())


async def _own(tx: Read, user_id: UserId, draft_id: int) -> KeptDraft:
    found = await drafts.get(tx, draft_id, user_id)
    if found is None:
        raise NotFound
    return (await _shown(tx, user_id, [found]))[0]


async def _shown(tx: Read, user_id: UserId, found: Sequence[KeptDraft]) -> list[KeptDraft]:
    """Return drafts with their uploads."""
    shown = await media.of_manuscripts(tx, user_id, [one.manuscript for one in found])
    return [msgspec.structs.replace(one, media=each) for one, each in zip(found, shown, strict=True)]
