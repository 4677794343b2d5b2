"""Trends: https://docs.joinmastodon.org/methods/trends/. Nothing is counted yet, so nothing trends."""

from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.statuses import Status
from rookery.api.entities.tags import Tag
from rookery.api.entities.trends import TrendsLink
from rookery.api.paging import OffsetPaging


@endpoint("GET", "/api/v1/trends/tags", access=Access.ANYONE)
async def tags(call: Call, paging: OffsetPaging) -> Json[list[Tag]]:  # noqa: ARG001
    """List hashtags used more than usual."""
    return Json(b"[]")


@endpoint("GET", "/api/v1/trends", access=Access.ANYONE, deprecated=True)
async def tags_v1(call: Call, paging: OffsetPaging) -> Json[list[Tag]]:  # noqa: ARG001
    """List hashtags used more than usual, at the address that older apps ask."""
    return Json(b"[]")


@endpoint("GET", "/api/v1/trends/statuses", access=Access.ANYONE)
async def statuses(call: Call, paging: OffsetPaging) -> Json[list[Status]]:  # noqa: ARG001
    """List statuses that get more attention than usual."""
    return Json(b"[]")


@endpoint("GET", "/api/v1/trends/links", access=Access.ANYONE)
async def links(call: Call, paging: OffsetPaging) -> Json[list[TrendsLink]]:  # noqa: ARG001
    """List links shared more than usual."""
    return Json(b"[]")
