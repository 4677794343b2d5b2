"""Lists: https://docs.joinmastodon.org/methods/lists/."""

from typing import Final

import msgspec

from rookery.api.endpoints import Call, Json, Nothing, endpoint
from rookery.api.entities.accounts import Account
from rookery.api.entities.lists import List
from rookery.api.entities.statuses import Status
from rookery.api.paging import Paging, link_header, page_of
from rookery.api.routes.timelines import ranked, statuses
from rookery.domain.for_you import LIST_ID as FOR_YOU_LIST_ID
from rookery.domain.ids import UserId
from rookery.domain.lists import Replies, UserList
from rookery.errors import Invalid
from rookery.usecases import lists, timelines
from rookery.usecases.lists import MEMBERS_MAX, OnListAlready

MEMBERS_DEFAULT: Final = 40
MEMBERS_PAGE_MAX: Final = 80


class ListParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list shall be."""

    title: str | None = None
    replies_policy: str | None = None
    exclusive: bool | None = None


class ById(msgspec.Struct, frozen=True, kw_only=True):
    """Which list or account."""

    id: int


class ChangedList(ListParameters, frozen=True, kw_only=True):
    """Which list, and what it shall be."""

    id: int


class Members(Paging, frozen=True, kw_only=True):
    """Which part of a list's accounts; a limit of 0 asks for all."""

    id: int


class MemberIds(msgspec.Struct, frozen=True, kw_only=True):
    """Which accounts of which list."""

    id: int
    account_ids: tuple[int, ...] = ()


class ListPaging(Paging, frozen=True, kw_only=True):
    """Which part of which list's timeline; of For you, which ranking it comes from (an extension)."""

    list_id: int
    ranking: int | None = None


_FOR_YOU: Final = List(str(FOR_YOU_LIST_ID), "For you", Replies.FOLLOWED.value, exclusive=False)


def _is_for_you(call: Call, list_id: int) -> bool:
    return list_id == FOR_YOU_LIST_ID and call.services.instance.for_you


def _require_own(call: Call, list_id: int) -> None:
    if _is_for_you(call, list_id):
        raise Invalid("For you is there for everybody: it cannot be changed or removed")


def _list(of: UserList) -> List:
    return List(str(of.id), of.title, of.replies.value, of.exclusive)


def _replies(word: str | None) -> Replies | None:
    if word is None:
        return None
    words = [replies.value for replies in Replies]
    if word not in words:
        raise Invalid("replies_policy is one of " + ", ".join(words), field="replies_policy")
    return Replies(word)


@endpoint("GET", "/api/v1/lists", scope="read:lists")
async def index(call: Call) -> Json[list[List]]:
    """Return For you, a timeline that apps can open like a list's, and the viewer's lists."""
    own = [_list(of) for of in await lists.list_lists(call.services, call.viewer)]
    return Json.of([_FOR_YOU, *own] if call.services.instance.for_you else own)


@endpoint("POST", "/api/v1/lists", scope="write:lists")
async def create(call: Call, wanted: ListParameters) -> Json[List]:
    """Make a list."""
    made = await lists.make_list(
        call.services,
        call.viewer,
        title=wanted.title or "",
        replies=_replies(wanted.replies_policy) or Replies.LIST,
        exclusive=bool(wanted.exclusive),
    )
    return Json.of(_list(made))


@endpoint("GET", "/api/v1/lists/{id}", scope="read:lists")
async def show(call: Call, which: ById) -> Json[List]:
    """Return one list."""
    if _is_for_you(call, which.id):
        return Json.of(_FOR_YOU)
    return Json.of(_list(await lists.get_list(call.services, call.viewer, which.id)))


@endpoint("PUT", "/api/v1/lists/{id}", scope="write:lists")
async def update(call: Call, wanted: ChangedList) -> Json[List]:
    """Change a list."""
    _require_own(call, wanted.id)
    changed = await lists.change_list(
        call.services,
        call.viewer,
        wanted.id,
        title=wanted.title,
        replies=_replies(wanted.replies_policy),
        exclusive=wanted.exclusive,
    )
    return Json.of(_list(changed))


@endpoint("DELETE", "/api/v1/lists/{id}", scope="write:lists")
async def destroy(call: Call, which: ById) -> Json[Nothing]:
    """Remove a list."""
    _require_own(call, which.id)
    await lists.remove_list(call.services, call.viewer, which.id)
    return Json(b"{}")


@endpoint("GET", "/api/v1/lists/{id}/accounts", scope="read:lists")
async def accounts(call: Call, which: Members) -> Json[list[Account]]:
    """Return those on a list, the latest first; For you has nobody on it."""
    if _is_for_you(call, which.id):
        return Json.of([])
    if which.limit == 0:
        which = msgspec.structs.replace(which, limit=MEMBERS_MAX)
        request = page_of(which, limit_max=MEMBERS_MAX)
    else:
        request = page_of(which, default=MEMBERS_DEFAULT, limit_max=MEMBERS_PAGE_MAX)
    page = await lists.page_members(call.services, call.viewer, which.id, request)
    headers = link_header(
        call.services.instance.base_url,
        "/api/v1/lists/{id}/accounts",
        which,
        newest_id=page.newest_id,
        oldest_id=page.oldest_id,
    )
    return Json(call.present.accounts(page.items), headers=headers)


@endpoint("POST", "/api/v1/lists/{id}/accounts", scope="write:lists")
async def add_accounts(call: Call, which: MemberIds) -> Json[Nothing]:
    """Put followed accounts on a list."""
    _require_own(call, which.id)
    user_ids = [UserId(account_id) for account_id in which.account_ids]
    try:
        await lists.add_members(call.services, call.viewer, which.id, user_ids)
    except OnListAlready as error:
        raise Invalid("Validation failed: Account has already been taken") from error
    return Json(b"{}")


@endpoint("DELETE", "/api/v1/lists/{id}/accounts", scope="write:lists")
async def remove_accounts(call: Call, which: MemberIds) -> Json[Nothing]:
    """Take accounts off a list."""
    _require_own(call, which.id)
    user_ids = [UserId(account_id) for account_id in which.account_ids]
    await lists.remove_members(call.services, call.viewer, which.id, user_ids)
    return Json(b"{}")


@endpoint("GET", "/api/v1/accounts/{id}/lists", scope="read:lists")
async def with_account(call: Call, which: ById) -> Json[list[List]]:
    """Return those of the viewer's lists that an account is on."""
    return Json.of([_list(of) for of in await lists.lists_with(call.services, call.viewer, UserId(which.id))])


@endpoint("GET", "/api/v1/timelines/list/{list_id}", scope="read:lists")
async def timeline(call: Call, paging: ListPaging) -> Json[list[Status]]:
    """Return the tweets of those on a list, newest first; of For you, those that seem to matter most first."""
    if _is_for_you(call, paging.list_id):
        return await ranked(call, "/api/v1/timelines/list/{list_id}", paging, paging.ranking)
    page = await timelines.list_timeline(call.services, call.viewer, paging.list_id, page_of(paging))
    return statuses(call, "/api/v1/timelines/list/{list_id}", paging, page)
