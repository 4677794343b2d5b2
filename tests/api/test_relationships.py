"""Follows, blocks, mutes and requests as clients see them."""

import httpx

from rookery.domain.users import User
from tests.world import World


def path(user: User, verb: str) -> str:
    return f"/api/v1/accounts/{user.id}/{verb}"


async def test_following_answers_the_relationship(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    client = await api.client(ada)
    answer = await client.post(
        path(bob, "follow"), data={"reblogs": "false", "notify": "1", "languages[]": ["en"]}
    )
    assert answer.status_code == 200
    assert answer.json() == {
        "id": str(bob.id),
        "following": True,
        "showing_reblogs": False,
        "notifying": True,
        "languages": ["en"],
        "followed_by": False,
        "blocking": False,
        "blocked_by": False,
        "muting": False,
        "muting_notifications": False,
        "muting_expires_at": None,
        "requested": False,
        "requested_by": False,
        "domain_blocking": False,
        "endorsed": False,
        "note": "",
    }
    again = await client.post(path(bob, "follow"), json={"reblogs": True})
    assert (again.json()["showing_reblogs"], again.json()["notifying"]) == (True, True)
    gone = await client.post(path(bob, "unfollow"))
    assert (gone.json()["following"], gone.json()["showing_reblogs"], gone.json()["languages"]) == (
        False,
        False,
        None,
    )


async def test_following_oneself_is_not_found_and_the_blocked_forbidden(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    client = await api.client(ada)
    assert (await client.post(path(ada, "follow"))).status_code == 404
    assert (await client.post("/api/v1/accounts/7/follow")).status_code == 404
    assert (await client.post("/api/v1/accounts/ada/follow")).status_code == 404
    assert (await client.post(path(bob, "block"))).json()["blocking"] is True
    forbidden = await client.post(path(bob, "follow"))
    assert forbidden.status_code == 403
    assert forbidden.json() == {"error": "This action is not allowed"}


async def test_relationships_come_in_the_order_asked(api: World):
    ada, bob, cy = [await api.user(name) for name in ("ada", "bob", "cy")]
    await api.follow(ada, cy)
    client = await api.client(ada)
    answer = await client.get(
        "/api/v1/accounts/relationships", params={"id[]": [cy.id, 7, bob.id], "with_suspended": "true"}
    )
    assert [(one["id"], one["following"]) for one in answer.json()] == [
        (str(cy.id), True),
        (str(bob.id), False),
    ]
    single = await client.get("/api/v1/accounts/relationships", params={"id": bob.id})
    assert [one["id"] for one in single.json()] == [str(bob.id)]
    assert (await client.get("/api/v1/accounts/relationships")).json() == []


async def test_a_locked_account_decides_about_requests(api: World):
    ada, bob, cy = await api.user("ada"), await api.user("bob", locked=True), await api.user("cy")
    asking, deciding = await api.client(ada), await api.client(bob)
    assert (await asking.post(path(bob, "follow"))).json()["requested"] is True
    await (await api.client(cy)).post(path(bob, "follow"))
    waiting = await deciding.get("/api/v1/follow_requests")
    assert [account["username"] for account in waiting.json()] == ["cy", "ada"]
    me = (await deciding.get("/api/v1/accounts/verify_credentials")).json()
    assert me["source"]["follow_requests_count"] == 2
    accepted = await deciding.post(f"/api/v1/follow_requests/{ada.id}/authorize")
    assert accepted.json()["followed_by"] is True
    rejected = await deciding.post(f"/api/v1/follow_requests/{cy.id}/reject")
    assert (rejected.json()["followed_by"], rejected.json()["requested_by"]) == (False, False)
    assert (await deciding.post(f"/api/v1/follow_requests/{cy.id}/reject")).status_code == 404
    assert (await deciding.get("/api/v1/follow_requests")).json() == []
    removed = await deciding.post(path(ada, "remove_from_followers"))
    assert removed.json()["followed_by"] is False


async def test_blocks_are_listed_and_taken_back(api: World):
    ada, bob, cy = [await api.user(name) for name in ("ada", "bob", "cy")]
    client = await api.client(ada)
    for target in (bob, cy):
        await client.post(path(target, "block"))
    first = await client.get("/api/v1/blocks", params={"limit": 1})
    assert [account["username"] for account in first.json()] == ["cy"]
    second = await client.get(first.links["next"]["url"])
    assert [account["username"] for account in second.json()] == ["bob"]
    back = await client.get(second.links["prev"]["url"])
    assert [account["username"] for account in back.json()] == ["cy"]
    assert (await client.post(path(bob, "unblock"))).json()["blocking"] is False
    seen = await (await api.client(cy)).get("/api/v1/accounts/relationships", params={"id[]": ada.id})
    assert seen.json()[0]["blocked_by"] is True
    assert (await client.get("/api/v1/domain_blocks")).json() == []


async def test_mutes_tell_when_they_end(api: World):
    ada, bob, cy = [await api.user(name) for name in ("ada", "bob", "cy")]
    client = await api.client(ada)
    timed = await client.post(path(bob, "mute"), data={"duration": "3600", "notifications": "false"})
    assert (timed.json()["muting"], timed.json()["muting_notifications"]) == (True, False)
    assert timed.json()["muting_expires_at"] is not None
    lasting = await client.post(path(cy, "mute"))
    assert (lasting.json()["muting_notifications"], lasting.json()["muting_expires_at"]) == (True, None)
    listed = (await client.get("/api/v1/mutes")).json()
    assert [account["username"] for account in listed] == ["cy", "bob"]
    assert listed[0]["mute_expires_at"] is None
    assert listed[1]["mute_expires_at"] == timed.json()["muting_expires_at"]
    assert (await client.post(path(cy, "unmute"))).json()["muting"] is False
    assert (await client.post(path(bob, "mute"), data={"duration": "-5"})).status_code == 422


async def test_familiar_followers_are_asked_for_as_mastodon_py_does(api: World):
    ada, bob, cy = [await api.user(name) for name in ("ada", "bob", "cy")]
    await api.follow(ada, bob)
    await api.follow(bob, cy)
    client = await api.client(ada)
    by_query = await client.get("/api/v1/accounts/familiar_followers", params={"id[]": cy.id})
    by_json = await client.request("GET", "/api/v1/accounts/familiar_followers", json={"id": [cy.id]})
    for answer in (by_query, by_json):
        [found] = answer.json()
        assert found["id"] == str(cy.id)
        assert [account["username"] for account in found["accounts"]] == ["bob"]


async def test_scopes_are_enforced(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    reading, blocking, old = [
        await api.client(ada, scopes=scopes) for scopes in ("read", "write:blocks", "follow")
    ]

    async def status(client: httpx.AsyncClient, verb: str) -> int:
        return (await client.post(path(bob, verb))).status_code

    assert [await status(reading, verb) for verb in ("follow", "block", "mute")] == [403, 403, 403]
    assert [await status(blocking, verb) for verb in ("follow", "block", "unblock", "mute")] == [
        403,
        200,
        200,
        403,
    ]
    assert [await status(old, verb) for verb in ("follow", "block", "mute")] == [200, 200, 200]
    assert (await api.anonymous().post(path(bob, "follow"))).status_code == 401
