"""Drafts: what somebody has begun to write, kept for all their devices."""

from typing import Final

import msgspec

from rookery.domain.composing import Manuscript
from rookery.domain.ids import UserId
from rookery.domain.media import Media
from rookery.errors import Invalid

DRAFTS_MAX: Final = 200
"""Drafts of one user."""
DRAFT_BYTES_MAX: Final = 65_536
"""A draft as it is kept, in UTF-8: much longer than any tweet, since it is still to be shortened."""


class KeptDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A tweet that is still being written."""

    id: int
    user_id: UserId
    manuscript: Manuscript
    revision: int
    """Grows with every change, so that two devices do not overwrite each other unawares."""
    changed_ms: int
    media: tuple[Media, ...] = ()
    """Those of its uploads that are still there."""


def encoded(manuscript: Manuscript) -> str:
    """Return what is written as it is kept. Raises Invalid when that is too much."""
    content = msgspec.json.encode(manuscript)
    if len(content) > DRAFT_BYTES_MAX:
        raise Invalid(f"A draft may have {DRAFT_BYTES_MAX} bytes in all", field="text")
    return content.decode()
