"""How clients ask for what was written near a point, which is an extension."""

from rookery.domain.tweets import Place
from tests.world import World

PATH = "/api/v1/timelines/nearby"


async def test_statuses_near_a_point_are_paged_like_every_timeline(api: World):
    ada = await api.user("ada")
    for number in range(5):
        api.advance(seconds=1)
        await api.tweet(ada, f"Zero {number}", place=Place(0.0, 0.001, "Null Island"))
    await api.tweet(ada, "Berlin", place=Place(52.52, 13.405))
    for client in (api.anonymous(), await api.client(ada, scopes="read:statuses")):
        answer = await client.get(PATH, params={"lat": 0, "lon": 0, "radius": 1, "limit": 2})
        assert [status["content"] for status in answer.json()] == ["<p>Zero 4</p>", "<p>Zero 3</p>"]
        assert answer.json()[0]["location"] == {"latitude": 0.0, "longitude": 0.001, "name": "Null Island"}
        older = await client.get(answer.links["next"]["url"])
        assert [status["content"] for status in older.json()] == ["<p>Zero 2</p>", "<p>Zero 1</p>"]
        newer = await client.get(older.links["prev"]["url"])
        assert newer.json() == answer.json()
        assert (await client.get(PATH, params={"lat": 48.1, "lon": 11.6})).json() == []
    refused = await (await api.client(ada, scopes="write")).get(PATH, params={"lat": 0, "lon": 0})
    assert refused.status_code == 403


async def test_a_point_that_is_none_gets_a_sentence(api: World):
    client = api.anonymous()
    radius = "radius must lie between 0.01 and 1,000 kilometres"
    for query, sentence in {
        "lon=0": "lat is missing",
        "lat=0": "lon is missing",
        "lat=x&lon=0": "lat must be a number",
        "lat=nan&lon=0": "lat must be a finite number",
        "lat=91&lon=0": "lat must lie between -90 and 90 degrees",
        "lat=0&lon=-180.5": "lon must lie between -180 and 180 degrees",
        "lat=0&lon=0&radius=0": radius,
        "lat=0&lon=0&radius=-5": radius,
        "lat=0&lon=0&radius=1e9": radius,
        "lat=0&lon=0&limit=0": "limit must be at least 1",
    }.items():
        answer = await client.get(f"{PATH}?{query}")
        assert answer.status_code == 422
        assert answer.json()["error"] == f"Validation failed: {sentence}"
