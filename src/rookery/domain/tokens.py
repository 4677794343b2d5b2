"""Secrets that are handed out once and kept only as hashes."""

import hashlib
import secrets
from typing import Final

TOKEN_BYTES: Final = 32


def new_secret() -> str:
    """Return 256 random bits as URL-safe text."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(secret: str) -> bytes:
    """Return the form under which a secret is stored and found."""
    return hashlib.sha256(secret.encode()).digest()
