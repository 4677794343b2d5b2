"""How often one may call, and what callers are told about it."""

from datetime import UTC, datetime

import httpx

from tests.conftest import OpenWorld
from tests.world import World

INSTANCE = "/api/v2/instance"


async def ask(world: World, address: str) -> httpx.Response:
    """Ask signed out, from an address behind the proxy."""
    return await world.anonymous().get(INSTANCE, headers={"X-Forwarded-For": address})


async def test_every_answer_tells_how_many_requests_are_left(api: World):
    client = await api.client(await api.user("ada"))
    first, second = await client.get(INSTANCE), await client.get(INSTANCE)
    assert first.headers["X-RateLimit-Limit"] == "300"
    assert [each.headers["X-RateLimit-Remaining"] for each in (first, second)] == ["299", "298"]
    reset = datetime.fromisoformat(first.headers["X-RateLimit-Reset"]).astimezone(UTC)
    assert 0 < reset.timestamp() * 1000 - api.now_ms <= 300_000
    missing = await client.get("/api/v1/statuses/1")
    assert (missing.status_code, missing.headers["X-RateLimit-Remaining"]) == (404, "297")


async def test_a_factor_multiplies_the_limit(open_worlds: OpenWorld):
    world = await open_worlds(rate_limit_factor=2.5)
    assert (await ask(world, "192.0.2.1")).headers["X-RateLimit-Limit"] == "750"


async def test_limits_can_be_off(open_worlds: OpenWorld):
    world = await open_worlds(rate_limits="off", rate_limit_factor=0.004)
    answers = [await ask(world, "192.0.2.1") for _ in range(5)]
    assert [each.status_code for each in answers] == [200] * 5
    assert "X-RateLimit-Limit" not in answers[0].headers


async def test_who_asks_too_often_is_told_when_to_come_back(open_worlds: OpenWorld):
    world = await open_worlds(rate_limit_factor=0.01)
    assert [(await ask(world, "192.0.2.1")).status_code for _ in range(3)] == [200] * 3
    refused = await ask(world, "192.0.2.1")
    assert refused.status_code == 429
    assert refused.headers["X-RateLimit-Limit"] == "3"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    wait_s = int(refused.headers["Retry-After"])
    reset = datetime.fromisoformat(refused.headers["X-RateLimit-Reset"]).timestamp() * 1000
    assert 0 < wait_s <= 300
    assert reset <= world.now_ms + wait_s * 1000
    assert (await ask(world, "192.0.2.2")).status_code == 200
    world.advance(seconds=wait_s)
    assert (await ask(world, "192.0.2.1")).status_code == 200


async def test_the_signed_in_are_counted_as_themselves(open_worlds: OpenWorld):
    world = await open_worlds(rate_limit_factor=0.004)
    ada, bob = await world.client(await world.user("ada")), await world.client(await world.user("bob"))
    assert [(await ada.get(INSTANCE)).status_code for _ in range(2)] == [200, 429]
    assert (await bob.get(INSTANCE)).status_code == 200


async def test_an_ipv6_subscriber_is_one_caller(open_worlds: OpenWorld):
    world = await open_worlds(rate_limit_factor=0.01)
    for number in range(3):
        assert (await ask(world, f"2001:db8:1:2::{number:x}")).status_code == 200
    assert (await ask(world, "2001:db8:1:2:ffff::1")).status_code == 429
    assert (await ask(world, "2001:db8:1:3::1")).status_code == 200


async def test_guessing_tokens_is_counted(open_worlds: OpenWorld):
    world = await open_worlds(rate_limit_factor=0.01)
    client = world.anonymous()
    client.headers["Authorization"] = "Bearer guess"
    assert [(await client.get(INSTANCE)).status_code for _ in range(4)] == [401, 401, 401, 429]
