"""What the routes about accounts share: their parameters, pages of accounts, and relationships as answers."""

from typing import Any, Final

import msgspec

from rookery.api.endpoints import Call, Json
from rookery.api.entities.accounts import Account
from rookery.api.entities.relationships import Relationship
from rookery.api.paging import OffsetPaging, Paging, link_header, page_of
from rookery.api.timestamps import timestamp
from rookery.domain.ids import UserId
from rookery.domain.limits import USER_PAGE_MAX
from rookery.domain.timelines import Page, PageRequest
from rookery.domain.users import Relation, UserView

ACCOUNT_PAGE_DEFAULT: Final = 40
"""Accounts on a page of a list of accounts, unless the client asks otherwise."""


class AccountId(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of what concerns one account."""

    id: UserId


class AccountPaging(Paging, frozen=True, kw_only=True):
    """The parameters of a paged list that belongs to one account."""

    id: UserId


def account_page_of(paging: Paging) -> PageRequest:
    """Return the part of a list of accounts that is asked for."""
    return page_of(paging, default=ACCOUNT_PAGE_DEFAULT, limit_max=USER_PAGE_MAX)


def limit_and_skip(paging: OffsetPaging) -> tuple[int, int]:
    """Return how many accounts are asked for and how many come before them."""
    return min(paging.limit or ACCOUNT_PAGE_DEFAULT, USER_PAGE_MAX), paging.offset


def accounts(call: Call, path: str, paging: Paging, page: Page[UserView]) -> Json[list[Account]]:
    """Answer a page of accounts with links to its neighbours."""
    return Json(call.present.accounts(page.items), headers=links(call, path, paging, page))


def links(call: Call, path: str, paging: Paging, page: Page[Any]) -> dict[str, str]:
    """Return the `Link` header of a page of accounts."""
    return link_header(
        call.services.instance.base_url, path, paging, newest_id=page.newest_id, oldest_id=page.oldest_id
    )


def relationship(user_id: UserId, relation: Relation) -> Relationship:
    """Return how the viewer stands to an account, as Mastodon says it."""
    follows = relation.following or relation.requested
    until_ms = relation.mute_until_ms
    return Relationship(
        id=str(user_id),
        following=relation.following,
        showing_reblogs=follows and relation.shows_retweets,
        notifying=follows and relation.notifies,
        languages=list(relation.languages) or None,
        followed_by=relation.followed_by,
        blocking=relation.blocking,
        blocked_by=relation.blocked_by,
        muting=relation.muting,
        muting_notifications=relation.muting_notifications,
        muting_expires_at=timestamp(until_ms) if until_ms is not None else None,
        requested=relation.requested,
        requested_by=relation.requested_by,
        domain_blocking=False,
        endorsed=relation.endorsed,
        note=relation.note,
    )
