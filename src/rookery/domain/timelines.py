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


def is_delivered(visibility: Visibility, *, strategy: str, followers: int, followers_max: int) -> bool:
    """Tell whether a new tweet is delivered to timelines, and not merged into them when they are read.

    A tweet by somebody with many followers is merged, unless it is a direct one: that goes to few.
    """
    if strategy != "hybrid":
        return strategy == "push"
    return followers <= followers_max or visibility is Visibility.DIRECT
