"""Endorsements: https://docs.joinmastodon.org/methods/endorsements/ and /methods/accounts/#endorse."""

from rookery.api.accounts import AccountId, AccountPaging, account_page_of, accounts, relationship
from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.accounts import Account
from rookery.api.entities.relationships import Relationship
from rookery.api.paging import Paging
from rookery.usecases import endorsements


@endpoint("GET", "/api/v1/endorsements", scope="read:accounts")
async def index(call: Call, paging: Paging) -> Json[list[Account]]:
    """Return the accounts that the viewer features, the latest first."""
    page = await endorsements.page_endorsed(call.services, call.viewer, call.viewer, account_page_of(paging))
    return accounts(call, "/api/v1/endorsements", paging, page)


@endpoint("GET", "/api/v1/accounts/{id}/endorsements", access=Access.ANYONE, scope="read:accounts")
async def of_account(call: Call, paging: AccountPaging) -> Json[list[Account]]:
    """Return the accounts that an account features, the latest first."""
    page = await endorsements.page_endorsed(
        call.services, call.viewer_or_none, paging.id, account_page_of(paging)
    )
    return accounts(call, "/api/v1/accounts/{id}/endorsements", paging, page)


@endpoint("POST", "/api/v1/accounts/{id}/endorse", scope="write:accounts")
async def endorse(call: Call, asked: AccountId) -> Json[Relationship]:
    """Feature an account that the viewer follows on their profile."""
    return Json.of(relationship(asked.id, await endorsements.endorse(call.services, call.viewer, asked.id)))


@endpoint("POST", "/api/v1/accounts/{id}/unendorse", scope="write:accounts")
async def unendorse(call: Call, asked: AccountId) -> Json[Relationship]:
    """Feature an account no longer."""
    return Json.of(relationship(asked.id, await endorsements.unendorse(call.services, call.viewer, asked.id)))


@endpoint("POST", "/api/v1/accounts/{id}/pin", scope="write:accounts", deprecated=True)
async def pin(call: Call, asked: AccountId) -> Json[Relationship]:
    """Feature an account, as older apps ask for it."""
    return Json.of(relationship(asked.id, await endorsements.endorse(call.services, call.viewer, asked.id)))


@endpoint("POST", "/api/v1/accounts/{id}/unpin", scope="write:accounts", deprecated=True)
async def unpin(call: Call, asked: AccountId) -> Json[Relationship]:
    """Feature an account no longer, as older apps ask for it."""
    return Json.of(relationship(asked.id, await endorsements.unendorse(call.services, call.viewer, asked.id)))
