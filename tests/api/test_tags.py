"""Hashtags as clients see, follow and feature them."""

from tests.world import World


async def test_a_hashtag_is_followed_listed_and_unfollowed(api: World):
    ada = await api.user("ada")
    client = await api.client(ada)
    await api.tweet(ada, "#Rooks")
    tag = (await client.get("/api/v1/tags/Rooks")).json()
    assert (tag["name"], tag["following"], tag["featuring"]) == ("rooks", False, False)
    assert [(day["uses"], day["accounts"]) for day in tag["history"]] == [("1", "1")] + [("0", "0")] * 6
    assert (await client.post("/api/v1/tags/Rooks/follow")).json() == {**tag, "following": True}
    assert (await client.post("/api/v1/tags/crows/follow")).json()["following"]
    first = await client.get("/api/v1/followed_tags", params={"limit": 1})
    assert [each["name"] for each in first.json()] == ["crows"]
    rest = await client.get(first.links["next"]["url"])
    assert rest.json() == [{**tag, "following": True}]
    assert (await client.post("/api/v1/tags/Rooks/unfollow")).json() == tag
    assert [each["name"] for each in (await client.get("/api/v1/followed_tags")).json()] == ["crows"]


async def test_the_signed_out_see_hashtags_but_follow_none(api: World):
    anonymous = api.anonymous()
    assert (await anonymous.get("/api/v1/tags/rooks")).json()["following"] is False
    assert (await anonymous.get("/api/v1/tags/two words")).status_code == 404
    assert (await anonymous.post("/api/v1/tags/rooks/follow")).status_code == 401


async def test_following_a_hashtag_needs_the_scope_for_it(api: World):
    client = await api.client(await api.user("ada"), scopes="read write:statuses")
    assert (await client.post("/api/v1/tags/rooks/follow")).status_code == 403


async def test_hashtags_are_featured_by_name_and_taken_off_again(api: World):
    ada = await api.user("ada")
    client = await api.client(ada)
    await api.tweet(ada, "#Rooks")
    suggested = (await client.get("/api/v1/featured_tags/suggestions")).json()
    assert [each["name"] for each in suggested] == ["rooks"]
    entry = (await client.post("/api/v1/featured_tags", data={"name": "Rooks"})).json()
    assert (entry["name"], entry["statuses_count"]) == ("rooks", "1")
    assert len(entry["last_status_at"]) == len("2026-09-21")
    assert (await client.get("/api/v1/featured_tags")).json() == [entry]
    assert (await api.anonymous().get(f"/api/v1/accounts/{ada.id}/featured_tags")).json() == [entry]
    assert (await client.get("/api/v1/tags/rooks")).json()["featuring"]
    assert (await client.get("/api/v1/featured_tags/suggestions")).json() == []
    assert (await client.delete(f"/api/v1/featured_tags/{entry['id']}")).json() == {}
    assert (await client.delete(f"/api/v1/featured_tags/{entry['id']}")).status_code == 404
    assert (await client.post("/api/v1/tags/rooks/feature")).json()["featuring"]
    assert not (await client.post("/api/v1/tags/rooks/unfeature")).json()["featuring"]
    assert (await client.post("/api/v1/featured_tags", data={"name": "no tag"})).status_code == 422


async def test_everything_is_from_here_and_nothing_carries_media_yet(api: World):
    ada = await api.user("ada")
    await api.tweet(ada, "#rooks")
    client = await api.client(ada)
    for path in ("/api/v1/timelines/public", "/api/v1/timelines/tag/rooks"):
        for choice, count in (
            ({}, 1),
            ({"local": "true"}, 1),
            ({"remote": "true"}, 0),
            ({"local": "true", "remote": "true"}, 1),
            ({"only_media": "true"}, 0),
        ):
            assert len((await client.get(path, params=choice)).json()) == count, (path, choice)
