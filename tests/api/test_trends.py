"""Trends as apps ask for them."""

from rookery import tasks
from rookery.usecases.favorites import mark_tweet_favorite
from rookery.usecases.mutes import mute
from rookery.usecases.trends import refresh_trends
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
