"""From notifications to what their user may see of them now."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rookery import filtering, hydration
from rookery.domain.filters import FilterContext
from rookery.domain.ids import TweetId, UserId
from rookery.domain.notifications import Notification, NotificationView
from rookery.domain.users import UserView
from rookery.domain.visibility import STRANGER, Standing, TweetView, may_see
from rookery.ports import Read
from rookery.services import Services
from rookery.storage import notifications


class Subjects(NamedTuple):
    """What notifications speak of, as their user may see it."""

    users: dict[UserId, UserView]
    standings: dict[UserId, Standing]
    tweets: dict[TweetId, TweetView]

    def sender(self, user_id: UserId, viewer_id: UserId) -> UserView | None:
        """Return a sender of whom the viewer wants to hear."""
        view = self.users.get(user_id)
        standing = self.standings.get(user_id, STRANGER)
        if view is None or not view.user.active:
            return None
        if user_id != viewer_id and (standing.blocks or standing.blocked_by or standing.mutes_notifications):
            return None
        return view

    def view(self, one: Notification) -> NotificationView | None:
        """Return a notification with what it speaks of, or None when its user may not see that (any more)."""
        sender = self.sender(one.from_id, one.user_id)
        if sender is None or (one.tweet_id is not None and one.tweet_id not in self.tweets):
            return None
        tweet = self.tweets[one.tweet_id] if one.tweet_id is not None else None
        return NotificationView(notification=one, sender=sender, tweet=tweet)


async def load(
    services: Services,
    tx: Read,
    viewer_id: UserId,
    *,
    user_ids: Iterable[UserId],
    tweet_ids: Iterable[TweetId | None],
) -> Subjects:
    """Load senders and tweets: those tweets are left out that the viewer may not see or hides by a filter."""
    users, standings = await hydration.users(services, tx, viewer_id, list(dict.fromkeys(user_ids)))
    wanted = list(dict.fromkeys(tweet_id for tweet_id in tweet_ids if tweet_id is not None))
    hydrated = await hydration.tweets(services, tx, viewer_id, wanted)
    seen = [view for view in hydrated.views if may_see(view, viewer_id, hydrated.standings)]
    seen = await filtering.apply(services, tx, viewer_id, FilterContext.NOTIFICATIONS, seen)
    return Subjects({view.user.id: view for view in users}, standings, {view.tweet.id: view for view in seen})


async def views(
    services: Services, tx: Read, viewer_id: UserId, rows: Sequence[Notification]
) -> list[NotificationView]:
    """Return those of a user's notifications that they may see, in their order."""
    subjects = await load(
        services,
        tx,
        viewer_id,
        user_ids=[one.from_id for one in rows],
        tweet_ids=[one.tweet_id for one in rows],
    )
    return [view for one in rows if (view := subjects.view(one)) is not None]


async def find(services: Services, tx: Read, notification_id: int) -> NotificationView | None:
    """Return a notification as its user may see it; None when it is gone or kept back, or what it speaks of is."""
    one = await notifications.get(tx, notification_id)
    if one is None or one.filtered:
        return None
    found = await views(services, tx, one.user_id, [one])
    return found[0] if found else None
