"""Drafts as clients keep them."""

from typing import Any

import httpx
import pytest

from rookery.api.timestamps import timestamp
from rookery.usecases import drafts
from tests.world import World

TIMELINE = "/api/v1/timelines/home"
DRAFTS = "/api/v1/drafts"


async def keep(client: httpx.AsyncClient, **written: Any) -> dict[str, Any]:
    answer = await client.post(DRAFTS, json={"status": "Half a", **written})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_draft_is_kept_read_and_changed_as_it_was_written(api: World):
    client = await api.client(await api.user("ada"))
    poll = {"options": ["one"], "expires_in": 5}
    location = {"latitude": 52.5, "longitude": 13.4, "name": "Berlin"}
    kept = await keep(
        client,
        status="x" * 5_000,
        spoiler_text="soon",
        visibility="private",
        poll=poll,
        location=location,
        language="de",
        sensitive=True,
        in_reply_to_id="12",
        quoted_status_id="13",
    )
    params = kept["params"]
    assert (params["text"], params["spoiler_text"]) == ("x" * 5_000, "soon")
    assert (params["visibility"], params["language"], params["sensitive"]) == ("private", "de", True)
    assert (params["in_reply_to_id"], params["quoted_status_id"]) == ("12", "13")
    assert params["poll"]["options"] == ["one"]
    assert params["location"] == location
    assert (await client.get(f"{DRAFTS}/{kept['id']}")).json() == kept
    api.advance(seconds=5)
    changed = (await client.put(f"{DRAFTS}/{kept['id']}", json={"status": "Better"})).json()
    assert (changed["params"]["text"], changed["params"]["spoiler_text"]) == ("Better", None)
    assert (changed["revision"], changed["updated_at"]) == (2, timestamp(api.now_ms))


async def test_two_devices_do_not_overwrite_each_other_unawares(api: World):
    client = await api.client(await api.user("ada"))
    path = f"{DRAFTS}/{(await keep(client))['id']}"
    assert (await client.put(path, json={"status": "phone", "revision": 1})).status_code == 200
    refused = await client.put(path, json={"status": "laptop", "revision": 1})
    assert refused.status_code == 409
    assert (await client.get(path)).json()["params"]["text"] == "phone"
    assert (await client.put(path, json={"status": "laptop", "revision": 2})).status_code == 200


@pytest.mark.parametrize("wait_ms", [0, 3_600_000])
async def test_a_draft_goes_when_it_is_posted_or_scheduled_and_stays_when_that_fails(
    api: World, wait_ms: int
):
    client = await api.client(await api.user("ada"))
    kept = await keep(client)
    more = {"scheduled_at": timestamp(api.now_ms + wait_ms)} if wait_ms else {}
    body = {"draft_id": kept["id"], **more}
    refused = await client.post("/api/v1/statuses", json={"status": "x" * 501, **body})
    assert refused.status_code == 422
    assert len((await client.get(DRAFTS)).json()) == 1
    posted = await client.post("/api/v1/statuses", json={"status": "Half a loaf", **body})
    assert posted.status_code == 200
    assert (await client.get(DRAFTS)).json() == []


async def test_drafts_are_paged_and_nobody_elses_business(api: World):
    client, other = await api.client(await api.user("ada")), await api.client(await api.user("bob"))
    ids = [(await keep(client))["id"] for _ in range(3)]
    first = await client.get(f"{DRAFTS}?limit=2")
    assert [one["id"] for one in first.json()] == [ids[2], ids[1]]
    rest = await client.get(first.links["next"]["url"])
    assert [one["id"] for one in rest.json()] == [ids[0]]
    path = f"{DRAFTS}/{ids[0]}"
    assert (await other.get(DRAFTS)).json() == []
    for answer in (await other.get(path), await other.put(path, json={}), await other.delete(path)):
        assert answer.status_code == 404
    await other.post("/api/v1/statuses", json={"status": "mine", "draft_id": ids[0]})
    assert (await client.get(path)).status_code == 200
    assert (await client.delete(path)).json() == {}
    assert (await client.delete(path)).status_code == 404
    assert (await api.anonymous().get(DRAFTS)).status_code == 401


async def test_drafts_are_bounded(api: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(drafts, "DRAFTS_MAX", 1)
    client = await api.client(await api.user("ada"))
    assert (await client.post(DRAFTS, json={"status": "x" * 70_000})).status_code == 422
    await keep(client)
    refused = await client.post(DRAFTS, json={"status": "x"})
    assert refused.status_code == 422
    assert "limit of 1 drafts" in refused.json()["error"]
