"""Markers: https://docs.joinmastodon.org/methods/markers/."""

import msgspec

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.markers import Marker
from rookery.api.timestamps import timestamp
from rookery.domain import timelines
from rookery.usecases import markers


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which timelines' markers are asked for."""

    timeline: list[str] = []


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the marker goes."""

    last_read_id: int | None = None


class Moves(msgspec.Struct, frozen=True, kw_only=True):
    """The markers to move."""

    home: Place | None = None
    notifications: Place | None = None


@endpoint("GET", "/api/v1/markers", scope="read:statuses")
async def index(call: Call, asked: Asked) -> Json[dict[str, Marker]]:
    """Return how far timelines were read, by their names; those without a marker are left out."""
    return _markers(await markers.get_markers(call.services, call.viewer, asked.timeline))


@endpoint("POST", "/api/v1/markers", scope="write:statuses")
async def move(call: Call, moves: Moves) -> Json[dict[str, Marker]]:
    """Remember how far timelines were read, and return the markers that were moved."""
    places = {"home": moves.home, "notifications": moves.notifications}
    ids = {
        name: place.last_read_id
        for name, place in places.items()
        if place is not None and place.last_read_id is not None
    }
    return _markers(await markers.move_markers(call.services, call.viewer, ids))


def _markers(found: dict[str, timelines.Marker]) -> Json[dict[str, Marker]]:
    return Json.of(
        {
            name: Marker(str(marker.last_read_id), marker.version, timestamp(marker.updated_ms))
            for name, marker in found.items()
        }
    )
