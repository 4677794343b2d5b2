"""Timelines: https://docs.joinmastodon.org/methods/timelines/."""

from typing import Final, Literal

import msgspec

from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.statuses import Status
from rookery.api.paging import Paging, link_header, page_of
from rookery.domain import nearby as places
from rookery.domain import text
from rookery.domain.ids import UserId
from rookery.domain.timelines import HashtagChoice, Page, UserChoice
from rookery.domain.visibility import TweetView
from rookery.errors import Invalid
from rookery.usecases import for_you, timelines

NO_STATUSES: Final = b"[]"
HASHTAGS_AT_ONCE_MAX: Final = 4
"""Hashtags in each of a hashtag timeline's lists."""


class HomePaging(Paging, frozen=True, kw_only=True):
    """Which part of home, and in which order; that and the ranking are extensions (docs/for-you.md)."""

    order: Literal["newest", "ranked"] | None = None
    ranking: int | None = None
    """The ranking that the page before came from, as its links say; without it the statuses' ids tell."""


class PublicPaging(Paging, frozen=True, kw_only=True):
    """Which part of the public timeline."""

    local: bool = False
    remote: bool = False
    only_media: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be there: every tweet is from here. Both sides are everything."""
        return self.remote and not self.local


class HashtagPaging(PublicPaging, frozen=True, kw_only=True):
    """Which part of a hashtag's timeline, and what other hashtags count."""

    hashtag: str
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


class NearbyPaging(Paging, frozen=True, kw_only=True):
    """Which part of what was written around a point: degrees (WGS 84), and kilometres (15 unless said)."""

    lat: float
    lon: float
    radius: float | None = None


class LinkPaging(Paging, frozen=True, kw_only=True):
    """Which part of a link's timeline."""

    url: str


class AccountPaging(Paging, frozen=True, kw_only=True):
    """Which part of an account's statuses, and which kinds of them."""

    id: int
    exclude_replies: bool = False
    exclude_reblogs: bool = False
    only_media: bool = False
    pinned: bool = False
    tagged: str | None = None


@endpoint("GET", "/api/v1/timelines/home", scope="read:statuses")
async def home(call: Call, paging: HomePaging) -> Json[list[Status]]:
    """Return the home timeline: tweets by the followed and by the viewer, newest first unless asked otherwise."""
    if paging.order == "ranked":
        return await ranked(call, "/api/v1/timelines/home", paging, paging.ranking)
    page = await timelines.generate_timeline(call.services, call.viewer, page_of(paging))
    return statuses(call, "/api/v1/timelines/home", paging, page)


async def ranked(call: Call, path: str, paging: Paging, ranking: int | None) -> Json[list[Status]]:
    """Answer a page of For you, with links that go on in the same ranking."""
    found = await for_you.ranked_timeline(call.services, call.viewer, page_of(paging), ranking_id=ranking)
    return statuses(call, path, msgspec.structs.replace(paging, ranking=found.ranking_id), found.page)


@endpoint("GET", "/api/v1/timelines/direct", scope="read:statuses", deprecated=True)
async def direct(call: Call, paging: Paging) -> Json[list[Status]]:
    """Return the direct statuses by and to the caller; apps show conversations instead by now."""
    page = await timelines.direct_timeline(call.services, call.viewer, page_of(paging))
    return statuses(call, "/api/v1/timelines/direct", paging, page)


@endpoint("GET", "/api/v1/timelines/public", access=Access.ANYONE, scope="read:statuses")
async def public(call: Call, wanted: PublicPaging) -> Json[list[Status]]:
    """Return everybody's public tweets, newest first; of other instances there are none."""
    page = page_of(wanted)
    if wanted.is_empty:
        return Json(NO_STATUSES)
    found = await timelines.public_timeline(
        call.services, call.viewer_or_none, page, media_only=wanted.only_media
    )
    return statuses(call, "/api/v1/timelines/public", wanted, found)


@endpoint("GET", "/api/v1/timelines/nearby", access=Access.ANYONE, scope="read:statuses")
async def nearby(call: Call, wanted: NearbyPaging) -> Json[list[Status]]:
    """Return public tweets that were written near a point, newest first; an extension."""
    circle = places.circle(wanted.lat, wanted.lon, wanted.radius)
    page = page_of(wanted)
    found = await timelines.nearby_timeline(call.services, call.viewer_or_none, circle, page)
    return statuses(call, "/api/v1/timelines/nearby", wanted, found)


@endpoint("GET", "/api/v1/timelines/tag/{hashtag}", access=Access.ANYONE, scope="read:statuses")
async def hashtag(call: Call, wanted: HashtagPaging) -> Json[list[Status]]:
    """Return public tweets that carry a hashtag, newest first."""
    page = page_of(wanted)
    if wanted.is_empty:
        return Json(NO_STATUSES)
    choice = HashtagChoice(
        any_of=(text.hashtag_key(wanted.hashtag), *_hashtag_keys("any", wanted.any)),
        all_of=_hashtag_keys("all", wanted.all),
        none_of=_hashtag_keys("none", wanted.none),
        media_only=wanted.only_media,
    )
    found = await timelines.hashtag_timeline(call.services, call.viewer_or_none, choice, page)
    return statuses(call, "/api/v1/timelines/tag/{hashtag}", wanted, found)


def _hashtag_keys(field: str, names: tuple[str, ...]) -> tuple[str, ...]:
    if len(names) > HASHTAGS_AT_ONCE_MAX:
        raise Invalid(f"{field} may name {HASHTAGS_AT_ONCE_MAX} hashtags", field=field)
    return tuple(dict.fromkeys(text.hashtag_key(name.removeprefix("#")) for name in names))


@endpoint("GET", "/api/v1/timelines/link", access=Access.ANYONE, scope="read:statuses")
async def link(call: Call, wanted: LinkPaging) -> Json[list[Status]]:
    """Return public statuses that share a link which trends or has trended lately, newest first."""
    found = await timelines.link_timeline(call.services, call.viewer_or_none, wanted.url, page_of(wanted))
    return statuses(call, "/api/v1/timelines/link", wanted, found)


@endpoint("GET", "/api/v1/accounts/{id}/statuses", access=Access.ANYONE, scope="read:statuses")
async def account(call: Call, wanted: AccountPaging) -> Json[list[Status]]:
    """Return an account's statuses, newest first, as far as the viewer may see them."""
    page = page_of(wanted)
    user_id, viewer_id = UserId(wanted.id), call.viewer_or_none
    if wanted.pinned:
        pinned = await timelines.pinned_tweets(call.services, viewer_id, user_id)
        return Json(call.present.statuses(pinned, signed_in=viewer_id is not None))
    choice = UserChoice(
        replies=not wanted.exclude_replies,
        retweets=not wanted.exclude_reblogs,
        media_only=wanted.only_media,
        hashtag=text.hashtag_key(wanted.tagged.removeprefix("#")) if wanted.tagged else None,
    )
    found = await timelines.user_timeline(call.services, viewer_id, user_id, choice, page)
    return statuses(call, "/api/v1/accounts/{id}/statuses", wanted, found)


def statuses(call: Call, path: str, paging: Paging, page: Page[TweetView]) -> Json[list[Status]]:
    """Answer a page of tweets with links to its neighbours."""
    return Json(
        call.present.statuses(page.items, signed_in=call.viewer_or_none is not None),
        headers=link_header(
            call.services.instance.base_url, path, paging, newest_id=page.newest_id, oldest_id=page.oldest_id
        ),
    )
