"""Codes of the second factor, and what browsers call themselves."""

import base64

import pytest
from pyotp.totp import TOTP

from rookery.domain.browsers import browser_name
from rookery.domain.two_factor import (
    STEP_MS,
    enrollment_uri,
    matching_step,
    new_recovery_codes,
    new_totp_secret,
    recovery_hash,
)

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at_s", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_rfc_6238(at_s: int, code: str):
    assert matching_step(RFC_SECRET, code, now_ms=at_s * 1000) == at_s // 30


def test_one_step_of_drift_is_forgiven_and_no_more():
    now_ms = 1_790_000_000_000
    step = now_ms // STEP_MS
    for drift, expected in ((-2, None), (-1, step - 1), (0, step), (1, step + 1), (2, None)):
        code = TOTP(RFC_SECRET).generate_otp(step + drift)
        assert matching_step(RFC_SECRET, code, now_ms=now_ms) == expected


@pytest.mark.parametrize(
    "code", ["", "28708", "2870822", "28708a", "\uff12\uff18\uff17\uff10\uff18\uff12", "-", "287 08"]
)
def test_what_is_no_code_is_none(code: str):
    assert matching_step(RFC_SECRET, code, now_ms=59_000) is None


def test_codes_may_be_typed_in_groups():
    assert matching_step(RFC_SECRET, " 287 082 ", now_ms=59_000) == 1


def test_secrets_have_160_bits_and_are_named():
    secret = new_totp_secret()
    assert len(base64.b32decode(secret)) == 20
    uri = enrollment_uri(secret, username="ada", domain="birds.example")
    assert uri == f"otpauth://totp/birds.example:ada%40birds.example?secret={secret}&issuer=birds.example"


def test_recovery_codes_are_ten_long_and_found_however_they_are_typed():
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) == 16 for code in codes)
    code = codes[0]
    for typed in (code.upper(), code.replace("-", ""), f"  {code.replace('-', ' ')}\n"):
        assert recovery_hash(typed) == recovery_hash(code)
    assert recovery_hash(codes[1]) != recovery_hash(code)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"
            ),
            "Edge on Windows",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile "
                "Safari/537.36"
            ),
            "Chrome on Android",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                "Version/17.5 Mobile/15E148 Safari/604.1"
            ),
            "Safari on an iPhone",
        ),
        ("curl/8.0 (Linux)", "A browser on Linux"),
        ("", "An unknown browser"),
        ("x" * 100_000, "An unknown browser"),
    ],
)
def test_browsers_are_called_as_their_users_know_them(agent: str, name: str):
    assert browser_name(agent) == name
