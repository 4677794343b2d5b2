"""Quotes: who may show a tweet within one of their own, and how such a tweet stands to its viewer."""

from enum import IntEnum, StrEnum

import msgspec

from rookery.domain.ids import TweetId


class QuotePolicy(IntEnum):
    """Who may quote a tweet, besides its author; a larger number is stricter."""

    PUBLIC = 0
    """Everybody who may see it."""
    FOLLOWERS = 1
    """The author's followers."""
    NOBODY = 2


class Quote(msgspec.Struct, frozen=True):
    """That a tweet quotes another."""

    quoted_id: TweetId | None
    """None once the quoted tweet is gone."""
    revoked: bool = False
    """Whether the quoted author has taken their tweet out of it."""


class QuoteStanding(StrEnum):
    """How a quoted tweet stands to its viewer."""

    ACCEPTED = "accepted"
    REVOKED = "revoked"
    DELETED = "deleted"
    UNAUTHORIZED = "unauthorized"
    """The viewer may not see it."""
    BLOCKED = "blocked"
    """The viewer blocks its author."""
    MUTED = "muted"
