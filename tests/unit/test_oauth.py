"""OAuth's pure rules: addresses, scopes, PKCE."""

import pytest

from rookery.domain.oauth import (
    OUT_OF_BAND,
    fits,
    is_challenge,
    is_registered,
    is_website,
    redirect_problem,
    redirect_to,
    within,
)


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "JavaScript://x/%0aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "view-source:https://app.example",
        "/relative",
        "//app.example/callback",
        "app.example/callback",
        "https://",
        "https:///path",
        "https://user:password@app.example/",
        "https://app.example/#fragment",
        "https://app.example/\r\nSet-Cookie: a=b",
        "https://app.example/ä",
        "https://app.example\\@evil.example",
        'https://app.example/"onclick',
        "https://app.example:port/",
        "https://app.example;script-src/",
        "urn:ietf:wg:oauth:2.0:oob:auto",
        "https://app.example/" + "a" * 2000,
        "app:",
        "",
        " ",
    ],
)
def test_addresses_that_could_harm_are_refused(uri: str):
    assert redirect_problem(uri) is not None


@pytest.mark.parametrize(
    "uri",
    [
        OUT_OF_BAND,
        "com.tapbots.Ivory.10217:/request_token",
        "icecubesapp://",
        "toot://oauth?x=1",
        "http://localhost:3000/callback",
        "http://[::1]:8080/",
        "https://elk.zone/api/mastodon.example/oauth/https%3A%2F%2Felk.zone?x=y&z=%20",
    ],
)
def test_addresses_that_real_apps_use_are_fine(uri: str):
    assert redirect_problem(uri) is None


def test_an_address_must_be_exactly_the_registered_one():
    registered = ("https://app.example/callback",)
    assert is_registered("https://app.example/callback", registered)
    for uri in (
        "https://app.example/callback/",
        "https://app.example/callback?x=1",
        "https://app.example/",
        "http://app.example/callback",
        "https://app.example:443/callback",
        "",
    ):
        assert not is_registered(uri, registered)


def test_on_the_users_own_device_any_port_will_do():
    registered = ("http://127.0.0.1/done", "http://[::1]:1/done")
    assert is_registered("http://127.0.0.1:49152/done", registered)
    assert is_registered("http://[::1]:49152/done", registered)
    for uri in (
        "http://127.0.0.1:49152/",
        "http://127.0.0.2:1/done",
        "http://evil@127.0.0.1:1/done",
        "http://127.0.0.1:1/done#x",
        "https://127.0.0.1:1/done",
    ):
        assert not is_registered(uri, registered)


def test_parameters_cannot_break_out_of_the_address():
    hostile = {"state": "a&code=x\r\nSet-Cookie: y"}
    assert redirect_to("app://back", hostile) == "app://back?state=a%26code%3Dx%0D%0ASet-Cookie%3A+y"
    assert redirect_to("app://back?x=1", {"code": "c"}) == "app://back?x=1&code=c"


@pytest.mark.parametrize(
    ("asked", "held", "answer"),
    [
        ("read", "read write", True),
        ("read:statuses write:media", "read write", True),
        ("read", "read:statuses", False),
        ("follow", "follow", True),
        ("follow", "read write", True),
        ("follow", "write", False),
        ("write:mutes read:blocks", "follow", True),
        ("write", "follow", False),
        ("profile", "read", True),
        ("profile", "write", False),
        ("", "", True),
    ],
)
def test_scopes_cover_each_other_only_downwards(asked: str, held: str, *, answer: bool):
    assert within(asked.split(), held.split()) is answer


def test_the_verifier_of_rfc_7636s_example_fits():
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert is_challenge(challenge)
    assert fits(challenge, verifier)
    for wrong in ("", challenge, verifier[:-1], verifier + "A", "ä" * 50):
        assert not fits(challenge, wrong)
    assert fits(None, "")
    assert not fits(None, verifier)
    assert not is_challenge(challenge + "=")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "nowhere", "https://", "https://a b", "ftp://app.example"]
)
def test_a_website_is_an_address_that_may_be_linked_to(url: str):
    assert not is_website(url)
    assert is_website("https://elk.zone")
