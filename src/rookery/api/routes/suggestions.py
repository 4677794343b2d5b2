"""Suggestions whom to follow: https://docs.joinmastodon.org/methods/suggestions/. Nobody is suggested yet."""

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.accounts import Account, Suggestion


@endpoint("GET", "/api/v1/suggestions", scope="read:accounts", deprecated=True)
async def index_v1(call: Call) -> Json[list[Account]]:  # noqa: ARG001
    """Return accounts that the viewer may want to follow, in the form that older apps ask for: none."""
    return Json(b"[]")


@endpoint("GET", "/api/v2/suggestions", scope="read:accounts")
async def index(call: Call) -> Json[list[Suggestion]]:  # noqa: ARG001
    """Return accounts that the viewer may want to follow: none."""
    return Json(b"[]")
