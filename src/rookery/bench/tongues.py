# ruff: noqa: RUF001  the letters of many languages look like those of others
"""Made texts in many languages: words by Zipf's law, hashtags, mentions and links, each tweet from its number alone.

Source of the law and its shape: B. Mandelbrot, "An informational theory of the statistical structure of language"
(1953); frequency ~ 1 / (rank + 2.7).
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import accumulate
from typing import Final, NamedTuple

from rookery.domain.ids import TweetId, UserId, id_at
from rookery.domain.tweets import Mention, Place, Tweet, Visibility

VOCABULARY: Final = 30_000
"""Words of each language that is written with spaces."""
CHARACTERS: Final = 2_500
"""Characters of Chinese and Japanese, syllables of Korean."""
HASHTAGS: Final = 20_000
MANDELBROT: Final = 2.7
HASHTAG_SHARE: Final = 0.3
MENTION_SHARE: Final = 0.3
LINK_SHARE: Final = 0.15
UNLISTED_SHARE: Final = 0.05
PLACE_SHARE: Final = 0.03
CITIES: Final = 100
DAY_MS: Final = 86_400_000
SITES: Final = ("example.org/news", "example.com/watch", "example.net/blog", "www.example.org/2026")


class Language(NamedTuple):
    """How made words of a language look."""

    code: str
    share: int
    """Of a hundred tweets."""
    beginnings: str = ""
    vowels: str = ""
    endings: str = ""
    first: int = 0
    """The first code point of a script that is written without spaces; 0 for others."""
    characters: int = CHARACTERS


LANGUAGES: Final = (
    Language("en", 38, "b c d f g h l m n p r s t w th sh st br", "a e i o u ea", "n r s t d l ng"),
    Language("es", 10, "b c d f g l m n p r s t v ll qu", "a e i o u á ó", "n r s l d z"),
    Language("pt", 7, "b c d f g l m n p r s t v lh nh", "a e i o u ã é", "m r s l z"),
    Language("de", 6, "b d f g h k l m n r s t w sch st", "a e i o u ä ü ei", "n r t ch s ß"),
    Language("fr", 5, "b c d f g l m n p r s t v ch", "a e i o u é è ou", "n r s t x l"),
    Language("tr", 4, "b c d g h k l m s t y ş ç", "a e ı i o ö u ü", "k n r l z m"),
    Language("ru", 4, "б в г д ж к л м н п р с т", "а е и о у я ы", "н р с т й л"),
    Language("ar", 4, "ب ت ج د ر س ش ع ف ق ك ل م", "ا و ي َ", "ن ر ه ة ل"),
    Language("hi", 2, "क ख ग च ज त द न प ब म र ल", "ा ि ी ु े ो", "न र स त ल"),
    Language("ja", 11, first=0x3042, characters=82),
    Language("zh", 5, first=0x4E00),
    Language("ko", 3, first=0xAC00),
    Language("th", 1, first=0x0E01, characters=46),
)
_SHARES: Final = tuple(accumulate(language.share for language in LANGUAGES))


@cache
def words(code: str) -> tuple[str, ...]:
    """Return a language's words, the most frequent first: those are the shorter ones."""
    language = next(each for each in LANGUAGES if each.code == code)
    chance = random.Random(f"words {code}")
    if language.first:
        characters = [chr(language.first + place) for place in range(language.characters)]
        chance.shuffle(characters)
        return tuple(characters)
    parts = [language.beginnings.split(" "), language.vowels.split(" "), language.endings.split(" ")]
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        syllables = 1 + (len(found) >= 60) + (len(found) >= 4_000 and chance.random() < 0.6)
        word = "".join(
            "".join(map(chance.choice, parts if chance.random() < 0.4 else parts[:2]))
            for _ in range(syllables)
        )
        found.setdefault(word)
    return tuple(found)


@cache
def _weights(count: int) -> tuple[float, ...]:
    return tuple(accumulate(1 / (rank + MANDELBROT) for rank in range(count)))


@cache
def _authors_weights(count: int) -> tuple[float, ...]:
    """Return how much authors write, cumulated: a few write much."""
    return tuple(accumulate((rank + 10) ** -0.8 for rank in range(count)))


def drawn(chance: random.Random, code: str, count: int) -> list[str]:
    """Return that many words as often used as they are in the language."""
    known = words(code)
    return chance.choices(known, cum_weights=_weights(len(known)), k=count)


class Town(NamedTuple):
    """Who writes and when: what a tweet's number needs to become a tweet."""

    authors: Sequence[UserId]
    """Named u1, u2, … in this order."""
    tweets: int
    begin_ms: int
    end_ms: int


def months(town: Town) -> list[str]:
    """Return the months in which tweets were written, as 2026-11."""
    days = range(town.begin_ms, town.end_ms, DAY_MS)
    return sorted({f"{datetime.fromtimestamp(day / 1000, UTC):%Y-%m}" for day in days})


def tweet(town: Town, number: int) -> Tweet:
    """Return the tweet of that number, from 0: always the same."""
    chance = random.Random(number)
    place = chance.choices(range(len(LANGUAGES)), cum_weights=_SHARES)[0]
    language = LANGUAGES[place]
    [author] = chance.choices(range(len(town.authors)), cum_weights=_authors_weights(len(town.authors)))
    text = _text(chance, language)
    mention: Mention | None = None
    if chance.random() < MENTION_SHARE:
        other = chance.randrange(len(town.authors))
        mention = Mention(town.authors[other], f"u{other + 1}")
        text = f"@u{other + 1} {text}"
    created_ms = town.begin_ms + (town.end_ms - town.begin_ms) * number // town.tweets
    tweet_id = TweetId(id_at(created_ms) + number % 4096)
    return Tweet(
        id=tweet_id,
        author_id=town.authors[author],
        text=text,
        language=language.code,
        visibility=Visibility.UNLISTED if chance.random() < UNLISTED_SHARE else Visibility.PUBLIC,
        reply_to_id=TweetId(tweet_id - 1) if mention else None,
        reply_to_author_id=mention.user_id if mention else None,
        thread_id=tweet_id,
        mentions=(mention,) if mention else (),
        place=_near(chance, city(chance.randrange(CITIES))) if chance.random() < PLACE_SHARE else None,
        created_ms=created_ms,
    )


def _text(chance: random.Random, language: Language) -> str:
    length = min(45, 3 + int(chance.expovariate(1 / 12)))
    if language.first:
        text = "".join(drawn(chance, language.code, length + 5))
    else:
        text = " ".join(drawn(chance, language.code, length)).capitalize()
    if chance.random() < HASHTAG_SHARE:
        tags = chance.choices(range(HASHTAGS), cum_weights=_weights(HASHTAGS), k=chance.choice((1, 1, 2)))
        text += "".join(f" #{hashtag(tag)}" for tag in tags)
    if chance.random() < LINK_SHARE:
        text += f" https://{chance.choice(SITES)}/{chance.randrange(1 << 20)}"
    return text


@cache
def city(number: int) -> Place:
    """Return a city, of which there are `CITIES`."""
    chance = random.Random(f"city {number}")
    name = drawn(chance, "en", 1)[0].capitalize()
    return Place(round(chance.uniform(-50, 65), 4), round(chance.uniform(-170, 170), 4), name)


def _near(chance: random.Random, town: Place) -> Place:
    """Return a place within a dozen kilometres or so."""
    latitude, longitude = town.latitude or 0.0, town.longitude or 0.0
    return Place(latitude + chance.uniform(-0.1, 0.1), longitude + chance.uniform(-0.1, 0.1), town.name)


def hashtag(rank: int) -> str:
    """Return the hashtag that is used the most but for so many others."""
    known = words("en")
    return known[60 + rank % 8_000] + (known[rank % 50] if rank >= 8_000 else "")
