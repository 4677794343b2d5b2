"""Passkeys in a real browser, with its own virtual authenticator, against a real server."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from pyotp.totp import TOTP

from tests.browser import Tab, opened_tab, program
from tests.e2e.test_command_line import run
from tests.processes import Process
from tests.servers import ServerMissingError

PASSWORD = "correct horse battery"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncGenerator[Tab]:
    """A page of a browser on a machine that knows its user by finger."""
    try:
        program()
    except ServerMissingError as error:
        pytest.fail(str(error), pytrace=False)
    async with opened_tab(tmp_path / "profile") as tab:
        await tab.call("WebAuthn.enable")
        await tab.call(
            "WebAuthn.addVirtualAuthenticator",
            options={
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            },
        )
        yield tab


async def give_password(browser: Tab, url: str, next_path: str) -> None:
    await browser.visit(f"{url}/auth/sign_in?next={next_path}")
    await browser.fill("input[name=login]", "ada")
    await browser.fill("form[action='/auth/sign_in'] input[name=password]", PASSWORD)
    await browser.press("form[action='/auth/sign_in'] button")


async def sign_out(browser: Tab) -> None:
    await browser.press("form[action='/auth/sign_out'] button")
    await browser.until("location.pathname === '/' && document.readyState === 'complete'")


async def add_passkey(browser: Tab, url: str) -> None:
    await browser.visit(f"{url}/settings/passkeys")
    await browser.fill("input[name=name]", "This laptop")
    await browser.fill("form[data-passkey] input[name=password]", PASSWORD)
    await browser.press("form[data-passkey] button")


async def test_a_passkey_is_made_and_signs_in_alone_and_after_the_password(
    browser: Tab, tmp_path: Path, sqlite_url: str
):
    done = run(
        tmp_path,
        *("user", "create", "ada", "--email", "ada@example.org", "--password-stdin"),
        text=f"{PASSWORD}\n",
        database_url=sqlite_url,
    )
    assert done.returncode == 0, done.stderr
    with Process(tmp_path, database_url=sqlite_url, base_url="http://localhost:{port}") as server:
        url = f"http://localhost:{server.port}"
        await give_password(browser, url, "/settings/passkeys")
        await browser.shows("Passkeys")
        await add_passkey(browser, url)
        await browser.shows("Your new passkey is ready")
        await browser.shows("This laptop")
        await add_passkey(browser, url)
        await browser.shows("This device has a passkey for you already")

        await sign_out(browser)
        await browser.visit(f"{url}/auth/sign_in?next=/settings/account")
        await browser.press("form[data-passkey] button")
        await browser.until("location.pathname === '/settings/account'")

        await browser.visit(f"{url}/settings/two_factor")
        await browser.fill("form[action$=begin] input[name=password]", PASSWORD)
        await browser.press("form[action$=begin] button")
        await browser.until("document.querySelector('figure svg')")
        secret = (await browser.value("document.querySelector('li code').textContent")).replace(" ", "")
        await browser.fill("input[name=code]", TOTP(secret).now())
        await browser.press("form[action$=turn_on] button")
        await browser.shows("Your recovery codes")

        await sign_out(browser)
        await give_password(browser, url, "/settings/account")
        await browser.shows("One more step")
        await browser.press("form[data-passkey] button")
        await browser.until("location.pathname === '/settings/account'")
        await browser.shows("Chromium on Linux")
    assert browser.complaints == []
