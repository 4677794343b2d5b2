"""What the web client's settings show: apps, browsers, the e-mail address. Extensions of Rookery's."""

from typing import Literal

import msgspec


class AuthorizedApp(msgspec.Struct, frozen=True, kw_only=True):
    """An app that acts for the viewer."""

    id: str
    name: str
    website: str | None
    scopes: list[str]
    created_at: str
    """Since when."""
    last_used_at: str | None
    current: bool
    """Whether it is the one that asks."""


class BrowserSession(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that is signed in to the instance's own pages."""

    id: str
    browser: str
    """As people call it (`Firefox on Linux`); empty when it did not say."""
    created_at: str
    current: bool
    """Whether it is the one that asks, as far as its cookie says."""


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """An archive of everything that is the viewer's."""

    state: Literal["making", "ready", "failed"]
    requested_at: str
    expires_at: str | None
    """When it is removed; null until it is ready."""
    size: int
    """Bytes; 0 until it is ready."""
    url: str | None
    """Where the browser that is signed in fetches it; null until it is ready."""


class ExportedList(msgspec.Struct, frozen=True, kw_only=True):
    """A list that the viewer may take along."""

    name: Literal["follows", "blocks", "mutes", "lists", "bookmarks"]
    url: str
    """Where the browser that is signed in fetches it, as comma-separated values."""


class Exports(msgspec.Struct, frozen=True, kw_only=True):
    """What the viewer may take along."""

    lists: list[ExportedList]
    archive: Archive | None
    """None: nobody has asked for one, or it is gone."""


class EmailAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where the viewer is written to."""

    email: str
    unconfirmed_email: str | None
    """What replaces it as soon as the link in the letter that went there is opened."""
