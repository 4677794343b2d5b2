"""A dictionary that cannot grow without end."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Keeps at most `entries_max` entries in two generations: what is not asked for during a whole one leaves.

    An approximation of least-recently-used that costs one dictionary look-up on a hit.
    """

    __slots__ = ("_half", "_new", "_old")

    def __init__(self, entries_max: int) -> None:
        """Take the number of entries kept at the most."""
        self._half = max(1, entries_max // 2)
        self._new: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """Return the entry, or None."""
        value = self._new.get(key)
        if value is None and (value := self._old.get(key)) is not None:
            self.put(key, value)
        return value

    def put(self, key: K, value: V) -> None:
        """Enter or replace an entry."""
        if len(self._new) >= self._half:
            self._old, self._new = self._new, {}
        self._new[key] = value

    def __len__(self) -> int:
        """Return how many entries are held (one in both generations counts twice)."""
        return len(self._new) + len(self._old)
