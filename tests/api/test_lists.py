"""Lists as clients see them."""

import httpx
import pytest

from rookery.storage import users
from tests.world import World


@pytest.fixture
async def ada(api: World) -> httpx.AsyncClient:
    """Ada's client; she follows bob and cleo."""
    ada, bob, cleo = [await api.user(name) for name in ("ada", "bob", "cleo")]
    await api.user("eve")
    await api.follow(ada, bob, cleo)
    return await api.client(ada)


async def made(client: httpx.AsyncClient, **more: object) -> dict:
    answer = await client.post("/api/v1/lists", data={"title": "Birds", **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def sign_in(api: World, name: str) -> httpx.AsyncClient:
    """Return the client of somebody who is here."""
    async with api.services.db.read() as tx:
        found = await users.get_by_name(tx, name)
    assert found is not None
    return await api.client(found)


async def account_id(client: httpx.AsyncClient, name: str) -> str:
    return (await client.get("/api/v1/accounts/lookup", params={"acct": name})).json()["id"]


async def members(client: httpx.AsyncClient, list_id: str, **params: object) -> list[str]:
    answer = await client.get(f"/api/v1/lists/{list_id}/accounts", params=params)
    assert answer.status_code == 200, answer.text
    return [account["username"] for account in answer.json()]


async def test_lists_are_made_shown_changed_and_removed(ada: httpx.AsyncClient):
    plain = await made(ada)
    assert {**plain, "id": ""} == {"id": "", "title": "Birds", "replies_policy": "list", "exclusive": False}
    other = await made(ada, replies_policy="none", exclusive="true")
    assert (other["replies_policy"], other["exclusive"]) == ("none", True)
    assert (await ada.get("/api/v1/lists")).json()[1:] == [plain, other]
    path = f"/api/v1/lists/{plain['id']}"
    assert (await ada.get(path)).json() == plain
    changed = (await ada.put(path, json={"title": "Rooks", "replies_policy": "followed"})).json()
    assert changed == {**plain, "title": "Rooks", "replies_policy": "followed"}
    assert (await ada.delete(path)).json() == {}
    assert (await ada.get(path)).status_code == 404


async def test_wrong_lists_are_refused_with_sentences(ada: httpx.AsyncClient):
    answer = await ada.post("/api/v1/lists", data={"title": ""})
    assert (answer.status_code, answer.json()["error"]) == (422, "Validation failed: Title can't be blank")
    assert (await ada.post("/api/v1/lists", data={"title": "x", "replies_policy": "some"})).status_code == 422
    of = await made(ada)
    bob, eve = await account_id(ada, "bob"), await account_id(ada, "eve")
    path = f"/api/v1/lists/{of['id']}/accounts"
    answer = await ada.post(path, data={"account_ids[]": [eve]})
    assert (answer.status_code, answer.json()["error"]) == (404, "Record not found")
    assert (await ada.post(path, data={"account_ids[]": [bob]})).json() == {}
    answer = await ada.post(path, data={"account_ids[]": [bob]})
    assert answer.status_code == 422
    assert answer.json()["error"] == "Validation failed: Account has already been taken"


async def test_members_are_added_listed_in_pages_or_at_once_and_removed(ada: httpx.AsyncClient):
    of = await made(ada)
    bob, cleo = await account_id(ada, "bob"), await account_id(ada, "cleo")
    path = f"/api/v1/lists/{of['id']}/accounts"
    await ada.post(path, json={"account_ids": [bob, cleo]})
    first = await ada.get(path, params={"limit": 1})
    assert [account["username"] for account in first.json()] == ["cleo"]
    rest = await ada.get(first.links["next"]["url"])
    assert [account["username"] for account in rest.json()] == ["bob"]
    assert await members(ada, of["id"], limit=0) == ["cleo", "bob"]
    assert (await ada.get(f"/api/v1/accounts/{bob}/lists")).json() == [of]
    assert (await ada.delete(path, params={"account_ids[]": [bob]})).json() == {}
    assert (await ada.get(f"/api/v1/accounts/{bob}/lists")).json() == []
    await ada.post(f"/api/v1/accounts/{cleo}/unfollow")
    assert await members(ada, of["id"]) == []


async def test_a_lists_timeline_is_paged_by_links(api: World, ada: httpx.AsyncClient):
    of = await made(ada)
    await ada.post(f"/api/v1/lists/{of['id']}/accounts", data={"account_ids[]": await account_id(ada, "bob")})
    bob = await sign_in(api, "bob")
    posted = [(await bob.post("/api/v1/statuses", data={"status": str(n)})).json()["id"] for n in range(3)]
    first = await ada.get(f"/api/v1/timelines/list/{of['id']}", params={"limit": 2})
    assert [status["id"] for status in first.json()] == [posted[2], posted[1]]
    rest = await ada.get(first.links["next"]["url"])
    assert [status["id"] for status in rest.json()] == [posted[0]]
    newer = await ada.get(rest.links["prev"]["url"])
    assert [status["id"] for status in newer.json()] == [posted[2], posted[1]]
    assert (await bob.get(f"/api/v1/timelines/list/{of['id']}")).status_code == 404
