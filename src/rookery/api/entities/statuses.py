"""Statuses: https://docs.joinmastodon.org/entities/Status/."""

import msgspec

from rookery.api.entities.accounts import Account, Emoji
from rookery.api.entities.cards import PreviewCard
from rookery.api.entities.filters import FilterResult
from rookery.api.entities.media import MediaAttachment


class StatusMention(msgspec.Struct, frozen=True):
    """A user who is addressed."""

    id: str
    username: str
    url: str
    acct: str


class StatusTag(msgspec.Struct, frozen=True):
    """A hashtag in the text."""

    name: str
    url: str


class Application(msgspec.Struct, frozen=True):
    """The app a status was written with."""

    name: str
    website: str | None = None


class Location(msgspec.Struct, frozen=True):
    """Where a status was written (an extension of Rookery's): degrees in WGS 84 and a place's name."""

    latitude: float | None = None
    longitude: float | None = None
    name: str | None = None


class PollOption(msgspec.Struct, frozen=True):
    """Something that can be chosen; the votes are null where they are told at the end only."""

    title: str
    votes_count: int | None


class Poll(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A poll: https://docs.joinmastodon.org/entities/Poll/."""

    id: str
    expires_at: str | None
    expired: bool
    multiple: bool
    votes_count: int
    voters_count: int | None
    options: list[PollOption]
    emojis: list[Emoji]
    voted: bool | None = None
    own_votes: list[int] | None = None


class QuoteApproval(msgspec.Struct, frozen=True, kw_only=True):
    """Who may quote a status: https://docs.joinmastodon.org/entities/QuoteApproval/."""

    automatic: list[str]
    manual: list[str] = []
    """Nobody's quotes wait for the author's consent."""
    current_user: str


class Quote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a status quotes (https://docs.joinmastodon.org/entities/Quote/); within a quoted status its id alone."""

    state: str
    quoted_status: "Status | msgspec.UnsetType | None" = msgspec.UNSET
    quoted_status_id: str | msgspec.UnsetType | None = msgspec.UNSET


class StatusCore(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a status that is the same for every viewer."""

    id: str
    created_at: str
    in_reply_to_id: str | None
    in_reply_to_account_id: str | None
    sensitive: bool
    spoiler_text: str
    visibility: str
    language: str | None
    uri: str
    url: str
    replies_count: int
    reblogs_count: int
    favourites_count: int
    quotes_count: int
    edited_at: str | None
    content: str
    application: Application | None
    location: Location | None
    media_attachments: list[MediaAttachment]
    mentions: list[StatusMention]
    tags: list[StatusTag]
    emojis: list[Emoji]
    card: PreviewCard | None
    poll: Poll | msgspec.UnsetType | None
    """Absent here where there is one: how it stands depends on the viewer."""
    quote: Quote | msgspec.UnsetType | None
    """Absent here where there is one: how it stands depends on the viewer."""
    quote_approval: QuoteApproval | msgspec.UnsetType
    """Absent here where it depends on the viewer."""


class Status(StatusCore, frozen=True, kw_only=True, omit_defaults=True):
    """A status; the viewer's own marks are absent when nobody is signed in."""

    account: Account
    reblog: "Status | None"
    favourited: bool | None = None
    reblogged: bool | None = None
    muted: bool | None = None
    bookmarked: bool | None = None
    pinned: bool | None = None
    filtered: list[FilterResult] | None = None


class DeletedStatus(Status, frozen=True, kw_only=True):
    """A status that was deleted, with its text as it was written, so that it can be written anew."""

    text: str


class Context(msgspec.Struct, frozen=True):
    """A status's conversation: what led to it, and the answers below it."""

    ancestors: list[Status]
    descendants: list[Status]


class StatusSource(msgspec.Struct, frozen=True):
    """A status's text as it was written."""

    id: str
    text: str
    spoiler_text: str


class StatusEdit(msgspec.Struct, frozen=True):
    """One of a status's versions."""

    content: str
    spoiler_text: str
    sensitive: bool
    created_at: str
    account: Account
    media_attachments: list[MediaAttachment]
    emojis: list[Emoji]
    quote: Quote | None = None


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """A status in another language: https://docs.joinmastodon.org/entities/Translation/."""

    content: str
    spoiler_text: str
    language: str
    detected_source_language: str
    provider: str
