"""Pages of timelines."""

from typing import Generic, TypeVar

import msgspec

from rookery.domain.ids import ID_MAX

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
