"""Announcements: https://docs.joinmastodon.org/methods/announcements/."""

import msgspec

from rookery.api.endpoints import Call, Json, Nothing, endpoint
from rookery.api.entities.announcements import Announcement
from rookery.usecases import announcements


class AnnouncementChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which announcements are wanted."""

    with_dismissed: bool = False


class AnnouncementId(msgspec.Struct, frozen=True, kw_only=True):
    """Which announcement."""

    id: int


class ReactionName(msgspec.Struct, frozen=True, kw_only=True):
    """Which announcement, and which emoji."""

    id: int
    name: str


@endpoint("GET", "/api/v1/announcements")
async def index(call: Call, choice: AnnouncementChoice) -> Json[list[Announcement]]:
    """List what the administrator tells everybody."""
    views = await announcements.list_shown(call.services, call.viewer, with_dismissed=choice.with_dismissed)
    return Json.of([call.present.announcement(view) for view in views])


@endpoint("POST", "/api/v1/announcements/{id}/dismiss", scope="write:accounts")
async def dismiss(call: Call, wanted: AnnouncementId) -> Json[Nothing]:
    """Note that the caller has read an announcement."""
    await announcements.dismiss_announcement(call.services, call.viewer, wanted.id)
    return Json.of(Nothing())


@endpoint("PUT", "/api/v1/announcements/{id}/reactions/{name}", scope="write:favourites")
async def react(call: Call, wanted: ReactionName) -> Json[Nothing]:
    """React to an announcement with an emoji; doing it twice is doing it once."""
    await announcements.react(call.services, call.viewer, wanted.id, wanted.name)
    return Json.of(Nothing())


@endpoint("DELETE", "/api/v1/announcements/{id}/reactions/{name}", scope="write:favourites")
async def unreact(call: Call, wanted: ReactionName) -> Json[Nothing]:
    """Take a reaction back."""
    await announcements.take_reaction_back(call.services, call.viewer, wanted.id, wanted.name)
    return Json.of(Nothing())
