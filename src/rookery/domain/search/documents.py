"""What is kept of a tweet to be found by: its words, then tokens for everything else that a query may ask for."""

from collections.abc import Iterator
from typing import Final

import regex

from rookery.domain import text as text_rules
from rookery.domain.ids import UserId
from rookery.domain.media import MediaKind
from rookery.domain.search import places, words
from rookery.domain.search.words import Phrase
from rookery.domain.tweets import Place, Tweet, Visibility

BREAK: Final = "=s"
"""Stands between texts of which the one does not go on with the other's words."""
HIDDEN: Final = "=v"
"""Carried by tweets that not everybody finds."""
ANY_AUTHOR: Final = "=u"
"""How the one token begins that every tweet carries."""

_MEDIA: Final = {
    MediaKind.IMAGE: "image",
    MediaKind.GIFV: "video",
    MediaKind.VIDEO: "video",
    MediaKind.AUDIO: "audio",
}
_LINK: Final = regex.compile(r"(?i:https?)://(?:(?i:www)\.)?(?P<shown>[^\s?#]++)\S*+")


def author(user_id: int) -> str:
    """Return the token of a user's tweets."""
    return f"{ANY_AUTHOR}{user_id}"


def is_author(phrase: Phrase) -> bool:
    """Tell whether a phrase is the token of a user's tweets."""
    return phrase.tokens[0].startswith(ANY_AUTHOR)


def author_of(phrase: Phrase) -> UserId:
    """Return whose tweets' token it is."""
    return UserId(int(phrase.tokens[0].removeprefix(ANY_AUTHOR)))


def addressee(user_id: int) -> str:
    """Return the token of tweets that mention a user."""
    return f"=t{user_id}"


def language(code: str) -> str:
    """Return the token of tweets in a language."""
    return f"=l{words.name(code)}"


def holds(what: str) -> str:
    """Return the token of tweets that hold something: a link, a poll, a video."""
    return f"=h{what}"


def kind(what: str) -> str:
    """Return the token of tweets of a kind: replies, quotes."""
    return f"=i{what}"


def place_word(word: str) -> str:
    """Return the token of tweets from a place with this word in its name."""
    return f"=p{word}"


def without_addresses(text: str) -> str:
    """Return a text with its links' readable words only: no scheme, no `www`, nothing behind a question mark."""
    return _LINK.sub(lambda match: f" {match['shown']} ", text) if "://" in text else text


def tokens(tweet: Tweet) -> list[str]:
    """Return everything by which a tweet is found, in order."""
    found = words.text_tokens(without_addresses(tweet.text))
    options = tweet.poll.options if tweet.poll is not None else ()
    for more in (tweet.spoiler, *options, *(media.description for media in tweet.media)):
        if more:
            found += (BREAK, *words.text_tokens(without_addresses(more)))
    found.append(BREAK)
    found += [f"#{name}" for tag in text_rules.hashtags(tweet.text) if (name := words.name(tag))]
    found += [author(tweet.author_id), *(addressee(mention.user_id) for mention in tweet.mentions)]
    found += _properties(tweet)
    if tweet.place is not None:
        found += _place_tokens(tweet.place)
    return found


def _properties(tweet: Tweet) -> Iterator[str]:
    if tweet.visibility is not Visibility.PUBLIC:
        yield HIDDEN
    if tweet.language:
        yield language(tweet.language)
    told = {
        holds("link"): _LINK.search(tweet.text) is not None,
        holds("media"): bool(tweet.media),
        holds("poll"): tweet.poll is not None,
        kind("quote"): tweet.quote is not None,
        kind("reply"): tweet.reply_to_id is not None,
        kind("sensitive"): tweet.sensitive,
    }
    yield from (token for token, is_so in told.items() if is_so)
    yield from sorted({holds(_MEDIA[media.kind]) for media in tweet.media})


def _place_tokens(place: Place) -> list[str]:
    found = [place_word(word) for word in words.text_tokens(place.name or "")]
    if place.latitude is not None and place.longitude is not None:
        found += places.cells(place.latitude, place.longitude)
    return found
