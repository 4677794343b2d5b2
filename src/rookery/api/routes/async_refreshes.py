"""Refreshes that go on behind an answer: https://docs.joinmastodon.org/methods/async_refreshes/. None ever runs here."""

import msgspec

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.refreshes import AsyncRefresh
from rookery.errors import NotFound


class Refresh(msgspec.Struct, frozen=True, kw_only=True):
    """Which refresh."""

    id: str


@endpoint("GET", "/api/v1_alpha/async_refreshes/{id}", scope="read")
async def show(call: Call, which: Refresh) -> Json[AsyncRefresh]:  # noqa: ARG001
    """Answer that there is no such refresh: whatever is asked for is complete in its answer."""
    raise NotFound
