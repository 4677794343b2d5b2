"""Live events: what happened, said in ids to every process, so that each tells the readers who are connected to it."""

from typing import Final

import msgspec

from rookery.domain.ids import TokenId, TweetId, UserId
from rookery.domain.tweets import Visibility


class LiveEvent(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Something that readers want to hear of at once. It carries ids: who may see what is decided where it is told."""


class TweetPosted(LiveEvent, frozen=True):
    """A tweet or a retweet is there."""

    tweet_id: TweetId
    author_id: UserId


class TweetEdited(LiveEvent, frozen=True):
    """A tweet says something else, or its poll stands otherwise."""

    tweet_id: TweetId
    author_id: UserId


class TweetDeleted(LiveEvent, frozen=True):
    """A tweet is gone: this is all that is left to tell by whom it was shown."""

    tweet_id: TweetId
    author_id: UserId
    visibility: Visibility
    hashtags: tuple[str, ...] = ()
    mentioned: tuple[UserId, ...] = ()


class Notified(LiveEvent, frozen=True):
    """A user has a notification."""

    user_id: UserId
    notification_id: int


class NotificationsMerged(LiveEvent, frozen=True):
    """Notifications that were held back have joined a user's list."""

    user_id: UserId


class ConversationChanged(LiveEvent, frozen=True):
    """A direct conversation of this user has a new last tweet, or was read."""

    user_id: UserId
    conversation_id: int


class FiltersChanged(LiveEvent, frozen=True):
    """A user's filters are others now."""

    user_id: UserId


class FollowsChanged(LiveEvent, frozen=True):
    """Whom this user follows, blocks or mutes, or has on lists, or which hashtags they follow, is different now."""

    user_id: UserId


class AccessEnded(LiveEvent, frozen=True):
    """A token of this user was taken back; None: all of them."""

    user_id: UserId
    token_id: TokenId | None = None


class AnnouncementPublished(LiveEvent, frozen=True):
    """An announcement is there, or says something else."""

    announcement_id: int


class AnnouncementReacted(LiveEvent, frozen=True):
    """The count of one reaction to an announcement is different now."""

    announcement_id: int
    name: str


class AnnouncementDeleted(LiveEvent, frozen=True):
    """An announcement is gone."""

    announcement_id: int


class EventsLost(LiveEvent, frozen=True):
    """This process may have missed events until now: what was learnt from events is to be learnt anew."""


AnyEvent = (
    TweetPosted
    | TweetEdited
    | TweetDeleted
    | Notified
    | NotificationsMerged
    | ConversationChanged
    | FiltersChanged
    | FollowsChanged
    | AccessEnded
    | AnnouncementPublished
    | AnnouncementReacted
    | AnnouncementDeleted
    | EventsLost
)

_DECODER: Final = msgspec.json.Decoder(AnyEvent)


def encode(event: LiveEvent) -> str:
    """Return the event as JSON."""
    return msgspec.json.encode(event).decode()


def decode(text: str | bytes) -> LiveEvent:
    """Return the event; one that a newer program has sent raises msgspec.ValidationError."""
    return _DECODER.decode(text)
