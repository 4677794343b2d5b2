"""Streams: what a connected reader may listen to, and what is told on it."""

from enum import Enum, auto
from typing import Any, NamedTuple

from rookery.domain.visibility import TweetView


class StreamKind(Enum):
    """What a stream tells of."""

    HOME = auto()
    """The viewer's home timeline, notifications and whatever else concerns only them."""
    NOTIFICATIONS = auto()
    DIRECT = auto()
    """The viewer's direct conversations."""
    PUBLIC = auto()
    """Everybody's public tweets."""
    PUBLIC_MEDIA = auto()
    """Those of them that carry photos, videos or audio."""
    ABSENT = auto()
    """What this instance has none of: tweets of other instances."""
    HASHTAG = auto()
    LIST = auto()


class Stream(NamedTuple):
    """One stream, the same for everybody who listens to it; whose home or list it is, the listener says."""

    kind: StreamKind
    hashtag: str = ""
    """In its kept form."""
    list_id: int = 0


HOME = Stream(StreamKind.HOME)
NOTIFICATIONS = Stream(StreamKind.NOTIFICATIONS)
DIRECT = Stream(StreamKind.DIRECT)
PUBLIC = Stream(StreamKind.PUBLIC)
PUBLIC_MEDIA = Stream(StreamKind.PUBLIC_MEDIA)
ABSENT = Stream(StreamKind.ABSENT)


class NewsKind(Enum):
    """What a piece of news says."""

    POSTED = auto()
    EDITED = auto()
    DELETED = auto()
    NOTIFIED = auto()
    NOTIFICATIONS_MERGED = auto()
    FILTERS_CHANGED = auto()
    CONVERSATION = auto()
    ANNOUNCEMENT = auto()
    ANNOUNCEMENT_REACTION = auto()
    ANNOUNCEMENT_DELETED = auto()


class News:
    """Something to tell one or many readers in the same words."""

    __slots__ = ("kind", "subject", "words")

    def __init__(self, kind: NewsKind, subject: TweetView | Any = None) -> None:
        """Take what it is about: a view as the reader sees it, an id, or nothing."""
        self.kind = kind
        self.subject = subject
        self.words: dict[Any, Any] = {}
        """What was made of it for the wire, so that it is made once for all readers."""
