"""Filters: https://docs.joinmastodon.org/methods/filters/. Nobody can make one yet."""

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.filters import Filter, FilterV1


@endpoint("GET", "/api/v1/filters", scope="read:filters", deprecated=True)
async def index_v1(call: Call) -> Json[list[FilterV1]]:  # noqa: ARG001
    """Return the viewer's filters in the form that older apps ask for: none."""
    return Json(b"[]")


@endpoint("GET", "/api/v2/filters", scope="read:filters")
async def index(call: Call) -> Json[list[Filter]]:  # noqa: ARG001
    """Return the viewer's filters: none."""
    return Json(b"[]")
