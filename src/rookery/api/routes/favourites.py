"""Favourites: https://docs.joinmastodon.org/methods/favourites/."""

from rookery.api.accounts import account_page_of, accounts
from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.accounts import Account
from rookery.api.entities.statuses import Status
from rookery.api.paging import Paging, page_of
from rookery.api.routes.statuses import StatusId, StatusPaging, marked
from rookery.api.routes.timelines import statuses
from rookery.domain.ids import TweetId
from rookery.usecases import favorites, reactions, timelines


@endpoint("POST", "/api/v1/statuses/{id}/favourite", scope="write:favourites")
async def favourite(call: Call, wanted: StatusId) -> Json[Status]:
    """Favourite a status; doing it twice is doing it once."""
    return await marked(
        call, await favorites.mark_tweet_favorite(call.services, call.viewer, TweetId(wanted.id))
    )


@endpoint("POST", "/api/v1/statuses/{id}/unfavourite", scope="write:favourites")
async def unfavourite(call: Call, wanted: StatusId) -> Json[Status]:
    """Take a favourite back."""
    return await marked(
        call, await favorites.unmark_tweet_favorite(call.services, call.viewer, TweetId(wanted.id))
    )


@endpoint("GET", "/api/v1/statuses/{id}/favourited_by", access=Access.ANYONE, scope="read:accounts")
async def favourited_by(call: Call, wanted: StatusPaging) -> Json[list[Account]]:
    """Return who favourited a status, the latest first."""
    page = await reactions.favorited_by(
        call.services, call.viewer_or_none, TweetId(wanted.id), account_page_of(wanted)
    )
    return accounts(call, "/api/v1/statuses/{id}/favourited_by", wanted, page)


@endpoint("GET", "/api/v1/favourites", scope="read:favourites")
async def index(call: Call, paging: Paging) -> Json[list[Status]]:
    """Return what the viewer has favourited, the latest first."""
    page = await timelines.favorites_timeline(call.services, call.viewer, page_of(paging))
    return statuses(call, "/api/v1/favourites", paging, page)
