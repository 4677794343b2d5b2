"""The pages of two-factor sign-in and passkeys, filled in as a browser does."""

import html
import re

import httpx
import pytest
from pyotp.totp import TOTP

from rookery.domain.users import User
from tests.api.forms import fields, sign_in, submit
from tests.authenticator import Authenticator
from tests.conftest import OpenWorld
from tests.world import World

PASSWORD = "correct horse battery"
ORIGIN = "http://localhost:8000"


@pytest.fixture
async def world(open_worlds: OpenWorld) -> World:
    return await open_worlds(base_url=ORIGIN)


@pytest.fixture
async def ada(world: World) -> User:
    return await world.user("ada", password=PASSWORD)


@pytest.fixture
async def browser(world: World, ada: User) -> httpx.AsyncClient:
    """A browser in which Ada is signed in."""
    browser = world.anonymous()
    await sign_in(browser, ada.username, PASSWORD)
    return browser


def code(world: World, secret: str) -> str:
    return TOTP(secret).generate_otp(world.now_ms // 30_000)


async def turn_on(world: World, browser: httpx.AsyncClient) -> tuple[str, list[str]]:
    """Set two-factor sign-in up by the pages; return the secret and the recovery codes."""
    page = await browser.get("/settings/two_factor")
    page = await submit(browser, page, "/settings/two_factor/begin", password=PASSWORD)
    assert page.status_code == 200, page.text
    [secret] = re.findall(r"<code>((?:[A-Z2-7]{4} ?){8})</code>", page.text)
    secret = secret.replace(" ", "")
    assert "<svg" in page.text
    assert f"secret={secret}" in html.unescape(page.text)
    page = await submit(browser, page, "/settings/two_factor/turn_on", code=code(world, secret))
    assert page.status_code == 200, page.text
    codes = re.findall(r"<li><code>([a-z2-9-]+)</code></li>", page.text)
    assert len(codes) == 10
    world.advance(seconds=30)
    return secret, codes


async def begin(browser: httpx.AsyncClient, next_path: str = "") -> httpx.Response:
    """Give name and password; return the page of the second step."""
    page = await browser.get("/auth/sign_in", params={"next": next_path} if next_path else None)
    answer = await submit(browser, page, "/auth/sign_in", login="ada", password=PASSWORD)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/auth/second_step")
    return await browser.get(answer.headers["location"])


async def is_signed_in(browser: httpx.AsyncClient) -> bool:
    return (await browser.get("/settings/account")).status_code == 200


async def test_two_factor_sign_in_is_set_up_and_used(world: World, browser: httpx.AsyncClient):
    secret, _ = await turn_on(world, browser)
    assert "On since" in (await browser.get("/settings/two_factor")).text
    other = world.anonymous()
    page = await begin(other)
    assert not await is_signed_in(other)
    answer = await submit(other, page, "/auth/second_step", code="000000")
    assert answer.status_code == 422
    assert "The code is wrong" in answer.text
    answer = await submit(other, answer, "/auth/second_step", code=code(world, secret))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await is_signed_in(other)
    assert "rookery_sign_in" not in other.cookies


async def test_where_one_wanted_to_go_is_remembered_over_both_steps(world: World, browser: httpx.AsyncClient):
    _, codes = await turn_on(world, browser)
    other = world.anonymous()
    page = await begin(other, "/settings/account")
    answer = await submit(other, page, "/auth/second_step", code=codes[0])
    assert answer.headers["location"] == "/settings/account"
    page = await begin(other, "https://evil.example/settings")
    answer = await submit(other, page, "/auth/second_step", code=codes[1])
    assert answer.headers["location"] == "/"


async def test_the_ticket_is_the_browsers_own_and_readable_by_no_script(
    world: World, browser: httpx.AsyncClient
):
    _, codes = await turn_on(world, browser)
    other = world.anonymous()
    page = await other.get("/auth/sign_in")
    answer = await submit(other, page, "/auth/sign_in", login="ada", password=PASSWORD)
    [cookie] = [line for line in answer.headers.get_list("set-cookie") if line.startswith("rookery_sign_in=")]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    third = world.anonymous()
    answer = await third.get("/auth/second_step")
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/sign_in")
    page = await third.get("/auth/sign_in")
    form = {**fields(page.text, "/auth/sign_in"), "code": codes[0]}
    answer = await third.post("/auth/second_step", data=form)
    assert answer.status_code == 404
    assert not await is_signed_in(third)


async def test_a_second_step_from_another_site_is_refused(world: World, browser: httpx.AsyncClient):
    _, codes = await turn_on(world, browser)
    other = world.anonymous()
    await begin(other)
    answer = await other.post("/auth/second_step", data={"code": codes[0]})
    assert answer.status_code == 403
    for path in ("/settings/two_factor/turn_off", "/settings/passkeys/ask", "/settings/sessions/end"):
        assert (await browser.post(path, data={"password": PASSWORD})).status_code == 403


async def test_recovery_codes_are_renewed_and_it_is_turned_off_with_the_password(
    world: World, browser: httpx.AsyncClient
):
    secret, former = await turn_on(world, browser)
    page = await browser.get("/settings/two_factor")
    answer = await submit(browser, page, "/settings/two_factor/recovery_codes", password="wrong")
    assert answer.status_code == 422
    answer = await submit(browser, page, "/settings/two_factor/recovery_codes", password=PASSWORD)
    codes = re.findall(r"<li><code>([a-z2-9-]+)</code></li>", answer.text)
    assert len(codes) == 10
    assert not set(codes) & set(former)
    for password, given in ((PASSWORD, former[0]), ("wrong", code(world, secret))):
        answer = await submit(browser, page, "/settings/two_factor/turn_off", password=password, code=given)
        assert answer.status_code == 422
    answer = await submit(
        browser, page, "/settings/two_factor/turn_off", password=PASSWORD, code=code(world, secret)
    )
    assert "Two-factor sign-in is off" in answer.text
    other = world.anonymous()
    await sign_in(other, "ada", PASSWORD)
    assert await is_signed_in(other)


async def test_setting_it_up_takes_the_password_and_a_code(browser: httpx.AsyncClient):
    page = await browser.get("/settings/two_factor")
    answer = await submit(browser, page, "/settings/two_factor/begin", password="wrong")
    assert answer.status_code == 422
    assert "The password is wrong" in answer.text
    page = await submit(browser, page, "/settings/two_factor/begin", password=PASSWORD)
    answer = await submit(browser, page, "/settings/two_factor/turn_on", code="123")
    assert answer.status_code == 422
    assert "<svg" in answer.text
    assert "off" in (await browser.get("/settings/account")).text


async def test_whoever_is_not_signed_in_is_sent_to_do_so(world: World):
    stranger = world.anonymous()
    page = await stranger.get("/auth/sign_in")
    csrf = fields(page.text, "/auth/sign_in")["csrf"]
    for path in ("/settings/two_factor", "/settings/passkeys"):
        answer = await stranger.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/auth/sign_in?next={path}")
    for path in (
        "two_factor/begin",
        "two_factor/turn_on",
        "two_factor/recovery_codes",
        "two_factor/turn_off",
        "passkeys/ask",
        "passkeys/add",
        "passkeys/remove",
        "sessions/end",
    ):
        answer = await stranger.post(f"/settings/{path}", data={"csrf": csrf})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/auth/sign_in")


def with_target(page: httpx.Response, action: str, target: str) -> dict[str, str]:
    """Return the fields of the form for `action`, to be sent where its script asks."""
    assert f'data-ask="{target}"' in page.text
    return fields(page.text, action)


async def test_a_passkey_is_added_used_and_removed(world: World, browser: httpx.AsyncClient):
    device = Authenticator(ORIGIN)
    page = await browser.get("/settings/passkeys")
    form = with_target(page, "/settings/passkeys/add", "/settings/passkeys/ask")
    refused = await browser.post("/settings/passkeys/ask", data={**form, "password": "wrong"})
    assert (refused.status_code, refused.json()) == (
        422,
        {"error": "Validation failed: The password is wrong"},
    )
    asked = await browser.post("/settings/passkeys/ask", data={**form, "password": PASSWORD})
    added = await browser.post(
        "/settings/passkeys/add", data={**form, "answer": device.create(asked.text), "name": "<b>Phone"}
    )
    assert "Your new passkey is ready" in added.text
    assert "&lt;b&gt;Phone" in added.text
    other = world.anonymous()
    page = await other.get("/auth/sign_in", params={"next": "/settings/account"})
    form = with_target(page, "/auth/passkey", "/auth/passkey/ask")
    asked = await other.post("/auth/passkey/ask", data=form)
    entered = await other.post("/auth/passkey", data={**form, "answer": device.get(asked.text)})
    assert (entered.status_code, entered.headers["location"]) == (303, "/settings/account")
    assert await is_signed_in(other)
    removed = await submit(browser, added, "/settings/passkeys/remove")
    assert "The passkey is removed" in removed.text
    third = world.anonymous()
    page = await third.get("/auth/sign_in")
    form = fields(page.text, "/auth/passkey")
    asked = await third.post("/auth/passkey/ask", data=form)
    refused = await third.post("/auth/passkey", data={**form, "answer": device.get(asked.text)})
    assert refused.status_code == 422
    assert "not known here" in refused.text


async def test_a_passkey_is_used_in_place_of_a_code(world: World, browser: httpx.AsyncClient):
    device = Authenticator(ORIGIN)
    page = await browser.get("/settings/passkeys")
    form = fields(page.text, "/settings/passkeys/add")
    asked = await browser.post("/settings/passkeys/ask", data={**form, "password": PASSWORD})
    await browser.post("/settings/passkeys/add", data={**form, "answer": device.create(asked.text)})
    await turn_on(world, browser)
    other = world.anonymous()
    page = await begin(other, "/settings/account")
    form = with_target(page, "/auth/second_step/passkey", "/auth/second_step/passkey/ask")
    asked = await other.post("/auth/second_step/passkey/ask", data=form)
    wrong = await other.post("/auth/second_step/passkey", data={**form, "answer": "{}"})
    assert wrong.status_code == 422
    entered = await other.post("/auth/second_step/passkey", data={**form, "answer": device.get(asked.text)})
    assert (entered.status_code, entered.headers["location"]) == (303, "/settings/account")
    assert await is_signed_in(other)


async def test_without_a_ticket_nothing_is_asked(world: World):
    stranger = world.anonymous()
    page = await stranger.get("/auth/sign_in")
    form = fields(page.text, "/auth/sign_in")
    asked = await stranger.post("/auth/second_step/passkey/ask", data=form)
    assert asked.status_code == 404
    assert "try again" in asked.json()["error"]


async def test_only_pages_with_passkeys_run_a_script_and_only_ours(browser: httpx.AsyncClient):
    for path in ("/auth/sign_in?next=/settings/account", "/settings/passkeys"):
        page = await browser.get(path)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; connect-src 'self';" in policy
        assert "unsafe" not in policy
        [source] = re.findall(r'<script type="module" src="([^"]+)"></script>', page.text)
        assert len(re.findall("<script", page.text)) == 1
        script = await browser.get(source)
        assert script.headers["content-type"] == "text/javascript; charset=utf-8"
        assert "immutable" in script.headers["cache-control"]
        assert not re.findall(r"\son\w+=", page.text)
    for path in ("/settings/account", "/settings/two_factor", "/@ada"):
        page = await browser.get(path)
        assert "script-src" not in page.headers["content-security-policy"]
        assert "<script" not in page.text


async def test_where_passkeys_cannot_work_the_page_says_why(open_worlds: OpenWorld):
    world = await open_worlds(base_url="http://127.0.0.1:8000")
    await world.user("ada", password=PASSWORD)
    browser = world.anonymous()
    await sign_in(browser, "ada", PASSWORD)
    page = await browser.get("/settings/passkeys")
    assert "Passkeys need a domain" in page.text
    assert "data-passkey" not in page.text
    assert "data-passkey" not in (await browser.get("/auth/sign_in?next=/settings/account")).text


async def test_browsers_are_listed_and_signed_out_from_the_settings(world: World, browser: httpx.AsyncClient):
    other = world.anonymous()
    other.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    await sign_in(other, "ada", PASSWORD)
    page = await browser.get("/settings/account")
    assert "Firefox on Linux" in page.text
    assert "this one" in page.text
    answer = await submit(browser, page, "/settings/sessions/end")
    assert answer.status_code == 303
    assert not await is_signed_in(other)
    assert await is_signed_in(browser)


async def test_the_token_endpoint_knows_no_password_grant(world: World, browser: httpx.AsyncClient):
    await turn_on(world, browser)
    client = world.anonymous()
    app = (
        await client.post(
            "/api/v1/apps", json={"client_name": "App", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}
        )
    ).json()
    answer = await client.post(
        "/oauth/token",
        json={
            "grant_type": "password",
            "username": "ada",
            "password": PASSWORD,
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
        },
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
