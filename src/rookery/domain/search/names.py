"""Finding people although their names are mistyped: the forms under which a name is kept, and what lies close to one.

Databases only compare these forms with each other: for being equal, and for beginning so. A search that finds too few
asks for everything that is one typo away (Norvig, "How to write a spelling corrector", 2007), then for what sounds alike.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from enum import IntEnum
from itertools import pairwise
from typing import Final, NamedTuple

import regex

from rookery.domain.search import words

NAMES_VERSION: Final = f"1/{words.NORM_VERSION}"
"""What made the forms; when it changes, every user's are made anew."""
FORM_CHARS_MAX: Final = 40
PARTS_MAX: Final = 8
"""Words of a name (or characters, where it is written without spaces) that are kept."""
TYPO_CHARS_MIN: Final = 4
"""Shorter names have too many neighbours."""
TYPO_CHARS_MAX: Final = 30
MISTYPED_BEGINNING_CHARS_MIN: Final = 5
TWO_TYPOS_CHARS_MIN: Final = 8
_SOUND_CHARS_MIN: Final = 3

_ALPHABETS: Final = tuple(
    frozenset(map(chr, range(first, last + 1)))
    for first, last in (
        *((0x30, 0x39), (0x61, 0x7A), (0x3B1, 0x3C9), (0x430, 0x45F), (0x561, 0x586), (0x10D0, 0x10F0)),
        *((0x5D0, 0x5EA), (0x621, 0x64A), (0x904, 0x94D), (0x985, 0x9CD), (0xA05, 0xA4D), (0xA85, 0xACD)),
        *((0xB85, 0xBCD), (0xC05, 0xC4D), (0xC85, 0xCCD), (0xD05, 0xD4D), (0xE01, 0xE4D)),
        *((0x1100, 0x1112), (0x1161, 0x1175), (0x11A8, 0x11C2), (0x3041, 0x3096), (0x30A1, 0x30FA)),
    )
)
"""Scripts with few enough letters to try each; of others, a letter too many and two in the wrong order are noticed."""
_VOWEL: Final = regex.compile(r"[aeiouyαεηιουωаеиоуыэюяіє]")  # noqa: RUF001
_ALIKE: Final = str.maketrans(
    {"c": "k", "q": "k", "z": "s", "v": "w", "j": "i", "h": None, "x": "k", "_": None}
)
_TWICE: Final = regex.compile(r"(.)\1+")


class Nearness(IntEnum):
    """How well a name fits a search, the best first."""

    NAME = 0
    """It is the user name."""
    EXACT = 1
    """It is the whole display name, or the user name without its underscores."""
    WHOLE = 2
    """It is one of the words of a name, or all from one on."""
    BEGINNING = 3
    """One of them begins so, or has every word that is asked for."""
    NEAR = 4
    """There is one typo in it."""
    FAR = 5
    """There is a typo in its beginning, or there are two in a long name."""


class Asked(NamedTuple):
    """What is searched for."""

    username: str
    """As it was typed, without regard to case."""
    form: str
    words: tuple[str, ...]
    """Each by itself, the longest first; one at the most where there is nothing to take apart."""


class Candidate(NamedTuple):
    """Somebody who may be meant."""

    user_id: int
    username_key: str
    followers: int
    followed: bool
    nearness: Nearness


def asked(text: str) -> Asked | None:
    """Return what a text asks for, or None where there is no letter in it."""
    username = text.strip().removeprefix("@").casefold()
    if "_" in username:
        form, parts = _letters(words.name(username)), []
    else:
        pieces = _parts(text)
        form = "".join(part for part, _ in pieces)
        parts = [part for part, is_word in pieces if is_word]
    if not regex.search(r"[\p{L}\p{N}]", form):
        return None
    return Asked(
        username, form[:FORM_CHARS_MAX], tuple(sorted(set(parts), key=lambda part: (-len(part), part)))
    )


def forms(username: str, display_name: str) -> set[str]:
    """Return what is kept of a user's names: each word, and from each word on to the end as one."""
    found = username_forms(username) | _forms(display_name)
    return found | {
        f"{sound(form)}{form}" for form in found if len(form) >= TWO_TYPOS_CHARS_MIN and sound(form)
    }


def username_forms(username: str) -> set[str]:
    """Return the forms of the user name alone."""
    return _forms(username) | (
        {_letters(words.name(username))[:FORM_CHARS_MAX]} if "_" in username else set()
    )


def is_called(name: str, wanted: Asked) -> bool:
    """Tell whether a name is what is asked for, from its first word to its last."""
    return "".join(part for part, _ in _parts(name))[:FORM_CHARS_MAX] == wanted.form


def _forms(text: str) -> set[str]:
    parts = _parts(text)[:PARTS_MAX]
    whole = {"".join(part for part, _ in parts[start:])[:FORM_CHARS_MAX] for start in range(len(parts))}
    return whole | {part[:FORM_CHARS_MAX] for part, is_word in parts if is_word}


def _parts(text: str) -> list[tuple[str, bool]]:
    """Return words, and the units of what is written without spaces; whether each is a word."""
    return [
        (_letters(unit), not piece.unspaced)
        for piece in words.pieces(text)
        for unit in piece.units
        if regex.match(r"[\p{L}\p{N}]", unit)
    ]


def _letters(text: str) -> str:
    """Return Korean syllables in their letters: one of these is mistyped, not the syllable."""
    return unicodedata.normalize("NFD", text) if regex.search(r"[\uac00-\ud7a3]", text) else text


def sound(form: str) -> str:
    """Return a mark for names that sound alike: without vowels and doubled letters, c as k; empty for short ones.

    It stands in front of the form in the index, so that asking for what begins with the mark finds the forms.
    """
    plain = _TWICE.sub(r"\1", form.translate(_ALIKE))
    bare = _TWICE.sub(r"\1", plain[:1] + _VOWEL.sub("", plain[1:]))
    if len(bare) < _SOUND_CHARS_MIN:
        return ""
    return f"={_VOWEL.sub('a', bare)}="


def sounds_near(form: str) -> list[str]:
    """Return the marks of a form's sound and of those that are one letter away."""
    mark = sound(form) if TWO_TYPOS_CHARS_MIN <= len(form) <= TYPO_CHARS_MAX else ""
    return [mark, *(f"={other}=" for other in _one_away(mark.strip("=")))] if mark else []


def neighbours(form: str) -> frozenset[str]:
    """Return everything that is one typo away: a letter wrong, missing or too many, or two in the wrong order.

    Nothing is close to a short name; a long one is too much work.
    """
    if not TYPO_CHARS_MIN <= len(form) <= TYPO_CHARS_MAX:
        return frozenset()
    return _one_away(form)


def _one_away(form: str) -> frozenset[str]:
    letters = frozenset[str]().union(*(alphabet for alphabet in _ALPHABETS if alphabet & set(form)))
    found = set(_shorter(form)) | set(_swapped(form))
    for place in range(len(form) + 1):
        head, tail = form[:place], form[place:]
        found.update(f"{head}{letter}{tail}" for letter in letters)
        if tail:
            found.update(f"{head}{letter}{tail[1:]}" for letter in letters)
    return frozenset(found - {form, ""})


def _shorter(form: str) -> Iterator[str]:
    return (form[:place] + form[place + 1 :] for place in range(len(form)))


def _swapped(form: str) -> Iterator[str]:
    return (
        f"{form[:place]}{second}{first}{form[place + 2 :]}"
        for place, (first, second) in enumerate(pairwise(form))
    )


def typos(one: str, other: str) -> int:
    """Return how many typos lead from one text to the other (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        last, before, row = before, row, [place]
        for column, meant in enumerate(other, start=1):
            cost = min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != meant))
            if place > 1 and column > 1 and letter == other[column - 2] and one[place - 2] == meant:
                cost = min(cost, last[column - 2] + 1)
            row.append(cost)
    return row[-1]


def fit(wanted: str, form: str, near: AbstractSet[str] = frozenset()) -> Nearness | None:
    """Tell how well a form of a name fits the form that is searched for, given its neighbours; None: not at all."""
    if form == wanted:
        return Nearness.WHOLE
    if form.startswith(wanted):
        return Nearness.BEGINNING
    if form in near:
        return Nearness.NEAR
    length = len(wanted)
    if length >= MISTYPED_BEGINNING_CHARS_MIN and any(
        form[:end] in near for end in (length - 1, length, length + 1)
    ):
        return Nearness.FAR
    is_long = min(length, len(form)) >= TWO_TYPOS_CHARS_MIN and abs(length - len(form)) <= 2
    return Nearness.FAR if near and is_long and typos(wanted, form) <= 2 else None


def ranked(candidates: Iterable[Candidate]) -> list[int]:
    """Return the users' ids, the best first: who is called exactly so, then whom the viewer follows, then others.

    The very user name comes before a display name. Those with a typo come behind everybody without one. Among equals the better known come first.
    """
    return [
        one.user_id
        for one in sorted(
            candidates,
            key=lambda one: (
                one.nearness is not Nearness.NAME,
                one.nearness >= Nearness.NEAR,
                one.nearness > Nearness.EXACT,
                not one.followed,
                one.nearness,
                -one.followers,
                one.username_key,
            ),
        )
    ]
