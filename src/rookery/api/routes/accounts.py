"""Accounts, as others see them: https://docs.joinmastodon.org/methods/accounts/."""

import msgspec

from rookery.api.accounts import (
    AccountId,
    AccountPaging,
    account_page_of,
    accounts,
    limit_and_skip,
)
from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.accounts import Account, IdentityProof
from rookery.api.paging import OffsetPaging
from rookery.domain.ids import UserId
from rookery.usecases import follows, user_search, users


class AccountIds(msgspec.Struct, frozen=True, kw_only=True):
    """Which accounts are asked for."""

    id: list[UserId] = []


class Lookup(msgspec.Struct, frozen=True, kw_only=True):
    """The address of an account."""

    acct: str


class AccountSearch(OffsetPaging, frozen=True, kw_only=True):
    """What is searched for, and whether only among those whom the viewer follows."""

    q: str
    following: bool = False
    resolve: bool = False
    """Asks other servers; there are none."""


@endpoint("GET", "/api/v1/accounts", access=Access.ANYONE, scope="read:accounts")
async def index(call: Call, asked: AccountIds) -> Json[list[Account]]:
    """Return several accounts by their ids; those that do not exist are left out."""
    return Json(call.present.accounts(await users.list_users(call.services, call.viewer_or_none, asked.id)))


@endpoint("GET", "/api/v1/accounts/lookup", access=Access.ANYONE, scope="read:accounts")
async def lookup(call: Call, asked: Lookup) -> Json[Account]:
    """Return the account with this name."""
    return Json(call.present.account(await users.find_user(call.services, call.viewer_or_none, asked.acct)))


@endpoint("GET", "/api/v1/accounts/search", scope="read:accounts")
async def search(call: Call, asked: AccountSearch) -> Json[list[Account]]:
    """Return accounts that are called so or nearly, whom the caller follows first."""
    limit, skip = limit_and_skip(asked)
    found = await user_search.search_users(
        call.services, call.viewer, asked.q, limit=limit, skip=skip, followed=asked.following
    )
    return Json(call.present.accounts(found))


@endpoint("GET", "/api/v1/accounts/{id}", access=Access.ANYONE, scope="read:accounts")
async def show(call: Call, asked: AccountId) -> Json[Account]:
    """Return an account."""
    return Json(call.present.account(await users.get_user(call.services, call.viewer_or_none, asked.id)))


@endpoint("GET", "/api/v1/accounts/{id}/followers", access=Access.ANYONE, scope="read:accounts")
async def followers(call: Call, paging: AccountPaging) -> Json[list[Account]]:
    """Return those who follow an account, the latest first; nobody where the account hides them."""
    page = await follows.page_followers(
        call.services, call.viewer_or_none, paging.id, account_page_of(paging)
    )
    return accounts(call, "/api/v1/accounts/{id}/followers", paging, page)


@endpoint("GET", "/api/v1/accounts/{id}/following", access=Access.ANYONE, scope="read:accounts")
async def following(call: Call, paging: AccountPaging) -> Json[list[Account]]:
    """Return those whom an account follows, the latest first; nobody where the account hides them."""
    page = await follows.page_following(
        call.services, call.viewer_or_none, paging.id, account_page_of(paging)
    )
    return accounts(call, "/api/v1/accounts/{id}/following", paging, page)


@endpoint("GET", "/api/v1/accounts/{id}/identity_proofs", access=Access.ANYONE, deprecated=True)
async def identity_proofs(call: Call, asked: AccountId) -> Json[list[IdentityProof]]:
    """Return proofs of identity on other services: none."""
    await users.get_user(call.services, call.viewer_or_none, asked.id)
    return Json(b"[]")
