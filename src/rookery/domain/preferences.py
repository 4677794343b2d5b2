"""How somebody likes to read: apps ask for it."""

from typing import Literal

import msgspec


class ReadingPreferences(msgspec.Struct, frozen=True):
    """What is shown at once, and what waits for a tap."""

    media: Literal["default", "show_all", "hide_all"] = "default"
    """Whether photos and videos are shown: `default` hides those that are marked as sensitive."""
    spoilers: bool = False
    """Whether texts behind a spoiler are shown at once."""
    autoplay: bool = False
    """Whether moving pictures move by themselves."""
