"""Landscapes, for headers and photos: sky, hills, water, what grows and stands there, and birds on their way."""

import math
import random
from typing import Final, Literal

from PIL import Image

from rookery.demo.brushes import Canvas, Colour, Point, colour, mixed

Place = Literal["harbour", "meadow", "forest", "mountains", "reeds", "roofs", "sea", "snow", "wires"]
Hour = Literal["dawn", "day", "dusk", "night", "rain"]

_SKIES: Final[dict[Hour, tuple[str, ...]]] = {
    "dawn": ("#5f78a8", "#a79cc0", "#efb9a6", "#fbe0b4"),
    "day": ("#4f9bd6", "#8fc4e8", "#d9ecf2"),
    "dusk": ("#2a2b54", "#6b4a7d", "#cf6f6a", "#f5b26b"),
    "night": ("#0c1230", "#1a2350", "#33406e"),
    "rain": ("#66727d", "#8d99a1", "#bcc4c6"),
}
_GROUND: Final[dict[Place, str]] = {
    "harbour": "#2d4a5a",
    "meadow": "#5f8f45",
    "forest": "#2f5d43",
    "mountains": "#5a6b80",
    "reeds": "#7a7a3e",
    "roofs": "#8a4f3f",
    "sea": "#2f6d86",
    "snow": "#dfe8f0",
    "wires": "#3d4654",
}
_DARK: Final = colour("#12161f")
FLOCK_BIRDS: Final = 420
_WET: Final = frozenset[Place](("harbour", "reeds", "sea"))


def scene(place: Place, hour: Hour, *, width: int, height: int, seed: str) -> Image.Image:
    """Draw a landscape of that many pixels."""
    canvas = _landscape(place, hour, width=width, height=height, chance=random.Random(seed), flock=None)
    return canvas.finished(grain=0.035, chance=random.Random(seed))


def frame(place: Place, hour: Hour, *, width: int, height: int, seed: str, share: float) -> Image.Image:
    """Draw one picture of a film in which a flock flies through a landscape; `share` is how far it is, 0 to 1."""
    chance = random.Random(seed)
    return _landscape(place, hour, width=width, height=height, chance=chance, flock=share).finished()


def _landscape(
    place: Place, hour: Hour, *, width: int, height: int, chance: random.Random, flock: float | None
) -> Canvas:
    canvas = Canvas(width, height)
    sky = tuple(colour(text) for text in _SKIES[hour])
    horizon = height * chance.uniform(0.56, 0.68)
    canvas.gradient(sky, bottom=horizon + 2)
    _lights(canvas, hour, horizon, chance)
    if hour != "night":
        _clouds(canvas, horizon, sky, chance)
    haze = sky[-1]
    ground = colour(_GROUND[place])
    if hour in {"dusk", "night", "rain"}:
        ground = mixed(ground, _DARK, {"dusk": 0.4, "night": 0.7, "rain": 0.3}[hour])
    if place in _WET:
        _hills(canvas, horizon, haze, mixed(ground, _DARK, 0.2), chance, layers=2, rise=0.12)
        canvas.mirror(horizon, dimmed=0.22 if hour != "night" else 0.4)
        _ripples(canvas, horizon, mixed(haze, (255, 255, 255), 0.3), chance)
    else:
        canvas.gradient((mixed(haze, ground, 0.5), ground), top=horizon)
        rise = 0.5 if place in {"mountains", "snow"} else 0.16
        _hills(canvas, horizon, haze, ground, chance, layers=4, rise=rise)
    _foreground(canvas, place, hour, horizon=horizon, ground=ground, chance=chance)
    _birds(canvas, horizon, chance, flock)
    return canvas


def _lights(canvas: Canvas, hour: Hour, horizon: float, chance: random.Random) -> None:
    """Draw sun, moon or stars."""
    width, height = canvas.width, canvas.height
    where = (width * chance.uniform(0.2, 0.8), horizon - height * chance.uniform(0.06, 0.3))
    if hour == "night":
        for _ in range(140):
            spot = (chance.uniform(0, width), chance.uniform(0, horizon))
            canvas.disc(
                spot, chance.uniform(0.0006, 0.0016) * width, (235, 238, 255), chance.uniform(0.3, 0.9)
            )
        canvas.glow(where, height * 0.3, (90, 105, 150))
        canvas.disc(where, height * 0.055, (244, 240, 222))
        canvas.disc((where[0] + height * 0.02, where[1] - height * 0.012), height * 0.046, (40, 50, 95), 0.75)
    elif hour != "rain":
        canvas.glow(where, height * 0.55, (255, 240, 205) if hour != "dusk" else (255, 196, 120))
        canvas.disc(where, height * 0.05, (255, 250, 232))


def _clouds(canvas: Canvas, horizon: float, sky: tuple[Colour, ...], chance: random.Random) -> None:
    width = canvas.width
    for _ in range(chance.randint(4, 8)):
        x, y = chance.uniform(-0.1, 1.0) * width, chance.uniform(0.08, 0.75) * horizon
        length, depth = chance.uniform(0.1, 0.35) * width, chance.uniform(0.008, 0.03) * canvas.height
        tone = mixed(sky[-1], (255, 255, 255), 0.35)
        for puff in range(7):
            centre = x + length * puff / 6
            lift = depth * (1.6 - abs(puff - 3) * 0.4) * chance.uniform(0.7, 1.4)
            half = length / 6
            canvas.blob(
                ((centre - half, y), (centre, y - lift), (centre + half, y), (centre, y + depth * 0.5)),
                tone,
                0.35,
            )


def _hills(
    canvas: Canvas,
    horizon: float,
    haze: Colour,
    ground: Colour,
    chance: random.Random,
    *,
    layers: int,
    rise: float,
) -> None:
    width, height = canvas.width, canvas.height
    for layer in range(layers):
        share = (layer + 1) / layers
        base = horizon + height * 0.07 * layer
        ridge = _ridge(width, base, height * rise * (1.15 - 0.75 * share), chance, sharp=rise > 0.3)
        canvas.shape([(0, height), *ridge, (width, height)], mixed(haze, ground, 0.25 + 0.75 * share))


def _ridge(width: int, base: float, rise: float, chance: random.Random, *, sharp: bool) -> list[Point]:
    waves = [
        (chance.uniform(0.6, 2.2) * 2**octave, chance.uniform(0, 6.3), 0.55**octave) for octave in range(5)
    ]
    ridge: list[Point] = []
    for step in range(121):
        x = step / 120
        lift = sum(
            weight
            * (1 - 2 * abs(math.sin(rate * 2 * x + phase)) if sharp else math.sin(rate * 3 * x + phase))
            for rate, phase, weight in waves
        )
        ridge.append((x * width, base - rise * (0.45 + 0.4 * lift)))
    return ridge


def _ripples(canvas: Canvas, horizon: float, tone: Colour, chance: random.Random) -> None:
    for _ in range(70):
        depth = chance.random() ** 1.5
        y = horizon + 3 + depth * (canvas.height - horizon)
        length = canvas.width * (0.02 + 0.1 * depth) * chance.uniform(0.4, 1.2)
        x = chance.uniform(-0.05, 1) * canvas.width
        thickness = max(0.6, canvas.height * 0.002 * (0.5 + depth))
        canvas.shape(
            ((x, y), (x + length / 2, y - thickness), (x + length, y), (x + length / 2, y + thickness)),
            tone,
            0.3,
        )


def _foreground(
    canvas: Canvas, place: Place, hour: Hour, *, horizon: float, ground: Colour, chance: random.Random
) -> None:
    dark = mixed(ground, _DARK, 0.72)
    if place == "reeds":
        _reeds(canvas, dark, chance)
    elif place in {"forest", "snow"}:
        _firs(canvas, horizon, mixed(ground, _DARK, 0.6), chance, white=place == "snow")
    elif place == "harbour":
        _masts(canvas, horizon, dark, chance)
    elif place == "roofs":
        _houses(canvas, horizon, hour, ground, chance)
    elif place == "wires":
        _wires(canvas, chance)
    elif place == "meadow":
        _flowers(canvas, horizon, chance)
    elif place == "sea":
        _rocks(canvas, dark, chance)


def _reeds(canvas: Canvas, tone: Colour, chance: random.Random) -> None:
    width, height = canvas.width, canvas.height
    for _ in range(width // 9):
        x, tall = chance.uniform(0, 1) * width, height * chance.uniform(0.12, 0.42)
        lean = chance.uniform(-0.2, 0.25) * tall
        top = (x + lean, height - tall)
        canvas.line(((x, height + 5), (x + lean * 0.4, height - tall * 0.6), top), tone, height * 0.004)
        if chance.random() < 0.3:
            end = (top[0] + lean * 0.12, top[1] - height * 0.06)
            canvas.line((top, end), mixed(tone, (120, 80, 40), 0.5), height * 0.013)


def _firs(canvas: Canvas, horizon: float, tone: Colour, chance: random.Random, *, white: bool) -> None:
    width, height = canvas.width, canvas.height
    for row in range(3):
        for _ in range(width // 55):
            x = chance.uniform(-0.05, 1.05) * width
            foot = horizon + (height - horizon) * (0.25 + 0.4 * row) + chance.uniform(0, 0.05) * height
            tall = height * chance.uniform(0.12, 0.2) * (1 + 0.55 * row)
            shade = mixed(tone, (150, 170, 165), 0.35 - 0.17 * row)
            for tier in range(4):
                y, half = foot - tall * tier * 0.24, tall * (0.22 - 0.045 * tier)
                canvas.shape(((x - half, y), (x, y - tall * 0.42), (x + half, y)), shade)
                if white:
                    snow = (
                        (x - half * 0.4, y - tall * 0.25),
                        (x, y - tall * 0.42),
                        (x + half * 0.35, y - tall * 0.27),
                    )
                    canvas.shape(snow, (240, 245, 250))


def _masts(canvas: Canvas, horizon: float, tone: Colour, chance: random.Random) -> None:
    width, height = canvas.width, canvas.height
    for _ in range(5):
        x, y = chance.uniform(0.05, 0.95) * width, horizon + chance.uniform(0.03, 0.22) * height
        size = height * (0.1 + (y - horizon) / height * 0.6)
        hull = (
            (x - size, y),
            (x + size, y),
            (x + size * 0.7, y + size * 0.3),
            (x - size * 0.75, y + size * 0.3),
        )
        bright = colour(chance.choice(("#b5483a", "#e8e2d2", "#2f5f7a", "#d9a441")))
        canvas.shape(hull, mixed(bright, tone, 0.35))
        canvas.line(((x, y), (x, y - size * 2.1)), tone, size * 0.05)
        canvas.shape(
            (
                (x + size * 0.06, y - size * 2),
                (x + size * 0.8, y - size * 0.25),
                (x + size * 0.06, y - size * 0.25),
            ),
            (240, 234, 220),
            0.85,
        )
        canvas.shape(
            (
                (x - size * 0.06, y - size * 1.8),
                (x - size * 0.6, y - size * 0.25),
                (x - size * 0.06, y - size * 0.25),
            ),
            (224, 216, 200),
            0.75,
        )


def _houses(canvas: Canvas, horizon: float, hour: Hour, ground: Colour, chance: random.Random) -> None:
    width, height = canvas.width, canvas.height
    lit = hour in {"dusk", "night"}
    x = -0.02 * width
    while x < width:
        wide, tall = width * chance.uniform(0.06, 0.12), height * chance.uniform(0.2, 0.38)
        foot = height
        top = horizon + height * 0.28 - tall * 0.6
        wall = mixed(
            colour(chance.choice(("#d8c7a8", "#c9b0a0", "#b9c0b8", "#d6b98e"))), _DARK, 0.55 if lit else 0.12
        )
        canvas.shape(((x, foot), (x, top), (x + wide, top), (x + wide, foot)), wall)
        canvas.shape(
            ((x - wide * 0.06, top), (x + wide / 2, top - tall * 0.45), (x + wide * 1.06, top)),
            mixed(ground, _DARK, 0.2),
        )
        chimney = x + wide * 0.7
        canvas.shape(
            (
                (chimney, top - tall * 0.1),
                (chimney, top - tall * 0.5),
                (chimney + wide * 0.1, top - tall * 0.5),
                (chimney + wide * 0.1, top - tall * 0.1),
            ),
            mixed(ground, _DARK, 0.35),
        )
        for row in range(4):
            for column in range(2):
                left, upper = x + wide * (0.2 + 0.4 * column), top + tall * (0.12 + 0.32 * row)
                glass = (255, 214, 130) if lit and chance.random() < 0.6 else (70, 84, 100)
                canvas.shape(
                    (
                        (left, upper),
                        (left + wide * 0.2, upper),
                        (left + wide * 0.2, upper + tall * 0.17),
                        (left, upper + tall * 0.17),
                    ),
                    glass,
                )
        x += wide * chance.uniform(1.0, 1.1)


def _wires(canvas: Canvas, chance: random.Random) -> None:
    """Draw telegraph wires with birds on them, like notes of a song."""
    width, height = canvas.width, canvas.height
    for number in range(4):
        y = height * (0.2 + 0.11 * number)
        sag = height * 0.06
        points = [(width * step / 30, y + sag * 4 * (step / 30) * (1 - step / 30)) for step in range(31)]
        canvas.line(points, _DARK, height * 0.0035)
        for step in sorted(chance.sample(range(2, 29), chance.randint(3, 7))):
            _perched(canvas, points[step], height * 0.026)


def _perched(canvas: Canvas, foot: Point, size: float) -> None:
    x, y = foot
    canvas.blob(
        (
            (x - size * 0.5, y),
            (x - size * 0.7, y - size * 1.1),
            (x, y - size * 1.9),
            (x + size * 0.7, y - size * 1.5),
            (x + size * 0.5, y - size * 0.3),
        ),
        _DARK,
    )
    canvas.shape(((x - size * 0.4, y - size * 0.3), (x - size * 0.9, y + size), (x - size * 0.1, y)), _DARK)
    canvas.shape(
        (
            (x + size * 0.4, y - size * 1.7),
            (x + size * 1.15, y - size * 1.45),
            (x + size * 0.5, y - size * 1.3),
        ),
        _DARK,
    )


def _flowers(canvas: Canvas, horizon: float, chance: random.Random) -> None:
    width, height = canvas.width, canvas.height
    for _ in range(width // 3):
        depth = chance.random() ** 0.7
        y = horizon + height * 0.12 + depth * (height - horizon)
        bright = colour(chance.choice(("#f2d13d", "#f5f1e6", "#d4574e", "#a06cc0", "#f0a6b8")))
        canvas.disc((chance.uniform(0, width), y), height * (0.002 + 0.007 * depth), bright, 0.9)


def _rocks(canvas: Canvas, tone: Colour, chance: random.Random) -> None:
    width, height = canvas.width, canvas.height
    for _ in range(6):
        x, size = chance.uniform(0, 1) * width, height * chance.uniform(0.05, 0.16)
        canvas.blob(
            (
                (x - size * 1.6, height + 9),
                (x - size, height - size * 0.8),
                (x, height - size * 1.2),
                (x + size * 1.2, height - size * 0.6),
                (x + size * 1.8, height + 9),
            ),
            tone,
        )


def _birds(canvas: Canvas, horizon: float, chance: random.Random, flock: float | None) -> None:
    width, height = canvas.width, canvas.height
    if flock is not None:
        _murmuration(canvas, horizon, chance, flock)
        return
    lead = (width * chance.uniform(0.3, 0.75), horizon * chance.uniform(0.2, 0.5))
    for number in range(chance.randint(5, 13)):
        side = -1 if number % 2 else 1
        rank = (number + 1) // 2
        x = lead[0] - rank * width * 0.028 + chance.uniform(-0.004, 0.004) * width
        y = lead[1] + side * rank * height * 0.022 + chance.uniform(-0.006, 0.006) * height
        _flying(canvas, (x, y), height * 0.018, math.sin(chance.uniform(0, 6.3)))


def _murmuration(canvas: Canvas, horizon: float, chance: random.Random, share: float) -> None:
    """Draw starlings that turn together, each a little later than the one before."""
    turn = share * 2 * math.pi
    for _ in range(FLOCK_BIRDS):
        late, spread, side = chance.random(), chance.gauss(0, 1), chance.gauss(0, 1)
        angle = turn - late * 1.6
        x = 0.5 + 0.24 * math.cos(angle) + 0.1 * spread * math.cos(angle * 2 + 0.6)
        y = 0.5 + 0.2 * math.sin(2 * angle) + 0.09 * side * (0.6 + 0.5 * math.sin(angle))
        size = canvas.height * (0.0035 + 0.003 * late)
        canvas.disc((x * canvas.width, y * horizon), size, _DARK, 0.85)


def _flying(canvas: Canvas, middle: Point, size: float, lift: float) -> None:
    x, y = middle
    tip = y - size * lift
    for side in (-1, 1):
        canvas.blob(
            (
                (x, y - size * 0.12),
                (x + side * size * 0.9, (y + tip) / 2 - size * 0.35),
                (x + side * size * 1.9, tip),
                (x + side * size * 0.8, (y + tip) / 2),
                (x, y + size * 0.2),
            ),
            _DARK,
        )
