"""Tokens: the authorization server's machine side, and the whole way from an app to its token."""

import base64
import hashlib
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.api.forms import fields, sign_in, submit
from tests.api.test_apps import register
from tests.world import World

PASSWORD = "correct horse battery"
CALLBACK = "https://app.example/callback"
VERIFIER = "a-verifier-that-only-the-app-knows-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
OOB = "urn:ietf:wg:oauth:2.0:oob"


def asked(app: dict[str, Any], **more: str) -> dict[str, str]:
    return {
        "client_id": app["client_id"],
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "read write follow push",
        **more,
    }


def secrets(app: dict[str, Any]) -> dict[str, str]:
    return {"client_id": app["client_id"], "client_secret": app["client_secret"]}


async def browser(world: World, name: str = "ada") -> httpx.AsyncClient:
    await world.user(name, password=PASSWORD)
    client = world.anonymous()
    await sign_in(client, name, PASSWORD)
    return client


async def allow(client: httpx.AsyncClient, app: dict[str, Any], **more: str) -> dict[str, str]:
    """Allow the app and return what it is sent."""
    page = await client.get("/oauth/authorize", params=asked(app, **more))
    assert page.status_code == 200, page.text
    response = await submit(client, page, "/oauth/authorize", decision="allow")
    assert response.status_code == 303, response.text
    target = response.headers["location"]
    assert target.startswith(f"{more.get('redirect_uri', CALLBACK)}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


async def test_from_an_app_to_its_token_with_pkce_through_the_forms(world: World):
    ada = await world.user("ada", password=PASSWORD)
    client = world.anonymous()
    app = await register(client)
    request = asked(app, state="x&y=z", code_challenge=CHALLENGE, code_challenge_method="S256", lang="de")
    first = await client.get("/oauth/authorize", params=request)
    assert first.status_code == 303
    page = await client.get(first.headers["location"])
    signed_in = await submit(client, page, "/auth/sign_in", login="ada@example.org", password=PASSWORD)
    assert signed_in.status_code == 303
    page = await client.get(signed_in.headers["location"])
    assert "Birdwatch" in page.text
    assert "@ada" in page.text
    assert "app.example" in page.text
    answer = await submit(client, page, "/oauth/authorize", decision="allow")
    assert answer.status_code == 303
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == ["x&y=z"]
    token = await client.post(
        "/oauth/token",
        data={
            **secrets(app),
            "grant_type": "authorization_code",
            "code": query["code"][0],
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            "scope": "read write follow push",
        },
    )
    assert token.status_code == 200
    assert token.headers["cache-control"] == "no-store"
    assert token.json()["token_type"] == "Bearer"
    assert token.json()["scope"] == "read write follow push"
    assert token.json()["created_at"] == world.now_ms // 1000
    bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
    account = await world.anonymous().get("/api/v1/accounts/verify_credentials", headers=bearer)
    assert account.json()["id"] == str(ada.id)


async def test_without_a_redirect_the_code_is_shown(world: World):
    client = await browser(world)
    app = await register(client, redirect_uris=OOB)
    page = await client.get("/oauth/authorize", params=asked(app, redirect_uri=OOB))
    shown = await submit(client, page, "/oauth/authorize", decision="allow")
    assert shown.status_code == 200
    match = re.search(r'<code id="code">([^<]+)</code>', shown.text)
    assert match is not None
    token = await client.post(
        "/oauth/token",
        json={**secrets(app), "grant_type": "authorization_code", "code": match[1], "redirect_uri": OOB},
    )
    assert token.status_code == 200


async def test_custom_schemes_are_sent_to_and_named_in_the_policy(world: World):
    client = await browser(world)
    uri = "com.tapbots.Ivory.10217:/request_token"
    app = await register(client, redirect_uris=uri)
    page = await client.get("/oauth/authorize", params=asked(app, redirect_uri=uri))
    assert "form-action 'self' com.tapbots.ivory.10217:" in page.headers["content-security-policy"]
    assert "code" in await allow(client, app, redirect_uri=uri)


async def test_who_is_signed_in_is_asked_to_sign_in_again_only_when_forced(world: World):
    client = await browser(world)
    app = await register(client)
    for value, status in (("true", 303), ("1", 303), ("false", 200), ("False", 200), ("", 200)):
        response = await client.get("/oauth/authorize", params=asked(app, force_login=value))
        assert response.status_code == status
    await world.user("bob", password=PASSWORD)
    first = await client.get("/oauth/authorize", params=asked(app, force_login="true"))
    page = await client.get(first.headers["location"])
    second = await submit(client, page, "/auth/sign_in", login="bob", password=PASSWORD)
    page = await client.get(second.headers["location"])
    assert page.status_code == 200
    assert "@bob" in page.text


async def test_refusing_sends_the_app_the_news_and_no_code(world: World):
    client = await browser(world)
    app = await register(client)
    page = await client.get("/oauth/authorize", params=asked(app, state="s"))
    response = await submit(client, page, "/oauth/authorize", decision="deny")
    query = parse_qs(urlsplit(response.headers["location"]).query)
    assert query["error"] == ["access_denied"]
    assert query["state"] == ["s"]
    assert "code" not in query
    assert await world.rows("SELECT * FROM authorization_codes") == []


async def test_what_is_wrong_with_a_request_is_told_to_the_app(world: World):
    client = await browser(world)
    app = await register(client)
    for wrong, error in (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"scope": "read nonsense"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
    ):
        response = await client.get("/oauth/authorize", params=asked(app, state="s", **wrong))
        assert response.status_code == 303
        query = parse_qs(urlsplit(response.headers["location"]).query)
        assert (query["error"], query["state"]) == ([error], ["s"])


async def test_before_anybody_has_signed_in_the_app_is_told_nothing(world: World):
    app = await register(await browser(world))
    stranger = world.anonymous()
    form = fields((await stranger.get("/auth/sign_in")).text, "/auth/sign_in")
    for wrong in ({"response_type": "bogus"}, {"scope": "nonsense"}, {"code_challenge": "short"}):
        request = asked(app, **wrong)
        for response in (
            await stranger.get("/oauth/authorize", params=request),
            await stranger.post("/oauth/authorize", data={**request, "csrf": form["csrf"]}),
        ):
            assert response.status_code == 303
            assert response.headers["location"].startswith("/auth/sign_in?")


async def test_nobody_is_sent_anywhere_while_app_or_address_are_in_doubt(world: World):
    client = await browser(world)
    app = await register(client)
    page = await client.get("/oauth/authorize", params=asked(app))
    for wrong in (
        {"client_id": "nobody"},
        {"client_id": ""},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": CALLBACK + "/more"},
        {"redirect_uri": ""},
        {"state": "x" * 5000},
    ):
        for response in (
            await client.get("/oauth/authorize", params=asked(app, **wrong)),
            await submit(client, page, "/oauth/authorize", decision="allow", **wrong),
        ):
            assert response.status_code == 400
            assert "location" not in response.headers
            assert "text/html" in response.headers["content-type"]
    assert await world.rows("SELECT * FROM authorization_codes") == []


async def test_another_site_cannot_allow_an_app_in_the_users_name(world: World):
    client = await browser(world)
    app = await register(client)
    page = await client.get("/oauth/authorize", params=asked(app))
    mallory = await browser(world, "mallory")
    foreign = fields((await mallory.get("/oauth/authorize", params=asked(app))).text, "/oauth/authorize")
    for csrf in ("", foreign["csrf"], "x" * 1000, "ä"):
        response = await submit(client, page, "/oauth/authorize", decision="allow", csrf=csrf)
        assert response.status_code == 403
    assert await world.rows("SELECT * FROM authorization_codes") == []


async def test_a_code_is_exchanged_once_and_a_replay_ends_the_token(world: World):
    client = await browser(world)
    app = await register(client)
    sent = await allow(client, app)
    request = {
        **secrets(app),
        "grant_type": "authorization_code",
        "code": sent["code"],
        "redirect_uri": CALLBACK,
    }
    token = (await client.post("/oauth/token", data=request)).json()["access_token"]
    api = world.anonymous()
    api.headers["Authorization"] = f"Bearer {token}"
    assert (await api.get("/api/v1/accounts/verify_credentials")).status_code == 200
    replay = await client.post("/oauth/token", data=request)
    assert replay.status_code == 400
    assert replay.json()["error"] == "invalid_grant"
    assert (await api.get("/api/v1/accounts/verify_credentials")).status_code == 401


async def test_apps_prove_themselves_in_the_body_or_by_http_basic(world: World):
    client = world.anonymous()
    app = await register(client)
    request = {"grant_type": "client_credentials", "scope": "read write"}
    basic = (app["client_id"], app["client_secret"])
    for response in (
        await client.post("/oauth/token", data={**request, **secrets(app)}),
        await client.post("/oauth/token", json={**request, **secrets(app)}),
        await client.post("/oauth/token", data=request, auth=basic),
        await client.post("/oauth/token", data={**request, "client_id": app["client_id"]}, auth=basic),
    ):
        assert response.status_code == 200, response.text
        assert response.json()["scope"] == "read write"
        bearer = {"Authorization": f"Bearer {response.json()['access_token']}"}
        refused = await client.get("/api/v1/accounts/verify_credentials", headers=bearer)
        assert refused.status_code in {401, 403, 422}


async def test_an_unknown_app_or_a_wrong_secret_is_401(world: World):
    client = world.anonymous()
    app = await register(client)
    request = {"grant_type": "client_credentials"}
    for response in (
        await client.post("/oauth/token", data=request),
        await client.post("/oauth/token", data={**request, **secrets(app), "client_secret": "wrong"}),
        await client.post("/oauth/token", data={**request, **secrets(app), "client_id": "wrong"}),
        await client.post("/oauth/token", data=request, auth=(app["client_id"], "wrong")),
        await client.post("/oauth/token", data=request, headers={"Authorization": "Basic !"}),
        await client.post("/oauth/revoke", data={"token": "x"}),
    ):
        assert response.status_code == 401
        assert response.json()["error"] == "invalid_client"
        assert response.headers["www-authenticate"].startswith("Basic")


async def test_what_is_wrong_with_a_token_request_is_said_in_rfc_6749s_words(world: World):
    client = world.anonymous()
    app = await register(client)
    for request, error in (
        ({}, "invalid_request"),
        ({"grant_type": "password", "username": "ada", "password": PASSWORD}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "guess", "redirect_uri": CALLBACK}, "invalid_grant"),
        ({"grant_type": "client_credentials", "scope": "nonsense"}, "invalid_scope"),
    ):
        for response in (
            await client.post("/oauth/token", data={**secrets(app), **request}),
            await client.post("/oauth/token", json={**secrets(app), **request}),
        ):
            assert response.status_code == 400
            assert response.json()["error"] == error
            assert response.json()["error_description"]


async def test_an_app_gets_no_more_than_it_registered_for(world: World):
    client = await browser(world)
    app = await register(client, scopes="read")
    response = await client.get("/oauth/authorize", params=asked(app, scope="read write"))
    assert parse_qs(urlsplit(response.headers["location"]).query)["error"] == ["invalid_scope"]
    response = await client.post(
        "/oauth/token", data={**secrets(app), "grant_type": "client_credentials", "scope": "write"}
    )
    assert response.json()["error"] == "invalid_scope"


async def test_a_revoked_token_is_worthless_and_only_its_app_revokes_it(world: World):
    client = await browser(world)
    app, other = await register(client), await register(client)
    request = {**secrets(app), "grant_type": "authorization_code", "redirect_uri": CALLBACK}
    sent = await allow(client, app)
    token = (await client.post("/oauth/token", data={**request, "code": sent["code"]})).json()["access_token"]
    refused = await client.post("/oauth/revoke", data={**secrets(other), "token": token})
    assert (refused.status_code, refused.json()["error"]) == (403, "unauthorized_client")
    api = world.anonymous()
    api.headers["Authorization"] = f"Bearer {token}"
    assert (await api.get("/api/v1/accounts/verify_credentials")).status_code == 200
    for _ in range(2):
        response = await api.post("/oauth/revoke", data={**secrets(app), "token": token})
        assert (response.status_code, response.json()) == (200, {})
    assert (await api.get("/api/v1/accounts/verify_credentials")).status_code == 401


async def test_the_server_says_what_it_can_do(world: World):
    for headers in ({}, {"Authorization": "Bearer long gone"}):
        response = await world.anonymous().get("/.well-known/oauth-authorization-server", headers=headers)
        described = response.json()
        assert described["issuer"] == world.settings.base_url
        assert described["token_endpoint"] == f"{world.settings.base_url}/oauth/token"
        assert described["code_challenge_methods_supported"] == ["S256"]
        assert "password" not in described["grant_types_supported"]


async def test_userinfo_needs_the_profile(world: World):
    ada = await world.user("ada", display_name="Ada L.")
    response = await (await world.client(ada, scopes="profile")).get("/oauth/userinfo")
    assert response.json() == {
        "iss": world.settings.base_url,
        "sub": f"{world.settings.base_url}/@ada",
        "name": "Ada L.",
        "preferred_username": "ada",
        "profile": f"{world.settings.base_url}/@ada",
        "picture": f"{world.settings.base_url}/static/avatar.png",
    }
    assert (await (await world.client(ada, scopes="write")).get("/oauth/userinfo")).status_code == 403
    assert (await world.anonymous().get("/oauth/userinfo")).status_code == 401
