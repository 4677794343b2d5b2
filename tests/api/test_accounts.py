"""Accounts as others see them: by id, by name, in lists."""

from rookery.domain.users import ProfileField, UserState
from rookery.usecases.blocks import block
from tests.world import World


async def test_an_account_says_what_everybody_may_know(api: World):
    ada = await api.user(
        "Ada",
        display_name="Ada L.",
        bio="Hello <b>world</b>",
        fields=(ProfileField("Site", "<script>alert(1)</script>"),),
        locked=True,
        indexable=False,
    )
    account = (await api.anonymous().get(f"/api/v1/accounts/{ada.id}")).json()
    assert (account["id"], account["username"], account["acct"]) == (str(ada.id), "Ada", "Ada")
    assert (account["display_name"], account["locked"], account["noindex"]) == ("Ada L.", True, True)
    assert "<b>" not in account["note"]
    assert "<script>" not in account["fields"][0]["value"]
    assert "email" not in account
    assert "source" not in account


async def test_the_absent_and_the_inactive_are_not_found(api: World):
    disabled = await api.user("bob", state=UserState.DISABLED)
    client = api.anonymous()
    for account_id in (disabled.id, 7, "ada", 2**70):
        assert (await client.get(f"/api/v1/accounts/{account_id}")).status_code == 404
    assert (await client.get("/api/v1/accounts/lookup", params={"acct": "bob"})).status_code == 404
    assert (await client.get("/api/v1/accounts", params={"id[]": [disabled.id, 7]})).json() == []


async def test_several_accounts_come_in_the_order_asked(api: World):
    users = [await api.user(name) for name in ("ada", "bob", "cy")]
    answer = await api.anonymous().get(
        "/api/v1/accounts", params={"id[]": [user.id for user in reversed(users)]}
    )
    assert [account["username"] for account in answer.json()] == ["cy", "bob", "ada"]


async def test_lookup_takes_local_addresses_in_any_case(api: World):
    await api.user("Ada")
    client = api.anonymous()
    host = api.services.instance.domain
    for acct in ("ada", "@ADA", f"ada@{host}", f"@Ada@{host.upper()}"):
        assert (await client.get("/api/v1/accounts/lookup", params={"acct": acct})).json()[
            "username"
        ] == "Ada"
    for acct in ("ada@elsewhere.example", "", "@", "bob"):
        assert (await client.get("/api/v1/accounts/lookup", params={"acct": acct})).status_code == 404
    assert (await client.get("/api/v1/accounts/lookup")).status_code == 422


async def test_search_finds_the_beginnings_of_names(api: World):
    ada = await api.user("ada")
    for name in ("adam", "Adalbert", "a_da", "bob"):
        await api.user(name)
    client = await api.client(ada)

    async def found(**parameters: object) -> list[str]:
        answer = await client.get("/api/v1/accounts/search", params=parameters)
        return [account["username"] for account in answer.json()]

    assert await found(q="ADA") == ["ada", "a_da", "Adalbert", "adam"]
    assert await found(q="@ada", limit=1) == ["ada"]
    assert await found(q="ada", limit=1, offset=1) == ["a_da"]
    assert await found(q="a_") == ["a_da"]
    assert await found(q="%") == []
    assert await found(q=" ") == []
    assert await found(q="ada", following="true") == []
    assert (await api.anonymous().get("/api/v1/accounts/search", params={"q": "a"})).status_code == 401


async def test_followers_and_following_are_paged_by_link(api: World):
    ada = await api.user("ada")
    for number in range(5):
        await api.follow(await api.user(f"user{number}"), ada)
    client = api.anonymous()
    first = await client.get(f"/api/v1/accounts/{ada.id}/followers", params={"limit": 2})
    assert [account["username"] for account in first.json()] == ["user4", "user3"]
    assert f"/api/v1/accounts/{ada.id}/followers?" in first.links["next"]["url"]
    second = await client.get(first.links["next"]["url"])
    assert [account["username"] for account in second.json()] == ["user2", "user1"]
    third = await client.get(second.links["next"]["url"])
    assert [account["username"] for account in third.json()] == ["user0"]
    assert "next" not in third.links
    back = await client.get(third.links["prev"]["url"])
    assert [account["username"] for account in back.json()] == ["user2", "user1"]
    user = (await client.get("/api/v1/accounts/lookup", params={"acct": "user0"})).json()
    following = await client.get(f"/api/v1/accounts/{user['id']}/following")
    assert [account["username"] for account in following.json()] == ["ada"]
    assert (await client.get("/api/v1/accounts/7/followers")).status_code == 404


async def test_hidden_follows_hide_their_counts_too(api: World):
    ada, bob = await api.user("ada", hides_follows=True), await api.user("bob")
    await api.follow(bob, ada)
    others = api.anonymous()
    account = (await others.get(f"/api/v1/accounts/{ada.id}")).json()
    assert (account["followers_count"], account["hide_collections"]) == (0, True)
    assert (await others.get(f"/api/v1/accounts/{ada.id}/followers")).json() == []
    own = await api.client(ada)
    assert (await own.get("/api/v1/accounts/verify_credentials")).json()["followers_count"] == 1
    assert len((await own.get(f"/api/v1/accounts/{ada.id}/followers")).json()) == 1


async def test_the_directory_lists_the_newest_and_the_active_who_want_to_be_found(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    hidden = await api.user("hidden", discoverable=False)
    api.advance(seconds=1)
    await api.tweet(bob)
    api.advance(seconds=1)
    await api.tweet(ada)
    await api.tweet(hidden)
    await api.user("silent")
    client = api.anonymous()

    async def listed(**parameters: object) -> list[str]:
        answer = await client.get("/api/v1/directory", params=parameters)
        return [account["username"] for account in answer.json()]

    assert await listed() == ["ada", "bob"]
    assert await listed(order="active", offset=1) == ["bob"]
    assert await listed(order="new") == ["silent", "bob", "ada"]
    assert await listed(order="new", limit=1) == ["silent"]
    await block(api.services, ada.id, bob.id)
    seen = await (await api.client(ada)).get("/api/v1/directory")
    assert [account["username"] for account in seen.json()] == ["ada"]


async def test_what_nobody_has_yet_is_an_empty_list(api: World):
    ada = await api.user("ada")
    client = await api.client(ada)
    for path in (
        f"/api/v1/accounts/{ada.id}/lists",
        f"/api/v1/accounts/{ada.id}/featured_tags",
        f"/api/v1/accounts/{ada.id}/endorsements",
        f"/api/v1/accounts/{ada.id}/identity_proofs",
        "/api/v1/endorsements",
        "/api/v1/suggestions",
        "/api/v2/suggestions",
        "/api/v1/followed_tags",
        "/api/v1/featured_tags",
        "/api/v1/featured_tags/suggestions",
        "/api/v1/domain_blocks",
    ):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()) == (200, []), path


async def test_a_hashtag_tells_its_last_seven_days(api: World):
    from rookery.domain.tweets import Visibility

    ada, bob = await api.user("ada"), await api.user("bob")
    client = api.anonymous()
    await api.tweet(ada, "#Rooks")
    await api.tweet(ada, "#rooks again")
    await api.tweet(bob, "#rooks for few", visibility=Visibility.FOLLOWERS)
    api.advance(days=1)
    await api.tweet(bob, "#ROOKS")
    tag = (await client.get("/api/v1/tags/Rooks")).json()
    assert (tag["name"], tag["following"]) == ("rooks", False)
    assert tag["url"].endswith("/tags/rooks")
    assert [(day["uses"], day["accounts"]) for day in tag["history"]] == [("1", "1"), ("2", "1")] + [
        ("0", "0")
    ] * 5
    assert int(tag["history"][0]["day"]) - int(tag["history"][1]["day"]) == 86_400
    unused = (await client.get("/api/v1/tags/unused")).json()
    assert {day["uses"] for day in unused["history"]} == {"0"}
    assert (await client.get("/api/v1/tags/12%2034")).status_code == 404


async def test_a_report_is_kept_with_the_tweets_of_the_reported(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    by_ada, by_bob = await api.tweet(ada), await api.tweet(bob)
    client = await api.client(ada)
    answer = await client.post(
        "/api/v1/reports/",
        data={
            "account_id": bob.id,
            "status_ids[]": [by_bob.tweet.id, by_ada.tweet.id],
            "comment": "Spam!",
            "category": "spam",
            "forward": "false",
        },
    )
    report = answer.json()
    assert answer.status_code == 200
    assert (report["category"], report["comment"], report["action_taken"]) == ("spam", "Spam!", False)
    assert report["status_ids"] == [str(by_bob.tweet.id)]
    assert report["target_account"]["username"] == "bob"
    [row] = await api.rows("SELECT reporter_id, target_id, comment FROM reports")
    assert tuple(row) == (ada.id, bob.id, "Spam!")
    too_long = await client.post("/api/v1/reports", data={"account_id": bob.id, "comment": "x" * 1001})
    assert too_long.status_code == 422
    assert (await client.post("/api/v1/reports", data={"account_id": 7})).status_code == 404
    assert (await client.post("/api/v1/reports", data={"comment": "whom?"})).status_code == 422
