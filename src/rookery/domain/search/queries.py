"""The language of searches: words, "phrases", beginnings*, -without, and what operators ask for.

Whatever is typed has a reading. What cannot be one (a date that is none, a kind that is unknown) raises Invalid with a
sentence; an operator that nobody knows is read as words.
"""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
import regex

from rookery.domain.languages import language as language_code
from rookery.domain.search import documents, words
from rookery.domain.search.places import RADIUS_KM_DEFAULT, RADIUS_KM_MAX, Circle
from rookery.domain.search.words import Phrase
from rookery.errors import Invalid

PARTS_MAX: Final = 32
"""Parts of a search that are looked for; what follows is not read."""
HAS: Final = ("media", "image", "video", "audio", "link", "poll", "embed")
IS: Final = ("reply", "retweet", "sensitive", "quote")
_SYNONYMS: Final = {
    "mentions": "to",
    "lang": "language",
    "until": "before",
    "filter": "is",
}
_VALUES: Final = {
    "photo": "image",
    "images": "image",
    "videos": "video",
    "links": "link",
    "replies": "reply",
    "retweets": "retweet",
    "reblog": "retweet",
    "boost": "retweet",
    "quotes": "quote",
    "bookmarks": "bookmarked",
    "favourited": "favorited",
    "favorites": "favorited",
    "favourites": "favorited",
    "everywhere": "all",
}
_PART: Final = regex.compile(
    r"""(?P<sign>[-+]?)(?:(?P<operator>[a-z]++):)?(?:"(?P<quoted>[^"]*+)"?+|(?P<plain>[^\s"]++))""",
    regex.VERBOSE | regex.IGNORECASE,
)
_QUOTES: Final = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d\uff02", '"'))
_NEAR: Final = regex.compile(
    r"(?P<latitude>-?\d{1,3}(?:\.\d{1,10})?),(?P<longitude>-?\d{1,3}(?:\.\d{1,10})?)"
    r"(?:,(?P<radius>\d{1,5}(?:\.\d{1,3})?)(?P<unit>km|mi)?)?",
    regex.IGNORECASE,
)
_DATE: Final = regex.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?(?:T.*)?")
_KM_PER_MILE: Final = 1.609344


class Scope(StrEnum):
    """Among which tweets is looked."""

    ALL = "all"
    """What everybody finds, the viewer's own and what they are mentioned in."""
    PUBLIC = "public"
    LIBRARY = "library"
    """Own, favorited and bookmarked ones."""
    OWN = "own"
    FAVORITED = "favorited"
    BOOKMARKED = "bookmarked"


class Person(msgspec.Struct, frozen=True):
    """A user who is named in a search, as it was typed, and whether tweets by or to them are asked for."""

    name: str
    is_author: bool
    excluded: bool = False


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What a search asks for: everything in it has to fit."""

    wanted: tuple[Phrase, ...] = ()
    unwanted: tuple[Phrase, ...] = ()
    any_of: tuple[Phrase, ...] = ()
    """Of which one is carried (the cells of a circle); none: no such condition."""
    people: tuple[Person, ...] = ()
    since_ms: int | None = None
    before_ms: int | None = None
    scope: Scope = Scope.ALL
    near: Circle | None = None
    retweets: bool = False
    """Whether retweets are asked for, of tweets that fit; else the tweets themselves are."""

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing at all: neither words nor anything that operators ask for."""
        return self == Query(scope=self.scope) and self.scope in {Scope.ALL, Scope.PUBLIC}


class _Reading:
    """What was read so far."""

    def __init__(self, now_ms: int) -> None:
        self.present_day = datetime.fromtimestamp(now_ms / 1000, UTC).date()
        self.wanted: list[Phrase] = []
        self.unwanted: list[Phrase] = []
        self.people: list[Person] = []
        self.since_ms: int | None = None
        self.before_ms: int | None = None
        self.scope = Scope.ALL
        self.near: Circle | None = None
        self.retweets = False

    def add(self, phrase: Phrase | None, *, excluded: bool) -> None:
        if phrase is not None:
            (self.unwanted if excluded else self.wanted).append(phrase)


def parse(text: str, *, now_ms: int) -> Query:
    """Return what a text asks for. Raises Invalid with a sentence."""
    reading = _Reading(now_ms)
    for count, match in enumerate(_PART.finditer(text.translate(_QUOTES).replace("\0", " "))):
        if count >= PARTS_MAX:
            break
        _read(reading, match)
    near = reading.near
    return Query(
        wanted=tuple(dict.fromkeys(reading.wanted)),
        unwanted=tuple(dict.fromkeys(reading.unwanted)),
        people=tuple(dict.fromkeys(reading.people)),
        since_ms=reading.since_ms,
        before_ms=reading.before_ms,
        scope=reading.scope,
        near=near,
        retweets=reading.retweets,
    )


def _read(reading: _Reading, match: "regex.Match[str]") -> None:
    excluded = match["sign"] == "-"
    operator = (match["operator"] or "").lower()
    operator = _SYNONYMS.get(operator, operator)
    quoted, plain = match["quoted"], match["plain"]
    value = (quoted if quoted is not None else plain or "").strip()
    if operator in _OPERATORS and value:
        _operate(reading, operator, value, excluded=excluded)
        return
    if quoted is None:
        written = f"{match['operator']}:{plain}" if match["operator"] else plain
        _read_word(reading, written, excluded=excluded)
    else:
        reading.add(words.query_phrase(documents.without_addresses(value)), excluded=excluded)


def _read_word(reading: _Reading, written: str, *, excluded: bool) -> None:
    if written[0] in "#\uff03" and (name := words.name(written.rstrip("*"))):
        beginning = written.endswith("*")
        reading.add(Phrase((f"#{name}",), is_prefix=beginning), excluded=excluded)
        return
    phrase = words.query_phrase(documents.without_addresses(written))
    if phrase is not None and written.endswith("*") and not _is_too_short(phrase):
        phrase = Phrase(phrase.tokens, is_prefix=True)
    reading.add(phrase, excluded=excluded)


def _is_too_short(phrase: Phrase) -> bool:
    """Tell whether too many words begin so: with one letter of an alphabet."""
    last = phrase.tokens[-1]
    return len(last) == 1 and words.is_alphabetic(last)


def _operate(reading: _Reading, operator: str, value: str, *, excluded: bool) -> None:
    if operator in {"from", "to"}:
        reading.people.append(Person(value.removeprefix("@"), operator == "from", excluded))
    elif operator in {"has", "is"}:
        _read_kind(reading, operator, value, excluded=excluded)
    elif operator == "language":
        code = language_code(value)
        if code is None:
            raise Invalid(f"“{value[:40]}” is no language: write its code, such as language:en", field="q")
        reading.add(Phrase((documents.language(code),)), excluded=excluded)
    elif operator == "in":
        _read_scope(reading, value)
    elif operator == "near":
        _read_place(reading, value, excluded=excluded)
    else:
        _read_date(reading, operator, value)


def _read_kind(reading: _Reading, operator: str, value: str, *, excluded: bool) -> None:
    kind = _VALUES.get(value.lower(), value.lower())
    known = HAS if operator == "has" else IS
    if kind not in known:
        raise Invalid(
            f"{operator}: knows {', '.join(known[:-1])} and {known[-1]}, not “{value[:40]}”", field="q"
        )
    if kind == "retweet":
        # That it must not be one is said of every other search anyway.
        reading.retweets = reading.retweets or not excluded
        return
    held = "link" if kind == "embed" else kind
    token = documents.kind(kind) if operator == "is" else documents.holds(held)
    reading.add(Phrase((token,)), excluded=excluded)


def _read_scope(reading: _Reading, value: str) -> None:
    wanted = _VALUES.get(value.lower(), value.lower())
    try:
        reading.scope = Scope(wanted)
    except ValueError:
        scopes = [*Scope]
        raise Invalid(
            f"in: knows {', '.join(scopes[:-1])} and {scopes[-1]}, not “{value[:40]}”", field="q"
        ) from None


def _read_place(reading: _Reading, value: str, *, excluded: bool) -> None:
    match = _NEAR.fullmatch(value.replace(" ", ""))
    if match is None:
        phrase = words.query_phrase(value)
        for token in phrase.tokens if phrase else ():
            reading.add(
                Phrase((documents.place_word(token),), is_prefix=bool(phrase and phrase.is_prefix)),
                excluded=excluded,
            )
        return
    latitude, longitude = float(match["latitude"]), float(match["longitude"])
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise Invalid("near: takes a latitude up to 90 and a longitude up to 180 degrees", field="q")
    radius_km = float(match["radius"]) if match["radius"] else RADIUS_KM_DEFAULT
    if (match["unit"] or "").lower() == "mi":
        radius_km *= _KM_PER_MILE
    reading.near = Circle(latitude, longitude, min(max(radius_km, 0.05), RADIUS_KM_MAX))


def _read_date(reading: _Reading, operator: str, value: str) -> None:
    first, end = _days(value, reading.present_day)
    if operator in {"since", "during"}:
        reading.since_ms = max(reading.since_ms or 0, _ms(first))
    if operator == "after":
        reading.since_ms = max(reading.since_ms or 0, _ms(end))
    if operator in {"before", "during"}:
        limit = _ms(first if operator == "before" else end)
        reading.before_ms = limit if reading.before_ms is None else min(reading.before_ms, limit)


def _days(value: str, today: date) -> tuple[date, date]:
    """Return the first day that is meant and the day after the last one, in UTC."""
    lowered = value.lower()
    if lowered in {"today", "yesterday"}:
        day = today if lowered == "today" else today - timedelta(days=1)
        return day, day + timedelta(days=1)
    if (match := _DATE.fullmatch(value)) is not None:
        year, month, day_of_month = (int(match[name] or 0) for name in ("year", "month", "day"))
        with suppress(ValueError, OverflowError):
            return _calendar_days(year, month, day_of_month)
    raise Invalid(
        f"\u201c{value[:40]}\u201d is no date: write a day as 2026-11-21, a month as 2026-11 or a year",
        field="q",
    )


def _calendar_days(year: int, month: int, day_of_month: int) -> tuple[date, date]:
    """Return the first day of a day, a month or a year (what is 0 is not said) and the day after its last one."""
    if day_of_month:
        day = date(year, month, day_of_month)
        return day, day + timedelta(days=1)
    if month:
        return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
    return date(year, 1, 1), date(year + 1, 1, 1)


def _ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


_OPERATORS: Final = frozenset(
    ("from", "to", "has", "is", "language", "in", "near", "since", "after", "before", "during")
)
