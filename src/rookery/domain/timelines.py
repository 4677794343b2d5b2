"""Pages of timelines."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

from rookery.domain.ids import ID_MAX
from rookery.domain.tweets import Visibility

T = TypeVar("T")


class PageRequest(msgspec.Struct, frozen=True):
    """Which part of a list is wanted: entries with after < id < before, newest first.

    `oldest` asks for the entries nearest to `after` (Mastodon's `min_id`) instead of the newest.
    """

    before: int = ID_MAX
    after: int = 0
    limit: int = 20
    oldest: bool = False


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A page, newest first, with the ids from which the neighbouring pages go on (None: nothing there)."""

    items: list[T]
    newest_id: int | None = None
    oldest_id: int | None = None


def paged(request: PageRequest, items: list[T], ids: Sequence[int]) -> Page[T]:
    """Return a page made from rows with these ids, newest first; one that was not filled has nothing older behind it."""
    if not ids:
        return Page(items)
    older = request.oldest or len(ids) >= request.limit
    return Page(items, newest_id=ids[0], oldest_id=ids[-1] if older else None)


class UserChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which of a user's tweets are wanted."""

    replies: bool = True
    """Whether answers to others are; those to oneself always are."""
    retweets: bool = True
    media_only: bool = False
    hashtag: str | None = None
    """Only those that carry it (as `text.hashtag_key`)."""


class HashtagChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which hashtags tweets must carry, each as `text.hashtag_key`."""

    any_of: tuple[str, ...]
    all_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    media_only: bool = False

    @property
    def names(self) -> list[str]:
        """Every hashtag that is spoken of, once."""
        return list(dict.fromkeys([*self.any_of, *self.all_of, *self.none_of]))


def is_delivered(visibility: Visibility, *, strategy: str, followers: int, followers_max: int) -> bool:
    """Tell whether a new tweet is delivered to timelines, and not merged into them when they are read.

    A tweet by somebody with many followers is merged, unless it is a direct one: that goes to few.
    """
    if strategy != "hybrid":
        return strategy == "push"
    return followers <= followers_max or visibility is Visibility.DIRECT


class Marker(msgspec.Struct, frozen=True):
    """How far a timeline was read; `version` counts how often the marker was moved."""

    last_read_id: int
    version: int
    updated_ms: int


class HashtagDay(msgspec.Struct, frozen=True):
    """How a hashtag was used on the day that began then (ms, UTC)."""

    day_ms: int
    uses: int
    authors: int
