"""Codes of two-factor sign-in: those that a device makes every half minute (TOTP, RFC 6238), and those on paper."""

import hmac
import re
import secrets
from typing import Final

import pyotp
from pyotp.totp import TOTP

from rookery.domain.tokens import hash_of

STEP_MS: Final = 30_000
DRIFT_STEPS: Final = 1
"""How many steps a device's clock may be ahead or behind."""
RECOVERY_CODES: Final = 10
_CODE_DIGITS: Final = 6
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 signs that nobody takes for one another."""
_GROUPS: Final = 4
_GROUP_CHARS: Final = 4
_BLANKS: Final = re.compile(r"[\s-]+")


def new_totp_secret() -> str:
    """Return 160 random bits in Base32, as devices take them."""
    return pyotp.random_base32()


def matching_step(secret: str, code: str, *, now_ms: int) -> int | None:
    """Return the time step whose code this is, if that is now or nearly now, else None."""
    digits = _BLANKS.sub("", code)
    if len(digits) != _CODE_DIGITS or not (digits.isascii() and digits.isdecimal()):
        return None
    totp = TOTP(secret)
    present = now_ms // STEP_MS
    found = None
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step), digits):
            found = step
    return found


def enrollment_uri(secret: str, *, username: str, domain: str) -> str:
    """Return what the square to scan says (`otpauth://totp/…`)."""
    return TOTP(secret).provisioning_uri(name=f"{username}@{domain}", issuer_name=domain)


def new_recovery_codes() -> list[str]:
    """Return codes of 80 random bits, each to be used once in place of the device."""
    return ["-".join(_group() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]


def _group() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_GROUP_CHARS))


def recovery_hash(code: str) -> bytes:
    """Return the form under which a recovery code is kept, however it was typed. 80 bits need no slow hash."""
    return hash_of(_BLANKS.sub("", code).lower())
