"""Trends: https://docs.joinmastodon.org/methods/trends/."""

from typing import Final

from rookery.api.cards import link_entity
from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.statuses import Status
from rookery.api.entities.tags import Tag
from rookery.api.entities.trends import TrendsLink
from rookery.api.paging import OffsetPaging
from rookery.api.routes.tags import tags_of
from rookery.usecases import trends
from rookery.usecases.trends import Where

TAGS_DEFAULT: Final = 10
TAGS_MAX: Final = 20
STATUSES_DEFAULT: Final = 20
STATUSES_MAX: Final = 40
LINKS_DEFAULT: Final = 10
LINKS_MAX: Final = 20


class TrendsPaging(OffsetPaging, frozen=True, kw_only=True):
    """Which part of whose trends: of a language or near a point, which is an extension, or everybody's."""

    language: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def where(self) -> Where:
        """Whose trends are asked for."""
        return Where(self.language or None, self.latitude, self.longitude)


@endpoint("GET", "/api/v1/trends/tags", access=Access.ANYONE)
async def tags(call: Call, paging: TrendsPaging) -> Json[list[Tag]]:
    """List hashtags that more people use than usual, the most surprising first."""
    return Json.of(await _tags(call, paging))


@endpoint("GET", "/api/v1/trends", access=Access.ANYONE, deprecated=True)
async def tags_v1(call: Call, paging: TrendsPaging) -> Json[list[Tag]]:
    """List hashtags that more people use than usual, at the address that older apps ask."""
    return Json.of(await _tags(call, paging))


async def _tags(call: Call, paging: TrendsPaging) -> list[Tag]:
    limit = min(paging.limit or TAGS_DEFAULT, TAGS_MAX)
    names = await trends.trending_hashtags(call.services, paging.where, offset=paging.offset, limit=limit)
    return await tags_of(call, names)


@endpoint("GET", "/api/v1/trends/statuses", access=Access.ANYONE)
async def statuses(call: Call, paging: TrendsPaging) -> Json[list[Status]]:
    """List statuses that more people favorite and share than is usual for their author."""
    views = await trends.trending_tweets(
        call.services,
        call.viewer_or_none,
        paging.where,
        offset=paging.offset,
        limit=min(paging.limit or STATUSES_DEFAULT, STATUSES_MAX),
    )
    return Json(call.present.statuses(views, signed_in=call.viewer_or_none is not None))


@endpoint("GET", "/api/v1/trends/links", access=Access.ANYONE)
async def links(call: Call, paging: TrendsPaging) -> Json[list[TrendsLink]]:
    """List links that more people share than usual."""
    found = await trends.trending_links(
        call.services,
        paging.where,
        offset=paging.offset,
        limit=min(paging.limit or LINKS_DEFAULT, LINKS_MAX),
    )
    return Json.of([link_entity(link, call.services.instance) for link in found])
