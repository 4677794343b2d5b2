"""What trends: things that more people use than their own past lets one expect.

The score is the Poisson deviance (the G statistic of one cell, G = 2(O ln(O/E) - (O - E))) of observed against expected
people, divided by how much livelier than Poisson such counts are (a gamma-Poisson's dispersion, 1 + E/k).
Sources: T. Dunning, "Accurate Methods for the Statistics of Surprise and Coincidence" (1993), for likelihood ratios
instead of chi-squared where counts are small; J. M. Hilbe, "Negative Binomial Regression" (2011), for the dispersion.
"""

import math
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

import msgspec

from rookery.domain.tweets import Place

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
WEEK_DAYS: Final = 7
PAST_DAYS: Final = 28
"""How far back the past reaches that expectations are made from."""
SHORT_HOURS: Final = 2
"""The window that finds what is sudden; the other one is a day and finds what rises slowly."""
PRIOR_USERS: Final = 0.5
"""People who are expected to use something that nobody has used before."""
DISPERSION_USERS: Final = 20.0
"""k of the gamma-Poisson: from about so many expected people on, chance alone moves counts in proportion to them."""
SCORE_MIN: Final = 10.83
"""Below this nothing trends: chi-squared of one degree of freedom exceeds it once in a thousand times."""
TRUSTED_USERS_MIN: Final = 3.0
"""The people, by their trust, that it takes at least."""
FULL_AGE_MS: Final = 14 * DAY_MS
"""From this age on a user counts in full."""
OUTSIDE_FOLLOWERS_FULL: Final = 3
"""Followers who do not use the same thing and are no newcomers, from which on a user counts in full."""
LONER_TRUST: Final = 0.15
"""What somebody without such followers counts."""
UNCONFIRMED_TRUST: Final = 0.3
"""What somebody counts whose e-mail address was not confirmed, where that is asked for."""
CELL_DEGREES: Final = 0.5
"""The side of a cell of latitude and longitude: some 55 km from south to north."""
EVERYWHERE: Final = ""


class TrendKind(IntEnum):
    """What can trend; AUTHOR never shows and holds the attention that somebody's tweets usually get."""

    HASHTAG = 0
    TWEET = 1
    LINK = 2
    AUTHOR = 3


HALF_LIFE_MS: Final[Mapping[TrendKind, int]] = {
    TrendKind.HASHTAG: 6 * HOUR_MS,
    TrendKind.TWEET: 3 * HOUR_MS,
    TrendKind.LINK: 8 * HOUR_MS,
}


class Trend(msgspec.Struct, frozen=True):
    """Something that trends somewhere, and how much at the time asked."""

    kind: TrendKind
    subject_id: int
    score: float
    hidden: bool = False


class Day(NamedTuple):
    """Trusted people in the last day, or in the same 24 hours so many days ago, and in the short window at its end."""

    long: float = 0.0
    short: float = 0.0


def expected(past: Sequence[float]) -> float:
    """Return how many people are to be expected, from those at the same hours on the days before, yesterday first.

    The mean of a week, of which recent days count more, knows the daily rhythm; the same weekday's mean the weekly one.
    The larger counts, so that neither rhythm is news.
    """
    same_weekday = past[WEEK_DAYS - 1 :: WEEK_DAYS]
    weekly = sum(same_weekday) / len(same_weekday) if same_weekday else 0.0
    return PRIOR_USERS + max(_daily(past), weekly)


def _daily(past: Sequence[float]) -> float:
    week = past[:WEEK_DAYS]
    weights = [0.85**number for number in range(len(week))]
    return sum(w * o for w, o in zip(weights, week, strict=True)) / sum(weights) if week else 0.0


def surprise(observed: float, expectation: float) -> float:
    """Return the deviance of observed people from expected ones, and 0 where there are no more than expected."""
    if observed <= expectation:
        return 0.0
    deviance = 2 * (observed * math.log(observed / expectation) - (observed - expectation))
    return deviance / (1 + expectation / DISPERSION_USERS)


def score(today: Day, past: Sequence[Day], *, trust: float = 1.0) -> float:
    """Return how much something trends: by the short or the long window, whichever surprises more.

    `trust` is the share of its people's weight that is left when rings are discounted.
    """
    if today.long * trust < TRUSTED_USERS_MIN:
        return 0.0
    found = max(
        surprise(today.long * trust, expected([day.long for day in past])),
        surprise(today.short * trust, expected([day.short for day in past])),
    )
    return found if found >= SCORE_MIN else 0.0


def may_score(today: Day, past: Sequence[Day]) -> bool:
    """Tell whether the score may be above zero, from nothing of the past, or from the last week alone."""
    if today.long < TRUSTED_USERS_MIN:
        return False
    longest = surprise(today.long, PRIOR_USERS + _daily([day.long for day in past]))
    shortest = surprise(today.short, PRIOR_USERS + _daily([day.short for day in past]))
    return max(longest, shortest) >= SCORE_MIN


def rank(score: float, at_ms: int, kind: TrendKind) -> float:
    """Return what orders scores of different times as if all had decayed until now: no row is ever rewritten for it."""
    return math.log2(score) + at_ms / HALF_LIFE_MS[kind]


def decayed(score: float, at_ms: int, kind: TrendKind, *, now_ms: int) -> float:
    """Return what is left of a score: half of it after each half-life."""
    return score * 0.5 ** ((now_ms - at_ms) / HALF_LIFE_MS[kind])


def user_trust(*, age_ms: int, instance_age_ms: int, confirmed: bool) -> float:
    """Return how much somebody counts by age: newcomers nearly nothing, unless the instance itself is new."""
    full = min(FULL_AGE_MS, instance_age_ms // 4)
    by_age = 1.0 if age_ms >= full else (age_ms / full) ** 2
    return by_age if confirmed else by_age * UNCONFIRMED_TRUST


def social_trust(outside_followers: int) -> float:
    """Return how much somebody counts by followers who are not of the same ring."""
    share = min(1.0, outside_followers / OUTSIDE_FOLLOWERS_FULL)
    return LONER_TRUST + (1 - LONER_TRUST) * share


def scopes(language: str | None, place: Place | None) -> list[str]:
    """Return where a use counts: everywhere, in its language, in the cell of its place."""
    found = [EVERYWHERE]
    if language:
        found.append(language_scope(language))
    if place is not None and place.latitude is not None and place.longitude is not None:
        found.append(_cell_scope(*_cell(place.latitude, place.longitude)))
    return found


def language_scope(language: str) -> str:
    """Return the scope of a language."""
    return f"l:{language.split('-', maxsplit=1)[0].lower()}"


def place_scopes(latitude: float, longitude: float) -> list[str]:
    """Return the scopes around a point: its cell and the eight beside it."""
    row, column = _cell(latitude, longitude)
    columns = round(360 / CELL_DEGREES)
    return [
        _cell_scope(row + down, (column + right) % columns) for down in (-1, 0, 1) for right in (-1, 0, 1)
    ]


def _cell(latitude: float, longitude: float) -> tuple[int, int]:
    columns = round(360 / CELL_DEGREES)
    return math.floor(latitude / CELL_DEGREES), math.floor((longitude + 180) / CELL_DEGREES) % columns


def _cell_scope(row: int, column: int) -> str:
    return f"c:{row}:{column}"
