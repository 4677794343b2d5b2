"""Where to look for what lies around a point: boxes for an R*Tree, cells for a plain index, and pieces of time for both."""

from typing import Final, NamedTuple

from rookery.domain.ids import id_at, time_ms_of
from rookery.domain.search import places
from rookery.domain.search.places import RADIUS_KM_DEFAULT, RADIUS_KM_MAX, Circle
from rookery.domain.timelines import PageRequest
from rookery.errors import Invalid

CELLS_PER_DEGREE: Final = (100.0, 8.0, 0.5)
"""How fine the cells are: about 1, 14 and 220 km from south to north."""
CELLS_MAX: Final = 100
"""Cells that one question names at the most, unless they are the largest ones."""
COLUMNS: Final = 100_000
"""What a row counts in a cell's number."""
FIRST_SPAN_MS: Final = 300_000
"""The first piece of time that is looked at: a page of what lies around a busy square is rarely older."""
GROWTH: Final = 8
RADIUS_KM_MIN: Final = 0.01


def circle(latitude: float, longitude: float, radius_km: float | None) -> Circle:
    """Return the circle around a point (degrees; 15 km where no radius is given). Raises Invalid naming the field."""
    if not -90 <= latitude <= 90:
        raise Invalid("lat must lie between -90 and 90 degrees", field="lat")
    if not -180 <= longitude <= 180:
        raise Invalid("lon must lie between -180 and 180 degrees", field="lon")
    radius = RADIUS_KM_DEFAULT if radius_km is None else radius_km
    if not RADIUS_KM_MIN <= radius <= RADIUS_KM_MAX:
        raise Invalid(
            f"radius must lie between {RADIUS_KM_MIN} and {RADIUS_KM_MAX:,.0f} kilometres", field="radius"
        )
    return Circle(latitude, longitude, radius)


class Box(NamedTuple):
    """A piece of the map in degrees."""

    west: float
    east: float
    south: float
    north: float


def boxes(around: Circle) -> tuple[Box, ...]:
    """Return what covers the circle: one box, or two where it crosses the date line."""
    reach = places.extent(around)
    if reach.west_east >= 180:
        return (Box(-180, 180, reach.south, reach.north),)
    west, east = around.longitude - reach.west_east, around.longitude + reach.west_east
    if west < -180:
        spans = [(-180.0, east), (west + 360, 180.0)]
    elif east > 180:
        spans = [(west, 180.0), (-180.0, east - 360)]
    else:
        # The meridian of 180 degrees has two names.
        spans = [
            (west, east),
            *([(180.0, 180.0)] if west == -180 else []),
            *([(-180.0, -180.0)] if east == 180 else []),
        ]
    return tuple(Box(*span, reach.south, reach.north) for span in spans)


class Cells(NamedTuple):
    """Cells of one size (a place in `CELLS_PER_DEGREE`), by their numbers."""

    size: int
    numbers: tuple[int, ...]


def cells(around: Circle) -> Cells:
    """Return the smallest cells of which few enough cover the circle."""
    reach = places.extent(around)
    for size, fineness in enumerate(CELLS_PER_DEGREE):
        rows = places.grid_rows(reach, fineness)
        columns = places.grid_columns(around, reach, fineness)
        if len(rows) * len(columns) <= CELLS_MAX or size == len(CELLS_PER_DEGREE) - 1:
            return Cells(size, tuple(row * COLUMNS + column for row in rows for column in columns))
    raise AssertionError


class Spans:
    """Goes through the time that a page asks for, piece by piece: longer ones while little is found, shorter if much."""

    def __init__(self, page: PageRequest, *, now_ms: int) -> None:
        """Begin at the end from which the page is asked for."""
        # A clock that runs ahead has made ids of the next minute.
        self._before = min(page.before, id_at(now_ms + FIRST_SPAN_MS))
        self._after = page.after
        self._oldest = page.oldest
        self._span_ms = FIRST_SPAN_MS

    @property
    def is_over(self) -> bool:
        """Whether all of the time was gone through."""
        return self._after + 1 >= self._before

    @property
    def is_shortest(self) -> bool:
        """Whether the piece cannot be shortened."""
        return self._span_ms <= 1

    @property
    def piece(self) -> tuple[int, int]:
        """The ids between which is looked now: the one after which, and the one before which."""
        if self._oldest:
            end = id_at(time_ms_of(self._after + 1) + self._span_ms)
            return self._after, max(self._after + 1, min(self._before, end))
        begin = id_at(time_ms_of(self._before) - self._span_ms) - 1
        return min(self._before - 1, max(self._after, begin)), self._before

    def shorten(self) -> None:
        """Look at less: there was too much."""
        self._span_ms = max(1, self._span_ms // GROWTH)

    def go_on(self) -> None:
        """Go on to the next piece, a longer one."""
        after, before = self.piece
        if self._oldest:
            self._after = before - 1
        else:
            self._before = after + 1
        self._span_ms *= GROWTH
