"""Whether a tweet's tokens fit a search: what both databases do with their indexes, said once in plain Python."""

from collections.abc import Sequence

from rookery.domain.search.queries import Query
from rookery.domain.search.words import Phrase


def spaced(tokens: Sequence[str]) -> str:
    """Return the tokens as one text in which each has a space before and behind it."""
    return f" {' '.join(tokens)} "


def contains(text: str, phrase: Phrase) -> bool:
    """Tell whether such a text holds the phrase."""
    return f" {' '.join(phrase.tokens)}{'' if phrase.is_prefix else ' '}" in text


def fits(query: Query, tokens: Sequence[str]) -> bool:
    """Tell whether a tweet fits everything that tokens can tell."""
    text = spaced(tokens)
    return (
        all(contains(text, phrase) for phrase in query.wanted)
        and not any(contains(text, phrase) for phrase in query.unwanted)
        and (not query.any_of or any(contains(text, phrase) for phrase in query.any_of))
    )
