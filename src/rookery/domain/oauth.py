"""OAuth 2 without its transport: apps, redirect addresses, scopes that cover each other, PKCE.

Sources: RFC 6749 (the framework), RFC 7636 (PKCE), RFC 8252 (native apps).
"""

import base64
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import SplitResult, urlencode, urlsplit

import msgspec

from rookery.domain.ids import AppId, UserId

OUT_OF_BAND: Final = "urn:ietf:wg:oauth:2.0:oob"
"""The redirect address that asks for the code to be shown instead of sent."""
CODE_LIFE_MS: Final = 600_000
"""RFC 6749 recommends ten minutes at the most."""
REDIRECT_URIS_MAX: Final = 20
REDIRECT_URI_CHARS_MAX: Final = 2_000
APP_NAME_CHARS_MAX: Final = 60
WEBSITE_CHARS_MAX: Final = 2_000
STATE_CHARS_MAX: Final = 4_096
WEB_CLIENT: Final = "rookery-web"
"""The client id of the web client that the instance serves itself: no app gets it by registering."""
WEB_CLIENT_NAME: Final = "Rookery"
WEB_CLIENT_SCOPES: Final = ("read", "write", "follow", "push")

FOLLOW: Final = frozenset(
    f"{kind}:{noun}" for kind in ("read", "write") for noun in ("blocks", "follows", "mutes")
)
"""What the deprecated scope `follow` stands for."""
PROFILE: Final = frozenset(("read", "read:accounts"))
"""Scopes that hold what `profile` does: to read the own profile, and nothing else."""

_PRINTABLE: Final = re.compile(r"[!-~]+")
_UNSAFE: Final = frozenset('"<>\\^`{|}')
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*")
_RUNNABLE: Final = frozenset(
    ("about", "blob", "chrome", "data", "file", "filesystem", "intent", "javascript", "jar", "resource", "vbscript",
     "view-source", "ws", "wss")
)  # fmt: skip
"""Schemes that a browser would run, read the disk with, or hand to an arbitrary program."""
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


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

    @property
    def is_web_client(self) -> bool:
        """Whether it is the instance's own: a browser keeps no secret, so that it proves itself by PKCE alone."""
        return self.client_id == WEB_CLIENT

    def may_be_answered_at(self, redirect_uri: str) -> bool:
        """Tell whether a code may be sent there.

        The web client's address is one and exact: what listens on another port of a loopback address is not it.
        """
        if self.is_web_client:
            return redirect_uri in self.redirect_uris
        return is_registered(redirect_uri, self.redirect_uris)


class Authorization(msgspec.Struct, frozen=True, kw_only=True):
    """What a user has allowed an app, for as long as its code may be exchanged."""

    app_id: AppId
    user_id: UserId
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str | None
    """The SHA-256 of a secret that only the app knows (PKCE), or None."""
    expires_ms: int
    used_ms: int | None = None
    session_hash: bytes | None = None
    """The browser session in which it was allowed, if what comes of it ends with that; or None."""


class IssuedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A new access token, in the one moment in which its secret is known."""

    secret: str
    scopes: tuple[str, ...]
    created_ms: int


class AuthorizedApp(msgspec.Struct, frozen=True, kw_only=True):
    """An app that holds tokens of a user."""

    id: AppId
    name: str
    website: str | None
    scopes: tuple[str, ...]
    since_ms: int
    last_used_ms: int | None


def grant(held: Iterable[str], needed: str) -> bool:
    """Tell whether the scopes held allow what needs this one."""
    top = needed.split(":", 1)[0]
    return any(
        scope in (needed, top)
        or (scope == "follow" and needed in FOLLOW)
        or (needed == "profile" and scope in PROFILE)
        for scope in held
    )


def within(asked: Iterable[str], held: Iterable[str]) -> bool:
    """Tell whether every scope asked for is covered by those held."""
    held = tuple(held)
    return all(
        grant(held, scope) or (scope == "follow" and all(grant(held, part) for part in FOLLOW))
        for scope in asked
    )


def redirect_problem(uri: str) -> str | None:
    """Return what speaks against a redirect address that an app wants to register, or None."""
    if uri == OUT_OF_BAND:
        return None
    if len(uri) > REDIRECT_URI_CHARS_MAX:
        return f"is too long (maximum is {REDIRECT_URI_CHARS_MAX} characters)"
    parts = _split(uri)
    if parts is None or not (parts.netloc or parts.path or "//" in uri):
        return "must be an absolute URI"
    if parts.scheme in _RUNNABLE or parts.scheme == "urn":
        return "is forbidden by the server"
    if "#" in uri:
        return "cannot contain a fragment"
    return "must be a valid URL" if parts.scheme in {"http", "https"} and not _is_web(parts) else None


def is_website(url: str) -> bool:
    """Tell whether this is the address of a page, fit to be linked to."""
    if len(url) > WEBSITE_CHARS_MAX:
        return False
    parts = _split(url)
    return parts is not None and parts.scheme in {"http", "https"} and _is_web(parts)


def _split(uri: str) -> SplitResult | None:
    if not _PRINTABLE.fullmatch(uri) or _UNSAFE & set(uri):
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts if _SCHEME.fullmatch(parts.scheme) else None


def _is_web(parts: SplitResult) -> bool:
    host = parts.netloc.rpartition(":")[0] if parts.port is not None else parts.netloc.removesuffix(":")
    return "@" not in parts.netloc and bool(_HOST.fullmatch(host))


def is_registered(uri: str, registered: Sequence[str]) -> bool:
    """Tell whether an app may be answered there: exactly as registered, but on this device's own address any port."""
    return uri in registered or any(_same_loopback(uri, known) for known in registered)


def _same_loopback(uri: str, known: str) -> bool:
    """RFC 8252, section 7.3: a program on the user's device learns its port only when it starts."""
    asked, expected = _split(uri), _split(known)
    if asked is None or expected is None or not _is_web(asked) or "#" in uri:
        return False
    return (
        asked.scheme == expected.scheme == "http"
        and asked.hostname == expected.hostname
        and _is_loopback(asked.hostname or "")
        and (asked.path, asked.query) == (expected.path, expected.query)
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def redirect_to(uri: str, parameters: dict[str, str]) -> str:
    """Return the registered address with parameters added, every one of them encoded."""
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(parameters)}"


def is_challenge(challenge: str) -> bool:
    """Tell whether this is a SHA-256 in base64url without padding (PKCE's S256)."""
    return bool(_CHALLENGE.fullmatch(challenge))


def fits(challenge: str | None, verifier: str) -> bool:
    """Tell whether the verifier is the one whose challenge came with the authorization request.

    A verifier without a challenge is refused too: somebody may have taken the challenge out on the way.
    """
    if challenge is None:
        return not verifier
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii"), challenge)
