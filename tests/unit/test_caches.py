"""A bounded cache forgets, and only what was not asked for."""

from hypothesis import given
from hypothesis import strategies as st

from rookery.domain.caches import BoundedCache


def test_what_was_put_in_comes_out():
    cache: BoundedCache[int, str] = BoundedCache(10)
    cache.put(1, "one")
    assert cache.get(1) == "one"
    assert cache.get(2) is None


def test_an_entry_can_be_replaced():
    cache: BoundedCache[int, str] = BoundedCache(4)
    cache.put(1, "one")
    for number in range(2, 4):
        cache.put(number, "other")
    cache.put(1, "uno")
    assert cache.get(1) == "uno"


@given(st.integers(1, 40), st.lists(st.tuples(st.booleans(), st.integers(0, 100)), max_size=300))
def test_it_never_holds_more_than_its_bound_and_never_lies(entries_max: int, steps: list[tuple[bool, int]]):
    cache: BoundedCache[int, int] = BoundedCache(entries_max)
    for puts, key in steps:
        if puts:
            cache.put(key, key * 2)
        else:
            assert cache.get(key) in (None, key * 2)
        assert len(cache) <= max(2, entries_max)


def test_what_is_asked_for_stays_and_what_is_not_leaves():
    cache: BoundedCache[int, int] = BoundedCache(10)
    cache.put(0, 0)
    cache.put(-1, -1)
    for number in range(1, 100):
        cache.put(number, number)
        assert cache.get(0) == 0
    assert cache.get(-1) is None
