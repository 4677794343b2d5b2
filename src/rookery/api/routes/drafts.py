"""Drafts of statuses, kept for all of somebody's devices: an extension of Rookery's."""

import msgspec

from rookery.api.endpoints import Call, Json, Nothing, endpoint
from rookery.api.entities.drafts import Draft
from rookery.api.paging import Paging, link_header, page_of
from rookery.api.routes.scheduled_statuses import params_of
from rookery.api.routes.statuses import StatusText, manuscript_of
from rookery.api.timestamps import timestamp
from rookery.domain.drafts import KeptDraft
from rookery.usecases import drafts


class DraftId(msgspec.Struct, frozen=True, kw_only=True):
    """Which draft."""

    id: int


class ChangedDraft(StatusText, frozen=True, kw_only=True):
    """Which draft, what it says now, and which of its revisions the client has seen (absent: whichever it was)."""

    id: int
    revision: int | None = None


def _entity(call: Call, one: KeptDraft) -> Draft:
    return Draft(
        id=str(one.id),
        revision=one.revision,
        updated_at=timestamp(one.changed_ms),
        params=params_of(one.manuscript),
        media_attachments=[call.present.media_entity(each) for each in one.media],
    )


@endpoint("GET", "/api/v1/drafts", scope="read:statuses")
async def index(call: Call, paging: Paging) -> Json[list[Draft]]:
    """List the viewer's drafts, the one begun last first."""
    page = await drafts.page_drafts(call.services, call.viewer, page_of(paging))
    headers = link_header(
        call.services.instance.base_url,
        "/api/v1/drafts",
        paging,
        newest_id=page.newest_id,
        oldest_id=page.oldest_id,
    )
    return Json.of([_entity(call, one) for one in page.items], headers=headers)


@endpoint("POST", "/api/v1/drafts", scope="write:statuses")
async def create(call: Call, written: StatusText) -> Json[Draft]:
    """Keep what is written so far. It need not be fit to be posted yet."""
    return Json.of(
        _entity(call, await drafts.keep_draft(call.services, call.viewer, manuscript_of(call, written)))
    )


@endpoint("GET", "/api/v1/drafts/{id}", scope="read:statuses")
async def show(call: Call, which: DraftId) -> Json[Draft]:
    """Return a draft."""
    return Json.of(_entity(call, await drafts.get_draft(call.services, call.viewer, which.id)))


@endpoint("PUT", "/api/v1/drafts/{id}", scope="write:statuses")
async def update(call: Call, written: ChangedDraft) -> Json[Draft]:
    """Write a draft anew; refused with 409 when it was changed since the revision that the client has seen."""
    one = await drafts.change_draft(
        call.services,
        call.viewer,
        written.id,
        manuscript_of(call, written),
        seen_revision=written.revision,
    )
    return Json.of(_entity(call, one))


@endpoint("DELETE", "/api/v1/drafts/{id}", scope="write:statuses")
async def destroy(call: Call, which: DraftId) -> Json[Nothing]:
    """Throw a draft away."""
    await drafts.throw_draft_away(call.services, call.viewer, which.id)
    return Json(b"{}")
