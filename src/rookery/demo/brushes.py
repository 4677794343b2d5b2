"""What pictures are drawn with: colours, smooth outlines, gradients and grain, the same for the same seed."""

import random
from collections.abc import Sequence
from typing import Any, Final

from PIL import Image, ImageChops, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

SUPERSAMPLED: Final = 2
"""Pictures are drawn so many times as large and made smaller: edges become smooth."""
_OUTSIDE: Final = 75
"""What a radial gradient is, in levels of 255 from its corners, where the circle within it ends."""
_STEPS: Final = 10
"""Straight pieces between two points of a smooth outline."""


def colour(text: str) -> Colour:
    """Return the colour that `#rrggbb` names."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Return a colour between two; with a share of 0 it is the one, with 1 the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def smooth(points: Sequence[Point]) -> list[Point]:
    """Return a closed outline that goes smoothly through the points (a Catmull-Rom spline)."""
    count = len(points)
    outline: list[Point] = []
    for place in range(count):
        before, start, end, after = (points[(place + step) % count] for step in (-1, 0, 1, 2))
        for step in range(_STEPS):
            t = step / _STEPS
            outline.append(
                (
                    _spline(before[0], start[0], end[0], after[0], t),
                    _spline(before[1], start[1], end[1], after[1], t),
                )
            )
    return outline


def _spline(before: float, start: float, end: float, after: float, t: float) -> float:
    return 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )


class Canvas:
    """A picture under way. Coordinates are those of the finished picture, in pixels."""

    def __init__(self, width: int, height: int) -> None:
        """Begin with black."""
        self.width, self.height = width, height
        # The library's types are known in part only.
        self._image: Any = Image.new("RGB", (width * SUPERSAMPLED, height * SUPERSAMPLED))
        self._draw: Any = ImageDraw.Draw(self._image, "RGBA")

    def gradient(self, stops: Sequence[Colour], *, top: float = 0.0, bottom: float | None = None) -> None:
        """Fill from top to bottom (pixels; the whole height if not said) through colours at even distances."""
        end = self.height if bottom is None else bottom
        first, last = round(top * SUPERSAMPLED), round(end * SUPERSAMPLED)
        column: Any = Image.new("RGB", (1, max(1, last - first)))
        for row in range(column.height):
            place = row / max(1, column.height - 1) * (len(stops) - 1)
            left = min(int(place), len(stops) - 2)
            column.putpixel((0, row), mixed(stops[left], stops[left + 1], place - left))
        self._image.paste(column.resize((self._image.width, column.height)), (0, first))

    def shape(self, points: Sequence[Point], fill: Colour, opacity: float = 1.0) -> None:
        """Fill an outline of straight pieces."""
        scaled = [(x * SUPERSAMPLED, y * SUPERSAMPLED) for x, y in points]
        self._draw.polygon(scaled, fill=(*fill, round(255 * opacity)))

    def blob(self, points: Sequence[Point], fill: Colour, opacity: float = 1.0) -> None:
        """Fill a smooth outline."""
        self.shape(smooth(points), fill, opacity)

    def disc(self, centre: Point, radius: float, fill: Colour, opacity: float = 1.0) -> None:
        """Fill a circle."""
        (x, y), s = centre, SUPERSAMPLED
        box = ((x - radius) * s, (y - radius) * s, (x + radius) * s, (y + radius) * s)
        self._draw.ellipse(box, fill=(*fill, round(255 * opacity)))

    def glow(self, centre: Point, radius: float, fill: Colour) -> None:
        """Lay light around a point, which fades until it ends at the radius."""
        diameter = round(2 * radius * SUPERSAMPLED)
        disc: Any = ImageChops.invert(Image.radial_gradient("L"))
        mask = disc.point([max(0, value - _OUTSIDE) * 255 // (255 - _OUTSIDE) for value in range(256)])
        light = Image.new("RGB", (diameter, diameter), fill)
        corner = (
            round((centre[0] - radius) * SUPERSAMPLED),
            round((centre[1] - radius) * SUPERSAMPLED),
        )
        self._image.paste(light, corner, mask.resize((diameter, diameter)))

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        """Draw a line through the points."""
        scaled = [(x * SUPERSAMPLED, y * SUPERSAMPLED) for x, y in points]
        self._draw.line(scaled, fill=fill, width=max(1, round(width * SUPERSAMPLED)), joint="curve")

    def mirror(self, horizon: float, *, dimmed: float) -> None:
        """Let everything below the horizon reflect what is above it, that much darker."""
        y = round(horizon * SUPERSAMPLED)
        below = self._image.height - y
        above = self._image.crop((0, max(0, y - below), self._image.width, y))
        turned = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((self._image.width, below))
        shade = Image.new("RGB", turned.size, (8, 18, 32))
        self._image.paste(Image.blend(turned, shade, dimmed), (0, y))
        self._draw = ImageDraw.Draw(self._image, "RGBA")

    def finished(self, *, grain: float = 0.0, chance: random.Random | None = None) -> Image.Image:
        """Return the picture at its own size; grain (0 to 1) makes it look like a photo."""
        image = self._image.resize((self.width, self.height), Image.Resampling.LANCZOS)
        if not grain or chance is None:
            return image
        noise = Image.frombytes("L", image.size, chance.randbytes(self.width * self.height))
        return Image.blend(image, Image.merge("RGB", (noise, noise, noise)), grain)
