"""Notifications: https://docs.joinmastodon.org/methods/notifications/ and /methods/grouped_notifications/."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from rookery.api.endpoints import Call, Json, Nothing, endpoint
from rookery.api.entities.accounts import Account
from rookery.api.entities.notifications import (
    FilteredSummary,
    GroupedNotifications,
    Merged,
    Notification,
    NotificationGroup,
    NotificationPolicy,
    NotificationRequest,
    UnreadCount,
)
from rookery.api.paging import Paging, link_header, page_of
from rookery.api.presenting import KIND_BY_TYPE, NOTIFICATION_TYPES
from rookery.api.timestamps import timestamp
from rookery.domain.ids import UserId
from rookery.domain.notifications import (
    GROUPED_KINDS,
    GroupView,
    NotificationKind,
    Policy,
    RequestView,
    Treatment,
)
from rookery.domain.timelines import Page
from rookery.domain.users import UserView
from rookery.domain.visibility import TweetView
from rookery.errors import Invalid
from rookery.usecases import notifications
from rookery.usecases.notifications import NotificationChoice

NOTIFICATION_PAGE_DEFAULT: Final = 40
NOTIFICATION_PAGE_MAX: Final = 80
UNREAD_DEFAULT: Final = 100
UNREAD_MAX: Final = 1_000
IDS_AT_ONCE_MAX: Final = 100
EXPANSIONS: Final = ("full", "partial_avatars")


class NotificationPaging(Paging, frozen=True, kw_only=True):
    """Which notifications are wanted."""

    types: tuple[str, ...] = ()
    exclude_types: tuple[str, ...] = ()
    account_id: int | None = None
    include_filtered: bool = False


class GroupPaging(NotificationPaging, frozen=True, kw_only=True):
    """Which groups of notifications are wanted."""

    grouped_types: tuple[str, ...] = ()
    expand_accounts: str = "full"


class UnreadRange(msgspec.Struct, frozen=True, kw_only=True):
    """Which unread notifications are counted, and up to how many."""

    limit: int | None = None
    types: tuple[str, ...] = ()
    exclude_types: tuple[str, ...] = ()
    account_id: int | None = None
    grouped_types: tuple[str, ...] = ()


class ById(msgspec.Struct, frozen=True, kw_only=True):
    """Which notification or request."""

    id: int


class ByGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Which group."""

    group_key: str


class GroupAccounts(Paging, frozen=True, kw_only=True):
    """Which part of a group's accounts."""

    group_key: str


class ByIds(msgspec.Struct, frozen=True, kw_only=True):
    """Which notifications or requests."""

    id: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()


class PolicyChange(msgspec.Struct, frozen=True, kw_only=True):
    """Whose notifications shall be kept back; what is not said stays."""

    for_not_following: str | None = None
    for_not_followers: str | None = None
    for_new_accounts: str | None = None
    for_private_mentions: str | None = None
    for_limited_accounts: str | None = None
    for_bots: str | None = None


def _kinds(types: tuple[str, ...], excluded: tuple[str, ...]) -> tuple[NotificationKind, ...]:
    wanted = [KIND_BY_TYPE[word] for word in types if word in KIND_BY_TYPE] if types else NotificationKind
    return tuple(kind for kind in wanted if NOTIFICATION_TYPES[kind] not in excluded)


def _choice(wanted: NotificationPaging | UnreadRange) -> NotificationChoice:
    return NotificationChoice(
        kinds=_kinds(wanted.types, wanted.exclude_types),
        from_id=UserId(wanted.account_id) if wanted.account_id is not None else None,
        with_filtered=isinstance(wanted, NotificationPaging) and wanted.include_filtered,
    )


def _grouped(types: tuple[str, ...]) -> frozenset[NotificationKind]:
    if not types:
        return GROUPED_KINDS
    return frozenset(KIND_BY_TYPE[word] for word in types if word in KIND_BY_TYPE)


@endpoint("GET", "/api/v1/notifications", scope="read:notifications")
async def index(call: Call, paging: NotificationPaging) -> Json[list[Notification]]:
    """List what concerns the viewer, newest first."""
    request = page_of(paging, default=NOTIFICATION_PAGE_DEFAULT, limit_max=NOTIFICATION_PAGE_MAX)
    page = await notifications.page_notifications(call.services, call.viewer, _choice(paging), request)
    return Json(
        b"[" + b",".join([call.present.notification(view) for view in page.items]) + b"]",
        headers=_links(call, "/api/v1/notifications", paging, page),
    )


def _links(call: Call, path: str, paging: Paging, page: Page[Any]) -> dict[str, str]:
    return link_header(
        call.services.instance.base_url, path, paging, newest_id=page.newest_id, oldest_id=page.oldest_id
    )


@endpoint("GET", "/api/v1/notifications/unread_count", scope="read:notifications")
async def unread_count(call: Call, counted: UnreadRange) -> Json[UnreadCount]:
    """Count the unread notifications, up to a limit."""
    count = await notifications.count_unread(
        call.services, call.viewer, _choice(counted), limit=_unread_limit(counted)
    )
    return Json.of(UnreadCount(count))


def _unread_limit(counted: UnreadRange) -> int:
    limit = UNREAD_DEFAULT if counted.limit is None else counted.limit
    if limit < 1:
        raise Invalid("limit must be at least 1", field="limit")
    return min(limit, UNREAD_MAX)


@endpoint("POST", "/api/v1/notifications/clear", scope="write:notifications")
async def clear(call: Call) -> Json[Nothing]:
    """Remove every notification."""
    await notifications.clear(call.services, call.viewer)
    return Json(b"{}")


@endpoint("DELETE", "/api/v1/notifications/destroy_multiple", scope="write:notifications")
async def destroy_multiple(call: Call, which: ByIds) -> Json[Nothing]:
    """Remove several notifications."""
    await notifications.dismiss_all(call.services, call.viewer, _ids(which))
    return Json(b"{}")


def _ids(which: ByIds) -> Sequence[int]:
    ids = which.id or which.ids
    if len(ids) > IDS_AT_ONCE_MAX:
        raise Invalid(f"At most {IDS_AT_ONCE_MAX} can be named at a time", field="id")
    return ids


@endpoint("GET", "/api/v1/notifications/{id}", scope="read:notifications")
async def show(call: Call, which: ById) -> Json[Notification]:
    """Return one notification."""
    view = await notifications.get_notification(call.services, call.viewer, which.id)
    return Json(call.present.notification(view))


@endpoint("POST", "/api/v1/notifications/{id}/dismiss", scope="write:notifications")
async def dismiss(call: Call, which: ById) -> Json[Nothing]:
    """Remove one notification."""
    await notifications.dismiss(call.services, call.viewer, which.id)
    return Json(b"{}")


@endpoint("GET", "/api/v1/notifications/requests", scope="read:notifications")
async def requests(call: Call, paging: Paging) -> Json[list[NotificationRequest]]:
    """List the strangers whose notifications are kept back."""
    request = page_of(paging, default=NOTIFICATION_PAGE_DEFAULT, limit_max=NOTIFICATION_PAGE_MAX)
    page = await notifications.page_requests(call.services, call.viewer, request)
    return Json(
        b"[" + b",".join([_request(call, view) for view in page.items]) + b"]",
        headers=_links(call, "/api/v1/notifications/requests", paging, page),
    )


def _request(call: Call, view: RequestView) -> bytes:
    head = msgspec.json.encode(
        {
            "id": str(view.id),
            "created_at": timestamp(view.created_ms),
            "updated_at": timestamp(view.updated_ms),
            "notifications_count": str(view.count),
        }
    )
    last = call.present.status(view.last_tweet, signed_in=True) if view.last_tweet else b"null"
    return b"".join(
        (head[:-1], b',"account":', call.present.account(view.sender), b',"last_status":', last, b"}")
    )


@endpoint("GET", "/api/v1/notifications/requests/merged", scope="read:notifications")
async def merged(call: Call) -> Json[Merged]:  # noqa: ARG001
    """Tell whether accepted requests have been merged: they are, with the accepting itself."""
    return Json.of(Merged(merged=True))


@endpoint("POST", "/api/v1/notifications/requests/accept", scope="write:notifications")
async def accept_many(call: Call, which: ByIds) -> Json[Nothing]:
    """Let several strangers in."""
    await notifications.accept_requests(call.services, call.viewer, _ids(which))
    return Json(b"{}")


@endpoint("POST", "/api/v1/notifications/requests/dismiss", scope="write:notifications")
async def dismiss_many(call: Call, which: ByIds) -> Json[Nothing]:
    """Put the notifications of several strangers away."""
    await notifications.dismiss_requests(call.services, call.viewer, _ids(which))
    return Json(b"{}")


@endpoint("GET", "/api/v1/notifications/requests/{id}", scope="read:notifications")
async def show_request(call: Call, which: ById) -> Json[NotificationRequest]:
    """Return one request."""
    return Json(_request(call, await notifications.get_request(call.services, call.viewer, which.id)))


@endpoint("POST", "/api/v1/notifications/requests/{id}/accept", scope="write:notifications")
async def accept(call: Call, which: ById) -> Json[Nothing]:
    """Let a stranger in: what was kept back joins the list."""
    await notifications.accept_requests(call.services, call.viewer, [which.id])
    return Json(b"{}")


@endpoint("POST", "/api/v1/notifications/requests/{id}/dismiss", scope="write:notifications")
async def dismiss_request(call: Call, which: ById) -> Json[Nothing]:
    """Put a stranger's notifications away."""
    await notifications.dismiss_requests(call.services, call.viewer, [which.id])
    return Json(b"{}")


@endpoint("GET", "/api/v2/notifications", scope="read:notifications")
async def groups(call: Call, paging: GroupPaging) -> Json[GroupedNotifications]:
    """List what concerns the viewer in groups, newest first."""
    if paging.expand_accounts not in EXPANSIONS:
        raise Invalid("expand_accounts is not one of " + ", ".join(EXPANSIONS), field="expand_accounts")
    request = page_of(paging, default=NOTIFICATION_PAGE_DEFAULT, limit_max=NOTIFICATION_PAGE_MAX)
    page = await notifications.page_groups(
        call.services, call.viewer, _choice(paging), request, grouped=_grouped(paging.grouped_types)
    )
    partial = paging.expand_accounts == "partial_avatars"
    return Json(
        _group_results(call, page.items, partial=partial),
        headers=_links(call, "/api/v2/notifications", paging, page),
    )


def _group_results(call: Call, found: Sequence[GroupView], *, partial: bool = False) -> bytes:
    """Return groups with the accounts and statuses they speak of, each once."""
    # Of a group shown in part the first account is whole, the others are pictures.
    whole = {view.senders[0].user.id for view in found}
    users: dict[UserId, UserView] = {user.user.id: user for view in found for user in view.senders}
    accounts = [user for user_id, user in users.items() if not partial or user_id in whole]
    others = [user for user_id, user in users.items() if partial and user_id not in whole]
    statuses: dict[int, TweetView] = {
        view.tweet.tweet.id: view.tweet for view in found if view.tweet is not None
    }
    parts = [b'{"accounts":', call.present.accounts(accounts)]
    if partial:
        parts += [
            b',"partial_accounts":',
            msgspec.json.encode([call.present.partial_account(user) for user in others]),
        ]
    parts += [
        b',"statuses":',
        call.present.statuses(list(statuses.values()), signed_in=True),
        b',"notification_groups":',
        msgspec.json.encode([_group(view) for view in found]),
        b"}",
    ]
    return b"".join(parts)


def _group(view: GroupView) -> NotificationGroup:
    return NotificationGroup(
        group_key=view.key,
        notifications_count=view.count,
        type=NOTIFICATION_TYPES[view.kind],
        most_recent_notification_id=str(view.newest_id),
        page_min_id=str(view.oldest_id),
        page_max_id=str(view.newest_id),
        latest_page_notification_at=timestamp(view.newest_ms),
        sample_account_ids=[str(user.user.id) for user in view.senders],
        status_id=str(view.tweet.tweet.id) if view.tweet is not None else None,
    )


@endpoint("GET", "/api/v2/notifications/unread_count", scope="read:notifications")
async def unread_groups_count(call: Call, counted: UnreadRange) -> Json[UnreadCount]:
    """Count the groups with unread notifications, up to a limit."""
    count = await notifications.count_unread_groups(
        call.services,
        call.viewer,
        _choice(counted),
        grouped=_grouped(counted.grouped_types),
        limit=_unread_limit(counted),
    )
    return Json.of(UnreadCount(count))


@endpoint("GET", "/api/v2/notifications/policy", scope="read:notifications")
async def policy(call: Call) -> Json[NotificationPolicy]:
    """Tell whose notifications are kept back."""
    return Json.of(await _policy(call))


async def _policy(call: Call) -> NotificationPolicy:
    found, requests_waiting, waiting = await notifications.get_policy(call.services, call.viewer)
    return NotificationPolicy(
        for_not_following=found.not_following.value,
        for_not_followers=found.not_followers.value,
        for_new_accounts=found.new_users.value,
        for_private_mentions=found.private_mentions.value,
        for_limited_accounts=found.limited_users.value,
        for_bots=found.bots.value,
        summary=FilteredSummary(requests_waiting, waiting),
    )


@endpoint("PATCH", "/api/v2/notifications/policy", scope="write:notifications")
async def change_policy(call: Call, wanted: PolicyChange) -> Json[NotificationPolicy]:
    """Change whose notifications are kept back."""
    before, _, _ = await notifications.get_policy(call.services, call.viewer)
    changed = Policy(
        not_following=_treatment(wanted.for_not_following, before.not_following),
        not_followers=_treatment(wanted.for_not_followers, before.not_followers),
        new_users=_treatment(wanted.for_new_accounts, before.new_users),
        private_mentions=_treatment(wanted.for_private_mentions, before.private_mentions),
        limited_users=_treatment(wanted.for_limited_accounts, before.limited_users),
        bots=_treatment(wanted.for_bots, before.bots),
    )
    await notifications.change_policy(call.services, call.viewer, changed)
    return Json.of(await _policy(call))


def _treatment(word: str | None, before: Treatment) -> Treatment:
    if word is None:
        return before
    words: Iterable[str] = [treatment.value for treatment in Treatment]
    if word not in words:
        raise Invalid("A policy is one of " + ", ".join(words))
    return Treatment(word)


@endpoint("GET", "/api/v2/notifications/{group_key}", scope="read:notifications")
async def show_group(call: Call, which: ByGroup) -> Json[GroupedNotifications]:
    """Return one group with what it speaks of."""
    view = await notifications.get_group(call.services, call.viewer, which.group_key)
    return Json(_group_results(call, [view]))


@endpoint("POST", "/api/v2/notifications/{group_key}/dismiss", scope="write:notifications")
async def dismiss_group(call: Call, which: ByGroup) -> Json[Nothing]:
    """Remove a group with all its notifications."""
    await notifications.dismiss_group(call.services, call.viewer, which.group_key)
    return Json(b"{}")


@endpoint("GET", "/api/v2/notifications/{group_key}/accounts", scope="read:notifications")
async def group_accounts(call: Call, which: GroupAccounts) -> Json[list[Account]]:
    """List those whose doings a group tells of, the latest first."""
    page = await notifications.page_group_senders(
        call.services, call.viewer, which.group_key, page_of(which, limit_max=NOTIFICATION_PAGE_MAX)
    )
    return Json(
        call.present.accounts(page.items),
        headers=_links(call, "/api/v2/notifications/{group_key}/accounts", which, page),
    )
