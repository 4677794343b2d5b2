"""Announcements: https://docs.joinmastodon.org/methods/announcements/. None can be made yet."""

import msgspec

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.announcements import Announcement


class AnnouncementChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which announcements are wanted."""

    with_dismissed: bool = False


@endpoint("GET", "/api/v1/announcements")
async def index(call: Call, choice: AnnouncementChoice) -> Json[list[Announcement]]:  # noqa: ARG001
    """List what the administrator tells everybody: nothing."""
    return Json(b"[]")
