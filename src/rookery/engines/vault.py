"""Encryption of what the database must not tell by itself, with keys that live elsewhere.

AES-256-GCM, HKDF-SHA-256 and HMAC-SHA-256 by `cryptography` and the standard library (docs/decisions/0018-personal-data.md).
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import structlog

from rookery.errors import Misconfigured, Unreadable

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
VERSION: Final = "1"
"""Every kept text begins with it, so that another way to encrypt can follow one day."""
_KEY_ID_DIGITS: Final = 16
_UNREADABLE: Final = "{} cannot be read with the secret keys that this process has"

_log = structlog.get_logger(__name__)

_HEADER: Final = """\
# Rookery's secret keys: with them e-mail addresses, dates of birth and two-factor secrets in the database are
# encrypted. One key per line; the first encrypts, all decrypt. Without this file those are lost: keep a copy,
# apart from copies of the database. `rookery keys --help` tells how to exchange a key.
"""


class Vault:
    """The `Vault` port."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take keys of 32 random bytes each: the first encrypts, all decrypt."""
        self._keys = {_key_id(key): key for key in keys}
        self.key_ids: Sequence[str] = tuple(self._keys)
        self.key_id = self.key_ids[0]
        # What is derived from a key is made when it is first needed: the library takes 50 ms and 8 MB to load.
        self._ciphers: dict[str, Any] = {}
        self._lookups: dict[str, Callable[[bytes], bytes]] = {}

    def encrypt(self, text: str, /, *, context: str) -> str:
        """Return the text encrypted; empty stays empty. It can be read in the same context only."""
        if not text:
            return ""
        nonce = os.urandom(NONCE_BYTES)
        sealed: bytes = self._cipher(self.key_id).encrypt(nonce, text.encode(), context.encode())
        return ".".join((VERSION, self.key_id, base64.urlsafe_b64encode(nonce + sealed).decode()))

    def decrypt(self, kept: str, /, *, context: str) -> str:
        """Return what was encrypted; raises Unreadable when the key is missing, or text or context are others."""
        if not kept:
            return ""
        version, _, rest = kept.partition(".")
        key_id, _, encoded = rest.partition(".")
        if version != VERSION or key_id not in self._keys:
            raise Unreadable(_UNREADABLE.format(context))
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  see __init__

        try:
            sealed = base64.urlsafe_b64decode(encoded)
            opened: bytes = self._cipher(key_id).decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode()
            )
        except (InvalidTag, ValueError, binascii.Error):
            raise Unreadable(_UNREADABLE.format(context)) from None
        return opened.decode()

    def lookups(self, text: str, /, *, context: str) -> dict[str, bytes]:
        """Return under which hashes the text is found, by the id of the key: with every key, the first one first."""
        message = f"{context}\0{text}".encode()
        return {key_id: self._lookup(key_id)(message) for key_id in self._keys}

    def check_value(self, key_id: str, /) -> str:
        """Return what proves that a key is the one it says, without telling anything of it."""
        return hmac.new(self._keys[key_id], b"rookery check value", hashlib.sha256).hexdigest()

    def _cipher(self, key_id: str) -> Any:
        if key_id not in self._ciphers:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  see __init__

            self._ciphers[key_id] = AESGCM(_derived(self._keys[key_id], b"rookery encryption"))
        return self._ciphers[key_id]

    def _lookup(self, key_id: str) -> Callable[[bytes], bytes]:
        if key_id not in self._lookups:
            derived = _derived(self._keys[key_id], b"rookery look-up")
            self._lookups[key_id] = lambda message: hmac.digest(derived, message, "sha256")
        return self._lookups[key_id]


@cache
def _derived(key: bytes, purpose: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  see Vault.__init__
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)


def _key_id(key: bytes) -> str:
    return hmac.new(key, b"rookery key id", hashlib.sha256).hexdigest()[:_KEY_ID_DIGITS]


def new_key() -> str:
    """Return a new key as text."""
    return secrets.token_urlsafe(KEY_BYTES)


def keys_in(text: str, *, source: str) -> list[bytes]:
    """Return the keys in a text, one per line or separated by commas; raises Misconfigured, naming the source."""
    lines = [line.partition("#")[0] for line in text.splitlines()]
    written = [part.strip() for line in lines for part in line.split(",") if part.strip()]
    keys = [_key(part) for part in written]
    if not keys:
        raise Misconfigured(f"{source} holds no key; `rookery keys new` prints one")
    if None in keys:
        raise Misconfigured(
            f"{source} must hold keys of {KEY_BYTES} random bytes in URL-safe Base64 (43 characters), as "
            f"`rookery keys new` prints them; number {keys.index(None) + 1} is none"
        )
    return [key for key in keys if key is not None]


def _key(text: str) -> bytes | None:
    try:
        key = base64.b64decode(text.rstrip("=") + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def read_key_file(path: Path) -> list[bytes]:
    """Return the keys in a file; raises Misconfigured when it cannot be read or holds something else."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"cannot read the secret keys in {path}: {error}") from error
    return keys_in(text, source=str(path))


def make_key_file(path: Path) -> list[bytes]:
    """Write a new key to a file that only its owner may read, unless another process was faster; return its keys."""
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{_HEADER}{new_key()}\n")
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a move, never replaces what another process has made meanwhile.
            os.link(unfinished, path)
        except FileExistsError:
            pass
        finally:
            unfinished.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise Misconfigured(
            f"cannot keep a secret key in {path}: {error.strerror}; set secret_key_file to a file that can be written, "
            "or secret_keys to a key that `rookery keys new` prints"
        ) from error
    return read_key_file(path)


def find_keys(
    *, secret_keys: str, secret_key_file: str, database_url: str, may_make: bool
) -> tuple[list[bytes], str]:
    """Return the keys of this instance and where they are from, making the first one if it may.

    Raises Misconfigured when there are none, or when they are said twice.
    """
    if secret_keys and secret_key_file:
        raise Misconfigured("give secret_keys or secret_key_file, not both: one would be ignored")
    if secret_keys:
        return keys_in(secret_keys, source="secret_keys"), "secret_keys"
    path = Path(secret_key_file) if secret_key_file else usual_key_file(database_url)
    if path.exists():
        return read_key_file(path), str(path)
    if not may_make:
        raise Misconfigured(
            f"personal data in the database is encrypted, and its key is not here: there is no file {path}. Bring it "
            "from where the database was first used, and name it by secret_key_file, or set secret_keys to what it "
            "holds"
        )
    keys = make_key_file(path)
    # Beside an SQLite file it is copied along; elsewhere nobody would think of it.
    tell = _log.info if database_url.startswith("sqlite") else _log.warning
    tell("a secret key was made: keep a copy, personal data is lost without it", file=str(path.absolute()))
    return keys, str(path)


def usual_key_file(database_url: str) -> Path:
    """Return where keys are when nothing says so: beside an SQLite file, else in the user's folder for such things."""
    kind, _, rest = database_url.partition("://")
    if kind == "sqlite":
        return Path(rest.removeprefix("/") if not rest.startswith("//") else rest[1:]).with_suffix(".keys")
    state = os.environ.get("XDG_STATE_HOME") or ""
    try:
        folder = Path(state) if state.startswith("/") else Path("~/.local/state").expanduser()
    except RuntimeError:
        raise Misconfigured(
            "there is no home folder to keep a secret key in: set secret_key_file, or secret_keys to a key that "
            "`rookery keys new` prints"
        ) from None
    return folder / "rookery" / "secret.keys"
