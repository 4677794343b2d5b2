"""One call of the API: who calls, with which token, through which services."""

from typing import Any, Final, NamedTuple

from litestar import Request

from rookery.api.presenting import Presenter
from rookery.domain.addresses import network_of
from rookery.domain.forwarding import Network, origin
from rookery.domain.ids import AppId, TokenId, UserId
from rookery.domain.instance import Instance
from rookery.domain.users import UserState
from rookery.errors import Unauthorized
from rookery.services import Services

AnyRequest = Request[Any, Any, Any]


SESSION_COOKIE: Final = "rookery_session"


class Credentials(NamedTuple):
    """What a valid token says."""

    token_id: TokenId
    app_id: AppId
    user_id: UserId | None
    user_state: UserState | None
    scopes: tuple[str, ...]


class Call:
    """What an endpoint knows of its caller."""

    __slots__ = ("_request", "_trusted_proxies", "credentials", "present", "services", "viewer_or_none")

    def __init__(
        self,
        services: Services,
        present: Presenter,
        credentials: Credentials | None,
        request: AnyRequest,
        trusted_proxies: frozenset[Network],
    ) -> None:
        """Take the parts; endpoints get it ready-made."""
        self.services = services
        self.present = present
        self.credentials = credentials
        self.viewer_or_none = credentials.user_id if credentials is not None else None
        """The user who calls, or None."""
        self._request = request
        self._trusted_proxies = trusted_proxies

    def header(self, name: str) -> str | None:
        """Return a request header's value, or None."""
        return self._request.headers.get(name)

    @property
    def client_network(self) -> str:
        """What the caller's requests are counted under when nobody is signed in."""
        return client_network(self._request, self._trusted_proxies)

    @property
    def browser_session(self) -> str:
        """What the browser is signed in by at our own pages, if it is one and is; empty otherwise."""
        return self._request.cookies.get(cookie_name(self.services.instance, SESSION_COOKIE), "")

    @property
    def viewer(self) -> UserId:
        """The user who calls; raises Unauthorized when nobody is signed in."""
        if self.viewer_or_none is None:
            raise Unauthorized
        return self.viewer_or_none


def cookie_name(instance: Instance, name: str) -> str:
    """Return what a cookie is called here."""
    # Browsers accept this prefix only over https, for this host alone and for all of its paths.
    return f"__Host-{name}" if instance.base_url.startswith("https://") else name


def client_address(request: AnyRequest, trusted: frozenset[Network]) -> str:
    """Return the address a request comes from, believing `X-Forwarded-For` only of the trusted proxies."""
    client = request.scope["client"]
    address = client[0] if client else ""
    # A proxy may add a line of its own instead of continuing the caller's: all lines are one list (RFC 9110, 5.3).
    lines = [value for name, value in request.scope["headers"] if name == b"x-forwarded-for"]
    if not lines:
        return address
    return origin(address, b",".join(lines).decode("latin-1").split(","), trusted)


def client_network(request: AnyRequest, trusted: frozenset[Network]) -> str:
    """Return what a request's address is counted under: itself, or the IPv6 network that one subscriber holds."""
    return network_of(client_address(request, trusted))
