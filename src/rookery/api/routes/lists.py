"""Lists: https://docs.joinmastodon.org/methods/lists/. Nobody can make one yet."""

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.lists import List


@endpoint("GET", "/api/v1/lists", scope="read:lists")
async def index(call: Call) -> Json[list[List]]:  # noqa: ARG001
    """Return the viewer's lists: none."""
    return Json(b"[]")
