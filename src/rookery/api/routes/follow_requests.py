"""Follow requests: https://docs.joinmastodon.org/methods/follow_requests/."""

import msgspec

from rookery.api.accounts import account_page_of, accounts, relationship
from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.accounts import Account
from rookery.api.entities.relationships import Relationship
from rookery.api.paging import Paging
from rookery.domain.ids import UserId
from rookery.usecases import follow_requests


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Whose request is decided about."""

    account_id: UserId


@endpoint("GET", "/api/v1/follow_requests", scope="read:follows")
async def index(call: Call, paging: Paging) -> Json[list[Account]]:
    """Return those who ask to follow the viewer, the latest first."""
    page = await follow_requests.page_follow_requests(call.services, call.viewer, account_page_of(paging))
    return accounts(call, "/api/v1/follow_requests", paging, page)


@endpoint("POST", "/api/v1/follow_requests/{account_id}/authorize", scope="write:follows")
async def authorize(call: Call, asked: Asker) -> Json[Relationship]:
    """Let an account follow the viewer."""
    relation = await follow_requests.accept_follow_request(call.services, call.viewer, asked.account_id)
    return Json.of(relationship(asked.account_id, relation))


@endpoint("POST", "/api/v1/follow_requests/{account_id}/reject", scope="write:follows")
async def reject(call: Call, asked: Asker) -> Json[Relationship]:
    """Turn down an account that asked to follow the viewer."""
    relation = await follow_requests.reject_follow_request(call.services, call.viewer, asked.account_id)
    return Json.of(relationship(asked.account_id, relation))
