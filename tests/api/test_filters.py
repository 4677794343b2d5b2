"""Filters as clients make them, in both versions, and the matches in statuses."""

from urllib.parse import urlencode

import httpx
import pytest

from rookery.domain.users import User
from tests.world import World


async def make(client: httpx.AsyncClient, **more: object) -> dict:
    body = {"title": "Weather", "context": ["home", "public"], **more}
    answer = await client.post("/api/v2/filters", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def public(client: httpx.AsyncClient) -> list[dict]:
    return (await client.get("/api/v1/timelines/public")).json()


@pytest.fixture
async def ada(api: World) -> User:
    return await api.user("ada")


async def test_a_filter_is_made_by_a_form_as_rails_reads_it(api: World, ada: User):
    client = await api.client(ada)
    answer = await client.post(
        "/api/v2/filters",
        content=urlencode(
            [
                ("title", "Weather"),
                ("context[]", "home"),
                ("context[]", "thread"),
                ("filter_action", "hide"),
                ("expires_in", "3600"),
                ("keywords_attributes[][keyword]", "rain"),
                ("keywords_attributes[][whole_word]", "true"),
                ("keywords_attributes[][keyword]", "snow"),
                ("keywords_attributes[][whole_word]", "false"),
            ]
        ),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert (made["title"], made["context"], made["filter_action"]) == ("Weather", ["home", "thread"], "hide")
    assert made["expires_at"] is not None
    words = [(each["keyword"], each["whole_word"]) for each in made["keywords"]]
    assert words == [("rain", True), ("snow", False)]
    assert (await client.get("/api/v2/filters")).json() == [made]
    assert (await client.get(f"/api/v2/filters/{made['id']}")).json() == made


async def test_keywords_are_changed_with_the_filter_by_index_and_destroyed(api: World, ada: User):
    client = await api.client(ada)
    made = await make(client, keywords_attributes=[{"keyword": "rain"}, {"keyword": "snow"}])
    rain, snow = made["keywords"]
    changed = await client.put(
        f"/api/v2/filters/{made['id']}",
        data={
            "title": "Winter",
            "expires_in": "",
            "keywords_attributes[0][id]": rain["id"],
            "keywords_attributes[0][_destroy]": "1",
            "keywords_attributes[1][id]": snow["id"],
            "keywords_attributes[1][keyword]": "sleet",
            "keywords_attributes[2][keyword]": "hail",
            "keywords_attributes[2][whole_word]": "0",
        },
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["title"] == "Winter"
    assert changed.json()["context"] == ["home", "public"]
    assert [(each["keyword"], each["whole_word"]) for each in changed.json()["keywords"]] == [
        ("sleet", True),
        ("hail", False),
    ]


async def test_what_is_wrong_with_a_filter_is_said(api: World, ada: User):
    client = await api.client(ada)
    for body, sentence in (
        ({"title": "", "context": ["home"]}, "Validation failed: Title can't be blank"),
        ({"title": "Weather"}, "Validation failed: Context can't be blank"),
        ({"title": "Weather", "context": ["moon"]}, "Validation failed: Context is not one of home,"),
        (
            {"title": "Weather", "context": ["home"], "filter_action": "burn"},
            "Validation failed: Filter action",
        ),
        ({"title": "Weather", "context": ["home"], "expires_in": "soon"}, "Validation failed: expires_in"),
    ):
        answer = await client.post("/api/v2/filters", json=body)
        assert answer.status_code == 422
        assert answer.json()["error"].startswith(sentence)
    reader = await api.client(ada, scopes="read")
    assert (await reader.post("/api/v2/filters", json={})).status_code == 403
    assert (await api.anonymous().get("/api/v2/filters")).status_code == 401
    for path in ("", "/keywords", "/statuses"):
        assert (await client.get(f"/api/v2/filters/7{path}")).status_code == 404
    for path in ("keywords/7", "statuses/7"):
        assert (await client.get(f"/api/v2/filters/{path}")).status_code == 404
        assert (await client.delete(f"/api/v2/filters/{path}")).status_code == 404


async def test_keywords_and_statuses_have_addresses_of_their_own(api: World, ada: User):
    bob = await api.user("bob")
    tweet = await api.tweet(bob, "Sunny")
    client = await api.client(ada)
    made = await make(client)
    path = f"/api/v2/filters/{made['id']}"
    keyword = (await client.post(f"{path}/keywords", data={"keyword": "rain"})).json()
    assert (keyword["keyword"], keyword["whole_word"]) == ("rain", True)
    one = f"/api/v2/filters/keywords/{keyword['id']}"
    changed = await client.put(one, data={"keyword": "snow", "whole_word": "false"})
    assert changed.json() == {"id": keyword["id"], "keyword": "snow", "whole_word": False}
    assert (await client.get(f"{path}/keywords")).json() == [(await client.get(one)).json()]
    entry = (await client.post(f"{path}/statuses", data={"status_id": tweet.tweet.id})).json()
    assert entry["status_id"] == str(tweet.tweet.id)
    twice = await client.post(f"{path}/statuses", data={"status_id": tweet.tweet.id})
    assert twice.json()["error"] == "Validation failed: Status has already been taken"
    assert (await client.get(f"{path}/statuses")).json() == [entry]
    assert (await client.get(f"/api/v2/filters/statuses/{entry['id']}")).json() == entry
    [shown] = await public(client)
    [result] = shown["filtered"]
    assert (result["keyword_matches"], result["status_matches"]) == (None, [str(tweet.tweet.id)])
    assert (await client.delete(f"/api/v2/filters/statuses/{entry['id']}")).json() == {}
    assert (await client.delete(one)).json() == {}
    after = (await client.get(path)).json()
    assert (after["keywords"], after["statuses"]) == ([], [])
    assert (await client.delete(path)).json() == {}
    assert (await client.get(path)).status_code == 404


async def test_statuses_carry_what_matched_wherever_they_are_shown(api: World, ada: User):
    bob = await api.user("bob")
    await api.follow(bob, ada)
    tweet = await api.tweet(bob, "Heavy Rain")
    await api.tweet(bob, "Sunny")
    client = await api.client(ada)
    made = await make(client, keywords_attributes=[{"keyword": "rain"}])
    sunny, rainy = await public(client)
    assert sunny["filtered"] == []
    assert rainy["filtered"] == [{"filter": made, "keyword_matches": ["Rain"], "status_matches": None}]
    status = f"/api/v1/statuses/{tweet.tweet.id}"
    assert (await client.get(status)).json()["filtered"] == rainy["filtered"]
    for verb in ("favourite", "bookmark", "mute", "unmute", "unbookmark", "unfavourite"):
        answer = (await client.post(f"{status}/{verb}")).json()
        assert answer["filtered"] == rainy["filtered"], verb
    reblog = (await client.post(f"{status}/reblog")).json()
    assert reblog["reblog"]["filtered"] == rainy["filtered"]
    assert (await client.get("/api/v1/favourites")).json() == []
    assert "filtered" not in (await public(api.anonymous()))[0]
    await client.put(f"/api/v2/filters/{made['id']}", json={"filter_action": "hide"})
    assert [one["content"] for one in await public(client)] == ["<p>Sunny</p>"]


async def test_older_apps_know_a_filter_as_one_phrase(api: World, ada: User):
    client = await api.client(ada)
    answer = await client.post(
        "/api/v1/filters",
        data={"phrase": "rain", "context[]": "home", "irreversible": "true", "whole_word": "false"},
    )
    assert answer.status_code == 200, answer.text
    one = answer.json()
    assert one == {
        "id": one["id"],
        "phrase": "rain",
        "context": ["home"],
        "expires_at": None,
        "irreversible": True,
        "whole_word": False,
    }
    [newer] = (await client.get("/api/v2/filters")).json()
    assert (newer["title"], newer["filter_action"], newer["keywords"][0]["id"]) == ("rain", "hide", one["id"])
    path = f"/api/v1/filters/{one['id']}"
    changed = await client.put(
        path, data={"phrase": "snow", "context[]": ["home", "thread"], "expires_in": 60}
    )
    assert (changed.json()["phrase"], changed.json()["context"]) == ("snow", ["home", "thread"])
    assert changed.json()["expires_at"] is not None
    assert (await client.get("/api/v1/filters")).json() == [(await client.get(path)).json()]
    assert (await client.delete(path)).json() == {}
    assert (await client.get("/api/v2/filters")).json() == []
    assert (await client.get(path)).status_code == 404


async def test_an_older_app_changes_nothing_that_holds_for_several_phrases(api: World, ada: User):
    client = await api.client(ada)
    made = await make(client, keywords_attributes=[{"keyword": "rain"}, {"keyword": "snow"}])
    path = f"/api/v1/filters/{made['keywords'][0]['id']}"
    refused = await client.put(path, data={"phrase": "rain", "context[]": ["thread"]})
    assert refused.status_code == 422
    assert "more than one filter keyword" in refused.json()["error"]
    same = {"phrase": "hail", "context[]": ["public", "home"], "irreversible": "false"}
    assert (await client.put(path, data=same)).json()["phrase"] == "hail"
    assert (await client.delete(path)).status_code == 200
    [left] = (await client.get("/api/v2/filters")).json()
    assert [each["keyword"] for each in left["keywords"]] == ["snow"]
