"""Custom emojis: https://docs.joinmastodon.org/methods/custom_emojis/. There are none."""

from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.accounts import Emoji


@endpoint("GET", "/api/v1/custom_emojis", access=Access.ANYONE)
async def index(call: Call) -> Json[list[Emoji]]:  # noqa: ARG001
    """List the instance's own emojis: none."""
    return Json(b"[]")
