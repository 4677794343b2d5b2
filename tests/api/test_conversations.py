"""Conversations over HTTP, as Mastodon's clients use them."""

from tests.world import World


async def test_conversations_are_listed_read_and_deleted(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    as_ada, as_bob = await world.client(ada), await world.client(bob)
    posted = await as_ada.post("/api/v1/statuses", json={"status": "@bob hello", "visibility": "direct"})
    [one] = (await as_bob.get("/api/v1/conversations")).json()
    assert (one["unread"], [account["acct"] for account in one["accounts"]]) == (True, ["ada"])
    assert one["last_status"]["id"] == posted.json()["id"]
    for word, unread in (("read", False), ("unread", True), ("read", False)):
        answer = await as_bob.post(f"/api/v1/conversations/{one['id']}/{word}")
        assert (answer.status_code, answer.json()["unread"]) == (200, unread)
    assert (await as_ada.post(f"/api/v1/conversations/{one['id']}/read")).status_code == 404
    direct = (await as_bob.get("/api/v1/timelines/direct")).json()
    assert [status["id"] for status in direct] == [posted.json()["id"]]
    assert (await as_bob.delete(f"/api/v1/conversations/{one['id']}")).status_code == 200
    assert (await as_bob.delete(f"/api/v1/conversations/{one['id']}")).status_code == 404
    assert (await as_bob.get("/api/v1/conversations")).json() == []


async def test_conversations_are_paged_by_their_last_status(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    as_ada, as_bob = await world.client(ada), await world.client(bob)
    for number in range(3):
        await as_ada.post("/api/v1/statuses", json={"status": f"@bob {number}", "visibility": "direct"})
    first = await as_bob.get("/api/v1/conversations", params={"limit": 2})
    second = await as_bob.get(first.links["next"]["url"])
    texts = [one["last_status"]["content"] for one in [*first.json(), *second.json()]]
    assert [text[-5:-4] for text in texts] == ["2", "1", "0"]
    assert (await as_bob.get(second.links["prev"]["url"])).json() == first.json()
