"""Ids: 64-bit Snowflakes, 41 bits of milliseconds, 10 of node, 12 of sequence, so they sort by time.

Source: Twitter's announcement of Snowflake (2010), https://blog.x.com/engineering/en_us/a/2010/announcing-snowflake
"""

from collections.abc import Callable
from threading import Lock
from typing import Final, NewType

UserId = NewType("UserId", int)
TweetId = NewType("TweetId", int)
AppId = NewType("AppId", int)
TokenId = NewType("TokenId", int)

EPOCH_MS: Final = 1_288_834_974_657
"""Twitter's own epoch (4 November 2010): ids lie in the range that apps know from there. Nothing older can be imported."""
NODES_MAX: Final = 1024
_SEQUENCE_MAX: Final = 4096
ID_MAX: Final = (1 << 63) - 1


class Snowflake:
    """Makes ids that grow, on any thread. One per process; its node must be held by one process at a time."""

    def __init__(self, node: int, now_ms: Callable[[], int]) -> None:
        """Take the node's number (0 to 1023) and a clock in milliseconds."""
        self._node = _checked(node)
        self._now_ms = now_ms
        self._last_ms = 0
        self._sequence = 0
        self._turn = Lock()

    @property
    def node(self) -> int:
        """The number that the ids carry now."""
        return self._node

    def move(self, node: int) -> None:
        """Go on under another node's number; ids still grow."""
        with self._turn:
            self._node = _checked(node)
            # The new number may be the smaller one: the millisecond that is under way belongs to the old.
            self._last_ms = max(self._now_ms(), self._last_ms) + 1
            self._sequence = 0

    def __call__(self) -> int:
        """Return an id larger than every one before; a full millisecond borrows from the next."""
        with self._turn:
            now_ms = self._now_ms()
            if now_ms > self._last_ms:
                self._last_ms, self._sequence = now_ms, 0
            else:
                self._sequence += 1
                if self._sequence == _SEQUENCE_MAX:
                    self._last_ms, self._sequence = self._last_ms + 1, 0
            return ((self._last_ms - EPOCH_MS) << 22) | (self._node << 12) | self._sequence


def _checked(node: int) -> int:
    if not 0 <= node < NODES_MAX:
        raise ValueError(f"a node's number lies between 0 and {NODES_MAX - 1}, not {node}")
    return node


def id_at(time_ms: int) -> int:
    """Return the smallest id that could be made at that time; 0 for times before the epoch."""
    return max(0, time_ms - EPOCH_MS) << 22


def time_ms_of(snowflake: int) -> int:
    """Return when an id was made, in milliseconds UTC."""
    return (snowflake >> 22) + EPOCH_MS
