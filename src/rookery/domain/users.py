"""Users as everybody may see them, and how one user stands to another."""

from enum import StrEnum

import msgspec

from rookery.domain.ids import TweetId, UserId
from rookery.domain.quotes import QuotePolicy
from rookery.domain.tweets import Visibility


class UserState(StrEnum):
    """Where a user stands in the life of an account."""

    UNCONFIRMED = "unconfirmed"
    """The e-mail address waits for its confirmation."""
    PENDING = "pending"
    """An administrator has to let this user in."""
    ACTIVE = "active"
    DISABLED = "disabled"
    """An administrator has closed the account; nothing of it is shown."""
    DELETED = "deleted"
    """The user has left; what remains is being removed."""


class ProfileField(msgspec.Struct, frozen=True):
    """One row of the table on a profile."""

    name: str
    value: str
    verified_ms: int | None = None


class User(msgspec.Struct, frozen=True):
    """A user's profile and preferences. `changed_ms` grows with every change of them."""

    id: UserId
    username: str
    display_name: str
    bio: str
    fields: tuple[ProfileField, ...]
    locked: bool
    bot: bool
    discoverable: bool
    indexable: bool
    hides_follows: bool
    """Whether who they follow and who follows them is kept from others."""
    default_visibility: Visibility
    default_sensitive: bool
    default_language: str | None
    state: UserState
    role: str
    """`user` or `admin`."""
    created_ms: int
    changed_ms: int
    default_quote_policy: QuotePolicy = QuotePolicy.PUBLIC
    avatar: str = ""
    """The key of the object it shows; empty: the common one."""
    header: str = ""

    @property
    def active(self) -> bool:
        """Whether others may see this user."""
        return self.state is UserState.ACTIVE


class UserCounts(msgspec.Struct, frozen=True):
    """How many tweets, followers and followees a user has."""

    tweets: int = 0
    followers: int = 0
    following: int = 0
    last_tweet_ms: int | None = None


class UserView(msgspec.Struct, frozen=True):
    """A user with the counts of the moment."""

    user: User
    counts: UserCounts


class MutedView(msgspec.Struct, frozen=True):
    """A muted user and when that ends (ms, UTC; None: never)."""

    view: UserView
    until_ms: int | None


class Relation(msgspec.Struct, frozen=True):
    """How a viewer stands to another user; everything False means strangers."""

    following: bool = False
    shows_retweets: bool = True
    notifies: bool = False
    languages: tuple[str, ...] = ()
    followed_by: bool = False
    requested: bool = False
    requested_by: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting: bool = False
    muting_notifications: bool = False
    mute_until_ms: int | None = None
    endorsed: bool = False
    note: str = ""
    """What the viewer has noted of the other, for themselves alone."""


STRANGERS = Relation()


class Person(msgspec.Struct, frozen=True):
    """What only the user and the administrator may know."""

    id: UserId
    email: str
    born_on: str
    """Date of birth as ISO 8601 (YYYY-MM-DD); empty where none was asked (command line, import)."""
    sign_up_reason: str
    confirmed_ms: int | None
    last_login_ms: int | None
    last_seen_ms: int | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a user has told the administrators about another."""

    id: int
    reporter_id: UserId
    target_id: UserId
    tweet_ids: tuple[TweetId, ...]
    """Tweets by the other that show what is meant."""
    comment: str
    category: str
    """`spam`, `legal`, `violation` or `other`."""
    created_ms: int
    rule_ids: tuple[int, ...] = ()
    """Rules of the instance that were broken."""
