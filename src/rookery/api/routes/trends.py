"""Trends: https://docs.joinmastodon.org/methods/trends/. Nothing is counted yet, so nothing trends."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.statuses import Status
from rookery.api.entities.tags import Tag
from rookery.api.entities.trends import TrendsLink

OFFSET_MAX: Final = 10_000


class OffsetPaging(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a list is wanted."""

    limit: Annotated[int, Meta(ge=1)] | None = None
    offset: Annotated[int, Meta(ge=0, le=OFFSET_MAX)] | None = None


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
