"""Markers: https://docs.joinmastodon.org/entities/Marker/."""

import msgspec


class Marker(msgspec.Struct, frozen=True):
    """How far a timeline was read."""

    last_read_id: str
    version: int
    updated_at: str
