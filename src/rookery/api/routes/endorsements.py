"""Endorsements: https://docs.joinmastodon.org/methods/endorsements/. Nobody can make one yet."""

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.accounts import Account


@endpoint("GET", "/api/v1/endorsements", scope="read:accounts")
async def index(call: Call) -> Json[list[Account]]:  # noqa: ARG001
    """Return the accounts that the viewer features: none."""
    return Json(b"[]")
