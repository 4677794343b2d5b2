"""Names of files in the media store: by their content, and by a secret, so that nobody else can tell them from it."""

import hashlib
from typing import Any, Final

from rookery.domain.media import digest_in

DIGEST_BYTES: Final = 24
"""Of a keyed BLAKE2b (RFC 7693). Before there was a secret, names were SHA-256: 32 bytes, by which both are told apart."""


class MediaNames:
    """The names that one instance gives."""

    def __init__(self, secret: bytes) -> None:
        """Take what only this instance knows, 64 bytes at the most."""
        self._secret = secret

    def digest(self) -> Any:
        """Return a hash, as `hashlib` makes them, that names what is put into it."""
        return hashlib.blake2b(key=self._secret, digest_size=DIGEST_BYTES)

    def digest_for(self, key: str) -> Any:
        """Return such a hash for what lies under a key; it ends as `digest_in(key)` if that is undamaged."""
        expected = digest_in(key)
        if expected is not None and len(expected) == 2 * hashlib.sha256().digest_size:
            return hashlib.sha256()
        return self.digest()

    @staticmethod
    def key(digest: str, extension: str) -> str:
        """Return the key for a file with that digest, in hexadecimal."""
        return f"{digest[:2]}/{digest}.{extension}"
