"""Notifications: https://docs.joinmastodon.org/entities/Notification/."""

import msgspec

from rookery.api.entities.accounts import Account
from rookery.api.entities.statuses import Status


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened and concerns the viewer."""

    id: str
    type: str
    group_key: str
    created_at: str
    account: Account
    status: Status | None


class NotificationGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Notifications of the same kind about the same thing."""

    group_key: str
    notifications_count: int
    type: str
    most_recent_notification_id: str
    page_min_id: str
    page_max_id: str
    latest_page_notification_at: str
    sample_account_ids: list[str]
    status_id: str | None


class PartialAccount(msgspec.Struct, frozen=True, kw_only=True):
    """As much of an account as its picture needs."""

    id: str
    acct: str
    url: str
    avatar: str
    avatar_static: str
    avatar_description: str
    locked: bool
    bot: bool


class GroupedNotifications(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Groups of notifications, and the accounts and statuses that they speak of."""

    accounts: list[Account]
    partial_accounts: list[PartialAccount] | None = None
    statuses: list[Status]
    notification_groups: list[NotificationGroup]


class UnreadCount(msgspec.Struct, frozen=True):
    """How many notifications are unread."""

    count: int


class FilteredSummary(msgspec.Struct, frozen=True):
    """How much the policy keeps back."""

    pending_requests_count: int
    pending_notifications_count: int


class NotificationPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Whose notifications are kept back: `accept`, `filter` or `drop` each."""

    for_not_following: str
    for_not_followers: str
    for_new_accounts: str
    for_private_mentions: str
    for_limited_accounts: str
    for_bots: str
    summary: FilteredSummary


class NotificationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A stranger whose notifications are kept back."""

    id: str
    created_at: str
    updated_at: str
    notifications_count: str
    account: Account
    last_status: Status | None


class Merged(msgspec.Struct, frozen=True):
    """Whether accepted requests have been merged."""

    merged: bool
