"""Statuses that wait for their time, as clients schedule them."""

import asyncio
from typing import Any

import httpx
import pytest

from rookery.api.timestamps import timestamp
from rookery.usecases import scheduled_tweets
from rookery.usecases.administration import disable_user
from rookery.usecases.tweets import delete_tweet
from tests.world import World

HOUR_S = 3_600


async def schedule(world: World, client: httpx.AsyncClient, **more: Any) -> httpx.Response:
    at = timestamp(world.now_ms + 1000 * HOUR_S)
    return await client.post("/api/v1/statuses", json={"status": "Later", "scheduled_at": at, **more})


async def test_a_scheduled_status_is_posted_once_at_its_time(api: World):
    client = await api.client(await api.user("ada"))
    poll = {"options": ["a", "b"], "expires_in": 300}
    waiting = (await schedule(api, client, visibility="unlisted", spoiler_text="soon", poll=poll)).json()
    assert waiting["params"]["text"] == "Later"
    assert [one["id"] for one in (await client.get("/api/v1/scheduled_statuses")).json()] == [waiting["id"]]
    await api.settle()
    assert (await client.get("/api/v1/timelines/home")).json() == []
    api.advance(seconds=HOUR_S)
    await api.settle()
    await api.settle()
    [status] = (await client.get("/api/v1/timelines/home")).json()
    assert status["content"] == "<p>Later</p>"
    assert (status["visibility"], status["spoiler_text"]) == ("unlisted", "soon")
    assert [option["title"] for option in status["poll"]["options"]] == ["a", "b"]
    assert (await client.get("/api/v1/scheduled_statuses")).json() == []
    assert (await client.get(f"/api/v1/scheduled_statuses/{waiting['id']}")).status_code == 404


async def test_a_scheduled_status_can_be_moved_and_taken_back(api: World):
    client = await api.client(await api.user("ada"))
    moved, dropped = [(await schedule(api, client)).json()["id"] for _ in range(2)]
    later = {"scheduled_at": timestamp(api.now_ms + 2000 * HOUR_S)}
    assert (await client.put(f"/api/v1/scheduled_statuses/{moved}", json=later)).status_code == 200
    assert (await client.delete(f"/api/v1/scheduled_statuses/{dropped}")).json() == {}
    api.advance(seconds=HOUR_S)
    await api.settle()
    assert (await client.get("/api/v1/timelines/home")).json() == []
    api.advance(seconds=HOUR_S)
    await api.settle()
    assert len((await client.get("/api/v1/timelines/home")).json()) == 1


async def test_what_cannot_be_posted_any_more_says_why(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    client = await api.client(ada)
    answered = await api.tweet(bob)
    waiting = (await schedule(api, client, in_reply_to_id=str(answered.tweet.id))).json()
    await delete_tweet(api.services, bob.id, answered.tweet.id)
    api.advance(seconds=HOUR_S)
    await api.settle()
    kept = (await client.get(f"/api/v1/scheduled_statuses/{waiting['id']}")).json()
    assert "does not appear to exist" in kept["failure"]


async def test_the_same_key_schedules_once(api: World):
    client = await api.client(await api.user("ada"))
    client.headers["Idempotency-Key"] = "abc"
    first, second = [(await schedule(api, client)).json()["id"] for _ in range(2)]
    assert first == second
    assert len((await client.get("/api/v1/scheduled_statuses")).json()) == 1
    assert (await client.delete(f"/api/v1/scheduled_statuses/{first}")).status_code == 200
    assert (await client.delete(f"/api/v1/scheduled_statuses/{first}")).status_code == 404
    assert (await schedule(api, client)).status_code == 409


async def test_whoever_is_shut_out_meanwhile_posts_nothing(api: World):
    ada = await api.user("ada")
    client = await api.client(ada)
    waiting = (await schedule(api, client)).json()["id"]
    await disable_user(api.services, ada.id)
    api.advance(seconds=HOUR_S)
    await api.settle()
    assert await api.rows("SELECT id FROM tweets") == []
    [(failure,)] = await api.rows(f"SELECT failure FROM scheduled_tweets WHERE id = {waiting}")
    assert "disabled" in failure


async def test_not_more_than_a_day_holds_are_scheduled_at_once(api: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scheduled_tweets, "WAITING_A_DAY_MAX", 3)
    client = await api.client(await api.user("ada"))
    answers = await asyncio.gather(*[schedule(api, client) for _ in range(8)])
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [422] * 5


async def test_others_see_nothing_of_it_and_bad_times_are_refused(api: World):
    client, other = await api.client(await api.user("ada")), await api.client(await api.user("bob"))
    waiting = (await schedule(api, client)).json()["id"]
    path = f"/api/v1/scheduled_statuses/{waiting}"
    later = {"scheduled_at": timestamp(api.now_ms + 2000 * HOUR_S)}
    for answer in (await other.get(path), await other.put(path, json=later), await other.delete(path)):
        assert answer.status_code == 404
    soon = {"scheduled_at": timestamp(api.now_ms + 1000)}
    assert (await client.put(path, json=soon)).status_code == 422
    assert (await schedule(api, client, status="")).status_code == 422
    assert (await schedule(api, client, in_reply_to_id="5")).status_code == 404
