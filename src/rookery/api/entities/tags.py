"""Hashtags: https://docs.joinmastodon.org/entities/Tag/."""

import msgspec


class TagHistory(msgspec.Struct, frozen=True):
    """How a hashtag was used on one day; `day` is its beginning in seconds since 1970."""

    day: str
    uses: str
    accounts: str


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A hashtag and its last seven days."""

    id: str
    name: str
    url: str
    history: list[TagHistory]
    following: bool
    featuring: bool


class FeaturedTag(msgspec.Struct, frozen=True, kw_only=True):
    """A hashtag shown on a profile."""

    id: str
    name: str
    url: str
    statuses_count: str
    last_status_at: str | None
