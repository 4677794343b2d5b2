"""Searching for people, hashtags and addresses."""

from typing import Any

from tests.world import World


async def find(api: World, q: str, *, signed_in: bool = True, **more: Any) -> dict[str, list[str]]:
    client = await api.client(await api.user("searcher")) if signed_in else api.anonymous()
    answer = (await client.get("/api/v2/search", params={"q": q, **more})).json()
    return {
        "accounts": [account["acct"] for account in answer["accounts"]],
        "statuses": [status["id"] for status in answer["statuses"]],
        "hashtags": [tag["name"] for tag in answer["hashtags"]],
    }


async def test_people_are_found_by_the_beginning_of_their_names(api: World):
    await api.user("adam")
    await api.user("ada")
    await api.user("bob")

    assert await find(api, "@ADA") == {"accounts": ["ada", "adam"], "statuses": [], "hashtags": []}


async def test_the_signed_out_find_exact_names_only(api: World):
    await api.user("adam")
    await api.user("ada")

    assert (await find(api, "ada@127.0.0.1:8000", signed_in=False))["accounts"] == ["ada"]


async def test_hashtags_are_found_once_somebody_has_used_them(api: World):
    await api.tweet(await api.user("ada"), "Look at these #Birds")

    assert (await find(api, "#birds"))["hashtags"] == ["birds"]
    assert (await find(api, "#bees", signed_in=False))["hashtags"] == []


async def test_addresses_of_this_instance_lead_to_what_they_name(api: World):
    ada = await api.user("ada")
    tweet = await api.tweet(ada, "Here")
    page = f"http://127.0.0.1:8000/@ada/{tweet.tweet.id}"

    assert (await find(api, page, resolve="true"))["statuses"] == [str(tweet.tweet.id)]
    assert (await find(api, "http://127.0.0.1:8000/@ada", signed_in=False))["accounts"] == ["ada"]


async def test_an_address_does_not_reveal_what_the_viewer_may_not_see(api: World):
    from rookery.domain.tweets import Visibility

    tweet = await api.tweet(await api.user("ada"), "Hidden", visibility=Visibility.DIRECT)

    assert (await find(api, f"http://127.0.0.1:8000/@ada/{tweet.tweet.id}"))["statuses"] == []


async def test_only_the_kind_that_is_asked_for_is_found(api: World):
    await api.tweet(await api.user("birds"), "#birds")

    assert await find(api, "birds", type="hashtags") == {
        "accounts": [],
        "statuses": [],
        "hashtags": ["birds"],
    }


async def test_an_empty_query_finds_nothing(api: World):
    assert await find(api, "", signed_in=False) == {"accounts": [], "statuses": [], "hashtags": []}


async def test_hashtags_are_found_by_their_beginning_the_most_used_first(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    await api.tweet(ada, "#birdhouse #birdwatching #bird #fish")
    await api.tweet(bob, "#birdwatching")

    assert (await find(api, "#Bird"))["hashtags"] == ["bird", "birdwatching", "birdhouse"]


async def test_statuses_are_found_by_what_they_say_and_paged(api: World):
    ada = await api.user("ada")
    posted = [str(view.tweet.id) for view in await api.tweets(ada, 5, "An owl flies")]
    client = api.anonymous()
    query = {"q": "owl -zebra", "type": "statuses", "limit": "2"}

    async def page(**more: str) -> list[str]:
        answer = await client.get("/api/v2/search", params={**query, **more})
        return [status["id"] for status in answer.json()["statuses"]]

    first = await page()
    assert first == posted[:2:-1]
    assert await page(max_id=first[-1]) == await page(offset="2") == [posted[2], posted[1]]
    assert await page(min_id=posted[3]) == [posted[4]]
    assert await page(account_id=str(ada.id), order="best") == first
    link = (await client.get("/api/v2/search", params=query)).headers["link"]
    assert "q=owl+-zebra" in link
    assert f"max_id={first[-1]}" in link
    refused = await client.get("/api/v2/search", params={"q": "since:tomorrow"})
    assert refused.status_code == 422
