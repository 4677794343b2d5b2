"""For you as apps see it: a list that is there for everybody, an order of home, and why a status stands where it does."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from rookery.usecases.favorites import mark_tweet_favorite
from tests.world import World

LIST = "/api/v1/timelines/list/1"
HOME = "/api/v1/timelines/home"


@pytest.fixture
async def ada(api: World) -> httpx.AsyncClient:
    """Ada's client; she follows bob, who has posted five times and likes what cyd wrote."""
    ada, bob, cyd = [await api.user(name) for name in ("ada", "bob", "cyd")]
    await api.follow(ada, bob)
    await api.tweets(bob, 5)
    posted = await api.tweet(cyd, "Look")
    await mark_tweet_favorite(api.services, bob.id, posted.tweet.id)
    await api.settle()
    return await api.client(ada)


async def ids(client: httpx.AsyncClient, path: str, **params: object) -> list[str]:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return [status["id"] for status in answer.json()]


async def test_for_you_is_a_list_that_apps_can_open(ada: httpx.AsyncClient):
    own = (await ada.post("/api/v1/lists", data={"title": "Birds"})).json()
    for_you = {"id": "1", "title": "For you", "replies_policy": "followed", "exclusive": False}
    assert (await ada.get("/api/v1/lists")).json() == [for_you, own]
    assert (await ada.get("/api/v1/lists/1")).json() == for_you
    assert (await ada.get("/api/v1/lists/1/accounts")).json() == []
    assert len(await ids(ada, LIST)) == 6
    assert await ids(ada, LIST) == await ids(ada, HOME, order="ranked")
    assert len(await ids(ada, HOME)) == len(await ids(ada, HOME, order="newest")) == 5
    assert (await ada.get(HOME, params={"order": "best"})).status_code == 422


async def test_it_cannot_be_changed_or_removed(ada: httpx.AsyncClient):
    said = "Validation failed: For you is there for everybody: it cannot be changed or removed"
    for answer in (
        await ada.put("/api/v1/lists/1", data={"title": "Mine"}),
        await ada.delete("/api/v1/lists/1"),
        await ada.post("/api/v1/lists/1/accounts", data={"account_ids[]": ["5"]}),
        await ada.request("DELETE", "/api/v1/lists/1/accounts", params={"account_ids[]": ["5"]}),
    ):
        assert (answer.status_code, answer.json()["error"]) == (422, said)


@pytest.mark.parametrize("path", [LIST, HOME])
async def test_its_pages_are_linked_and_tell_which_ranking_they_come_from(ada: httpx.AsyncClient, path: str):
    params = {"limit": 2, **({"order": "ranked"} if path == HOME else {})}
    answer = await ada.get(path, params=params)
    found = [status["id"] for status in answer.json()]
    whole = await ids(ada, LIST, limit=40)
    while "next" in answer.links:
        assert "ranking=" in answer.links["next"]["url"]
        before = answer
        answer = await ada.get(answer.links["next"]["url"])
        found += [status["id"] for status in answer.json()]
    assert found == whole
    turned = await ada.get(before.links["prev"]["url"])
    assert [status["id"] for status in turned.json()] == whole[2:4]
    assert await ids(ada, path, **{**params, "max_id": whole[1]}) == whole[2:4]


async def test_why_a_status_is_there_is_told_in_plain_words(api: World, ada: httpx.AsyncClient):
    found = await ids(ada, LIST)
    for place, status_id in enumerate(found, start=1):
        why = (await ada.get(f"/api/v1/statuses/{status_id}/why")).json()
        assert (why["status_id"], why["place"]) == (status_id, place)
        product = 1.0
        for reason in why["reasons"]:
            product *= reason["factor"]
            assert reason["text"]
        assert 0 < why["score"] <= product * 1.2
    stranger = next(
        status["id"] for status in (await ada.get(LIST)).json() if status["account"]["acct"] == "cyd"
    )
    why = (await ada.get(f"/api/v1/statuses/{stranger}/why")).json()
    assert (why["source"], why["text"]) == ("circle", "People you follow liked or boosted it")
    said = {reason["name"]: reason["text"] for reason in why["reasons"]}
    assert said["circle"] == "1 person you follow liked or boosted it"
    assert said["reach"] == "It was found by the likes and boosts of people you follow, not on your home"
    own = (await ada.post("/api/v1/statuses", data={"status": "Mine"})).json()
    why = (await ada.get(f"/api/v1/statuses/{own['id']}/why")).json()
    assert (why["source"], why["place"], why["reasons"]) == (None, None, [])
    assert (await ada.get("/api/v1/statuses/5/why")).status_code == 404
    assert (await api.anonymous().get(f"/api/v1/statuses/{stranger}/why")).status_code == 401


async def test_where_it_is_off_no_app_sees_it(open_worlds: Callable[..., Awaitable[World]]):
    world = await open_worlds(for_you="off")
    client = await world.client(await world.user("ada"))
    assert (await client.get("/api/v1/lists")).json() == []
    for path in ("/api/v1/lists/1", LIST):
        assert (await client.get(path)).status_code == 404
    assert await ids(client, HOME, order="ranked") == []
