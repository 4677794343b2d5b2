"""Preferences: https://docs.joinmastodon.org/entities/Preferences/."""

import msgspec
from msgspec import field


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """Defaults for posting and reading."""

    visibility: str = field(name="posting:default:visibility")
    sensitive: bool = field(name="posting:default:sensitive")
    language: str | None = field(name="posting:default:language")
    quote_policy: str = field(name="posting:default:quote_policy")
    media: str = field(name="reading:expand:media")
    spoilers: bool = field(name="reading:expand:spoilers")
    gifs: bool = field(name="reading:autoplay:gifs")
