"""Notifications as clients read them."""

from typing import Any

import pytest

from rookery.usecases.favorites import mark_tweet_favorite
from tests.world import World


async def everything(api: World) -> tuple[Any, Any, str]:
    """Ada's client, Bob's, and the status that Bob favorited, reblogged and answered."""
    one, other = await api.user("ada"), await api.user("bob")
    ada, bob = await api.client(one), await api.client(other)
    status = (await ada.post("/api/v1/statuses", json={"status": "Hello"})).json()["id"]
    await bob.post(f"/api/v1/statuses/{status}/favourite")
    await bob.post(f"/api/v1/statuses/{status}/reblog")
    await bob.post("/api/v1/statuses", json={"status": "@ada hi", "in_reply_to_id": status})
    return ada, bob, status


async def test_types_are_chosen_and_left_out_and_pages_are_linked(api: World):
    ada, _, _ = await everything(api)

    async def types(query: str) -> list[str]:
        return [each["type"] for each in (await ada.get(f"/api/v1/notifications?{query}")).json()]

    assert await types("") == ["mention", "reblog", "favourite"]
    assert await types("types[]=mention&types[]=reblog") == ["mention", "reblog"]
    assert await types("exclude_types[]=mention") == ["reblog", "favourite"]
    first = await ada.get("/api/v1/notifications?limit=2")
    rest = await ada.get(first.links["next"]["url"])
    assert [each["type"] for each in rest.json()] == ["favourite"]
    back = await ada.get(rest.links["prev"]["url"])
    assert [each["type"] for each in back.json()] == ["mention", "reblog"]


async def test_groups_name_their_accounts_and_statuses_once(api: World):
    ada, _, status = await everything(api)
    fan = await api.user("fan")
    await mark_tweet_favorite(api.services, fan.id, int(status))
    body = (await ada.get("/api/v2/notifications")).json()
    found = {group["type"]: group for group in body["notification_groups"]}
    assert found["favourite"]["notifications_count"] == 2
    assert found["favourite"]["status_id"] == status
    assert sorted(account["acct"] for account in body["accounts"]) == ["bob", "fan"]
    key = found["favourite"]["group_key"]
    accounts = (await ada.get(f"/api/v2/notifications/{key}/accounts")).json()
    assert [account["acct"] for account in accounts] == ["fan", "bob"]
    only = (await ada.get(f"/api/v2/notifications?account_id={fan.id}")).json()
    assert [group["group_key"] for group in only["notification_groups"]] == [key]
    assert (await ada.post(f"/api/v2/notifications/{key}/dismiss")).json() == {}
    kept = (await ada.get("/api/v2/notifications")).json()["notification_groups"]
    assert {group["type"] for group in kept} == {"mention", "reblog"}


@pytest.mark.parametrize("key", [f"ungrouped-{'9' * 30}", "ungrouped-1", "x"])
async def test_a_group_that_is_not_there_is_not_found(api: World, key: str):
    ada, _, _ = await everything(api)
    for path in (f"/api/v2/notifications/{key}", f"/api/v1/notifications/{key}"):
        assert (await ada.get(path)).status_code == 404


async def test_the_marker_says_what_is_unread(api: World):
    ada, bob, _ = await everything(api)
    assert (await ada.get("/api/v1/notifications/unread_count")).json() == {"count": 3}
    assert (await ada.get("/api/v2/notifications/unread_count")).json() == {"count": 3}
    newest = (await ada.get("/api/v1/notifications?limit=1")).json()[0]["id"]
    await ada.post("/api/v1/markers", json={"notifications": {"last_read_id": newest}})
    assert (await ada.get("/api/v1/notifications/unread_count")).json() == {"count": 0}
    await bob.post("/api/v1/statuses", json={"status": "@ada once more"})
    assert (await ada.get("/api/v2/notifications/unread_count")).json() == {"count": 1}
    assert (await ada.post("/api/v1/notifications/clear")).json() == {}
    assert (await ada.get("/api/v1/notifications")).json() == []


async def test_what_concerns_one_is_nobody_elses_business(api: World):
    ada, bob, _ = await everything(api)
    one = (await ada.get("/api/v1/notifications?limit=1")).json()[0]["id"]
    assert (await bob.get(f"/api/v1/notifications/{one}")).status_code == 404
    assert (await bob.post(f"/api/v1/notifications/{one}/dismiss")).status_code == 404
    assert (await ada.get(f"/api/v1/notifications/{one}")).status_code == 200
