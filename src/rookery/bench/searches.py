"""Made searches of every kind that people ask for, drawn from the texts that `tongues` makes."""

import random
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from rookery.bench import tongues
from rookery.domain.search import words

Make = Callable[[random.Random, tongues.Town], str]

_VERY_COMMON: Final = range(10)
_COMMON: Final = range(20, 300)
_RARE: Final = range(15_000, tongues.VOCABULARY)


class Search(NamedTuple):
    """What one search asks for."""

    kind: str
    text: str


def drawn(kind: str, count: int, town: tongues.Town) -> list[Search]:
    """Return that many searches of a kind: always the same."""
    chance = random.Random(f"searches {kind}")
    return [Search(kind, KINDS[kind](chance, town)) for _ in range(count)]


def english(chance: random.Random, ranks: range) -> str:
    """Return an English word of one of these ranks by use."""
    return tongues.words("en")[chance.choice(ranks)]


def very_common(chance: random.Random, town: tongues.Town) -> str:
    """Return one of the ten words that are used the most, such as “the”."""
    del town
    return english(chance, _VERY_COMMON)


def rare(chance: random.Random, town: tongues.Town) -> str:
    """Return a word that few tweets hold."""
    del town
    return english(chance, _RARE)


def _common(chance: random.Random, town: tongues.Town) -> str:
    del town
    return english(chance, _COMMON)


def _spaced(chance: random.Random, town: tongues.Town) -> list[str]:
    """Return the words of a tweet in a script with spaces."""
    while True:
        tweet = tongues.tweet(town, chance.randrange(town.tweets))
        found = [word for word in tweet.text.split(" ") if word.isalpha()]
        if len(found) >= 3 and words.is_alphabetic(words.normal(found[0])):
            return found


def _any_word(chance: random.Random, town: tongues.Town) -> str:
    return chance.choice(_spaced(chance, town))


def _neighbours(chance: random.Random, town: tongues.Town) -> str:
    found = _spaced(chance, town)
    count = chance.choice((2, 3))
    first = chance.randrange(len(found) - count + 1)
    return f'"{" ".join(found[first : first + count])}"'


def _beginning(length: int) -> Make:
    def make(chance: random.Random, town: tongues.Town) -> str:
        while len(word := words.normal(_any_word(chance, town))) <= length:
            continue
        return f"{word[:length]}*"

    return make


def _characters(code: str, count: int) -> Make:
    def make(chance: random.Random, town: tongues.Town) -> str:
        del town
        return "".join(tongues.drawn(chance, code, count))

    return make


def _piece(chance: random.Random, town: tongues.Town) -> str:
    """Return three or four characters as they follow each other in a Chinese or Japanese tweet."""
    while True:
        tweet = tongues.tweet(town, chance.randrange(town.tweets))
        text = tweet.text.rpartition("@")[2].split(" ")[-1 if tweet.text[0] == "@" else 0]
        if tweet.language in {"zh", "ja", "ko", "th"} and len(text) >= 5 and not text.isascii():
            first = chance.randrange(len(text) - 4)
            return text[first : first + chance.choice((3, 4))]


def _hashtag(ranks: range) -> Make:
    return lambda chance, town: f"#{tongues.hashtag(chance.choice(ranks))}"  # noqa: ARG005


def _by_or_to(chance: random.Random, town: tongues.Town) -> str:
    """Return somebody who writes much, or anybody."""
    ranks = chance.choice((range(20), range(len(town.authors))))
    return f"{chance.choice(('from', 'from', 'to'))}:u{chance.choice(ranks) + 1}"


def _day(chance: random.Random, town: tongues.Town) -> str:
    """Return a time that the tweets are from."""
    month = chance.choice(tongues.months(town))
    return chance.choice(
        (f"during:{month}", f"before:{month}", f"since:{month}", f"since:{month}-03 before:{month}-05")
    )


def _circle(chance: random.Random, town: tongues.Town) -> str:
    del town
    place = tongues.city(chance.randrange(tongues.CITIES))
    return f"near:{place.latitude},{place.longitude},{chance.choice((5, 20, 100))}km"


def _nobodys(chance: random.Random, town: tongues.Town) -> str:
    """Return a word that nobody has written, alone, with others, or as a beginning."""
    word = f"zqx{chance.randrange(10_000)}"
    return chance.choice((word, f"{very_common(chance, town)} {word}", f"{word}*", f"#{word}"))


def _both(*makes: Make) -> Make:
    return lambda chance, town: " ".join(make(chance, town) for make in makes)


def _said(*texts: str) -> Make:
    return lambda chance, town: chance.choice(texts)  # noqa: ARG005


def _quoted(make: Make) -> Make:
    return lambda chance, town: f'"{make(chance, town)}"'


def _without(make: Make) -> Make:
    return lambda chance, town: f"-{make(chance, town)}"


KINDS: Final[Mapping[str, Make]] = {
    "a very common word": very_common,
    "a common word": _common,
    "a rare word": rare,
    "any word of a text": _any_word,
    "two very common words": _both(very_common, very_common),
    "two words": _both(_any_word, _any_word),
    "three common words": _both(_common, _common, _common),
    "a phrase of a text": _neighbours,
    "a phrase of common words": _quoted(_both(very_common, _common)),
    "a beginning of 2 letters": _beginning(2),
    "a beginning of 3 letters": _beginning(3),
    "a beginning of 4 letters": _beginning(4),
    "a beginning of 5 letters": _beginning(5),
    "a beginning and a rare word": _both(_beginning(2), rare),
    "a Chinese character": _characters("zh", 1),
    "a Japanese syllable": _characters("ja", 1),
    "3 or 4 characters of a text": _piece,
    "a word without another": _both(_common, _without(very_common)),
    "a word without a beginning": _both(_common, _without(_beginning(2))),
    "a frequent hashtag": _hashtag(range(50)),
    "a rare hashtag": _hashtag(range(5_000, tongues.HASHTAGS)),
    "a hashtag's beginning": lambda chance, town: f"{_hashtag(range(8_000))(chance, town)[:4]}*",
    "by or to somebody": _by_or_to,
    "by or to somebody, a word": _both(_by_or_to, _common),
    "in a language with a link, a word": _both(
        _said("language:en", "language:de"), _said("has:link"), _common
    ),
    "replies, a word": _both(_said("is:reply", "-is:reply"), _any_word),
    "what there is little of": _said("has:poll", "has:media", "is:quote", "is:sensitive", "has:video li"),
    "a time, a common word": _both(_day, _common),
    "a time, a rare word": _both(_day, rare),
    "near a point": _circle,
    "near a point, a word": _both(_circle, very_common),
    "among the viewer's own, a word": _both(_said("in:own"), _common),
    "in the viewer's library, a word": _both(_said("in:library"), very_common),
    "words nobody wrote": _nobodys,
}
