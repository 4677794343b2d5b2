"""What counts as the same word: the normal form that texts and queries are brought to before anything is compared.

Both databases only ever match these tokens, so they find the same. Whatever changes here changes `NORM_VERSION`, and
every tweet is indexed anew.
"""

import unicodedata
from itertools import pairwise
from typing import Final, NamedTuple

import regex

NORM_VERSION: Final = f"1/{unicodedata.unidata_version}"
"""What made the tokens: these rules, and the Unicode tables they rest on."""
TOKEN_CHARS_MAX: Final = 100
"""Longer words are cut: PostgreSQL takes tokens of 2,046 bytes at the most."""

_DELETED_RANGES: Final = (
    *((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF)),  # accents of Latin, Greek and Cyrillic letters
    *(
        (0x0591, 0x05BD),
        (0x05BF, 0x05BF),
        (0x05C1, 0x05C2),
        (0x05C4, 0x05C5),
        (0x05C7, 0x05C7),
    ),  # Hebrew points
    *((0x0610, 0x061A), (0x0640, 0x0640), (0x064B, 0x065F), (0x0670, 0x0670)),  # Arabic marks, tatweel
    *((0x06D6, 0x06DC), (0x06DF, 0x06E8), (0x06EA, 0x06ED)),
    *((0xFE0E, 0xFE0F), (0x1F3FB, 0x1F3FF)),  # how an emoji is drawn
    *((0x00AD, 0x00AD), (0x200C, 0x200C), (0x2060, 0x2060), (0xFEFF, 0xFEFF)),  # what cannot be seen
    *((0x061C, 0x061C), (0x200E, 0x200F), (0x202A, 0x202E), (0x2066, 0x2069)),  # directions
)
_SAME: Final = {
    "\u0131": "i",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "\u03c2": "\u03c3",
    "ى": "ي",
    "ی": "ي",
    "ک": "ك",
    "\u0629": "\u0647",
}
_TABLE: Final[dict[int, str | None]] = {
    **{code: None for first, last in _DELETED_RANGES for code in range(first, last + 1)},
    **{ord(letter): same for letter, same in _SAME.items()},
}
_FOREIGN_DIGIT: Final = regex.compile(r"(?![0-9])\p{Nd}")
_UNSPACED: Final = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u30fc\u3005\u3006\u303b"
)
"""Scripts that are written without spaces between words, or whose words grow endings (Hangul)."""
_PIECE: Final = regex.compile(
    rf"""
    (?P<unspaced>(?:(?!\p{{M}}|\p{{Nd}}|\p{{P}})[{_UNSPACED}]\p{{M}}*+)++)
    | (?P<word>(?:(?![{_UNSPACED}])[\p{{L}}\p{{M}}\p{{N}}]|(?<=\p{{M}})\u200d(?=\p{{L}}))++)
    | (?P<emoji>\p{{RI}}\p{{RI}}|\p{{Extended_Pictographic}}(?:\u200d\p{{Extended_Pictographic}})*+)
    """,
    regex.VERBOSE,
)
_UNIT: Final = regex.compile(r"\P{M}\p{M}*+")
_NOT_IN_NAMES: Final = regex.compile(r"[^\p{L}\p{M}\p{N}_]")


class Piece(NamedTuple):
    """A word, an emoji, or a run of text that is written without spaces (then its units, mostly characters)."""

    units: tuple[str, ...]
    unspaced: bool


def normal(text: str) -> str:
    """Return the text without what makes no difference: case, accents, how characters are put together."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = unicodedata.normalize("NFC", folded.translate(_TABLE))
    return _FOREIGN_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), bare)


def name(text: str) -> str:
    """Return the normal form of a hashtag's or a user's name, without anything that is no part of a name."""
    return _NOT_IN_NAMES.sub("", normal(text))[:TOKEN_CHARS_MAX]


def pieces(text: str) -> list[Piece]:
    """Return the words, runs and emoji of a text in their order."""
    found: list[Piece] = []
    for match in _PIECE.finditer(normal(text)):
        if match.lastgroup == "unspaced":
            found.append(Piece(tuple(unit[:TOKEN_CHARS_MAX] for unit in _UNIT.findall(match[0])), True))
        elif match.lastgroup == "word":
            word = match[0].replace("\u200d", "")[:TOKEN_CHARS_MAX]
            found.append(Piece((word,), False))
        else:
            found.append(Piece((match[0][:TOKEN_CHARS_MAX],), False))
    return found


def text_tokens(text: str) -> list[str]:
    """Return what is kept of a text: words, and of unspaced runs every pair of neighbours and the last unit alone."""
    return [token for piece in pieces(text) for token in _tokens(piece)]


class Phrase(NamedTuple):
    """Tokens that follow each other; the last may be the beginning of one."""

    tokens: tuple[str, ...]
    is_prefix: bool = False


def query_phrase(text: str) -> Phrase | None:
    """Return what finds this text, or None where there is no word in it.

    Every unit of an unspaced run begins a token, so one unit alone is looked for as a beginning.
    """
    found = pieces(text)
    if not found:
        return None
    tokens = [token for piece in found[:-1] for token in _tokens(piece)]
    last = found[-1]
    if not last.unspaced:
        return Phrase((*tokens, *last.units))
    if len(last.units) == 1:
        return Phrase((*tokens, last.units[0]), is_prefix=True)
    return Phrase((*tokens, *_tokens(last)[:-1]))


def is_alphabetic(token: str) -> bool:
    """Tell whether the token is of a script with few letters, of which one alone begins too many words."""
    return not regex.match(rf"[{_UNSPACED}]|\p{{Extended_Pictographic}}|\p{{RI}}", token)


def _tokens(piece: Piece) -> list[str]:
    units = piece.units
    if not piece.unspaced:
        return list(units)
    return [*[first + second for first, second in pairwise(units)], units[-1]]
