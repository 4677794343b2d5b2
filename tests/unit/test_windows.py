"""Windows lie next to each other, cover the page's range and nothing else, and are few."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from rookery.domain.ids import ID_MAX, id_at
from rookery.domain.timelines import PageRequest
from rookery.domain.windows import FIRST_WINDOW_MS, windows

NOW_MS = 1_790_000_000_000
NEWEST = id_at(NOW_MS)
PLACES = st.one_of(
    st.integers(0, ID_MAX), st.integers(0, NEWEST), st.just(0), st.just(ID_MAX), st.just(NEWEST)
)


@given(PLACES, PLACES)
def test_newest_first_they_go_down_without_a_gap(before: int, after: int):
    page = PageRequest(before=before, after=after)
    found = list(windows(page, now_ms=NOW_MS))
    top = min(before, id_at(NOW_MS + 60_000))
    if top <= after + 1:
        assert found == []
        return
    assert found[0].before == top
    assert found[-1].after == after
    for upper, lower in itertools.pairwise(found):
        assert lower.before == upper.after + 1
        assert upper.after < upper.before
    assert not any(window.oldest for window in found)


@given(PLACES, PLACES)
def test_oldest_first_they_go_up_without_a_gap(before: int, after: int):
    page = PageRequest(before=before, after=after, oldest=True)
    found = list(windows(page, now_ms=NOW_MS))
    top = min(before, id_at(NOW_MS + 60_000))
    if top <= after + 1:
        assert found == []
        return
    assert found[0].after == after
    assert found[-1].before == top
    for lower, upper in itertools.pairwise(found):
        assert upper.after == lower.before - 1
    assert all(window.oldest for window in found)


@given(PLACES, PLACES, st.booleans())
def test_a_few_windows_reach_the_first_tweet_ever(before: int, after: int, oldest: bool):  # noqa: FBT001
    assert len(list(windows(PageRequest(before=before, after=after, oldest=oldest), now_ms=NOW_MS))) <= 8


def test_the_first_window_is_short():
    first = next(windows(PageRequest(), now_ms=NOW_MS))
    assert first.before - first.after <= id_at(NOW_MS + 60_000) - id_at(NOW_MS + 60_000 - FIRST_WINDOW_MS) + 1


@given(st.integers(1, 500))
def test_the_limit_is_passed_on(limit: int):
    assert all(window.limit == limit for window in windows(PageRequest(limit=limit), now_ms=NOW_MS))
