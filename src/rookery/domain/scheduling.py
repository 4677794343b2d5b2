"""Tweets that wait for their time."""

from typing import Final

import msgspec

from rookery.domain.composing import Manuscript
from rookery.domain.ids import UserId
from rookery.domain.media import Media
from rookery.errors import Invalid

AHEAD_MS_MIN: Final = 300_000
"""How far ahead a tweet is scheduled at the least."""
AHEAD_MS_MAX: Final = 5 * 366 * 86_400_000
WAITING_MAX: Final = 300
"""Tweets of one user that wait."""
WAITING_A_DAY_MAX: Final = 50
"""Tweets of one user that wait for the same day (UTC)."""
DAY_MS: Final = 86_400_000


class ScheduledTweet(msgspec.Struct, frozen=True):
    """A tweet that waits for its time."""

    id: int
    user_id: UserId
    post_at_ms: int
    manuscript: Manuscript
    failure: str | None = None
    """Why it could not be posted when its time had come; its author may change the time or take it back."""
    media: tuple[Media, ...] = ()
    """What it is to show."""


def check_time(post_at_ms: int, *, now_ms: int) -> None:
    """Raise Invalid when nothing can be scheduled for this time."""
    if post_at_ms < now_ms + AHEAD_MS_MIN:
        raise Invalid(
            "Validation failed: Scheduled at The scheduled date must be in the future", field="scheduled_at"
        )
    if post_at_ms > now_ms + AHEAD_MS_MAX:
        raise Invalid("Validation failed: Scheduled at is too far in the future", field="scheduled_at")
