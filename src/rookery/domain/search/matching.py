"""Whether a tweet's tokens fit a search: what both databases do with their indexes, said once in plain Python."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.domain.search import documents
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
        and (not query.any_of or any(f" {token} " in text for token in query.any_of))
    )


def is_found_by(tokens: Sequence[str], viewer_id: UserId | None) -> bool:
    """Tell whether a search finds the tweet for this viewer at all: public, by them, or to them."""
    return documents.HIDDEN not in tokens or (
        viewer_id is not None
        and (documents.author(viewer_id) in tokens or documents.addressee(viewer_id) in tokens)
    )
