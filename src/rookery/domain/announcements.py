"""Announcements: what an administrator tells everybody, and how people react."""

from collections.abc import Sequence
from typing import Final

import msgspec
import regex

from rookery.domain.tweets import Mention
from rookery.errors import Invalid

TEXT_CHARS_MAX: Final = 5_000
SHOWN_MAX: Final = 50
"""Announcements that are shown at a time."""
KEPT_MAX: Final = 500
REACTION_KINDS_MAX: Final = 8
"""How many different emoji an announcement can have."""
REACTION_CHARS_MAX: Final = 32

_EMOJI: Final = regex.compile(
    r"""
    \p{Regional_Indicator}{2}
    | [0-9\#*]\ufe0f?\u20e3
    | \p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f)?[\U000e0020-\U000e007f]*
        (?:\u200d\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f)?)*
    """,
    regex.VERBOSE,
)
"""One emoji as Unicode's technical standard 51 builds them: flags, keycaps, pictures with skin and joined ones."""


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator tells everybody from one time to another."""

    id: int
    text: str
    starts_ms: int | None = None
    """When that begins of which it tells, if it tells of something that begins."""
    ends_ms: int | None = None
    """When that ends; nobody is shown the announcement from then on."""
    all_day: bool = False
    """Whether only the days of beginning and end matter."""
    publish_ms: int
    changed_ms: int

    def is_shown(self, *, now_ms: int) -> bool:
        """Tell whether people are shown it now."""
        return self.publish_ms <= now_ms and (self.ends_ms is None or self.ends_ms > now_ms)


class Reaction(msgspec.Struct, frozen=True):
    """An emoji with which people have reacted."""

    name: str
    count: int
    mine: bool


class AnnouncementView(msgspec.Struct, frozen=True):
    """An announcement as a viewer sees it."""

    announcement: Announcement
    read: bool
    reactions: Sequence[Reaction]
    mentions: tuple[Mention, ...]


def check(announcement: Announcement) -> None:
    """Raise Invalid, naming the field, when nobody can be told this."""
    if not announcement.text.strip():
        raise Invalid("an announcement needs a text", field="text")
    if len(announcement.text) > TEXT_CHARS_MAX:
        raise Invalid(f"an announcement may have {TEXT_CHARS_MAX} characters", field="text")
    starts_ms, ends_ms = announcement.starts_ms, announcement.ends_ms
    if starts_ms is not None and ends_ms is not None and ends_ms < starts_ms:
        raise Invalid("an announcement cannot end before it starts", field="ends")
    if announcement.all_day and starts_ms is None:
        raise Invalid("what takes all day needs a day on which it starts", field="starts")
    if ends_ms is not None and ends_ms <= announcement.publish_ms:
        raise Invalid("an announcement cannot end before it is published", field="ends")


def check_reaction(name: str) -> None:
    """Raise Invalid unless the name is one emoji."""
    if len(name) > REACTION_CHARS_MAX or _EMOJI.fullmatch(name) is None:
        raise Invalid("Name is not a recognized emoji", field="name")
