"""A wish for another e-mail address, as it travels in the link that confirms it."""

from typing import Final

import msgspec

from rookery.domain.ids import UserId

LIFE_MS: Final = 86_400_000
CONTEXT: Final = "email change"
"""What the wish is encrypted for in its link."""
KEPT_CONTEXT: Final = "email change, kept"
"""What it is encrypted for where it is kept: who reads that has no link."""
SENT_EVERY_MS: Final = 60_000
"""How soon another letter about it can be sent."""


class EmailChange(msgspec.Struct, frozen=True, array_like=True):
    """Who wants which address in the place of which, and until when (ms, UTC) that can be confirmed."""

    user_id: UserId
    before: str
    wanted: str
    expires_ms: int
