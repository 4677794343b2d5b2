"""OAuth 2 without its transport: apps, redirect addresses, scopes that cover each other, PKCE."""

from collections.abc import Iterable
from typing import Final

import msgspec

from rookery.domain.ids import AppId

OUT_OF_BAND: Final = "urn:ietf:wg:oauth:2.0:oob"
"""The redirect address that asks for the code to be shown instead of sent."""

FOLLOW: Final = frozenset(
    f"{kind}:{noun}" for kind in ("read", "write") for noun in ("blocks", "follows", "mutes")
)
"""What the deprecated scope `follow` stands for."""


class App(msgspec.Struct, frozen=True, kw_only=True):
    """A program that speaks to the instance on behalf of users."""

    id: AppId
    client_id: str
    secret_hash: bytes
    name: str
    website: str | None
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    created_ms: int


def grant(held: Iterable[str], needed: str) -> bool:
    """Tell whether the scopes held allow what needs this one."""
    top = needed.split(":", 1)[0]
    return any(scope in (needed, top) or (scope == "follow" and needed in FOLLOW) for scope in held)


def within(asked: Iterable[str], held: Iterable[str]) -> bool:
    """Tell whether every scope asked for is covered by those held."""
    held = tuple(held)
    return all(
        grant(held, scope) or (scope == "follow" and all(grant(held, part) for part in FOLLOW))
        for scope in asked
    )
