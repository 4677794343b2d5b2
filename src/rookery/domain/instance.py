"""What this instance is called and whom it lets in."""

from enum import StrEnum
from typing import Final

import msgspec

from rookery.domain.ids import UserId
from rookery.domain.users import User

MEDIA_PATH: Final = "/media"
"""Where files of media are served."""


class Registrations(StrEnum):
    """Who may sign up."""

    OPEN = "open"
    APPROVAL = "approval"
    """Anybody, but an administrator lets them in."""
    CLOSED = "closed"


class PageLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of pages: where letters lead, to the first three of which a code is appended, and where signing in does."""

    confirmation: str = ""
    reset: str = ""
    email: str = ""
    forgotten: str = ""
    settings: str = ""
    signed_in: str = ""


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """The instance as it presents itself."""

    base_url: str
    """Scheme and host, without a slash at the end: `https://birds.example`."""
    media_url: str = ""
    """Where clients fetch files of media, if not here."""
    title: str = "Rookery"
    description: str = ""
    contact_email: str = ""
    registrations: Registrations = Registrations.OPEN
    email_confirmation: bool = False
    """Whether a new user must prove the e-mail address."""
    links: PageLinks = PageLinks()
    languages: tuple[str, ...] = ("en",)
    link_previews: bool = False
    """Whether pages that tweets link to are fetched, to show what they say about themselves."""
    for_you: bool = True
    """Whether homes are ranked for those who ask for it."""
    timeline_strategy: str = "hybrid"
    """`push`, `pull` or `hybrid`; the first two are for comparison (`rookery bench`)."""

    def file_url(self, key: str) -> str:
        """Return the address of a file of media."""
        return f"{self.media_url or self.base_url + MEDIA_PATH}/{key}"

    def avatar_url(self, user: User) -> str:
        """Return the address of a user's picture."""
        return self.file_url(user.avatar) if user.avatar else f"{self.base_url}/static/avatar.png"

    def header_url(self, user: User) -> str:
        """Return the address of the picture at the head of a profile."""
        return self.file_url(user.header) if user.header else f"{self.base_url}/static/header.png"

    @property
    def domain(self) -> str:
        """The host (with a port, if one is named) by which users are addressed."""
        return self.base_url.split("://", 1)[-1]


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """How large the instance is."""

    users: int
    tweets: int
    users_active_month: int
    """Users seen within thirty days."""
    users_active_half_year: int
    contact_id: UserId | None
    """The administrator who has been there longest."""
