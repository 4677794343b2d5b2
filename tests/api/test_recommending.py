"""Notes, endorsements, suggestions, collections and blocked servers as clients see them."""

from tests.world import World


async def test_a_note_is_part_of_the_relationship(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    client = await api.client(ada)
    path = f"/api/v1/accounts/{bob.id}/note"
    assert (await client.post(path, data={"comment": "From work"})).json()["note"] == "From work"
    [found] = (await client.get("/api/v1/accounts/relationships", params={"id[]": bob.id})).json()
    assert found["note"] == "From work"
    [theirs] = (
        await (await api.client(bob)).get("/api/v1/accounts/relationships", params={"id[]": ada.id})
    ).json()
    assert theirs["note"] == ""
    assert (await client.post(path)).json()["note"] == ""
    assert (await client.post(path, data={"comment": "x" * 2001})).status_code == 422
    assert (await client.post("/api/v1/accounts/7/note")).status_code == 404


async def test_endorsing_answers_the_relationship_in_both_versions(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    client = await api.client(ada)
    for yes, no in (("endorse", "unendorse"), ("pin", "unpin")):
        refused = await client.post(f"/api/v1/accounts/{bob.id}/{yes}")
        assert refused.status_code == 422
        assert refused.json()["error"] == (
            "Validation failed: You must be already following the account you want to endorse"
        )
        await api.follow(ada, bob)
        assert (await client.post(f"/api/v1/accounts/{bob.id}/{yes}")).json()["endorsed"] is True
        assert [one["acct"] for one in (await client.get("/api/v1/endorsements")).json()] == ["bob"]
        of_ada = await api.anonymous().get(f"/api/v1/accounts/{ada.id}/endorsements")
        assert [one["acct"] for one in of_ada.json()] == ["bob"]
        assert "max_id" not in of_ada.headers.get("link", "")
        assert (await client.post(f"/api/v1/accounts/{bob.id}/{no}")).json()["endorsed"] is False
        await client.post(f"/api/v1/accounts/{bob.id}/unfollow")
    assert (await api.anonymous().get("/api/v1/accounts/7/endorsements")).status_code == 404


async def test_suggestions_say_why_and_can_be_dismissed(api: World):
    ada, bob, cyd = await api.user("ada"), await api.user("bob"), await api.user("cyd", discoverable=True)
    await api.follow(ada, bob)
    await api.follow(bob, cyd)
    client = await api.client(ada)
    [one] = (await client.get("/api/v2/suggestions")).json()
    assert (one["source"], one["sources"], one["account"]["acct"]) == (
        "past_interactions",
        ["friends_of_friends"],
        "cyd",
    )
    assert [each["acct"] for each in (await client.get("/api/v1/suggestions")).json()] == ["cyd"]
    assert (await client.get("/api/v2/suggestions", params={"offset": 1})).json() == []
    assert (await client.delete(f"/api/v1/suggestions/{cyd.id}")).json() == {}
    assert (await client.get("/api/v2/suggestions")).json() == []


async def test_blocked_servers_are_kept_for_their_user(api: World):
    ada = await api.user("ada")
    client = await api.client(ada)
    path = "/api/v1/domain_blocks"
    for domain in ("one.example", "two.example"):
        assert (await client.post(path, data={"domain": domain})).json() == {}
    assert (await client.get(path)).json() == ["two.example", "one.example"]
    first = await client.get(path, params={"limit": 1})
    assert first.json() == ["two.example"]
    assert (await client.get(first.links["next"]["url"])).json() == ["one.example"]
    assert (await client.request("DELETE", path, params={"domain": "one.example"})).json() == {}
    assert (await client.request("DELETE", path, data={"domain": "two.example"})).json() == {}
    assert (await client.get(path)).json() == []
    refused = await client.post(path, data={"domain": "no domain"})
    assert refused.json()["error"] == "Validation failed: Domain is not a valid domain name"
    assert (await client.post(path)).status_code == 422


async def test_collections_are_made_shown_changed_and_left(api: World):
    ada, bob = await api.user("ada"), await api.user("bob", discoverable=True)
    client, featured = await api.client(ada), await api.client(bob)
    answer = await client.post(
        "/api/v1/collections",
        data={
            "name": "Birds",
            "description": "People who tweet",
            "language": "en",
            "tag_name": "#Birds",
            "discoverable": "true",
            "account_ids[]": [bob.id],
        },
    )
    assert answer.status_code == 200, answer.text
    made = answer.json()["collection"]
    [item] = made["items"]
    assert (made["name"], made["tag"]["name"], made["item_count"]) == ("Birds", "birds", 1)
    assert (item["account_id"], item["state"]) == (str(bob.id), "accepted")
    path = f"/api/v1/collections/{made['id']}"
    shown = (await api.anonymous().get(path)).json()
    assert shown["collection"] == made
    assert [one["acct"] for one in shown["accounts"]] == ["ada", "bob"]
    of_ada = await api.anonymous().get(f"/api/v1/accounts/{ada.id}/collections")
    assert of_ada.json() == {"collections": [made]}
    assert (await featured.get(f"/api/v1/accounts/{bob.id}/in_collections")).json() == {"collections": [made]}
    assert (await client.get(f"/api/v1/accounts/{bob.id}/in_collections")).status_code == 403
    assert (await featured.patch(path, data={"name": "Mine"})).status_code == 403
    changed = (await client.patch(path, data={"name": "Rooks", "tag_name": ""})).json()["collection"]
    assert (changed["name"], changed["tag"], changed["description"]) == ("Rooks", None, "People who tweet")
    assert (await client.post(f"{path}/items/{item['id']}/revoke")).status_code == 404
    assert (await featured.post(f"{path}/items/{item['id']}/revoke")).json() == {}
    assert (await client.get(path)).json()["collection"]["items"] == []
    again = await client.post(f"{path}/items", data={"account_id": bob.id})
    assert again.status_code == 403
    cyd = await api.user("cyd", discoverable=True)
    added = (await client.post(f"{path}/items", data={"account_id": cyd.id})).json()["collection_item"]
    assert (await client.delete(f"{path}/items/{added['id']}")).json() == {}
    assert (await client.delete(path)).json() == {}
    assert (await client.get(path)).status_code == 404


async def test_no_refresh_ever_runs(api: World):
    client = await api.client(await api.user("ada"))
    assert (await client.get("/api/v1_alpha/async_refreshes/anything")).status_code == 404
