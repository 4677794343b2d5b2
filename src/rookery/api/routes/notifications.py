"""Notifications: https://docs.joinmastodon.org/methods/notifications/. None are made yet, so every list is empty."""

from typing import Final

import msgspec

from rookery.api.endpoints import Call, Json, Nothing, endpoint
from rookery.api.entities.notifications import (
    FilteredSummary,
    GroupedNotifications,
    Merged,
    Notification,
    NotificationPolicy,
    NotificationRequest,
    UnreadCount,
)
from rookery.api.paging import Paging, page_of

NOTIFICATION_PAGE_MAX: Final = 80


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


@endpoint("GET", "/api/v1/notifications", scope="read:notifications")
async def index(call: Call, paging: NotificationPaging) -> Json[list[Notification]]:  # noqa: ARG001
    """List what concerns the viewer, newest first."""
    page_of(paging, limit_max=NOTIFICATION_PAGE_MAX)
    return Json(b"[]")


@endpoint("GET", "/api/v1/notifications/unread_count", scope="read:notifications")
async def unread_count(call: Call, counted: UnreadRange) -> Json[UnreadCount]:  # noqa: ARG001
    """Count the unread notifications."""
    return Json.of(UnreadCount(0))


@endpoint("POST", "/api/v1/notifications/clear", scope="write:notifications")
async def clear(call: Call) -> Json[Nothing]:  # noqa: ARG001
    """Remove every notification."""
    return Json(b"{}")


@endpoint("GET", "/api/v1/notifications/requests", scope="read:notifications")
async def requests(call: Call, paging: Paging) -> Json[list[NotificationRequest]]:  # noqa: ARG001
    """List the strangers whose notifications are kept back."""
    page_of(paging, limit_max=NOTIFICATION_PAGE_MAX)
    return Json(b"[]")


@endpoint("GET", "/api/v1/notifications/requests/merged", scope="read:notifications")
async def merged(call: Call) -> Json[Merged]:  # noqa: ARG001
    """Tell whether accepted requests have been merged: there is nothing to merge."""
    return Json.of(Merged(merged=True))


@endpoint("GET", "/api/v2/notifications", scope="read:notifications")
async def groups(call: Call, paging: GroupPaging) -> Json[GroupedNotifications]:  # noqa: ARG001
    """List what concerns the viewer in groups, newest first."""
    page_of(paging, limit_max=NOTIFICATION_PAGE_MAX)
    return Json.of(GroupedNotifications(accounts=[], statuses=[], notification_groups=[]))


@endpoint("GET", "/api/v2/notifications/unread_count", scope="read:notifications")
async def unread_groups_count(call: Call, counted: UnreadRange) -> Json[UnreadCount]:  # noqa: ARG001
    """Count the groups with unread notifications."""
    return Json.of(UnreadCount(0))


@endpoint("GET", "/api/v2/notifications/policy", scope="read:notifications")
async def policy(call: Call) -> Json[NotificationPolicy]:  # noqa: ARG001
    """Tell whose notifications are kept back: nobody's."""
    return Json.of(
        NotificationPolicy(
            for_not_following="accept",
            for_not_followers="accept",
            for_new_accounts="accept",
            for_private_mentions="accept",
            for_limited_accounts="accept",
            for_bots="accept",
            summary=FilteredSummary(0, 0),
        )
    )
