"""A server that has too much to do says so early, writes before reads, and recovers by itself."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from rookery.api import overload
from rookery.api.front import Front
from rookery.api.metrics import Metrics, RequestCounts
from rookery.api.overload import Admission, LoopDelay
from rookery.api.presenting import Presenter
from rookery.api.server import ApiOptions
from rookery.api.streaming.server import Streaming
from rookery.domain.limits import Limits
from tests.world import World

LIMITS = Limits(requests_in_flight_max=8)


class Kitchen:
    """An application whose answers wait until they may go."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.broken = False

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        await self.open.wait()
        if self.broken:
            raise ValueError("the pan fell")
        scope["path_template"] = "/dishes/{id}"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"OK"})


class Restaurant:
    """A kitchen behind the front, and guests."""

    def __init__(self, world: World) -> None:
        self.kitchen, self.delay, self.counts = Kitchen(), LoopDelay(), RequestCounts()
        self.front = Front(
            self.kitchen,
            Admission(LIMITS, self.delay),
            self.counts,
            Metrics(world.services, self.counts, []),
            metrics_for="everybody",
            trusted_proxies=frozenset(),
            streaming=Streaming(world.services, ApiOptions(), Presenter(world.services.instance)),
        )
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.front, raise_app_exceptions=False), base_url="http://test"
        )

    @asynccontextmanager
    async def guests(
        self, count: int, method: str = "GET"
    ) -> AsyncGenerator[list[asyncio.Task[httpx.Response]]]:
        """That many requests, waiting in the kitchen."""
        waiting = [asyncio.create_task(self.client.request(method, "/dishes/1")) for _ in range(count)]
        await asyncio.sleep(0.05)
        yield waiting
        self.kitchen.open.set()
        await asyncio.gather(*waiting)


@pytest.fixture
async def restaurant(world: World) -> AsyncGenerator[Restaurant]:
    restaurant = Restaurant(world)
    yield restaurant
    await restaurant.client.aclose()


async def test_writes_are_turned_away_while_reads_are_let_in(restaurant: Restaurant):
    async with restaurant.guests(4):
        refused = await restaurant.client.post("/dishes")
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert "busy" in refused.json()["error"]
        assert refused.headers["Access-Control-Allow-Origin"] == "*"
        async with restaurant.guests(4) as more:
            assert (await restaurant.client.get("/dishes/1")).status_code == 503
            assert restaurant.counts.refused == 2
    assert {task.result().status_code for task in more} == {200}
    assert restaurant.counts.in_flight == 0
    assert (await restaurant.client.post("/dishes")).status_code == 200


async def test_watchers_are_answered_however_busy_it_is(restaurant: Restaurant):
    async with restaurant.guests(8):
        assert (await restaurant.client.get("/health")).text == "OK"
        text = (await restaurant.client.get("/metrics")).text
        assert "\nrookery_requests_in_flight 8.0\n" in text


async def test_a_failing_request_leaves_its_place(restaurant: Restaurant):
    restaurant.kitchen.broken = True
    restaurant.kitchen.open.set()
    for _ in range(20):
        assert (await restaurant.client.get("/dishes/1")).status_code == 500
    assert restaurant.counts.in_flight == 0
    assert restaurant.counts.refused == 0


async def test_requests_are_counted_by_route_not_by_path(restaurant: Restaurant):
    restaurant.kitchen.open.set()
    for number in range(20):
        await restaurant.client.get(f"/dishes/{number}")
    assert restaurant.counts.by_status == {("GET", "/dishes/{id}", 200): 20}
    text = (await restaurant.client.get("/metrics")).text
    assert 'rookery_request_seconds_count{route="/dishes/{id}"} 20.0' in text
    assert 'rookery_request_seconds_bucket{le="+Inf",route="/dishes/{id}"} 20.0' in text


@pytest.mark.parametrize(
    ("delay_ms", "read", "write"),
    [(0, True, True), (399, True, True), (400, True, False), (1000, False, False)],
)
def test_a_standing_delay_turns_away_writes_before_reads(delay_ms: float, read: bool, write: bool):  # noqa: FBT001
    delay = LoopDelay()
    delay.standing_ms = delay_ms
    admission = Admission(Limits(), delay)
    assert admission.is_open("GET", in_flight=0) is read
    assert admission.is_open("POST", in_flight=0) is write
    assert admission.is_open("DELETE", in_flight=0) is write


async def test_only_a_delay_that_stands_counts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(overload, "SAMPLE_S", 0.02)
    delay = LoopDelay()
    measuring = asyncio.create_task(delay.measure())
    await asyncio.sleep(0.1)
    time.sleep(0.5)  # noqa: ASYNC251  one long step on the loop
    await asyncio.sleep(0.05)
    assert delay.standing_ms < 100
    for _ in range(15):
        time.sleep(0.08)  # noqa: ASYNC251  a loop that is late again and again
        await asyncio.sleep(0)
    assert delay.standing_ms > 50
    async with asyncio.timeout(120):  # it recovers by itself
        while delay.standing_ms >= 50:  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(0.02)
    measuring.cancel()


async def test_health_tells_of_a_database_that_is_away(
    restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
):
    from rookery.errors import Unavailable

    async def away(_: Metrics) -> None:
        raise Unavailable

    monkeypatch.setattr(Metrics, "require_database", away)
    answer = await restaurant.client.get("/health")
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
