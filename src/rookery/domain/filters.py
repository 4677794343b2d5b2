"""Filters: what somebody does not want to see, where, and what happens to it."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec
import regex

from rookery.domain.ids import TweetId
from rookery.domain.tweets import Tweet


class FilterContext(StrEnum):
    """Where a filter works."""

    HOME = "home"
    """Home and lists."""
    NOTIFICATIONS = "notifications"
    PUBLIC = "public"
    """Public and hashtag timelines."""
    THREAD = "thread"
    PROFILE = "account"
    """One user's tweets."""


class FilterAction(StrEnum):
    """What happens to a tweet that a filter matches."""

    WARN = "warn"
    """It is shown behind the filter's title."""
    HIDE = "hide"
    """It is left out."""
    BLUR = "blur"
    """Its media are covered."""


class FilterKeyword(msgspec.Struct, frozen=True):
    """A word or phrase that a filter looks for."""

    id: int
    text: str
    whole_word: bool


class FilteredTweet(msgspec.Struct, frozen=True):
    """A single tweet that a filter names."""

    id: int
    tweet_id: TweetId


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """A filter with all it looks for."""

    id: int
    title: str
    contexts: tuple[FilterContext, ...]
    action: FilterAction
    expires_ms: int | None
    keywords: tuple[FilterKeyword, ...] = ()
    tweets: tuple[FilteredTweet, ...] = ()


class FilterMatch(msgspec.Struct, frozen=True):
    """That a filter matches a tweet, and by what."""

    filter: Filter
    keywords: tuple[str, ...]
    tweet_ids: tuple[TweetId, ...]


KEYWORDS_SHOWN_MAX: Final = 20
"""Matching keywords that are told of one tweet."""
_WORD_CHARACTER: Final = regex.compile(r"\w")


class CompiledFilter:
    """A filter that is ready to look at tweets."""

    def __init__(self, of: Filter) -> None:
        """Compile the keywords into one pattern: any case, and at word boundaries where that is asked for."""
        self.filter = of
        self._tweet_ids = frozenset(entry.tweet_id for entry in of.tweets)
        alternatives = sorted({_pattern(keyword) for keyword in of.keywords}, key=len, reverse=True)
        self._words = (
            regex.compile("|".join(alternatives), regex.IGNORECASE | regex.FULLCASE) if alternatives else None
        )

    def match(self, shown: Tweet, texts: Sequence[str]) -> FilterMatch | None:
        """Return the match with a tweet whose words are these, or None."""
        words = self.words_in(texts)
        named = (shown.id,) if shown.id in self._tweet_ids else ()
        return FilterMatch(self.filter, words, named) if words or named else None

    def words_in(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Return what the keywords find, as it stands there, each once."""
        if self._words is None:
            return ()
        words = dict.fromkeys(found[0] for text in texts for found in self._words.finditer(text))
        return tuple(words)[:KEYWORDS_SHOWN_MAX]


def _pattern(keyword: FilterKeyword) -> str:
    text = keyword.text
    escaped = regex.escape(text, literal_spaces=True)
    if not keyword.whole_word or not text:
        return escaped
    # A boundary only where the phrase begins or ends with a letter: "#rust" and "C++" can be looked for as well.
    before = r"(?<!\w)" if _WORD_CHARACTER.match(text[0]) else ""
    after = r"(?!\w)" if _WORD_CHARACTER.match(text[-1]) else ""
    return f"{before}{escaped}{after}"


def working(
    filters: Iterable[CompiledFilter], context: FilterContext | None, *, now_ms: int
) -> list[CompiledFilter]:
    """Return the filters that work in a context (None: in any) and have not run out."""
    return [
        one
        for one in filters
        if (context is None or context in one.filter.contexts)
        and (one.filter.expires_ms is None or one.filter.expires_ms > now_ms)
    ]
