"""Statuses to be posted later: https://docs.joinmastodon.org/methods/scheduled_statuses/."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from rookery.api.endpoints import Call, Json, Nothing, endpoint
from rookery.api.entities.scheduled_statuses import ScheduledStatus
from rookery.api.paging import Paging, link_header, page_of
from rookery.api.presenting import QUOTE_POLICIES, VISIBILITIES
from rookery.api.timestamps import timestamp
from rookery.domain.composing import Manuscript
from rookery.domain.scheduling import ScheduledTweet
from rookery.errors import Invalid
from rookery.usecases import scheduled_tweets


class ScheduledId(msgspec.Struct, frozen=True, kw_only=True):
    """Which status that waits."""

    id: int


class Rescheduled(msgspec.Struct, frozen=True, kw_only=True):
    """Which status, and its new time."""

    id: int
    scheduled_at: str


def time_of(text: str) -> int:
    """Return a time of ISO 8601 in milliseconds; one without a zone is in UTC. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("scheduled_at is no date and time", field="scheduled_at") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


def params_of(written: Manuscript) -> dict[str, Any]:
    """Return what a status is written from, as clients sent it."""
    poll: dict[str, Any] | None = None
    if written.poll is not None:
        poll = {
            "options": list(written.poll.options),
            "expires_in": str(written.poll.duration_s),
            "multiple": written.poll.multiple,
            "hide_totals": written.poll.hides_totals,
        }
    return {
        "text": written.text,
        "poll": poll,
        "quoted_status_id": str(written.quoted_id) if written.quoted_id is not None else None,
        "quote_approval_policy": QUOTE_POLICIES[written.quote_policy]
        if written.quote_policy is not None
        else None,
        "media_ids": [str(media_id) for media_id in written.media_ids] or None,
        "sensitive": written.sensitive,
        "spoiler_text": written.spoiler or None,
        "visibility": VISIBILITIES[written.visibility] if written.visibility is not None else None,
        "in_reply_to_id": str(written.reply_to_id) if written.reply_to_id is not None else None,
        "language": written.language,
        "location": msgspec.to_builtins(written.place) if written.place is not None else None,
        "application_id": int(written.app_id) if written.app_id is not None else None,
        "scheduled_at": None,
        "idempotency": None,
        "with_rate_limit": False,
    }


def scheduled_entity(call: Call, one: ScheduledTweet) -> ScheduledStatus:
    """Return a status that waits, with what it was written from."""
    return ScheduledStatus(
        id=str(one.id),
        scheduled_at=timestamp(one.post_at_ms),
        params=params_of(one.manuscript),
        media_attachments=[call.present.media_entity(each) for each in one.media],
        failure=one.failure,
    )


@endpoint("GET", "/api/v1/scheduled_statuses", scope="read:statuses")
async def index(call: Call, paging: Paging) -> Json[list[ScheduledStatus]]:
    """List the viewer's statuses that wait for their time."""
    page = await scheduled_tweets.page_scheduled(call.services, call.viewer, page_of(paging))
    headers = link_header(
        call.services.instance.base_url,
        "/api/v1/scheduled_statuses",
        paging,
        newest_id=page.newest_id,
        oldest_id=page.oldest_id,
    )
    return Json.of([scheduled_entity(call, one) for one in page.items], headers=headers)


@endpoint("GET", "/api/v1/scheduled_statuses/{id}", scope="read:statuses")
async def show(call: Call, which: ScheduledId) -> Json[ScheduledStatus]:
    """Return one status that waits."""
    one = await scheduled_tweets.get_scheduled(call.services, call.viewer, which.id)
    return Json.of(scheduled_entity(call, one))


@endpoint("PUT", "/api/v1/scheduled_statuses/{id}", scope="write:statuses")
async def update(call: Call, wanted: Rescheduled) -> Json[ScheduledStatus]:
    """Let a status wait for another time."""
    one = await scheduled_tweets.reschedule(
        call.services, call.viewer, wanted.id, post_at_ms=time_of(wanted.scheduled_at)
    )
    return Json.of(scheduled_entity(call, one))


@endpoint("DELETE", "/api/v1/scheduled_statuses/{id}", scope="write:statuses")
async def destroy(call: Call, which: ScheduledId) -> Json[Nothing]:
    """Take a status back that waits."""
    await scheduled_tweets.cancel_scheduled(call.services, call.viewer, which.id)
    return Json(b"{}")
