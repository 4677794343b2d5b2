"""Snowflakes grow, tell their time, and never repeat."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rookery.domain.ids import EPOCH_MS, ID_MAX, NODES_MAX, Snowflake, id_at, time_ms_of

NOW_MS = 1_790_000_000_000


def test_ids_of_one_millisecond_grow():
    new_id = Snowflake(1, lambda: NOW_MS)
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(set(made))


def test_an_id_tells_when_it_was_made():
    assert time_ms_of(Snowflake(1, lambda: NOW_MS)()) == NOW_MS


def test_a_full_millisecond_borrows_from_the_next():
    new_id = Snowflake(1, lambda: NOW_MS)
    made = [new_id() for _ in range(4097)]
    assert time_ms_of(made[4095]) == NOW_MS
    assert time_ms_of(made[4096]) == NOW_MS + 1


@given(st.lists(st.integers(EPOCH_MS, EPOCH_MS + 10**9), min_size=1, max_size=50))
def test_ids_grow_even_when_the_clock_goes_back(times: list[int]):
    clock = iter(times)
    new_id = Snowflake(1, lambda: next(clock))
    made = [new_id() for _ in times]
    assert made == sorted(set(made))


def test_two_nodes_never_make_the_same_id():
    one, two = (Snowflake(node, lambda: NOW_MS) for node in (1, 2))
    assert not {one() for _ in range(5000)} & {two() for _ in range(5000)}


@pytest.mark.parametrize("node", [-1, NODES_MAX])
def test_a_node_outside_the_range_is_refused(node: int):
    with pytest.raises(ValueError, match="between 0 and 1023"):
        Snowflake(node, lambda: NOW_MS)


@given(st.integers(EPOCH_MS, EPOCH_MS + 2**40))
def test_the_smallest_id_of_a_time_lies_below_every_id_of_that_time(time_ms: int):
    made = Snowflake(0, lambda: time_ms)()
    assert id_at(time_ms) <= made < id_at(time_ms + 1)


def test_ids_grow_when_the_node_changes():
    new_id = Snowflake(900, lambda: NOW_MS)
    made = [new_id() for _ in range(3)]
    new_id.move(4)
    made += [new_id() for _ in range(3)]
    assert made == sorted(set(made))
    assert new_id.node == 4
    assert [number >> 12 & 1023 for number in made] == [900] * 3 + [4] * 3


def test_ids_made_on_several_threads_differ():
    new_id = Snowflake(1, lambda: NOW_MS)
    with ThreadPoolExecutor(4) as threads:
        parts = list(threads.map(lambda _: [new_id() for _ in range(20_000)], range(4)))
    assert len({number for part in parts for number in part}) == 80_000
    assert all(part == sorted(part) for part in parts)


def test_times_before_the_epoch_have_the_id_zero():
    assert id_at(0) == 0


def test_ids_fit_the_database_for_decades():
    assert Snowflake(1023, lambda: NOW_MS + 40 * 365 * 86_400_000)() < ID_MAX
