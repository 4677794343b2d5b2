"""What the service and a child tell each other. Apart, so that a child begins with little."""

import msgspec

from rookery.domain.media import Converted, MediaLimits, MediaPurpose


class Order(msgspec.Struct, frozen=True):
    """What a child is to do."""

    source: str
    into: str
    purpose: MediaPurpose
    limits: MediaLimits


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a child tells: how far it is, what came of it, or why nothing did."""

    percent: int | None = None
    converted: Converted | None = None
    failure: str | None = None
    shortage: str | None = None
    """What this machine lacks just now."""
