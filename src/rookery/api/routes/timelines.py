"""Timelines: https://docs.joinmastodon.org/methods/timelines/."""

from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.statuses import Status
from rookery.api.paging import Paging, link_header, page_of
from rookery.domain.timelines import Page
from rookery.domain.visibility import TweetView
from rookery.usecases import timelines


@endpoint("GET", "/api/v1/timelines/home", scope="read:statuses")
async def home(call: Call, paging: Paging) -> Json[list[Status]]:
    """Return the home timeline: tweets by the followed and by the viewer, newest first."""
    page = await timelines.generate_timeline(call.services, call.viewer, page_of(paging))
    return statuses(call, "/api/v1/timelines/home", paging, page)


@endpoint("GET", "/api/v1/timelines/public", access=Access.ANYONE, scope="read:statuses")
async def public(call: Call, paging: Paging) -> Json[list[Status]]:
    """Return everybody's public tweets, newest first."""
    page = await timelines.public_timeline(call.services, call.viewer_or_none, page_of(paging))
    return statuses(call, "/api/v1/timelines/public", paging, page)


def statuses(call: Call, path: str, paging: Paging, page: Page[TweetView]) -> Json[list[Status]]:
    """Answer a page of tweets with links to its neighbours."""
    return Json(
        call.present.statuses(page.items, signed_in=call.viewer_or_none is not None),
        headers=link_header(
            call.services.instance.base_url, path, paging, newest_id=page.newest_id, oldest_id=page.oldest_id
        ),
    )
