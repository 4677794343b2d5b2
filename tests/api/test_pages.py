"""The pages: what a person with a browser and no script can do, and what strangers cannot."""

import re

import httpx

from rookery.api.addresses import page_links
from rookery.domain.tweets import Visibility
from rookery.usecases import sign_up
from tests.api.forms import fields, sign_in, submit
from tests.api.test_apps import register
from tests.api.test_oauth import allow, secrets
from tests.conftest import OpenWorld
from tests.world import World

PASSWORD = "correct horse battery"
PERSON = {
    "username": "ada",
    "email": "ada@example.org",
    "password": PASSWORD,
    "date_of_birth": "1990-05-04",
}


async def test_one_signs_up_is_signed_in_and_signs_out(world: World):
    client = world.anonymous()
    assert "/auth/sign_up" in (await client.get("/")).text
    page = await client.get("/auth/sign_up")
    response = await submit(client, page, "/auth/sign_up", **PERSON)
    assert (response.status_code, response.headers["location"]) == (303, "/")
    start = await client.get("/")
    assert "@ada" in start.text
    response = await submit(client, start, "/auth/sign_out")
    assert response.status_code == 303
    assert "@ada" not in (await client.get("/")).text
    [(count,)] = await world.rows("SELECT COUNT(*) FROM sessions")
    assert count == 0


async def test_what_is_wrong_stands_beside_its_field_and_what_was_right_is_kept(world: World):
    client = world.anonymous()
    page = await client.get("/auth/sign_up")
    response = await submit(
        client, page, "/auth/sign_up", **{**PERSON, "username": 'a"><script>', "password": "x"}
    )
    assert response.status_code == 422
    assert "Must contain only letters" in response.text
    assert "<script" not in response.text
    kept = fields(response.text, "/auth/sign_up")
    assert kept["email"] == PERSON["email"]
    assert kept["username"] == 'a"><script>'
    assert kept["password"] == ""


async def test_the_way_to_an_app_leads_over_signing_up(world: World):
    client = world.anonymous()
    app = await register(client)
    wanted = {"client_id": app["client_id"], "redirect_uri": app["redirect_uri"], "response_type": "code"}
    first = await client.get("/oauth/authorize", params={**wanted, "state": "a b&c"})
    page = await client.get(first.headers["location"])
    link = re.search(r'href="(/auth/sign_up\?[^"]+)"', page.text)
    assert link is not None
    page = await client.get(link[1].replace("&amp;", "&"))
    response = await submit(client, page, "/auth/sign_up", **PERSON)
    consent = await client.get(response.headers["location"])
    assert fields(consent.text, "/oauth/authorize")["state"] == "a b&c"


async def test_signing_in_leads_to_our_own_pages_only(world: World):
    await world.user("ada", password=PASSWORD)
    for wanted in (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/oauth/authorize?x=1\r\nSet-Cookie: a=b",
        "/oauth/authorize?\\evil.example",
        "/oauth/authorized",
        "javascript:alert(1)",
        "/settings/../../x",
        "/oauth/authorize?" + "a" * 9000,
    ):
        client = world.anonymous()
        page = await client.get("/auth/sign_in", params={"next": wanted})
        assert "next" not in fields(page.text, "/auth/sign_in")
        response = await submit(client, page, "/auth/sign_in", login="ada", password=PASSWORD, next=wanted)
        assert (response.status_code, response.headers["location"]) == (303, "/")


async def test_a_wrong_password_is_told_without_saying_which_part_was_wrong(world: World):
    await world.user("ada", password=PASSWORD)
    client = world.anonymous()
    texts: set[str] = set()
    for login in ("ada", "nobody"):
        page = await client.get("/auth/sign_in")
        response = await submit(client, page, "/auth/sign_in", login=login, password="wrong")
        assert response.status_code == 422
        assert "set-cookie" not in response.headers
        texts.add(response.text.replace(f'value="{login}"', ""))
    assert len(texts) == 1


async def test_guessing_is_slowed_down(world: World):
    await world.user("ada", password=PASSWORD)
    client = world.anonymous()
    page = await client.get("/auth/sign_in")
    statuses = [
        (await submit(client, page, "/auth/sign_in", login="ada", password="wrong")).status_code
        for _ in range(11)
    ]
    assert statuses == [422] * 10 + [429]


async def test_forms_from_elsewhere_are_refused(world: World):
    await world.user("ada", password=PASSWORD)
    client = world.anonymous()
    page = await client.get("/auth/sign_in")
    stranger = world.anonymous()
    for sender, csrf in ((client, ""), (client, "x"), (stranger, fields(page.text, "/auth/sign_in")["csrf"])):
        response = await sender.post(
            "/auth/sign_in", data={"login": "ada", "password": PASSWORD, "csrf": csrf}
        )
        assert response.status_code == 403
    await sign_in(client, "ada", PASSWORD)
    for path in (
        "/auth/sign_out",
        "/settings/password",
        "/settings/revoke",
        "/settings/delete",
        "/oauth/authorize",
    ):
        assert (await client.post(path, data={"csrf": "x"})).status_code == 403
    assert "@ada" in (await client.get("/")).text


async def test_every_page_forbids_scripts_frames_and_strangers(world: World):
    ada = await world.user("ada", password=PASSWORD)
    view = await world.tweet(ada, "Hello")
    client = world.anonymous()
    await sign_in(client, "ada", PASSWORD)
    for path in (
        "/",
        "/settings/account",
        "/@ada",
        f"/@ada/{view.tweet.id}",
        "/tags/x",
        "/@nobody",
        "/oauth/authorize",
    ):
        response = await client.get(path)
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["referrer-policy"] == "same-origin"
        assert "<script" not in response.text
        assert " style=" not in response.text


async def test_cookies_cannot_be_read_by_scripts_nor_sent_from_elsewhere(open_worlds: OpenWorld):
    for base_url, prefix in (("http://127.0.0.1:8000", ""), ("https://birds.example", "__Host-")):
        world = await open_worlds(base_url=base_url)
        await world.user("ada", password=PASSWORD)
        client = world.anonymous()
        page = await client.get("/auth/sign_in")
        response = await submit(client, page, "/auth/sign_in", login="ada", password=PASSWORD)
        for cookie in (page.headers["set-cookie"], response.headers["set-cookie"]):
            assert cookie.startswith(f"{prefix}rookery_")
            assert "HttpOnly" in cookie
            assert "samesite=lax" in cookie.lower()
            assert ("Secure" in cookie) == bool(prefix)
        assert "@ada" in (await client.get("/")).text


async def test_reading_sets_no_cookie(world: World):
    await world.user("ada")
    for path in ("/", "/@ada", "/tags/birds"):
        assert "set-cookie" not in (await world.anonymous().get(path)).headers


async def test_closed_registrations_show_no_form(open_worlds: OpenWorld):
    world = await open_worlds(registrations="closed")
    client = world.anonymous()
    assert "/auth/sign_up" not in (await client.get("/")).text
    page = await client.get("/auth/sign_up")
    assert "<form" not in page.text
    csrf = fields((await client.get("/auth/sign_in")).text, "/auth/sign_in")["csrf"]
    assert (await client.post("/auth/sign_up", data={**PERSON, "csrf": csrf})).status_code == 403
    assert await world.rows("SELECT * FROM users") == []


async def test_who_needs_approval_is_told_to_wait(open_worlds: OpenWorld):
    world = await open_worlds(registrations="approval")
    client = world.anonymous()
    page = await client.get("/auth/sign_up")
    refused = await submit(client, page, "/auth/sign_up", **PERSON, reason=" ")
    assert refused.status_code == 422
    assert "Can&#39;t be blank." in refused.text
    response = await submit(client, page, "/auth/sign_up", **PERSON, reason="Birds!")
    assert response.status_code == 200
    assert "administrator" in response.text
    [waiting] = await sign_up.list_waiting(world.services)
    assert waiting.reason == "Birds!"
    page = await client.get("/auth/sign_in")
    response = await submit(client, page, "/auth/sign_in", login="ada", password=PASSWORD)
    assert response.status_code == 403


async def test_a_confirmation_link_opens_the_account(open_worlds: OpenWorld):
    world = await open_worlds(email_confirmation="on")
    client = world.anonymous()
    page = await client.get("/auth/sign_up")
    response = await submit(client, page, "/auth/sign_up", **PERSON)
    assert "confirmed" in response.text
    assert (await client.get("/auth/confirm", params={"token": "guess"})).status_code == 404
    [waiting] = await sign_up.list_waiting(world.services)
    assert (
        await client.get(page_links(world.settings.base_url).confirmation + waiting.code)
    ).status_code == 200
    await sign_in(client, "ada", PASSWORD)


async def test_settings_are_for_the_signed_in(world: World):
    client = world.anonymous()
    response = await client.get("/settings/account")
    assert response.status_code == 303
    await world.user("ada", password=PASSWORD)
    page = await client.get(response.headers["location"])
    response = await submit(client, page, "/auth/sign_in", login="ada", password=PASSWORD)
    assert response.headers["location"] == "/settings/account"
    assert "ada@example.org" in (await client.get("/settings/account")).text


async def test_the_password_is_changed_in_the_settings(world: World):
    await world.user("ada", password=PASSWORD)
    client, elsewhere = world.anonymous(), world.anonymous()
    for each in (client, elsewhere):
        await sign_in(each, "ada", PASSWORD)
    page = await client.get("/settings/account")
    form = "/settings/password"
    wrong = await submit(client, page, form, current_password="wrong", new_password="another good one")
    assert wrong.status_code == 422
    done = await submit(client, page, form, current_password=PASSWORD, new_password="another good one")
    assert done.status_code == 200
    assert "@ada" in (await client.get("/")).text
    assert "@ada" not in (await elsewhere.get("/")).text
    await sign_in(elsewhere, "ada", "another good one")


async def test_an_app_is_revoked_in_the_settings(world: World):
    await world.user("ada", password=PASSWORD)
    client = world.anonymous()
    await sign_in(client, "ada", PASSWORD)
    app = await register(client)
    sent = await allow(client, app)
    token = await client.post(
        "/oauth/token",
        data={
            **secrets(app),
            "grant_type": "authorization_code",
            "code": sent["code"],
            "redirect_uri": app["redirect_uri"],
        },
    )
    bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
    page = await client.get("/settings/account")
    assert "Birdwatch" in page.text
    assert (await submit(client, page, "/settings/revoke")).status_code == 303
    assert "Birdwatch" not in (await client.get("/settings/account")).text
    refused = await world.anonymous().get("/api/v1/accounts/verify_credentials", headers=bearer)
    assert refused.status_code == 401


async def test_the_own_account_is_deleted_with_the_password(world: World):
    ada = await world.user("ada", password=PASSWORD)
    await world.tweet(ada, "Hello")
    client = world.anonymous()
    await sign_in(client, "ada", PASSWORD)
    page = await client.get("/settings/account")
    wrong = await submit(client, page, "/settings/delete", password="wrong")
    assert wrong.status_code == 422
    assert (await client.get("/@ada")).status_code == 200
    gone = await submit(client, page, "/settings/delete", password=PASSWORD)
    assert gone.status_code == 200
    assert (await client.get("/@ada")).status_code == 404
    assert "@ada" not in (await client.get("/")).text
    await world.settle()
    assert await world.rows("SELECT * FROM tweets") == []


async def test_a_profile_shows_what_everybody_may_see(world: World):
    ada = await world.user("Ada", display_name="<b>Ada</b>", bio="Likes https://example.org <i>birds</i>")
    for visibility in Visibility:
        await world.tweet(ada, f"A {visibility.name} tweet", visibility=visibility)
    page = await world.anonymous().get("/@ada")
    assert page.status_code == 200
    assert "&lt;b&gt;Ada&lt;/b&gt;" in page.text
    assert "<i>" not in page.text
    assert "A PUBLIC tweet" in page.text
    assert "A UNLISTED tweet" in page.text
    assert "A FOLLOWERS tweet" not in page.text
    assert "A DIRECT tweet" not in page.text


async def test_a_tweets_page_shows_its_thread(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    first = await world.tweet(ada, "First <script>alert(1)</script>")
    second = await world.tweet(bob, "Second", reply_to_id=first.tweet.id)
    secret = await world.tweet(ada, "Secret", visibility=Visibility.FOLLOWERS)
    client = world.anonymous()
    for path in (f"/@ada/{first.tweet.id}", f"/@BOB/{second.tweet.id}"):
        page = await client.get(path)
        assert page.status_code == 200
        assert "First &lt;script&gt;" in page.text
        assert "Second" in page.text
    for path in (
        f"/@bob/{first.tweet.id}",
        f"/@ada/{secret.tweet.id}",
        "/@ada/1",
        "/@ada/x",
        f"/@ada/{10**30}",
        f"/ada/{first.tweet.id}",
        "/ada",
        "/@",
        "/@a%00b",
        "/nothing",
    ):
        assert (await client.get(path)).status_code == 404


async def test_long_profiles_and_hashtags_go_on_to_older_tweets(world: World):
    ada = await world.user("ada")
    await world.tweets(ada, 25, "A #bird")
    client = world.anonymous()
    for path in ("/@ada", "/tags/Bird"):
        seen: list[str] = []
        page = await client.get(path)
        while True:
            seen += re.findall(r"</a> (\d+)</p>", page.text)
            older = re.search(r'href="([^"]+)" rel="next"', page.text)
            if older is None:
                break
            page = await client.get(older[1])
        assert seen == [str(number) for number in reversed(range(25))]


async def test_files_may_be_kept(world: World):
    client = world.anonymous()
    for name, kind in (("avatar.png", "image/png"), ("header.png", "image/png"), ("style.css", "text/css")):
        response = await client.get(f"/static/{name}")
        assert response.headers["content-type"].startswith(kind)
        assert "max-age=86400" in response.headers["cache-control"]
    style = re.search(r'href="(/static/style\.css\?v=[^"]+)"', (await client.get("/")).text)
    assert style is not None
    assert "immutable" in (await client.get(style[1])).headers["cache-control"]
    for name in ("nothing.png", "..%2Fvisits.py", "__init__.py"):
        assert (await client.get(f"/static/{name}")).status_code == 404


async def test_head_is_answered_like_get_without_a_body(world: World):
    for path, status in (
        ("/", 200),
        ("/static/avatar.png", 200),
        ("/settings/account", 303),
        ("/@nobody", 404),
    ):
        response = await world.anonymous().head(path)
        assert (response.status_code, response.content) == (status, b"")


async def test_sign_up_forms_are_limited_by_address(world: World):
    client = world.anonymous()
    page = await client.get("/auth/sign_up")
    statuses = [(await submit(client, page, "/auth/sign_up", username="")).status_code for _ in range(26)]
    assert statuses == [422] * 25 + [429]


async def test_a_body_that_is_too_large_or_no_form_is_refused(world: World):
    client: httpx.AsyncClient = world.anonymous()
    for content, kind, status in (
        (b"login=" + b"x" * 2_000_000, "application/x-www-form-urlencoded", 413),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"\xff" + b"[x]" * 20 + b"=x", "application/x-www-form-urlencoded", 400),
        (b"login[\xff]=x", "application/x-www-form-urlencoded", 400),
        (b"login=x", "application/x-www-form-urlencoded", 403),
        (b"login=%00", "application/x-www-form-urlencoded", 422),
        (b"{", "application/json", 400),
        (b"x", "text/plain", 400),
    ):
        response = await client.post("/auth/sign_in", content=content, headers={"Content-Type": kind})
        assert response.status_code == status
