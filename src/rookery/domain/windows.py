"""Ranges of ids that grow until they hold enough: how a pull stays cheap however long the history is."""

from collections.abc import Iterator
from typing import Final

from rookery.domain.ids import id_at, time_ms_of
from rookery.domain.timelines import PageRequest

FIRST_WINDOW_MS: Final = 6 * 3_600_000
"""The first range looked at: a page of a busy home is rarely older."""
GROWTH: Final = 8
_CLOCK_SKEW_MS: Final = 60_000


def windows(page: PageRequest, *, now_ms: int) -> Iterator[PageRequest]:
    """Yield ranges that lie next to each other and together cover the page's range, in its direction.

    Newest first they begin below `before` and go down; oldest first they begin above `after` and go up. Each is eight
    times as long as the one before, so that a few of them reach the first tweet ever written.
    """
    top = min(page.before, id_at(now_ms + _CLOCK_SKEW_MS))
    span_ms = FIRST_WINDOW_MS
    if page.oldest:
        after = page.after
        while after + 1 < top:
            before = min(top, id_at(time_ms_of(after) + span_ms))
            yield PageRequest(before=before, after=after, limit=page.limit, oldest=True)
            after, span_ms = before - 1, span_ms * GROWTH
    else:
        before = top
        while before > page.after + 1:
            after = max(page.after, id_at(time_ms_of(before) - span_ms) - 1)
            yield PageRequest(before=before, after=after, limit=page.limit)
            before, span_ms = after + 1, span_ms * GROWTH
