"""Trends as apps ask for them."""

from typing import Any

from rookery import tasks
from rookery.domain.tweets import Visibility
from rookery.usecases.blocks import block
from rookery.usecases.favorites import mark_tweet_favorite
from rookery.usecases.mutes import mute
from rookery.usecases.trends import hide_trend, refresh_trends
from tests.world import World


async def test_hashtags_statuses_and_links_trend_with_their_history(world: World):
    ada = await world.user("ada")
    fans = [await world.user(f"fan{number}") for number in range(6)]
    for number in range(3):
        await world.follow(await world.user(f"lurker{number}"), *fans)
    news = await world.tweet(ada, "It is out")
    for fan in fans:
        await world.tweet(fan, "#Rooks https://example.org/rooks")
        await mark_tweet_favorite(world.services, fan.id, news.tweet.id)
    await refresh_trends(world.services, tasks.RefreshTrends())
    client = world.anonymous()
    for path in ("/api/v1/trends/tags", "/api/v1/trends"):
        (tag,) = (await client.get(path)).json()
        assert (tag["name"], tag["history"][0]["uses"], tag["history"][0]["accounts"]) == ("rooks", "6", "6")
        assert len(tag["history"]) == 7
        assert (await client.get(path, params={"offset": 1})).json() == []
    (link,) = (await client.get("/api/v1/trends/links")).json()
    assert (link["url"], link["type"]) == ("https://example.org/rooks", "link")
    assert link["history"][0]["accounts"] == "6"
    (status,) = (await client.get("/api/v1/trends/statuses")).json()
    assert status["id"] == str(news.tweet.id)
    assert (await client.get("/api/v1/trends/tags", params={"language": "xx"})).json() == []
    near = {"latitude": 91, "longitude": 0}
    assert (await client.get("/api/v1/trends/tags", params=near)).status_code == 422
    await mute(world.services, fans[0].id, ada.id)
    muting = await world.client(fans[0])
    assert (await muting.get("/api/v1/trends/statuses")).json() == []


async def test_a_link_that_trends_has_a_timeline_of_those_who_share_it(world: World):
    shy = await world.user("shy", discoverable=False)
    fans = [await world.user(f"fan{number}") for number in range(6)]
    for number in range(3):
        await world.follow(await world.user(f"lurker{number}"), *fans)
    url = "https://example.org/rooks?a=1&b=2"
    posted = [(await world.tweet(fan, f"Look {url}#here")).tweet.id for fan in fans]
    await world.tweet(shy, url)
    await world.tweet(fans[0], url, visibility=Visibility.UNLISTED)
    await world.tweet(fans[0], "https://example.org/alone")
    client = world.anonymous()

    async def asked(url: str, **more: Any) -> Any:
        return await client.get("/api/v1/timelines/link", params={"url": url, **more})

    assert (await asked(url)).status_code == 404
    await refresh_trends(world.services, tasks.RefreshTrends())
    newest = [str(tweet_id) for tweet_id in reversed(posted)]
    assert [status["id"] for status in (await asked(f"{url}#there")).json()] == newest
    page = await asked(url, limit=4)
    assert [status["id"] for status in page.json()] == newest[:4]
    rest = await client.get(page.links["next"]["url"].removeprefix(world.services.instance.base_url))
    assert [status["id"] for status in rest.json()] == newest[4:]
    await block(world.services, fans[0].id, fans[1].id)
    reader = await world.client(fans[0])
    shown = (await reader.get("/api/v1/timelines/link", params={"url": url})).json()
    assert str(posted[1]) not in [status["id"] for status in shown]
    for other in ("https://example.org/alone", "https://example.org/nobody", "nonsense"):
        assert (await asked(other)).status_code == 404
    assert (await client.get("/api/v1/timelines/link")).status_code == 422
    await hide_trend(world.services, url)
    assert (await asked(url)).status_code == 404
