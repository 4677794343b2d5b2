"""What the web client's settings do, and what no other app may."""

import httpx
import pytest

from rookery.domain.users import User
from tests.api.forms import sign_in
from tests.api.test_oauth import PASSWORD
from tests.api.test_web_client_sign_in import code, exchange
from tests.world import World


async def browser(world: World) -> httpx.AsyncClient:
    """Return a browser in which Ada is signed in."""
    client = world.anonymous()
    assert (await sign_in(client, "ada", PASSWORD)).status_code == 303
    return client


async def web_client(world: World) -> httpx.AsyncClient:
    """Return a browser in which the web client acts for Ada."""
    client = await browser(world)
    token = (await exchange(world, await code(client, world))).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


async def person(world: World) -> User:
    return await world.user("ada", password=PASSWORD)


async def test_apps_are_listed_and_lose_what_they_were_allowed(api: World):
    ada = await person(api)
    client, other = await web_client(api), await api.client(ada)
    listed = (await client.get("/api/v1/settings/apps")).json()
    assert {(app["name"], app["current"]) for app in listed} == {("Rookery", True), ("Tests", False)}
    [theirs] = [app["id"] for app in listed if not app["current"]]
    assert (await client.delete(f"/api/v1/settings/apps/{theirs}")).status_code == 200
    assert (await other.get("/api/v1/accounts/verify_credentials")).status_code == 401
    assert len((await client.get("/api/v1/settings/apps")).json()) == 1


async def test_browsers_are_listed_and_signed_out_one_by_one(api: World):
    await person(api)
    client, lost = await web_client(api), await browser(api)
    listed = (await client.get("/api/v1/settings/sessions")).json()
    assert [one["current"] for one in listed].count(True) == 1
    [theirs] = [one["id"] for one in listed if not one["current"]]
    for _ in range(2):
        assert (await client.delete(f"/api/v1/settings/sessions/{theirs}")).status_code == 200
    assert (await lost.get("/settings/account")).status_code == 303
    assert (await client.get("/settings/account")).status_code == 200


async def test_a_new_password_signs_other_browsers_out_and_not_this_one(api: World):
    await person(api)
    client, other = await web_client(api), await browser(api)
    wrong = {"current_password": "a guess", "new_password": "another good password"}
    assert (await client.post("/api/v1/settings/password", json=wrong)).status_code == 422
    weak = {"current_password": PASSWORD, "new_password": "short"}
    assert (await client.post("/api/v1/settings/password", json=weak)).status_code == 422
    good = {"current_password": PASSWORD, "new_password": "another good password"}
    assert (await client.post("/api/v1/settings/password", json=good)).status_code == 200
    assert (await client.get("/settings/account")).status_code == 200
    assert (await other.get("/settings/account")).status_code == 303
    assert (await sign_in(api.anonymous(), "ada", "another good password")).status_code == 303


async def test_where_no_letters_are_sent_an_address_changes_at_once(api: World):
    await person(api)
    await api.user("bob", email="bob@example.org")
    client = await web_client(api)
    for email, password, status in (
        ("new@example.org", "a guess", 422),
        ("no address", PASSWORD, 422),
        ("bob@example.org", PASSWORD, 422),
        (" new@example.org ", PASSWORD, 200),
    ):
        answer = await client.post("/api/v1/settings/email", json={"email": email, "password": password})
        assert answer.status_code == status, answer.text
    assert answer.json() == {"email": "new@example.org", "unconfirmed_email": None}
    assert (await client.get("/api/v1/settings/email")).json()["email"] == "new@example.org"
    assert (await sign_in(api.anonymous(), "new@example.org", PASSWORD)).status_code == 303


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "apps"),
        ("DELETE", "apps/1"),
        ("GET", "sessions"),
        ("DELETE", "sessions/00"),
        ("POST", "password"),
        ("GET", "email"),
        ("POST", "email"),
        ("POST", "email/letter"),
    ],
)
async def test_no_other_app_may(api: World, method: str, path: str):
    ada = await person(api)
    body = {"current_password": PASSWORD, "new_password": "another good password"}
    body |= {"email": "new@example.org", "password": PASSWORD}
    client = await api.client(ada)
    asked = {"json": body} if method == "POST" else {}
    answer = await client.request(method, f"/api/v1/settings/{path}", **asked)
    assert answer.status_code == 403
    assert "web client" in answer.json()["error"]
    assert (await api.anonymous().request(method, f"/api/v1/settings/{path}", **asked)).status_code == 401
    assert (await sign_in(api.anonymous(), "ada@example.org", PASSWORD)).status_code == 303
