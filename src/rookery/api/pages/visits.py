"""A browser's visit to a page: who is signed in, the secret that its forms are bound to, and what answers it."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from litestar.datastructures import Cookie

from rookery.api.calls import SESSION_COOKIE, AnyRequest, client_network, cookie_name
from rookery.api.errors import body_of, status_of
from rookery.domain.forwarding import Network
from rookery.domain.tokens import new_secret
from rookery.domain.users import User
from rookery.entrance import SESSION_LIFE_MS, Visitor
from rookery.errors import Forbidden, RookeryError
from rookery.services import Services
from rookery.usecases import sign_in
from rookery.usecases.sign_in import STEP_LIFE_MS

_VISITOR: Final = "rookery_visitor"
_TICKET: Final = "rookery_sign_in"
"""Proof, between the two steps of a sign-in, that the first one was done."""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """What every form carries: proof that it came from one of our pages (against cross-site request forgery)."""

    csrf: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page to render: the template's name and what it shows."""

    template: str
    shown: dict[str, Any] = field(default_factory=dict[str, Any])
    status: int = 200
    cookies: tuple[Cookie, ...] = ()
    forms_lead_to: str = ""
    """A scheme besides this site's pages to which a form's answer may redirect, such as `https:`."""
    runs_passkeys: bool = False
    """Whether the page may run the one script of ours."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """An answer that sends the browser on."""

    location: str
    cookies: tuple[Cookie, ...] = ()


@dataclass(frozen=True, slots=True)
class Data:
    """An answer for the script of a page: JSON."""

    text: str
    status: int = 200


async def asked(question: Awaitable[str]) -> Data:
    """Return what the browser is to ask a device, or what is wrong, for the script to show."""
    try:
        return Data(await question)
    except RookeryError as error:
        return Data(body_of(error).decode(), status_of(error))


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed for readers of news, the same for everybody: RSS."""

    content: bytes
    content_type: str
    is_listed: bool = True


@dataclass(frozen=True, slots=True)
class Download:
    """A file that whoever is signed in takes along."""

    name: str
    content_type: str
    pieces: AsyncIterator[bytes]


Answer = Page | Redirect | Data | Feed | Download


class Visit:
    """One request of one browser."""

    def __init__(self, services: Services, request: AnyRequest, trusted_proxies: frozenset[Network]) -> None:
        """Take the request; `begin` finds out who is signed in."""
        self.services = services
        self.user: User | None = None
        self.session = ""
        self._request = request
        self._trusted_proxies = trusted_proxies
        self._visitor = ""
        self._is_new_visitor = False

    async def begin(self) -> None:
        """Look the session up."""
        cookies = self._request.cookies
        self._visitor = cookies.get(self._cookie_name(_VISITOR), "")
        session = cookies.get(self._cookie_name(SESSION_COOKIE), "")
        if session:
            self.user = await sign_in.session_user(self.services, session)
            self.session = session if self.user is not None else ""

    @property
    def network(self) -> str:
        """What the browser's requests are counted under."""
        return client_network(self._request, self._trusted_proxies)

    @property
    def known_versions(self) -> str:
        """What the browser has of this page already, as validators; may be empty."""
        return self._request.headers.get("if-none-match", "")

    @property
    def languages(self) -> str:
        """What the browser's owner reads, as Accept-Language; may be empty."""
        return self._request.headers.get("accept-language", "")

    @property
    def visitor(self) -> Visitor:
        """Where the browser is and what it says it is."""
        return Visitor(self.network, self._request.headers.get("user-agent", ""))

    @property
    def csrf(self) -> str:
        """What forms carry. It follows from a cookie that other sites cannot read, and does not tell it."""
        key = self.session or self._visitor
        if not key:
            key = self._visitor = new_secret()
            self._is_new_visitor = True
        digest = hmac.new(key.encode(), b"rookery forms", hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")

    @property
    def was_sent_by_another_site(self) -> bool:
        """Whether a page of somebody else's led here, as far as the browser says (W3C Fetch Metadata)."""
        return self._request.headers.get("sec-fetch-site", "") in {"cross-site", "same-site"}

    def require_own_form(self, form: msgspec.Struct) -> None:
        """Raise Forbidden unless the form came from one of our pages in this browser."""
        sent = form.csrf if isinstance(form, Form) else ""
        known = bool(self.session or self._visitor)
        if not hmac.compare_digest(self.csrf.encode(), sent.encode()) or not known:
            raise Forbidden(
                "This form is too old. Go back, reload the page and try again; cookies must be allowed."
            )

    def visitor_cookies(self) -> tuple[Cookie, ...]:
        """Return the cookie that a rendered form has made necessary."""
        return (self._cookie(_VISITOR, self._visitor),) if self._is_new_visitor else ()

    def session_cookie(self, session: str) -> Cookie:
        """Return the cookie that keeps somebody signed in; with an empty session it ends that."""
        return self._cookie(SESSION_COOKIE, session, max_age_s=SESSION_LIFE_MS // 1000 if session else 0)

    @property
    def ticket(self) -> str:
        """What says that the password was right and the second factor is owed; may be empty."""
        return self._request.cookies.get(self._cookie_name(_TICKET), "")

    def ticket_cookie(self, ticket: str) -> Cookie:
        """Return the cookie that leads from the password to the second factor."""
        return self._cookie(_TICKET, ticket, max_age_s=STEP_LIFE_MS // 1000)

    def spent_ticket(self) -> tuple[Cookie, ...]:
        """Return what removes that cookie, if there is one."""
        return (self._cookie(_TICKET, "", max_age_s=0),) if self.ticket else ()

    def _cookie(self, name: str, value: str, *, max_age_s: int | None = None) -> Cookie:
        return Cookie(
            key=self._cookie_name(name),
            value=value,
            path="/",
            max_age=max_age_s,
            secure=self._is_https,
            httponly=True,
            samesite="lax",
        )

    @property
    def _is_https(self) -> bool:
        return self.services.instance.base_url.startswith("https://")

    def _cookie_name(self, name: str) -> str:
        return cookie_name(self.services.instance, name)
