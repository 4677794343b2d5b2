"""Argon2id (RFC 9106) by argon2-cffi, on a thread of its own so that hashing never holds up the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import InvalidHashError, VerificationError

_argon2 = Argon2(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's parameters for Argon2id: 19 MiB, 2 passes, 1 lane."""


class Argon2Hasher:
    """The `PasswordHasher` port."""

    def __init__(self) -> None:
        """Start with an idle thread; hashing runs one password at a time, which bounds its memory."""
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argon2")
        self._decoy: str | None = None

    async def hash(self, password: str, /) -> str:
        """Return the hash with its parameters."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _argon2.hash, password)

    async def verify(self, stored: str | None, password: str, /) -> bool:
        """Tell whether the password fits; a missing hash takes just as long and never fits."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._verify, stored, password)

    def _verify(self, stored: str | None, password: str) -> bool:
        if stored is None:
            self._decoy = self._decoy or _argon2.hash("nobody's password")
        try:
            return _argon2.verify(stored or self._decoy or "", password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False
