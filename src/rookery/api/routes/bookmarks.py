"""Bookmarks: https://docs.joinmastodon.org/methods/bookmarks/."""

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.statuses import Status
from rookery.api.paging import Paging, page_of
from rookery.api.routes.statuses import StatusId, marked
from rookery.api.routes.timelines import statuses
from rookery.domain.ids import TweetId
from rookery.usecases import bookmarks, timelines


@endpoint("POST", "/api/v1/statuses/{id}/bookmark", scope="write:bookmarks")
async def bookmark(call: Call, wanted: StatusId) -> Json[Status]:
    """Keep a status for later; doing it twice is doing it once."""
    return await marked(call, await bookmarks.bookmark_tweet(call.services, call.viewer, TweetId(wanted.id)))


@endpoint("POST", "/api/v1/statuses/{id}/unbookmark", scope="write:bookmarks")
async def unbookmark(call: Call, wanted: StatusId) -> Json[Status]:
    """Take a bookmark back."""
    return await marked(
        call, await bookmarks.unbookmark_tweet(call.services, call.viewer, TweetId(wanted.id))
    )


@endpoint("GET", "/api/v1/bookmarks", scope="read:bookmarks")
async def index(call: Call, paging: Paging) -> Json[list[Status]]:
    """Return what the viewer has bookmarked, the latest first."""
    page = await timelines.bookmarks_timeline(call.services, call.viewer, page_of(paging))
    return statuses(call, "/api/v1/bookmarks", paging, page)
