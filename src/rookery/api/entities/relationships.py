"""Relationships: https://docs.joinmastodon.org/entities/Relationship/."""

import msgspec

from rookery.api.entities.accounts import Account


class Relationship(msgspec.Struct, frozen=True, kw_only=True):
    """How the viewer stands to another account."""

    id: str
    following: bool
    showing_reblogs: bool
    notifying: bool
    languages: list[str] | None
    followed_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool
    muting_expires_at: str | None
    requested: bool
    requested_by: bool
    domain_blocking: bool
    endorsed: bool
    note: str


class FamiliarFollowers(msgspec.Struct, frozen=True):
    """Followers of an account whom the viewer follows."""

    id: str
    accounts: list[Account]
