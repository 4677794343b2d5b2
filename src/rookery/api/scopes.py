"""OAuth scopes, as https://docs.joinmastodon.org/api/oauth-scopes/ lists them."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_READ = ("accounts blocks bookmarks collections favourites filters follows lists me mutes notifications search statuses")
_WRITE = (
    "accounts blocks bookmarks collections conversations favourites filters follows lists media mutes notifications "
    "reports statuses"
)
FOLLOW: Final = frozenset(f"{kind}:{noun}" for kind in ("read", "write") for noun in ("blocks", "follows", "mutes"))
"""What the deprecated scope `follow` stands for."""
ALL: Final = frozenset(
    ["read", "write", "follow", "push", "profile"]
    + [f"read:{noun}" for noun in _READ.split()]
    + [f"write:{noun}" for noun in _WRITE.split()]
)
DEFAULT: Final = "read"


def parse(text: str) -> tuple[str, ...] | None:
    """Split a list of scopes at spaces or plus signs; None when one of them is unknown."""
    scopes = tuple(dict.fromkeys(text.replace("+", " ").split()))
    return scopes if all(scope in ALL for scope in scopes) else None


@lru_cache(maxsize=4096)
def grant(held: tuple[str, ...], needed: str) -> bool:
    """Tell whether the scopes held allow what needs this one."""
    top = needed.split(":", 1)[0]
    return any(scope in (needed, top) or (scope == "follow" and needed in FOLLOW) for scope in held)


def within(asked: Iterable[str], held: Iterable[str]) -> bool:
    """Tell whether every scope asked for is covered by those held."""
    held = tuple(held)
    return all(grant(held, scope) for scope in asked if scope != "follow") and (
        "follow" not in tuple(asked) or "follow" in held or {"read", "write"} <= set(held)
    )
