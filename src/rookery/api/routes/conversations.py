"""Conversations: https://docs.joinmastodon.org/methods/conversations/."""

from typing import Any

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.paging import Paging


@endpoint("GET", "/api/v1/conversations", scope="read:statuses")
async def index(call: Call, paging: Paging) -> Json[list[dict[str, Any]]]:
    """Return the viewer's direct conversations: none, as this instance does not gather them yet."""
    del call, paging
    return Json(b"[]")
