"""An app, by unmodified Mastodon.py, for a user with two factors: it gets in by the pages and by no other way."""

import re
from pathlib import Path

import httpx
import pytest
from mastodon import Mastodon, MastodonIllegalArgumentError, MastodonUnauthorizedError
from pyotp.totp import TOTP

from tests.e2e.test_command_line import run
from tests.e2e.test_mastodon_py import OUT_OF_BAND, PASSWORD, SCOPES, create_user, submit
from tests.processes import Process


def turn_two_factor_on(browser: httpx.Client) -> list[str]:
    """Set it up by the pages; return the recovery codes."""
    page = browser.get("/auth/sign_in", params={"next": "/settings/two_factor"})
    page = submit(browser, page, "/auth/sign_in", login="ada", password=PASSWORD)
    page = submit(browser, page, "/settings/two_factor/begin", password=PASSWORD)
    [secret] = re.findall(r"<code>((?:[A-Z2-7]{4} ?){8})</code>", page.text)
    page = submit(browser, page, "/settings/two_factor/turn_on", code=TOTP(secret.replace(" ", "")).now())
    codes = re.findall(r"<li><code>([a-z2-9-]+)</code></li>", page.text)
    assert len(codes) == 10
    return codes


def test_an_app_is_let_in_only_after_the_second_factor(database_url: str, tmp_path: Path):
    create_user(tmp_path, database_url, "ada")
    with Process(tmp_path, database_url=database_url) as server:
        with httpx.Client(base_url=server.url, follow_redirects=True) as browser:
            codes = turn_two_factor_on(browser)
        client_id, secret = Mastodon.create_app(
            "Aviary", api_base_url=server.url, scopes=SCOPES, redirect_uris=OUT_OF_BAND
        )
        client = Mastodon(client_id=client_id, client_secret=secret, api_base_url=server.url)
        with pytest.raises(MastodonIllegalArgumentError):
            client.log_in("ada", PASSWORD, scopes=SCOPES)
        address = client.auth_request_url(scopes=SCOPES, redirect_uris=OUT_OF_BAND, allow_http=True)
        with httpx.Client(base_url=server.url, follow_redirects=True) as browser:
            page = submit(browser, browser.get(address), "/auth/sign_in", login="ada", password=PASSWORD)
            assert page.url.path == "/auth/second_step"
            assert browser.get(address).url.path == "/auth/sign_in"
            page = submit(browser, page, "/auth/second_step", code=codes[0])
            assert page.url.path == "/oauth/authorize"
            page = submit(browser, page, "/oauth/authorize", decision="allow")
            found = re.search(r'<code id="code">([^<]+)</code>', page.text)
            assert found is not None
        client.log_in(code=found[1], scopes=SCOPES, allow_http=True)
        assert client.me().username == "ada"
        done = run(
            tmp_path,
            *("user", "passwd", "ada", "--password-stdin"),
            text="another good one\n",
            database_url=database_url,
        )
        assert done.returncode == 0, done.stderr
        with pytest.raises(MastodonUnauthorizedError):
            client.me()
