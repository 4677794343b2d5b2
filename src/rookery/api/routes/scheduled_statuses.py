"""Statuses to be posted later: https://docs.joinmastodon.org/methods/scheduled_statuses/. Nobody can make one yet."""

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.scheduled_statuses import ScheduledStatus
from rookery.api.paging import Paging, page_of


@endpoint("GET", "/api/v1/scheduled_statuses", scope="read:statuses")
async def index(call: Call, paging: Paging) -> Json[list[ScheduledStatus]]:  # noqa: ARG001
    """Return the viewer's statuses that wait for their time: none."""
    page_of(paging)
    return Json(b"[]")
