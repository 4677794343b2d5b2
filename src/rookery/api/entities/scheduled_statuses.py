"""Statuses to be posted later: https://docs.joinmastodon.org/entities/ScheduledStatus/."""

from typing import Any

import msgspec

from rookery.api.entities.media import MediaAttachment


class ScheduledStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A status that waits for its time."""

    id: str
    scheduled_at: str
    params: dict[str, Any]
    media_attachments: list[MediaAttachment]
    failure: str | None = None
    """Why it could not be posted when its time had come (an extension of Rookery's)."""
