"""Notifications: what happened that concerns somebody, in groups, and whose are kept back."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from rookery.domain.ids import TweetId, UserId
from rookery.domain.users import UserView
from rookery.domain.visibility import TweetView


class NotificationKind(StrEnum):
    """What a notification tells."""

    MENTION = "mention"
    TWEET = "tweet"
    """Somebody whose bell is on has posted."""
    RETWEET = "retweet"
    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    FAVORITE = "favorite"
    POLL = "poll"
    """A poll that one made or voted in has ended."""
    EDIT = "edit"
    """A tweet that one has retweeted says something else."""
    QUOTE = "quote"
    QUOTE_EDIT = "quote_edit"
    """A tweet that one has quoted says something else."""
    SIGN_UP = "sign_up"
    """For administrators: somebody has joined."""
    REPORT = "report"
    """For administrators: somebody was reported."""


GROUPED_KINDS: Final = frozenset(
    (NotificationKind.FAVORITE, NotificationKind.RETWEET, NotificationKind.FOLLOW, NotificationKind.SIGN_UP)
)
"""Kinds of which many are told as one."""
OWN_KINDS: Final = frozenset((NotificationKind.POLL,))
"""Kinds that also tell of what one did oneself."""
UNFILTERED_KINDS: Final = frozenset(
    (
        NotificationKind.POLL,
        NotificationKind.EDIT,
        NotificationKind.QUOTE_EDIT,
        NotificationKind.SIGN_UP,
        NotificationKind.REPORT,
    )
)
"""Kinds that no policy holds back: one has asked for them, or they are an administrator's business."""
GROUP_MS: Final = 43_200_000
"""How long a group collects: half a day, by the clock."""
NEW_USER_MS: Final = 30 * 86_400_000
"""How long somebody counts as new."""
SAMPLE_USERS: Final = 8
"""How many of a group's latest users are named."""


def group_key(kind: NotificationKind, notification_id: int, tweet_id: TweetId | None, *, now_ms: int) -> str:
    """Return the name of the group that a notification belongs to: one of its own for kinds that are not grouped."""
    if kind not in GROUPED_KINDS:
        return f"ungrouped-{notification_id}"
    about = f"{kind}-{tweet_id}" if tweet_id is not None else str(kind)
    return f"{about}-{now_ms // GROUP_MS}"


class Treatment(StrEnum):
    """What happens to the notifications of some strangers."""

    ACCEPT = "accept"
    FILTER = "filter"
    """They are kept apart, until their sender is accepted."""
    DROP = "drop"


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How the notifications of those are treated whom one has not let in."""

    not_following: Treatment = Treatment.ACCEPT
    not_followers: Treatment = Treatment.ACCEPT
    new_users: Treatment = Treatment.ACCEPT
    private_mentions: Treatment = Treatment.FILTER
    """Direct mentions that one has not begun, by people whom one does not follow."""
    limited_users: Treatment = Treatment.FILTER
    bots: Treatment = Treatment.ACCEPT


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy asks about a sender and what they sent."""

    follows: bool
    """Whether the recipient follows the sender."""
    followed_by: bool
    sender_age_ms: int
    bot: bool
    private: bool
    """Whether it is a direct mention that does not answer the recipient."""
    welcome: bool
    """Whether the recipient has let this sender in."""


def treatment(policy: Policy, met: Circumstances) -> Treatment:
    """Return the strictest treatment that the policy has for the circumstances."""
    if met.welcome:
        return Treatment.ACCEPT
    found = [Treatment.ACCEPT]
    if not met.follows:
        found.append(policy.not_following)
        if met.private:
            found.append(policy.private_mentions)
        if met.sender_age_ms < NEW_USER_MS:
            found.append(policy.new_users)
        if met.bot:
            found.append(policy.bots)
    if not met.followed_by:
        found.append(policy.not_followers)
    order = tuple(Treatment)
    return max(found, key=order.index)


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened and concerns a user."""

    id: int
    user_id: UserId
    kind: NotificationKind
    group_key: str
    from_id: UserId
    tweet_id: TweetId | None
    report_id: int | None
    filtered: bool
    created_ms: int


class NotificationView(msgspec.Struct, frozen=True, kw_only=True):
    """A notification with what it speaks of, as its user may see it."""

    notification: Notification
    sender: UserView
    tweet: TweetView | None


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    """Notifications of one kind about one thing, told as one."""

    key: str
    kind: NotificationKind
    count: int
    newest_id: int
    oldest_id: int
    """The oldest that lies on this page."""
    newest_ms: int
    senders: Sequence[UserView]
    """The latest, at the most `SAMPLE_USERS`."""
    tweet: TweetView | None
    report_id: int | None = None


class RequestView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whose notifications are kept back."""

    id: int
    sender: UserView
    count: int
    created_ms: int
    updated_ms: int
    last_tweet: TweetView | None
