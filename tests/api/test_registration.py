"""Signing up through an app."""

from typing import Any

import httpx

from rookery.api.addresses import page_links
from rookery.usecases import sign_up
from tests.api.test_apps import register
from tests.conftest import OpenWorld
from tests.world import World

PERSON = {
    "username": "ada",
    "email": "ada@example.org",
    "password": "correct horse battery",
    "agreement": "true",
    "locale": "en",
    "date_of_birth": "1990-05-04",
}


async def app_client(world: World, scopes: str = "read write follow push") -> httpx.AsyncClient:
    client = world.anonymous()
    app = await register(client, scopes=scopes)
    token = await client.post(
        "/oauth/token",
        data={
            "grant_type": "client_credentials",
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
            "scope": scopes,
        },
    )
    client.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
    return client


async def test_an_account_made_by_an_app_is_usable_at_once(world: World):
    for number, kind in enumerate(("data", "json")):
        client = await app_client(world)
        body: Any = {**PERSON, "username": f"ada{number}", "email": f"ada{number}@example.org"}
        response = await client.post("/api/v1/accounts", **{kind: body})
        assert response.status_code == 200, response.text
        assert response.json()["scope"] == "read write follow push"
        client.headers["Authorization"] = f"Bearer {response.json()['access_token']}"
        account = await client.get("/api/v1/accounts/verify_credentials")
        assert account.json()["username"] == f"ada{number}"
        posted = await client.post("/api/v1/statuses", data={"status": "Hello"})
        assert posted.status_code == 200


async def test_what_is_wrong_is_told_field_by_field(world: World):
    client = await app_client(world)
    response = await client.post(
        "/api/v1/accounts",
        data={"username": "admin", "email": "nowhere", "password": "short", "agreement": "1"},
    )
    assert response.status_code == 422
    assert response.json()["error"].startswith("Validation failed: ")
    details = response.json()["details"]
    assert {field: [each["error"] for each in errors] for field, errors in details.items()} == {
        "username": ["ERR_RESERVED"],
        "email": ["ERR_INVALID"],
        "password": ["ERR_TOO_SHORT"],
        "date_of_birth": ["ERR_BLANK"],
    }
    assert all(each["description"] for errors in details.values() for each in errors)


async def test_a_name_that_is_taken_is_422_with_details(world: World):
    await world.user("Ada", email="ada@example.org")
    response = await (await app_client(world)).post("/api/v1/accounts", data=PERSON)
    assert response.status_code == 422
    assert response.json()["details"]["username"][0]["error"] == "ERR_TAKEN"
    assert response.json()["details"]["email"][0]["error"] == "ERR_TAKEN"


async def test_one_must_agree_and_be_old_enough(world: World):
    client = await app_client(world)
    for wrong, field, kind in (
        ({"agreement": "false"}, "agreement", "ERR_ACCEPTED"),
        ({"date_of_birth": "2020-01-01"}, "date_of_birth", "ERR_BELOW_LIMIT"),
        ({"username": ""}, "username", "ERR_BLANK"),
    ):
        response = await client.post("/api/v1/accounts", data={**PERSON, **wrong})
        assert response.status_code == 422
        assert response.json()["details"][field][0]["error"] == kind
    assert await world.rows("SELECT * FROM users") == []


async def test_five_attempts_in_half_an_hour_are_enough(world: World):
    client = await app_client(world)
    for _ in range(5):
        assert (await client.post("/api/v1/accounts", data={})).status_code == 422
    response = await client.post("/api/v1/accounts", data=PERSON)
    assert response.status_code == 429
    assert response.headers["x-ratelimit-remaining"] == "0"
    world.advance(seconds=1801)
    assert (await client.post("/api/v1/accounts", data=PERSON)).status_code == 200


async def test_signing_up_needs_an_apps_own_token_and_its_scope(world: World):
    ada = await world.user("ada")
    assert (await world.anonymous().post("/api/v1/accounts", data=PERSON)).status_code == 401
    assert (await (await world.client(ada)).post("/api/v1/accounts", data=PERSON)).status_code == 403
    assert (
        await (await app_client(world, scopes="read")).post("/api/v1/accounts", data=PERSON)
    ).status_code == 403


async def test_nobody_signs_up_where_registrations_are_closed(open_worlds: OpenWorld):
    world = await open_worlds(registrations="closed")
    response = await (await app_client(world)).post("/api/v1/accounts", data=PERSON)
    assert response.status_code == 403


async def test_where_an_administrator_decides_one_must_say_why(open_worlds: OpenWorld):
    world = await open_worlds(registrations="approval")
    client = await app_client(world)
    refused = await client.post("/api/v1/accounts", data={**PERSON, "reason": " "})
    assert refused.status_code == 422
    assert refused.json()["details"] == {"reason": [{"error": "ERR_BLANK", "description": "can't be blank"}]}
    assert (await client.post("/api/v1/accounts", data={**PERSON, "reason": "Birds"})).status_code == 200


async def test_the_token_of_an_unconfirmed_account_only_asks_for_its_confirmation(open_worlds: OpenWorld):
    world = await open_worlds(email_confirmation="on")
    client = await app_client(world)
    token = (await client.post("/api/v1/accounts", data=PERSON)).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    refused = await client.get("/api/v1/timelines/home")
    assert refused.status_code == 403
    assert refused.json()["error"] == "Your login is missing a confirmed e-mail address"
    # Mastodon's app for Android asks this again and again, and takes an answer for the confirmation.
    polled = await client.get("/api/v1/accounts/verify_credentials")
    assert (polled.status_code, polled.json()["error"]) == (403, refused.json()["error"])
    for path in ("/api/v1/instance", "/api/v1/timelines/public", "/api/v1/apps/verify_credentials"):
        assert (await client.get(path)).status_code == 200, path
    again = {**PERSON, "username": "bob", "email": "bob@example.org"}
    assert (await client.post("/api/v1/accounts", data=again)).status_code == 403
    assert (await client.get("/api/v1/emails/check_confirmation")).json() is False
    changed = await client.post("/api/v1/emails/confirmations", data={"email": "other@example.org"})
    assert (changed.status_code, changed.json()) == (200, {})
    assert (await client.post("/api/v1/emails/confirmations")).status_code == 200
    wrong = await client.post("/api/v1/emails/confirmations", data={"email": "nowhere"})
    assert wrong.status_code == 422
    [waiting] = await sign_up.list_waiting(world.services)
    assert waiting.email == "other@example.org"
    page = await world.anonymous().get(page_links(world.settings.base_url).confirmation + waiting.code)
    assert page.status_code == 200
    assert (await client.get("/api/v1/emails/check_confirmation")).json() is True
    assert (await client.get("/api/v1/accounts/verify_credentials")).status_code == 200
    assert (await client.get("/api/v1/timelines/home")).status_code == 200
    assert (await client.post("/api/v1/emails/confirmations")).status_code == 403


async def test_a_body_that_is_none_is_refused_with_a_sentence(world: World):
    client = await app_client(world)
    for body, status in (
        (b"{", 400),
        (b"[]", 400),
        (b'{"username": {"a": 1}}', 422),
        (b'{"username": 5}', 422),
    ):
        response = await client.post(
            "/api/v1/accounts", content=body, headers={"Content-Type": "application/json"}
        )
        assert response.status_code == status
