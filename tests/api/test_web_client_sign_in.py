"""The web client's way to its token: without a secret and without a question, and no way for anybody else."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from rookery import tasks
from rookery.domain.users import User
from rookery.storage import users
from rookery.usecases import upkeep
from tests.api.forms import fields, sign_in, submit
from tests.api.test_apps import register
from tests.api.test_oauth import CHALLENGE, PASSWORD, VERIFIER, browser
from tests.conftest import OpenWorld
from tests.world import World


def asked(world: World, **more: str) -> dict[str, str]:
    return {
        "client_id": "rookery-web",
        "redirect_uri": f"{world.settings.base_url}/signed-in",
        "response_type": "code",
        "scope": "read write follow push",
        "state": "a state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }


def sent(response: httpx.Response, world: World) -> dict[str, str]:
    """Return what the client is sent, which goes nowhere but to its own page."""
    assert response.status_code == 303, response.text
    target = response.headers["location"]
    assert target.startswith(f"{world.settings.base_url}/signed-in?")
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


async def code(client: httpx.AsyncClient, world: World) -> str:
    return sent(await client.get("/oauth/authorize", params=asked(world)), world)["code"]


async def exchange(world: World, code: str, **more: str) -> httpx.Response:
    given = {
        "grant_type": "authorization_code",
        "client_id": "rookery-web",
        "redirect_uri": f"{world.settings.base_url}/signed-in",
        "code": code,
        "code_verifier": VERIFIER,
    }
    return await world.anonymous().post("/oauth/token", data={**given, **more})


async def no_codes(world: World) -> None:
    assert await world.rows("SELECT * FROM authorization_codes") == []


async def test_who_signs_in_at_our_pages_gets_a_token_without_another_question(world: World):
    ada = await world.user("ada", password=PASSWORD)
    client = world.anonymous()
    first = await client.get("/oauth/authorize", params=asked(world))
    page = await client.get(first.headers["location"])
    signed_in = await submit(client, page, "/auth/sign_in", login="ada", password=PASSWORD)
    answer = sent(await client.get(signed_in.headers["location"]), world)
    assert answer["state"] == "a state"
    token = await exchange(world, answer["code"])
    assert token.status_code == 200
    assert token.json()["scope"] == "read write follow push"
    bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
    api = world.anonymous()
    account = await api.get("/api/v1/accounts/verify_credentials", headers=bearer)
    assert account.json()["id"] == str(ada.id)
    posted = await api.post("/api/v1/statuses", headers=bearer, data={"status": "Hello"})
    assert posted.json()["application"] == {"name": "Rookery", "website": None}
    assert "Rookery" in (await client.get("/settings/account")).text
    request = {"client_id": "rookery-web", "token": token.json()["access_token"]}
    assert (await api.post("/oauth/revoke", data=request)).status_code == 200
    assert (await api.get("/api/v1/accounts/verify_credentials", headers=bearer)).status_code == 401


async def test_several_browsers_use_one_app(world: World):
    await browser(world)
    for name in ("bert", "carol"):
        assert (await exchange(world, await code(await browser(world, name), world))).status_code == 200
    assert [tuple(row) for row in await world.rows("SELECT client_id FROM apps")] == [("rookery-web",)]


async def test_it_is_answered_where_the_instance_is_now_and_nowhere_else(open_worlds: OpenWorld):
    world = await open_worlds(base_url="http://127.0.0.1:8000")
    client = await browser(world)
    await code(client, world)
    # A program that listens on another port of the user's own machine is somebody else.
    for elsewhere in (
        "http://127.0.0.1:8001/signed-in",
        "http://127.0.0.1/signed-in",
        "http://localhost:8000/signed-in",
        "http://127.0.0.1:8000/signed-in/",
        "http://127.0.0.1:8000/signed-in?next=https://evil.example",
        "http://127.0.0.1:8000/@mallory",
        "https://evil.example/signed-in",
        "//evil.example/signed-in",
        "urn:ietf:wg:oauth:2.0:oob",
        "",
    ):
        response = await client.get("/oauth/authorize", params=asked(world, redirect_uri=elsewhere))
        assert response.status_code == 400, elsewhere
        assert "location" not in response.headers
        assert (await exchange(world, await code(client, world), redirect_uri=elsewhere)).status_code == 400


async def test_what_the_row_of_the_app_says_does_not_matter(world: World):
    client = await browser(world)
    await code(client, world)

    async def work(tx: Any) -> None:
        from rookery.sql import Sql

        text = "UPDATE apps SET redirect_uris = 'https://evil.example/signed-in'"
        await tx.run(Sql(text, text, ()))

    await world.services.db.write(work)
    response = await client.get(
        "/oauth/authorize", params=asked(world, redirect_uri="https://evil.example/signed-in")
    )
    assert response.status_code == 400
    assert await code(client, world)


@pytest.mark.parametrize(
    "without",
    [
        {"code_challenge": "", "code_challenge_method": ""},
        {"code_challenge": ""},
        {"code_challenge_method": ""},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
    ],
)
async def test_without_a_challenge_there_is_no_code(world: World, without: dict[str, str]):
    client = await browser(world)
    answer = sent(await client.get("/oauth/authorize", params=asked(world, **without)), world)
    assert answer["error"] == "invalid_request"
    assert "code" not in answer
    await no_codes(world)


async def test_an_intercepted_code_is_worth_nothing_without_the_verifier(world: World):
    client = await browser(world)
    for verifier in ("", "x" * 43, CHALLENGE):
        response = await exchange(world, await code(client, world), code_verifier=verifier)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


async def test_a_code_that_comes_twice_ends_its_token(world: World):
    client = await browser(world)
    given = await code(client, world)
    bearer = {"Authorization": f"Bearer {(await exchange(world, given)).json()['access_token']}"}
    assert (await exchange(world, given)).status_code == 400
    response = await world.anonymous().get("/api/v1/accounts/verify_credentials", headers=bearer)
    assert response.status_code == 401


async def test_codes_of_other_apps_are_none_of_its_business_nor_are_their_tokens(world: World):
    client = await browser(world)
    app = await register(client)
    page = await client.get(
        "/oauth/authorize",
        params=asked(world, client_id=app["client_id"], redirect_uri=app["redirect_uri"], scope="read"),
    )
    answer = await submit(client, page, "/oauth/authorize", decision="allow")
    theirs = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    response = await exchange(world, theirs, redirect_uri=app["redirect_uri"])
    assert response.json()["error"] == "invalid_grant"
    own = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    stolen = await exchange(world, await code(client, world), **own)
    assert stolen.json()["error"] == "invalid_grant"
    token = (await exchange(world, theirs, **own, redirect_uri=app["redirect_uri"])).json()["access_token"]
    revoked = await world.anonymous().post("/oauth/revoke", data={"client_id": "rookery-web", "token": token})
    assert revoked.status_code == 403


async def test_it_never_acts_for_itself(world: World):
    client = world.anonymous()
    for scope in ("", "read", "read write follow push"):
        response = await client.post(
            "/oauth/token",
            data={"grant_type": "client_credentials", "client_id": "rookery-web", "scope": scope},
        )
        assert (response.status_code, response.json()["error"]) == (400, "unauthorized_client")
    assert await world.rows("SELECT * FROM tokens") == []


async def test_a_secret_is_as_wrong_as_any_and_asking_by_basic_is_the_same(world: World):
    client = await browser(world)
    response = await exchange(world, await code(client, world), client_secret="x")
    assert response.status_code == 401
    for password, status in (("x", 401), ("", 200)):
        response = await world.anonymous().post(
            "/oauth/token",
            auth=("rookery-web", password),
            data={
                "grant_type": "authorization_code",
                "redirect_uri": f"{world.settings.base_url}/signed-in",
                "code": await code(client, world),
                "code_verifier": VERIFIER,
            },
        )
        assert response.status_code == status


async def test_it_gets_no_more_than_what_clients_of_people_need(world: World):
    client = await browser(world)
    for scope in ("admin:read", "read admin:write"):
        answer = sent(await client.get("/oauth/authorize", params=asked(world, scope=scope)), world)
        assert answer["error"] == "invalid_scope"
    await no_codes(world)


async def test_another_site_that_leads_there_gets_the_user_asked(world: World):
    client = await browser(world)
    for site in ("cross-site", "same-site"):
        page = await client.get("/oauth/authorize", params=asked(world), headers={"Sec-Fetch-Site": site})
        assert page.status_code == 200
        assert "Rookery" in page.text
        await no_codes(world)
    answer = sent(await submit(client, page, "/oauth/authorize", decision="deny"), world)
    assert answer["error"] == "access_denied"
    assert "code" in sent(await submit(client, page, "/oauth/authorize", decision="allow"), world)
    for site in ("same-origin", "none"):
        answer = await client.get("/oauth/authorize", params=asked(world), headers={"Sec-Fetch-Site": site})
        assert "code" in sent(answer, world)


async def test_nobody_is_skipped_past_signing_in(world: World):
    stranger = world.anonymous()
    response = await stranger.get("/oauth/authorize", params=asked(world))
    assert response.headers["location"].startswith("/auth/sign_in?")
    client = await browser(world)
    response = await client.get("/oauth/authorize", params=asked(world, force_login="true"))
    assert response.headers["location"].startswith("/auth/sign_in?")
    await no_codes(world)


async def test_nobody_registers_as_the_web_client(world: World):
    client = await browser(world)
    app = await register(client, client_id="rookery-web", client_name="Rookery")
    assert app["client_id"] != "rookery-web"
    page = await client.get(
        "/oauth/authorize",
        params=asked(world, client_id=app["client_id"], redirect_uri=app["redirect_uri"], scope="read"),
    )
    assert page.status_code == 200
    assert fields(page.text, "/oauth/authorize")["client_id"] == app["client_id"]


async def test_signing_in_without_a_goal_leads_to_the_start(world: World):
    await world.user("ada", password=PASSWORD)
    response = await sign_in(world.anonymous(), "ada", PASSWORD)
    assert response.headers["location"] == "/"


async def token(client: httpx.AsyncClient, world: World) -> dict[str, str]:
    """Return the header by which the web client of this browser speaks for its user."""
    issued = await exchange(world, await code(client, world))
    return {"Authorization": f"Bearer {issued.json()['access_token']}"}


async def counts(world: World, bearer: dict[str, str]) -> bool:
    response = await world.anonymous().get("/api/v1/accounts/verify_credentials", headers=bearer)
    assert response.status_code in {200, 401}
    return response.status_code == 200


async def test_signing_out_ends_the_client_in_that_browser_and_in_no_other(world: World):
    here = await browser(world)
    there = world.anonymous()
    await sign_in(there, "ada", PASSWORD)
    token_here, token_there = await token(here, world), await token(there, world)
    waiting = await code(here, world)
    await submit(here, await here.get("/settings/account"), "/auth/sign_out")
    assert not await counts(world, token_here)
    assert await counts(world, token_there)
    assert (await exchange(world, waiting)).json()["error"] == "invalid_grant"


async def test_a_browser_that_is_signed_out_from_afar_loses_its_client(world: World):
    here = await browser(world)
    there = world.anonymous()
    await sign_in(there, "ada", PASSWORD)
    token_here, token_there = await token(here, world), await token(there, world)
    page = await here.get("/settings/account")
    await submit(here, page, "/settings/sessions/end")
    assert not await counts(world, token_there)
    assert await counts(world, token_here)
    stranger = await browser(world, "mallory")
    [(name,)] = await world.rows(
        "SELECT session_hash FROM sessions WHERE user_id = (SELECT id FROM users WHERE username = 'ada')"
    )
    mallorys = fields((await stranger.get("/settings/account")).text, "/auth/sign_out")["csrf"]
    await stranger.post("/settings/sessions/end", data={"csrf": mallorys, "session": bytes(name).hex()})
    assert await counts(world, token_here)


async def test_a_new_password_ends_the_client_everywhere_else_and_leaves_apps_alone(world: World):
    here = await browser(world)
    there = world.anonymous()
    await sign_in(there, "ada", PASSWORD)
    token_here, token_there = await token(here, world), await token(there, world)
    page = await here.get("/settings/account")
    app = await world.client(await world_user(world, "ada"))
    changed = await submit(
        here, page, "/settings/password", current_password=PASSWORD, new_password="another long password"
    )
    assert changed.status_code == 200
    assert await counts(world, token_here)
    assert not await counts(world, token_there)
    assert (await app.get("/api/v1/accounts/verify_credentials")).status_code == 200


async def world_user(world: World, name: str) -> User:
    async with world.services.db.read() as tx:
        user = await users.get_by_name(tx, name)
    assert user is not None
    return user


async def test_the_client_lives_on_when_its_session_has_run_out(world: World):
    client = await browser(world)
    bearer = await token(client, world)
    world.advance(days=40)
    await upkeep.sweep_expired(world.services, tasks.SweepExpired())
    assert await counts(world, bearer)
