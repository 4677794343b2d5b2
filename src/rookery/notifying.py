"""From something that happened to the notifications of those whom it concerns, within the same transaction."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rookery import tasks
from rookery.domain.ids import TweetId, UserId
from rookery.domain.live import Notified
from rookery.domain.notifications import (
    GROUPED_KINDS,
    OWN_KINDS,
    UNFILTERED_KINDS,
    Circumstances,
    Notification,
    NotificationKind,
    Treatment,
    group_key,
    treatment,
)
from rookery.domain.tweets import Tweet, Visibility
from rookery.ports import Row, Write
from rookery.services import Services
from rookery.storage import notification_requests, notifications, users
from rookery.storage import tasks as task_records

WITHDRAWN_MAX: Final = 100
"""How many notifications one undoing takes back."""


class _Event(NamedTuple):
    kind: NotificationKind
    by: UserId
    tweet: Tweet | None
    report_id: int | None


async def notify(
    services: Services,
    tx: Write,
    kind: NotificationKind,
    *,
    recipients: Sequence[UserId],
    by: UserId,
    tweet: Tweet | None = None,
    report_id: int | None = None,
) -> None:
    """Tell users what somebody did. A few recipients: many are told by tasks, a slice at a time.

    Nobody is told by those whom they block or whose notifications they mute, nor of threads they mute, nor twice of
    the same; strangers' notifications are kept back or dropped as each one's policy says. Live readers hear of what
    is new at once, phones once for each group.
    """
    wanted = [user_id for user_id in recipients if user_id != by or kind in OWN_KINDS]
    if not wanted:
        return
    sender = await users.get(tx, by)
    if sender is None:
        return
    event = _Event(kind, by, tweet, report_id)
    told: list[Notification] = []
    for row in await notifications.recipients(
        tx, wanted, from_id=by, thread_id=tweet.thread_id if tweet is not None else None
    ):
        if _is_deaf(row, now_ms=services.now_ms()):
            continue
        met = Circumstances(
            follows=row[1] is not None,
            followed_by=row[2] is not None,
            sender_age_ms=services.now_ms() - sender.created_ms,
            bot=sender.bot,
            private=_is_private_to(event, row[0]),
            welcome=row[8] is not None or kind in UNFILTERED_KINDS or row[0] == by,
        )
        treated = treatment(notification_requests.policy_of(row[9:15]), met)
        if treated is not Treatment.DROP:
            told.append(_notification(services, event, row[0], filtered=treated is Treatment.FILTER))
    await _tell(services, tx, event, told)


def _is_deaf(row: Row, *, now_ms: int) -> bool:
    """Tell whether the recipient wants or may hear nothing of this."""
    blocks, blocked_by, mute, until_ms, thread_muted = row[3:8]
    mutes = bool(mute) and (until_ms is None or until_ms > now_ms)
    return blocks is not None or blocked_by is not None or mutes or thread_muted is not None


def _is_private_to(event: _Event, recipient_id: UserId) -> bool:
    return (
        event.kind is NotificationKind.MENTION
        and event.tweet is not None
        and event.tweet.visibility is Visibility.DIRECT
        and event.tweet.reply_to_author_id != recipient_id
    )


def _notification(services: Services, event: _Event, recipient_id: UserId, *, filtered: bool) -> Notification:
    notification_id, now_ms = services.new_id(), services.now_ms()
    tweet_id = event.tweet.id if event.tweet is not None else None
    return Notification(
        id=notification_id,
        user_id=recipient_id,
        kind=event.kind,
        group_key=group_key(event.kind, notification_id, tweet_id, now_ms=now_ms),
        from_id=event.by,
        tweet_id=tweet_id,
        report_id=event.report_id,
        filtered=filtered,
        created_ms=now_ms,
    )


async def _tell(services: Services, tx: Write, event: _Event, wanted: Sequence[Notification]) -> None:
    """Enter what has not been told before, and let live readers and phones know."""
    fresh = await notifications.insert(tx, wanted)
    await notification_requests.wait(tx, [one for one in fresh if one.filtered], new_id=services.new_id)
    heard = [one for one in fresh if not one.filtered]
    if not heard:
        return
    first = heard
    if event.kind in GROUPED_KINDS:
        first = [one for one in heard if await notifications.join_group(tx, one) == 1]
    await services.live.announce(tx, *[Notified(one.user_id, one.id) for one in heard])
    await task_records.enqueue_all(services, tx, [tasks.PushNotification(one.id) for one in first])


async def withdraw(
    tx: Write,
    *kinds: NotificationKind,
    by: UserId,
    recipient: UserId,
    tweet_id: TweetId | None = None,
) -> None:
    """Take back what somebody's doing has told a user: they have undone it."""
    ids = await notifications.sent(tx, by, recipient, kinds, tweet_id=tweet_id, limit=WITHDRAWN_MAX)
    if ids:
        await notifications.delete(tx, recipient, ids)
