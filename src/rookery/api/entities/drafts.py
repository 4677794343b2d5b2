"""Drafts of statuses, an extension of Rookery's."""

from typing import Any

import msgspec

from rookery.api.entities.media import MediaAttachment


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A status that is still being written; `params` are as a scheduled status has them."""

    id: str
    revision: int
    updated_at: str
    params: dict[str, Any]
    media_attachments: list[MediaAttachment]
