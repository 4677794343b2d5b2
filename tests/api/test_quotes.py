"""Quotes as clients know them."""

from tests.world import World


async def test_a_quote_is_posted_shown_and_taken_back(api: World):
    ada, bob = await api.client(await api.user("ada")), await api.client(await api.user("bob"))
    status = (await ada.post("/api/v1/statuses", json={"status": "Rooks"})).json()
    assert (status["quote"], status["quotes_count"]) == (None, 0)
    assert status["quote_approval"] == {"automatic": ["public"], "manual": [], "current_user": "automatic"}
    posted = (
        await bob.post("/api/v1/statuses", data={"status": "Look", "quoted_status_id": status["id"]})
    ).json()
    assert posted["quote"]["state"] == "accepted"
    assert posted["quote"]["quoted_status"]["content"] == "<p>Rooks</p>"
    assert posted["quote"]["quoted_status"]["account"]["acct"] == "ada"
    page = await api.anonymous().get(f"/api/v1/statuses/{status['id']}/quotes")
    assert [each["id"] for each in page.json()] == [posted["id"]]
    assert "link" in page.headers
    assert (await bob.get(f"/api/v1/statuses/{status['id']}")).json()["quotes_count"] == 1
    history = (await bob.get(f"/api/v1/statuses/{posted['id']}/history")).json()
    assert history[0]["quote"] == {"state": "accepted", "quoted_status_id": status["id"]}
    path = f"/api/v1/statuses/{status['id']}/quotes/{posted['id']}/revoke"
    assert (await bob.post(path)).status_code == 404
    revoked = (await ada.post(path)).json()
    assert (revoked["id"], revoked["quote"]) == (posted["id"], {"state": "revoked", "quoted_status": None})


async def test_a_quote_of_a_quote_is_told_by_its_id(api: World):
    ada = await api.client(await api.user("ada"))

    async def post(**body: str) -> dict[str, object]:
        return (await ada.post("/api/v1/statuses", json={"status": "x", **body})).json()

    first = await post()
    second = await post(quoted_status_id=first["id"])
    third = await post(quoted_status_id=second["id"])
    fourth = await post(quoted_status_id=third["id"])
    shown = (await api.anonymous().get(f"/api/v1/statuses/{fourth['id']}")).json()
    inner = shown["quote"]["quoted_status"]
    assert inner["id"] == third["id"]
    assert inner["quote"] == {"state": "accepted", "quoted_status_id": second["id"]}


async def test_who_may_quote_depends_on_the_caller(api: World):
    author = await api.user("ada")
    ada, bob, cy = await api.client(author), await api.client(await api.user("bob")), api.anonymous()
    await bob.post(f"/api/v1/accounts/{author.id}/follow")
    stranger = await api.client(await api.user("dora"))
    status = (
        await ada.post("/api/v1/statuses", json={"status": "Rooks", "quote_approval_policy": "followers"})
    ).json()
    path = f"/api/v1/statuses/{status['id']}"

    async def approval(client: object) -> tuple[list[str], str]:
        found = (await client.get(path)).json()["quote_approval"]
        return found["automatic"], found["current_user"]

    assert await approval(ada) == (["followers"], "automatic")
    assert await approval(bob) == (["followers"], "automatic")
    assert await approval(stranger) == (["followers"], "denied")
    assert await approval(cy) == (["followers"], "denied")
    answer = await stranger.post("/api/v1/statuses", json={"status": "x", "quoted_status_id": status["id"]})
    assert answer.status_code == 404
    changed = await ada.put(f"{path}/interaction_policy", json={"quote_approval_policy": "nobody"})
    assert changed.json()["quote_approval"] == {
        "automatic": [],
        "manual": [],
        "current_user": "automatic",
    }
    assert await approval(bob) == ([], "denied")
    assert (
        await ada.put(f"{path}/interaction_policy", json={"quote_approval_policy": "x"})
    ).status_code == 422


async def test_the_default_policy_is_a_preference(api: World):
    ada = await api.client(await api.user("ada"))
    changed = await ada.patch(
        "/api/v1/accounts/update_credentials", json={"source": {"quote_policy": "nobody"}}
    )
    assert changed.json()["source"]["quote_policy"] == "nobody"
    preferences = (await ada.get("/api/v1/preferences")).json()
    assert preferences["posting:default:quote_policy"] == "nobody"
    status = (await ada.post("/api/v1/statuses", json={"status": "x"})).json()
    assert status["quote_approval"]["automatic"] == []


async def test_a_quote_can_wait_for_its_time(api: World):
    ada = await api.client(await api.user("ada"))
    status = (await ada.post("/api/v1/statuses", json={"status": "Rooks"})).json()
    body = {"status": "", "quoted_status_id": status["id"], "scheduled_at": "2026-10-01T12:00:00Z"}
    waiting = await ada.post("/api/v1/statuses", json=body | {"quote_approval_policy": "nobody"})
    assert waiting.status_code == 200, waiting.text
    params = waiting.json()["params"]
    assert (params["quoted_status_id"], params["quote_approval_policy"]) == (status["id"], "nobody")
    api.advance(days=30)
    await api.settle()
    quotes = (await ada.get(f"/api/v1/statuses/{status['id']}/quotes")).json()
    assert [each["quote"]["quoted_status"]["id"] for each in quotes] == [status["id"]]
    later = body | {"scheduled_at": "2027-10-01T12:00:00Z", "quoted_status_id": "1"}
    missing = await ada.post("/api/v1/statuses", json=later)
    assert missing.status_code == 404
