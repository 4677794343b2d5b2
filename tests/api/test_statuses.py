"""Statuses over HTTP, as Mastodon's clients use them."""

from typing import Any

import httpx
import pytest

from tests.world import World


def linked(response: httpx.Response, relation: str) -> str:
    """Return the address of the neighbouring page."""
    return response.links[relation]["url"]


async def posted(client: httpx.AsyncClient, **status: Any) -> dict[str, Any]:
    response = await client.post("/api/v1/statuses", json=status)
    assert response.status_code == 200, response.text
    return response.json()


async def test_a_form_and_json_post_the_same_status(api: World):
    client = await api.client(await api.user("ada"))
    form = {
        "status": "Seen #Birds",
        "visibility": "unlisted",
        "spoiler_text": "birds",
        "language": "de",
        "location[latitude]": "52.5",
        "location[longitude]": "13.4",
        "location[name]": "Berlin",
    }
    json = {
        "status": "Seen #Birds",
        "visibility": "unlisted",
        "spoiler_text": "birds",
        "language": "de",
        "location": {"latitude": 52.5, "longitude": 13.4, "name": "Berlin"},
    }
    answers = [
        (await client.post("/api/v1/statuses", data=form)).json(),
        (
            await client.post("/api/v1/statuses", files={name: (None, value) for name, value in form.items()})
        ).json(),
        (await client.post("/api/v1/statuses", json=json)).json(),
    ]
    for answer in answers:
        assert answer["visibility"] == "unlisted"
        assert answer["spoiler_text"] == "birds"
        assert answer["sensitive"] is True
        assert answer["language"] == "de"
        assert answer["location"] == {"latitude": 52.5, "longitude": 13.4, "name": "Berlin"}
        assert [tag["name"] for tag in answer["tags"]] == ["birds"]
        assert 'class="mention hashtag"' in answer["content"]


async def test_the_same_idempotency_key_posts_once(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    client = await api.client(ada)
    headers = {"Idempotency-Key": "one"}
    first = (await client.post("/api/v1/statuses", json={"status": "Once"}, headers=headers)).json()
    again = (await client.post("/api/v1/statuses", json={"status": "Once"}, headers=headers)).json()
    assert again["id"] == first["id"]
    other = await api.client(bob)
    theirs = (await other.post("/api/v1/statuses", json={"status": "Once"}, headers=headers)).json()
    assert theirs["id"] != first["id"]
    api.advance(seconds=3_601)
    later = (await client.post("/api/v1/statuses", json={"status": "Once"}, headers=headers)).json()
    assert later["id"] != first["id"]


@pytest.mark.parametrize(
    ("bad", "status", "word"),
    [
        ({}, 422, "Text can't be blank"),
        ({"status": "  \n "}, 422, "Text can't be blank"),
        ({"status": "x" * 501}, 422, "500"),
        ({"status": ["x"]}, 422, "status"),
        ({"status": "x", "visibility": "secret"}, 422, "visibility"),
        ({"status": "x", "sensitive": "perhaps"}, 422, "sensitive"),
        ({"status": "x", "language": "not a language"}, 422, "Language"),
        ({"status": "x", "in_reply_to_id": 5}, 404, "reply"),
        ({"status": "x", "in_reply_to_id": "abc"}, 422, "in_reply_to_id"),
        ({"status": "x", "poll": {"options": ["a", "b"]}}, 422, "too soon"),
        ({"status": "x", "scheduled_at": "2020-01-01T00:00:00Z"}, 422, "in the future"),
        ({"status": "x", "scheduled_at": "soon"}, 422, "scheduled_at"),
        ({"status": "x", "quoted_status_id": "1"}, 404, "quote"),
        ({"status": "x", "location": {"latitude": 1}}, 422, "longitude"),
        ({"status": "x", "location": {"latitude": 91, "longitude": 0}}, 422, "latitude"),
        ({"status": "x", "location": {"name": "n" * 101}}, 422, "name"),
    ],
)
async def test_what_cannot_be_posted_is_named_and_changes_nothing(
    api: World, bad: dict[str, Any], status: int, word: str
):
    client = await api.client(await api.user("ada"))
    response = await client.post("/api/v1/statuses", json=bad)
    assert response.status_code == status
    assert word in response.json()["error"]
    assert not await api.rows("SELECT id FROM tweets")
    assert not await api.rows("SELECT id FROM tasks WHERE kind = 'FanOutTweet'")


async def test_empty_values_that_clients_send_are_as_good_as_none(api: World):
    client = await api.client(await api.user("ada"))
    status = await posted(
        client,
        status="Hi",
        visibility="",
        in_reply_to_id=None,
        media_ids=[],
        poll=None,
        spoiler_text="",
        sensitive=None,
    )
    assert status["visibility"] == "public"
    form = {"status": "Hi", "in_reply_to_id": "", "sensitive": "", "language": "", "visibility": ""}
    assert (await client.post("/api/v1/statuses", data=form)).status_code == 200


async def test_several_statuses_come_in_one_answer(api: World):
    ada = await api.user("ada")
    first, second = await api.tweet(ada), await api.tweet(ada)
    hidden = await api.tweet(ada, visibility=3)
    answer = await api.anonymous().get(
        "/api/v1/statuses", params={"id[]": [str(view.tweet.id) for view in (second, hidden, first)] + ["5"]}
    )
    assert [status["id"] for status in answer.json()] == [str(second.tweet.id), str(first.tweet.id)]


async def test_a_deleted_status_is_returned_as_written_and_then_gone(api: World):
    client = await api.client(await api.user("ada"))
    status = await posted(client, status="Hello <b>", spoiler_text="cw")
    deleted = await client.delete(f"/api/v1/statuses/{status['id']}")
    assert deleted.json()["text"] == "Hello <b>"
    assert deleted.json()["spoiler_text"] == "cw"
    assert (await client.get(f"/api/v1/statuses/{status['id']}")).status_code == 404
    assert (await client.delete(f"/api/v1/statuses/{status['id']}")).status_code == 404


async def test_nobody_deletes_what_others_wrote(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    view = await api.tweet(ada)
    client = await api.client(bob)
    assert (await client.delete(f"/api/v1/statuses/{view.tweet.id}")).status_code == 404
    assert (await client.get(f"/api/v1/statuses/{view.tweet.id}")).status_code == 200


async def test_context_holds_ancestors_and_descendants_in_order(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    root = await api.tweet(ada, "root")
    first = await api.tweet(bob, "first", reply_to_id=root.tweet.id)
    second = await api.tweet(bob, "second", reply_to_id=root.tweet.id)
    below_first = await api.tweet(ada, "below first", reply_to_id=first.tweet.id)
    answer = (await api.anonymous().get(f"/api/v1/statuses/{root.tweet.id}/context")).json()
    assert answer["ancestors"] == []
    assert [status["id"] for status in answer["descendants"]] == [
        str(view.tweet.id) for view in (first, below_first, second)
    ]
    answer = (await api.anonymous().get(f"/api/v1/statuses/{below_first.tweet.id}/context")).json()
    assert [status["id"] for status in answer["ancestors"]] == [str(root.tweet.id), str(first.tweet.id)]


async def test_each_mark_shows_on_the_status_and_goes_again(api: World):
    client = await api.client(await api.user("ada"))
    status = await posted(client, status="Mine")
    for verb, undo, mark in (
        ("favourite", "unfavourite", "favourited"),
        ("bookmark", "unbookmark", "bookmarked"),
        ("pin", "unpin", "pinned"),
        ("mute", "unmute", "muted"),
    ):
        for _ in range(2):
            assert (await client.post(f"/api/v1/statuses/{status['id']}/{verb}")).json()[mark] is True
        assert (await client.get(f"/api/v1/statuses/{status['id']}")).json()[mark] is True
        for _ in range(2):
            assert (await client.post(f"/api/v1/statuses/{status['id']}/{undo}")).json()[mark] is False
        assert (await client.get(f"/api/v1/statuses/{status['id']}")).json()[mark] is False


async def test_a_reblog_wraps_the_status_and_is_taken_back(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    status = await api.tweet(ada, "Mine")
    client = await api.client(bob)
    reblog = (
        await client.post(f"/api/v1/statuses/{status.tweet.id}/reblog", json={"visibility": "unlisted"})
    ).json()
    assert reblog["account"]["username"] == "bob"
    assert reblog["reblog"]["id"] == str(status.tweet.id)
    assert reblog["reblog"]["reblogs_count"] == 1
    assert reblog["reblogged"] is True
    assert (await client.post(f"/api/v1/statuses/{status.tweet.id}/reblog")).json()["id"] == reblog["id"]
    by = await client.get(f"/api/v1/statuses/{status.tweet.id}/reblogged_by")
    assert [account["username"] for account in by.json()] == ["bob"]
    undone = (await client.post(f"/api/v1/statuses/{status.tweet.id}/unreblog")).json()
    assert undone["id"] == str(status.tweet.id)
    assert (undone["reblogs_count"], undone["reblogged"]) == (0, False)
    assert (await client.get(f"/api/v1/statuses/{reblog['id']}")).status_code == 404


async def test_source_and_history_show_what_was_written(api: World):
    client = await api.client(await api.user("ada"))
    status = await posted(client, status="Hello <b>", spoiler_text="cw")
    source = (await client.get(f"/api/v1/statuses/{status['id']}/source")).json()
    assert source == {"id": status["id"], "text": "Hello <b>", "spoiler_text": "cw"}
    history = (await client.get(f"/api/v1/statuses/{status['id']}/history")).json()
    assert [version["content"] for version in history] == ["<p>Hello &lt;b&gt;</p>"]


async def test_favourites_and_bookmarks_are_paged_by_when_they_were_made(api: World):
    ada = await api.user("ada")
    client = await api.client(ada)
    views = await api.tweets(ada, 5)
    order = [views[number] for number in (2, 0, 4, 1, 3)]
    for path, verb in (("/api/v1/favourites", "favourite"), ("/api/v1/bookmarks", "bookmark")):
        for view in order:
            await client.post(f"/api/v1/statuses/{view.tweet.id}/{verb}")
        expected = [str(view.tweet.id) for view in reversed(order)]
        first = await client.get(path, params={"limit": 2})
        second = await client.get(linked(first, "next"))
        third = await client.get(linked(second, "next"))
        found = [status["id"] for page in (first, second, third) for status in page.json()]
        assert found == expected
        assert "next" not in third.links
        back = await client.get(linked(third, "prev"))
        assert [status["id"] for status in back.json()] == expected[2:4]


async def test_who_favourited_is_paged_and_hides_the_blocked(api: World):
    ada = await api.user("ada")
    view = await api.tweet(ada)
    names = ["bob", "cyd", "dan"]
    for name in names:
        client = await api.client(await api.user(name))
        await client.post(f"/api/v1/statuses/{view.tweet.id}/favourite")
    path = f"/api/v1/statuses/{view.tweet.id}/favourited_by"
    first = await api.anonymous().get(path, params={"limit": 2})
    second = await api.anonymous().get(linked(first, "next"))
    assert [account["username"] for page in (first, second) for account in page.json()] == [
        "dan",
        "cyd",
        "bob",
    ]
    eve = await api.client(await api.user("eve"))
    cyd = next(account for account in first.json() if account["username"] == "cyd")
    await eve.post(f"/api/v1/accounts/{cyd['id']}/block")
    assert [account["username"] for account in (await eve.get(path)).json()] == ["dan", "bob"]


async def test_an_accounts_statuses_obey_the_filters_clients_send(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    client = await api.client(ada)
    other = await api.tweet(bob, "other")
    plain = await posted(client, status="plain #Nest")
    thread = await posted(client, status="thread", in_reply_to_id=plain["id"])
    reply = await posted(client, status="reply", in_reply_to_id=str(other.tweet.id))
    reblog = (await client.post(f"/api/v1/statuses/{other.tweet.id}/reblog")).json()
    await client.post(f"/api/v1/statuses/{plain['id']}/pin")
    path = f"/api/v1/accounts/{ada.id}/statuses"

    async def ids(**params: Any) -> list[str]:
        return [status["id"] for status in (await api.anonymous().get(path, params=params)).json()]

    everything = [each["id"] for each in (reblog, reply, thread, plain)]
    assert await ids() == everything
    assert await ids(exclude_replies="true") == [each["id"] for each in (reblog, thread, plain)]
    assert await ids(exclude_reblogs="1") == everything[1:]
    assert await ids(exclude_replies=True, exclude_reblogs=True) == [thread["id"], plain["id"]]
    assert await ids(pinned="true") == [plain["id"]]
    assert await ids(tagged="nest") == [plain["id"]]
    assert await ids(tagged="eggs") == []
    assert await ids(only_media="true") == []
    assert (await api.anonymous().get("/api/v1/accounts/5/statuses")).status_code == 404
    page = await api.anonymous().get(path, params={"limit": 2, "exclude_reblogs": "true"})
    rest = await api.anonymous().get(linked(page, "next"))
    assert [status["id"] for each in (page, rest) for status in each.json()] == everything[1:]


async def test_a_hashtags_timeline_takes_any_all_and_none(api: World):
    client = await api.client(await api.user("ada"))
    a = await posted(client, status="#Owl")
    b = await posted(client, status="#owl #wren")
    c = await posted(client, status="#owl #wren #HERON")
    d = await posted(client, status="#finch")
    await posted(client, status="#owl quietly", visibility="unlisted")

    async def ids(name: str, **params: Any) -> list[str]:
        answer = await client.get(f"/api/v1/timelines/tag/{name}", params=params)
        assert answer.status_code == 200, answer.text
        return [status["id"] for status in answer.json()]

    assert await ids("OWL") == [each["id"] for each in (c, b, a)]
    assert await ids("owl", **{"any[]": ["finch"]}) == [each["id"] for each in (d, c, b, a)]
    assert await ids("owl", **{"all[]": ["wren"]}) == [c["id"], b["id"]]
    assert await ids("owl", **{"all[]": ["wren"], "none[]": ["heron"]}) == [b["id"]]
    assert await ids("owl", **{"all[]": ["nobody"]}) == []
    assert await ids("owl", **{"none[]": ["nobody"], "limit": 1}) == [c["id"]]
    assert await ids("nobody") == []
    assert await ids("owl", remote="true") == []
    assert await ids("owl", local="true", min_id=a["id"], limit=1) == [b["id"]]
    first = await client.get("/api/v1/timelines/tag/owl", params={"limit": 1, "all[]": ["wren"]})
    second = await client.get(linked(first, "next"))
    assert [status["id"] for status in second.json()] == [b["id"]]


async def test_the_public_timeline_knows_local_and_remote(api: World):
    client = await api.client(await api.user("ada"))
    status = await posted(client, status="Hi")
    for params, found in (
        ({"local": "true"}, [status["id"]]),
        ({"remote": "true"}, []),
        ({"only_media": "1"}, []),
    ):
        answer = await api.anonymous().get("/api/v1/timelines/public", params=params)
        assert [each["id"] for each in answer.json()] == found


async def test_there_are_no_conversations_yet(api: World):
    client = await api.client(await api.user("ada"))
    assert (await client.get("/api/v1/conversations")).json() == []


@pytest.mark.parametrize("verb", ["favourite", "reblog", "bookmark", "pin", "mute", "context", "source"])
async def test_what_may_not_be_seen_is_not_found(api: World, verb: str):
    ada, bob = await api.user("ada"), await api.user("bob")
    view = await api.tweet(ada, "secret", visibility=2)
    client = await api.client(bob)
    method = "GET" if verb in {"context", "source"} else "POST"
    for tweet_id in (view.tweet.id, 5, 0, 2**63 - 1, "abc", -1):
        answer = await client.request(method, f"/api/v1/statuses/{tweet_id}/{verb}")
        assert (answer.status_code, answer.json()["error"]) == (404, "Record not found")


@pytest.mark.parametrize(
    ("method", "path", "scopes"),
    [
        ("POST", "", "read write:favourites"),
        ("POST", "/{id}/favourite", "read write:statuses"),
        ("POST", "/{id}/bookmark", "read write:statuses"),
        ("POST", "/{id}/pin", "read write:statuses"),
        ("POST", "/{id}/mute", "read write:statuses"),
        ("POST", "/{id}/reblog", "read"),
        ("DELETE", "/{id}", "read"),
        ("GET", "/{id}", "write"),
    ],
)
async def test_each_operation_asks_for_its_scope(api: World, method: str, path: str, scopes: str):
    ada = await api.user("ada")
    view = await api.tweet(ada)
    client = await api.client(ada, scopes=scopes)
    answer = await client.request(method, f"/api/v1/statuses{path.format(id=view.tweet.id)}")
    assert answer.status_code == 403


async def test_a_hashtag_has_one_address_everywhere(api: World):
    client = await api.client(await api.user("ada"))
    status = await posted(client, status="#Vögel")
    assert status["tags"] == [{"name": "vögel", "url": f"{api.settings.base_url}/tags/v%C3%B6gel"}]
    assert f'href="{status["tags"][0]["url"]}"' in status["content"]
    found = await client.get("/api/v1/timelines/tag/V%C3%B6gel")
    assert [each["id"] for each in found.json()] == [status["id"]]


async def test_what_may_not_be_pinned_is_told_in_mastodons_words(api: World):
    ada = await api.user("ada")
    client = await api.client(ada)
    status = await posted(client, status="One")
    boost = (await client.post(f"/api/v1/statuses/{status['id']}/reblog")).json()
    refused = await client.post(f"/api/v1/statuses/{boost['id']}/pin")
    assert (refused.status_code, refused.json()["error"]) == (
        422,
        "Validation failed: A boost cannot be pinned",
    )
