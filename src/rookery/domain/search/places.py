"""Finding by distance: the earth in cells of two sizes, of which a tweet carries its own and a query names a few."""

import math
from collections.abc import Iterable
from typing import Final, NamedTuple

from rookery.domain.search.words import Phrase

EARTH_KM: Final = 6_371.0088
"""The earth's mean radius."""
RADIUS_KM_DEFAULT: Final = 15.0
RADIUS_KM_MAX: Final = 1_000.0
CELLS_PER_DEGREE: Final = (4.0, 0.25)
"""How fine the cells are: about 28 km and 445 km from south to north."""
CELLS_MAX: Final = 40
"""Cells of a size that one query names at the most, unless they are the largest ones."""
COLUMNS_MAX: Final = 30
"""Columns of the largest cells that one query names; where a circle reaches farther around, near the poles, its rows are named whole."""
_SLACK: Final = 1e-9
"""How much farther an extent reaches, so that rounding loses no point on the circle (in radians: six millimetres)."""


class Circle(NamedTuple):
    """A point and how far from it something may be."""

    latitude: float
    longitude: float
    radius_km: float

    def holds(self, latitude: float, longitude: float) -> bool:
        """Tell whether a point lies within."""
        return distance_km(self.latitude, self.longitude, latitude, longitude) <= self.radius_km


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Return how far two points are from each other along the earth's surface (haversine)."""
    north, other_north = math.radians(latitude), math.radians(other_latitude)
    half = (
        math.sin((other_north - north) / 2) ** 2
        + math.cos(north)
        * math.cos(other_north)
        * math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def cells(latitude: float, longitude: float) -> list[str]:
    """Return the tokens of the cells in which a point lies."""
    return [
        _cell(level, math.floor((latitude + 90) * fineness), math.floor((longitude + 180) * fineness))
        for level, fineness in enumerate(CELLS_PER_DEGREE)
    ]


class Extent(NamedTuple):
    """How far a circle reaches, in degrees: from south to north, and to either side of its middle (180: all around)."""

    south: float
    north: float
    west_east: float


def extent(circle: Circle) -> Extent:
    """Return how far a circle reaches."""
    angle = circle.radius_km / EARTH_KM * (1 + _SLACK) + _SLACK
    south, north = (circle.latitude + sign * math.degrees(angle) for sign in (-1, 1))
    if south <= -90 or north >= 90:
        west_east = 180.0  # the circle holds a pole
    else:
        narrow = math.sin(angle) / math.cos(math.radians(circle.latitude))
        west_east = math.degrees(math.asin(narrow)) if narrow < 1 else 180.0
    return Extent(max(south, -90.0), min(north, 90.0), west_east)


def covering(circle: Circle) -> tuple[Phrase, ...]:
    """Return the tokens of cells that cover the circle, or what those of whole rows begin with: one is carried."""
    reach = extent(circle)
    largest = len(CELLS_PER_DEGREE) - 1
    for level, fineness in enumerate(CELLS_PER_DEGREE):
        rows, columns = grid_rows(reach, fineness), grid_columns(circle, reach, fineness)
        if len(rows) * len(columns) <= CELLS_MAX or (level == largest and len(columns) <= COLUMNS_MAX):
            return tuple(Phrase((_cell(level, row, column),)) for row in rows for column in columns)
    rows = grid_rows(reach, CELLS_PER_DEGREE[largest])
    return tuple(Phrase((_row(largest, row),), is_prefix=True) for row in rows)


def grid_rows(reach: Extent, fineness: float) -> range:
    """Return the rows of cells, so many for a degree, that the extent touches, counted from the south pole."""
    return range(math.floor((reach.south + 90) * fineness), math.floor((reach.north + 90) * fineness) + 1)


def grid_columns(circle: Circle, reach: Extent, fineness: float) -> list[int]:
    """Return the columns around the circle's middle, going on at the other side of the date line."""
    longitude, west_east = circle.longitude, reach.west_east
    around = int(360 * fineness)
    if west_east >= 180:
        return list(range(around + 1))
    first = math.floor((longitude - west_east + 180) * fineness)
    last = math.floor((longitude + west_east + 180) * fineness)
    wrapped: Iterable[int] = (column % around for column in range(first, last + 1))
    # The meridian of 180 degrees east has a column of its own.
    edge = [around] if last >= around or first <= 0 else []
    return sorted({*wrapped, *edge})


def _cell(level: int, row: int, column: int) -> str:
    return f"{_row(level, row)}{column}"


def _row(level: int, row: int) -> str:
    return f"=g{level}.{row}."
