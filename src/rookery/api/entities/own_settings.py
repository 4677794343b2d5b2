"""What the web client's settings show: apps, browsers, the e-mail address. Extensions of Rookery's."""

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


class EmailAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where the viewer is written to."""

    email: str
    unconfirmed_email: str | None
    """What replaces it as soon as the link in the letter that went there is opened."""
