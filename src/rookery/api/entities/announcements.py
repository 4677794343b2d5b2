"""Announcements: https://docs.joinmastodon.org/entities/Announcement/."""

import msgspec

from rookery.api.entities.accounts import Emoji
from rookery.api.entities.statuses import StatusMention, StatusTag


class AnnouncedStatus(msgspec.Struct, frozen=True):
    """A status that an announcement links to."""

    id: str
    url: str


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """An emoji with which users have reacted."""

    name: str
    count: int
    me: bool
    url: str | None = None
    static_url: str | None = None


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """What the administrator tells everybody."""

    id: str
    content: str
    starts_at: str | None
    ends_at: str | None
    all_day: bool
    published_at: str
    updated_at: str
    read: bool
    mentions: list[StatusMention]
    statuses: list[AnnouncedStatus]
    tags: list[StatusTag]
    emojis: list[Emoji]
    reactions: list[Reaction]
