"""Blocking: https://docs.joinmastodon.org/methods/blocks/."""

from rookery.api.accounts import AccountId, account_page_of, accounts, relationship
from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.accounts import Account
from rookery.api.entities.relationships import Relationship
from rookery.api.paging import Paging
from rookery.usecases import blocks


@endpoint("GET", "/api/v1/blocks", scope="read:blocks")
async def index(call: Call, paging: Paging) -> Json[list[Account]]:
    """Return those whom the viewer blocks, the latest first."""
    page = await blocks.page_blocked(call.services, call.viewer, account_page_of(paging))
    return accounts(call, "/api/v1/blocks", paging, page)


@endpoint("POST", "/api/v1/accounts/{id}/block", scope="write:blocks")
async def block(call: Call, asked: AccountId) -> Json[Relationship]:
    """Block an account."""
    return Json.of(relationship(asked.id, await blocks.block(call.services, call.viewer, asked.id)))


@endpoint("POST", "/api/v1/accounts/{id}/unblock", scope="write:blocks")
async def unblock(call: Call, asked: AccountId) -> Json[Relationship]:
    """Take a block back."""
    return Json.of(relationship(asked.id, await blocks.unblock(call.services, call.viewer, asked.id)))
