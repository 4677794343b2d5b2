"""Polls as clients know them."""

from tests.world import World


async def test_a_poll_is_posted_shown_and_voted_in(api: World):
    ada, bob = await api.client(await api.user("ada")), await api.client(await api.user("bob"))
    asked = await ada.post(
        "/api/v1/statuses",
        data={"status": "Which?", "poll[options][]": ["rook", "crow"], "poll[expires_in]": "3600"},
    )
    poll = asked.json()["poll"]
    assert [option["title"] for option in poll["options"]] == ["rook", "crow"]
    assert (poll["voted"], poll["own_votes"], poll["expired"]) == (True, [], False)
    voted = (await bob.post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": ["1"]})).json()
    assert (voted["votes_count"], voted["voters_count"], voted["own_votes"]) == (1, 1, [1])
    seen = (await api.anonymous().get(f"/api/v1/statuses/{asked.json()['id']}")).json()["poll"]
    assert [option["votes_count"] for option in seen["options"]] == [0, 1]
    assert "voted" not in seen
    assert (await api.anonymous().get(f"/api/v1/polls/{poll['id']}")).json() == seen


async def test_hidden_totals_are_told_at_the_end(api: World):
    ada, bob = await api.client(await api.user("ada")), await api.client(await api.user("bob"))
    poll = {"options": ["a", "b"], "expires_in": 300, "hide_totals": True}
    asked = (await ada.post("/api/v1/statuses", json={"status": "Which?", "poll": poll})).json()["poll"]
    voted = (await bob.post(f"/api/v1/polls/{asked['id']}/votes", json={"choices": [0]})).json()
    assert [option["votes_count"] for option in voted["options"]] == [None, None]
    api.advance(seconds=300)
    ended = (await bob.get(f"/api/v1/polls/{asked['id']}")).json()
    assert ended["expired"]
    assert [option["votes_count"] for option in ended["options"]] == [1, 0]
