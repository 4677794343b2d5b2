"""Suggestions whom to follow: https://docs.joinmastodon.org/methods/suggestions/."""

from typing import Final

import msgspec

from rookery.api.accounts import limit_and_skip
from rookery.api.endpoints import Call, Json, Nothing, endpoint
from rookery.api.entities.accounts import Account, Suggestion
from rookery.api.paging import OffsetPaging
from rookery.domain.ids import UserId
from rookery.usecases import suggestions
from rookery.usecases.suggestions import Why

_SOURCES: Final = {Why.FRIENDS_OF_FRIENDS: "past_interactions", Why.MOST_FOLLOWED: "global"}
"""What older apps call the reasons."""


class Suggested(msgspec.Struct, frozen=True, kw_only=True):
    """Who is suggested."""

    account_id: UserId


@endpoint("GET", "/api/v1/suggestions", scope="read:accounts", deprecated=True)
async def index_v1(call: Call, asked: OffsetPaging) -> Json[list[Account]]:
    """Return accounts that the viewer may want to follow, in the form that older apps ask for."""
    limit, skip = limit_and_skip(asked)
    found = await suggestions.list_suggestions(call.services, call.viewer, limit=limit, skip=skip)
    return Json(call.present.accounts([one.view for one in found]))


@endpoint("GET", "/api/v2/suggestions", scope="read:accounts")
async def index(call: Call, asked: OffsetPaging) -> Json[list[Suggestion]]:
    """Return accounts that the viewer may want to follow, and why."""
    limit, skip = limit_and_skip(asked)
    found = await suggestions.list_suggestions(call.services, call.viewer, limit=limit, skip=skip)
    return Json.of(
        [
            Suggestion(
                _SOURCES[one.reasons[0]],
                [why.value for why in one.reasons],
                call.present.account_entity(one.view),
            )
            for one in found
        ]
    )


@endpoint("DELETE", "/api/v1/suggestions/{account_id}", scope="read")
async def destroy(call: Call, which: Suggested) -> Json[Nothing]:
    """Suggest an account no more."""
    await suggestions.dismiss_suggestion(call.services, call.viewer, which.account_id)
    return Json(b"{}")
