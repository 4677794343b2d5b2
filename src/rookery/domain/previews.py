"""Previews of links: what a page says about itself, cut down to plain text of bounded length."""

from typing import Final

import msgspec
import regex

TITLE_CHARS_MAX: Final = 200
DESCRIPTION_CHARS_MAX: Final = 500
NAME_CHARS_MAX: Final = 100
_WHITE: Final = regex.compile(r"[\s\p{Z}]+")
_UNSEEN: Final = regex.compile(
    r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says about itself."""

    title: str
    description: str = ""
    author_name: str = ""
    author_url: str = ""
    provider_name: str = ""
    language: str = ""
    picture_url: str = ""
    """Where the picture lies that the page wants to be shown with; not kept, the picture itself is."""
    picture_description: str = ""


class CardPicture(msgspec.Struct, frozen=True, kw_only=True):
    """The picture of a page, as it lies in the media store."""

    key: str
    width: int
    height: int
    description: str = ""
    blurhash: str | None = None


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The preview of the link that a tweet shows."""

    url: str
    preview: Preview
    picture: CardPicture | None = None


def plain(text: str, chars_max: int) -> str:
    """Return text on one line, without characters that do not show or turn the direction, cut where it is too long."""
    shown = _UNSEEN.sub("", _WHITE.sub(" ", text)).strip()
    return shown if len(shown) <= chars_max else shown[: chars_max - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
