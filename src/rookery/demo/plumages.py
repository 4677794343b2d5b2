"""Portraits of birds, for avatars: head and breast in profile, in the colours and with the bill of their kind."""

import math
import random
from typing import Final, Literal

import msgspec
from PIL import Image

from rookery.demo.brushes import Canvas, Colour, Point, colour, mixed

AVATAR_PX: Final = 400
_SIDE: Final = 100.0
"""Portraits are laid out on a square of this side."""
Bill = Literal["cone", "dagger", "hook", "long", "needle", "flat", "stout", "curved"]

_BILLS: Final[dict[str, tuple[Point, ...]]] = {
    "cone": ((66, 40), (76, 43), (83, 49), (76, 52), (65, 55)),
    "needle": ((66, 43), (76, 45), (87, 49), (76, 50.5), (66, 51)),
    "dagger": ((65, 39), (80, 44), (97, 52), (80, 54), (64, 55)),
    "stout": ((66, 38), (79, 40), (91, 49), (82, 53), (65, 57)),
    "hook": ((66, 38), (80, 40), (86, 48), (84, 57), (78, 51), (66, 54)),
    "long": ((68, 44), (99, 53), (99, 55), (67, 51)),
    "curved": ((66, 43), (84, 46), (96, 60), (82, 52), (65, 51)),
    "flat": ((67, 44), (84, 47), (93, 46), (94, 51), (84, 54), (66, 54)),
}


class Plumage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a bird looks: colours as `#rrggbb`; what is empty is as the head."""

    head: str
    breast: str
    bill: Bill
    bill_colour: str
    crown: str = ""
    cheek: str = ""
    throat: str = ""
    mask: str = ""
    """A stripe through the eye."""
    crest: Literal["none", "tuft", "fan", "ears"] = "none"
    eye: str = "#1a1410"
    ring: str = ""
    """Around the eye."""
    speckles: str = ""
    """On the breast."""
    face: Literal["profile", "front"] = "profile"
    sky: str = "#dcebf0"
    glow: str = "#f7e3c0"


def portrait(plumage: Plumage, seed: str) -> Image.Image:
    """Draw a bird, 400 x 400 pixels."""
    canvas = Canvas(AVATAR_PX, AVATAR_PX)
    chance = random.Random(seed)
    sky, glow = colour(plumage.sky), colour(plumage.glow)
    canvas.gradient((sky, mixed(sky, glow, 0.75), glow))
    _leaves(canvas, chance, mixed(sky, glow, 0.4))
    if plumage.face == "front":
        _owl(canvas, plumage, chance)
    else:
        _profile(canvas, plumage, chance)
    return canvas.finished(grain=0.02, chance=chance)


def _at(points: tuple[Point, ...]) -> list[Point]:
    scale = AVATAR_PX / _SIDE
    return [(x * scale, y * scale) for x, y in points]


def _spot(x: float, y: float) -> Point:
    return x * AVATAR_PX / _SIDE, y * AVATAR_PX / _SIDE


def _size(length: float) -> float:
    return length * AVATAR_PX / _SIDE


def _leaves(canvas: Canvas, chance: random.Random, tone: Colour) -> None:
    """Blurred spots of light, as behind whatever a long lens looks at."""
    for _ in range(9):
        light = mixed(tone, (255, 255, 255) if chance.random() < 0.5 else (90, 120, 110), 0.35)
        canvas.disc(
            _spot(chance.uniform(0, 100), chance.uniform(0, 100)), _size(chance.uniform(4, 13)), light, 0.28
        )


def _profile(canvas: Canvas, plumage: Plumage, chance: random.Random) -> None:
    head, breast = colour(plumage.head), colour(plumage.breast)
    back = mixed(head, (10, 12, 18), 0.22)
    if plumage.crest == "tuft":
        canvas.shape(
            _at(((34, 32), (14, 8), (40, 22), (26, 2), (48, 20), (58, 26))), mixed(head, (0, 0, 0), 0.15)
        )
    elif plumage.crest == "fan":
        for angle in range(-70, 25, 16):
            tip = (44 + 32 * math.sin(math.radians(angle)), 36 - 28 * math.cos(math.radians(angle)))
            canvas.line(_at(((46, 32), tip)), mixed(head, (0, 0, 0), 0.1), _size(5))
            canvas.disc(_spot(*tip), _size(2.8), colour(plumage.bill_colour))
    canvas.blob(_at(((-8, 108), (0, 80), (14, 58), (30, 44), (50, 50), (60, 74), (60, 110))), back)
    canvas.blob(_at(((24, 114), (34, 80), (46, 60), (63, 58), (75, 76), (79, 96), (76, 116))), breast)
    if plumage.speckles:
        _speckle(canvas, chance, colour(plumage.speckles))
    canvas.shape(_at(_BILLS[plumage.bill]), colour(plumage.bill_colour))
    upper, lower = _BILLS[plumage.bill][0], _BILLS[plumage.bill][-1]
    tip = max(_BILLS[plumage.bill])
    middle = ((upper[0] + lower[0]) / 2, (upper[1] + lower[1]) / 2)
    along = ((middle[0] + tip[0]) / 2, (middle[1] * 0.6 + tip[1] * 0.4))
    canvas.line(_at((middle, along)), mixed(colour(plumage.bill_colour), (0, 0, 0), 0.45), _size(0.7))
    canvas.blob(_at(((26, 60), (27, 36), (42, 23), (58, 25), (69, 38), (69, 54), (60, 66), (42, 70))), head)
    if plumage.throat:
        canvas.blob(_at(((46, 74), (54, 58), (67, 53), (68, 66), (60, 80))), colour(plumage.throat))
    if plumage.cheek:
        canvas.blob(_at(((34, 54), (44, 46), (60, 48), (63, 56), (52, 64), (40, 63))), colour(plumage.cheek))
    if plumage.crown:
        canvas.blob(
            _at(((28, 40), (36, 26), (50, 21.5), (62, 26.5), (68.5, 37), (54, 35.5), (38, 38))),
            colour(plumage.crown),
        )
    if plumage.mask:
        canvas.blob(_at(((30, 46), (46, 39), (69, 41), (69, 47), (50, 49), (36, 51))), colour(plumage.mask))
    _eye(canvas, plumage, (55.5, 42.5), 4.3)


def _speckle(canvas: Canvas, chance: random.Random, tone: Colour) -> None:
    for row in range(6):
        for column in range(5):
            x = 40 + column * 7 + (row % 2) * 3.5 + chance.uniform(-1, 1)
            y = 72 + row * 5.5 + chance.uniform(-1, 1)
            if x < 72 - (80 - min(y, 80)) * 0.6:
                canvas.blob(_at(((x, y), (x + 1.3, y + 2.2), (x, y + 3.4), (x - 1.3, y + 2.2))), tone)


def _eye(canvas: Canvas, plumage: Plumage, place: Point, radius: float) -> None:
    if plumage.ring:
        canvas.disc(_spot(*place), _size(radius + 1.7), colour(plumage.ring))
    canvas.disc(_spot(*place), _size(radius), colour(plumage.eye))
    if sum(colour(plumage.eye)) > 180:
        canvas.disc(_spot(*place), _size(radius * 0.58), (16, 12, 10))
    canvas.disc(
        _spot(place[0] + radius * 0.3, place[1] - radius * 0.35), _size(radius * 0.27), (255, 255, 255)
    )


def _owl(canvas: Canvas, plumage: Plumage, chance: random.Random) -> None:
    head, breast = colour(plumage.head), colour(plumage.breast)
    cheek = colour(plumage.cheek) if plumage.cheek else mixed(head, (255, 255, 255), 0.5)
    canvas.blob(
        _at(((8, 112), (16, 70), (34, 52), (66, 52), (84, 70), (92, 112))), mixed(head, (0, 0, 0), 0.2)
    )
    canvas.blob(_at(((26, 114), (30, 74), (50, 62), (70, 74), (74, 114))), breast)
    if plumage.speckles:
        for row in range(6):
            for column in range(6):
                x = 32 + column * 7 + (row % 2) * 3.5 + chance.uniform(-0.8, 0.8)
                y = 76 + row * 5 + chance.uniform(-0.8, 0.8)
                canvas.shape(_at(((x, y), (x + 1.4, y + 3.6), (x - 1.4, y + 3.6))), colour(plumage.speckles))
    if plumage.crest == "ears":
        canvas.shape(_at(((24, 36), (17, 8), (42, 26))), head)
        canvas.shape(_at(((76, 36), (83, 8), (58, 26))), head)
    canvas.blob(_at(((20, 50), (24, 30), (50, 20), (76, 30), (80, 50), (70, 70), (50, 76), (30, 70))), head)
    for side in (-1, 1):
        canvas.blob(
            _at(((50, 34), (50 + side * 16, 31), (50 + side * 27, 46), (50 + side * 19, 63), (50, 68))), cheek
        )
        _eye(canvas, plumage, (50 + side * 13, 47), 7.2)
    canvas.shape(_at(((46, 52), (54, 52), (50, 64))), colour(plumage.bill_colour))
