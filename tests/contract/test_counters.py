"""The promise of the `Counters` port, kept by this process's memory and by Redis."""

from collections.abc import AsyncGenerator

import pytest

from rookery.engines.memory import MemoryCounters
from rookery.engines.redis import RedisCounters
from rookery.ports import Counters
from tests.servers import Redis

NOON_MS = 1_790_000_000_000
WINDOW_MS = 60_000
END_MS = NOON_MS - NOON_MS % WINDOW_MS + WINDOW_MS


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        both = metafunc.config.getoption("--engines") == "both"
        metafunc.parametrize("kind", ["memory", "redis"] if both else ["memory"])


@pytest.fixture
def redis_or_nothing(request: pytest.FixtureRequest, kind: str) -> str:
    return request.getfixturevalue("redis_url") if kind == "redis" else ""


@pytest.fixture
async def counters(redis_or_nothing: str) -> AsyncGenerator[Counters]:
    counting: Counters = RedisCounters(redis_or_nothing) if redis_or_nothing else MemoryCounters()
    yield counting
    await counting.close()


async def count(counters: Counters, key: str = "ada", *, at_ms: int = NOON_MS) -> tuple[int, int]:
    return await counters.add(key, window_ms=WINDOW_MS, now_ms=at_ms)


async def test_a_counter_counts_within_its_window(counters: Counters):
    assert [await count(counters) for _ in range(3)] == [(1, END_MS), (2, END_MS), (3, END_MS)]


async def test_a_window_ends_on_time(counters: Counters):
    await count(counters)
    assert await count(counters, at_ms=END_MS - 1) == (2, END_MS)
    assert await count(counters, at_ms=END_MS) == (1, END_MS + WINDOW_MS)


async def test_counters_are_apart(counters: Counters):
    await count(counters, "ada")
    assert await count(counters, "bob") == (1, END_MS)


async def test_a_counter_that_is_reset_begins_anew(counters: Counters):
    await count(counters)
    await counters.reset("ada")
    assert await count(counters) == (1, END_MS)


async def test_resetting_what_was_never_counted_is_fine(counters: Counters):
    await counters.reset("nobody")


async def test_a_key_may_hold_any_text(counters: Counters):
    assert await count(counters, "requests:address:fe80::1%eth0 ü") == (1, END_MS)


async def test_two_processes_count_together_in_redis(redis_url: str):
    one, two = RedisCounters(redis_url), RedisCounters(redis_url)
    await count(one)
    assert await count(two) == (2, END_MS)
    await one.close()
    await two.close()


async def test_a_process_goes_on_counting_for_itself_without_redis(own_redis: Redis):
    counting = RedisCounters(own_redis.url())
    await count(counting)
    own_redis.kill()
    assert await count(counting) == (1, END_MS)
    assert await count(counting) == (2, END_MS)
    await counting.close()
