"""OAuth scopes, as https://docs.joinmastodon.org/api/oauth-scopes/ lists them."""

from typing import Final

from rookery.domain.oauth import FOLLOW, grant, within

_READ = "accounts blocks bookmarks collections favourites filters follows lists me mutes notifications search statuses"
_WRITE = (
    "accounts blocks bookmarks collections conversations favourites filters follows lists media mutes notifications "
    "reports statuses"
)
ALL: Final = frozenset(
    ["read", "write", "follow", "push", "profile"]
    + [f"read:{noun}" for noun in _READ.split()]
    + [f"write:{noun}" for noun in _WRITE.split()]
)
DEFAULT: Final = "read"
SCOPES_CHARS_MAX: Final = 2_000


def parse(text: str) -> tuple[str, ...] | None:
    """Split a list of scopes at spaces or plus signs, none meaning the default; None when one of them is unknown."""
    if len(text) > SCOPES_CHARS_MAX:
        return None
    scopes = tuple(dict.fromkeys(text.replace("+", " ").split())) or (DEFAULT,)
    return scopes if all(scope in ALL for scope in scopes) else None


__all__ = ["ALL", "DEFAULT", "FOLLOW", "grant", "parse", "within"]
