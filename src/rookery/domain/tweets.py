"""Tweets: what they are, how many people did what with them, and what the viewer did."""

from enum import IntEnum

import msgspec

from rookery.domain.ids import AppId, TweetId, UserId
from rookery.domain.media import Media, MediaVersion
from rookery.domain.polls import Poll
from rookery.domain.previews import Card
from rookery.domain.quotes import Quote, QuotePolicy


class Visibility(IntEnum):
    """Who may see a tweet; a larger number is more private."""

    PUBLIC = 0
    UNLISTED = 1
    """Everybody, but on no public timeline."""
    FOLLOWERS = 2
    DIRECT = 3
    """Only those who are mentioned."""


class Place(msgspec.Struct, frozen=True):
    """Where a tweet was written: degrees in WGS 84 and a name, each optional."""

    latitude: float | None = None
    longitude: float | None = None
    name: str | None = None


class PostedWith(msgspec.Struct, frozen=True):
    """The app a tweet was posted with."""

    id: AppId
    name: str
    website: str | None


class Mention(msgspec.Struct, frozen=True, array_like=True):
    """A user who is addressed in a tweet."""

    user_id: UserId
    username: str


class Tweet(msgspec.Struct, frozen=True, kw_only=True):
    """A tweet, or a retweet (`retweet_of_id`) of one. Whatever changes it moves `revision`."""

    id: TweetId
    author_id: UserId
    text: str = ""
    spoiler: str = ""
    language: str | None = None
    visibility: Visibility = Visibility.PUBLIC
    sensitive: bool = False
    reply_to_id: TweetId | None = None
    reply_to_author_id: UserId | None = None
    thread_id: TweetId
    """The id of the tweet that began the conversation."""
    retweet_of_id: TweetId | None = None
    mentions: tuple[Mention, ...] = ()
    place: Place | None = None
    poll: Poll | None = None
    media: tuple[Media, ...] = ()
    card: Card | None = None
    """What is known of the first link in the text."""
    quote: Quote | None = None
    quote_policy: QuotePolicy = QuotePolicy.PUBLIC
    app: PostedWith | None = None
    created_ms: int
    edited_ms: int | None = None
    revision: int = 0
    """How often it was changed: by its author, or because somebody it names has left."""


class TweetVersion(msgspec.Struct, frozen=True):
    """What a tweet said at some time."""

    text: str
    spoiler: str
    sensitive: bool
    written_ms: int
    media: tuple[MediaVersion, ...] = ()


class TweetCounts(msgspec.Struct, frozen=True):
    """How often a tweet was answered, retweeted, favorited and quoted."""

    replies: int = 0
    retweets: int = 0
    favorites: int = 0
    quotes: int = 0


class OwnMarks(msgspec.Struct, frozen=True):
    """What the viewer has done with a tweet."""

    favorited: bool = False
    retweeted: bool = False
    bookmarked: bool = False
    thread_muted: bool = False
    pinned: bool = False


NO_MARKS = OwnMarks()
