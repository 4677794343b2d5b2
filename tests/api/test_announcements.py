"""Announcements over HTTP, as Mastodon's clients use them."""

from rookery.usecases.announcements import Change, publish
from tests.world import World


async def test_an_announcement_is_read_dismissed_and_reacted_to(world: World):
    ada = await world.user("ada")
    client = await world.client(ada)
    made = await publish(
        world.services,
        Change(
            text="Ask @ada about <b>#rooks</b>\nhttps://birds.example/", starts_ms=world.now_ms, all_day=True
        ),
    )
    path = f"/api/v1/announcements/{made.id}"
    assert (await client.put(f"{path}/reactions/🎉")).status_code == 200
    assert (await client.put(f"{path}/reactions/no")).status_code == 422
    [shown] = (await client.get("/api/v1/announcements")).json()
    assert (shown["read"], shown["all_day"]) == (False, True)
    assert shown["reactions"] == [{"name": "🎉", "count": 1, "me": True, "url": None, "static_url": None}]
    assert "&lt;b&gt;" in shown["content"]
    assert [mention["acct"] for mention in shown["mentions"]] == ["ada"]
    assert [tag["name"] for tag in shown["tags"]] == ["rooks"]
    assert (await client.delete(f"{path}/reactions/🎉")).status_code == 200
    assert (await client.post(f"{path}/dismiss")).status_code == 200
    assert (await client.get("/api/v1/announcements")).json() == []
    [again] = (await client.get("/api/v1/announcements", params={"with_dismissed": True})).json()
    assert (again["read"], again["reactions"]) == (True, [])
    assert (await client.post("/api/v1/announcements/1/dismiss")).status_code == 404


async def test_announcements_are_for_those_who_are_signed_in(world: World):
    assert (await world.anonymous().get("/api/v1/announcements")).status_code == 401
