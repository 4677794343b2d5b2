"""The HTTP application: the catalogue's endpoints as Litestar routes, with authentication, limits and errors."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol

import msgspec
import structlog
from litestar import Litestar, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Receive, Scope, Send

import rookery.api.routes
from rookery import errors
from rookery.api import host_meta, parameters, scopes
from rookery.api.calls import AnyRequest, Call, Credentials, client_network
from rookery.api.endpoints import ENDPOINTS, Access, Endpoint
from rookery.api.errors import RETRY_AFTER_S, Error, body_of, status_of
from rookery.api.files import Files
from rookery.api.presenting import Presenter
from rookery.domain.forwarding import Network
from rookery.domain.limits import Limits
from rookery.domain.users import UserState
from rookery.services import Services
from rookery.usecases import tokens
from rookery.usecases.presence import Presence

_HEADERS: Final = (
    (b"content-type", b"application/json; charset=utf-8"),
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"Link, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset",
    ),
)
"""On every answer: web apps on other hosts may read it."""
_PREFLIGHT_HEADERS: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE, OPTIONS"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, Idempotency-Key"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
)
REQUESTS_MAX: Final = 300
"""Requests a user (or, signed out, a network) may make in a window."""
WINDOW_MS: Final = 300_000

_PATH_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_PARTS: Final = "rookery.parts"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """What the operator decides about the API."""

    rate_limits: bool = True
    rate_limit_factor: float = 1.0
    trusted_proxies: frozenset[Network] = frozenset()
    signs_media: bool = False
    """Whether clients fetch files from the object store, by addresses that hold for a while."""
    signed_origins: tuple[str, ...] = ()
    """Where such addresses lead: scheme and host of each store."""


def load_routes() -> None:
    """Import every module of routes, so that the catalogue is complete."""
    for module in pkgutil.iter_modules(rookery.api.routes.__path__, "rookery.api.routes."):
        importlib.import_module(module.name)


class Pages(Protocol):
    """The pages for people, beside the API."""

    @staticmethod
    def routes() -> Sequence[HTTPRouteHandler]:
        """Make their routes; each finds these pages again by `parts_of`."""
        ...


def build(
    services: Services, options: ApiOptions, *, pages: Pages | None = None, present: Presenter | None = None
) -> ASGIApp:
    """Return the ASGI application."""
    present = present or Presenter(services.instance)
    parts = Parts(_Caller(services, present, options), pages, services.instance.base_url)
    routes = _routes(services.limits, pages.routes if pages is not None else None)
    return _Entrance(routes, parts, Files(services, signs=options.signs_media))


class Parts(NamedTuple):
    """What the routes work with: it travels with each request, as routes are the same for all instances of a process."""

    caller: "_Caller"
    pages: Any
    base_url: str


def parts_of(request: AnyRequest) -> Parts:
    """Return what a request is answered with."""
    scope: Any = request.scope
    return scope[_PARTS]


@lru_cache(maxsize=8)
def _routes(limits: Limits, pages: Callable[[], Sequence[HTTPRouteHandler]] | None) -> Litestar:
    """Make the routes. Some hundreds of them take a fifth of a second, so that they are made once."""
    load_routes()
    return Litestar(
        [
            *[_route(endpoint, limits) for endpoint in ENDPOINTS],
            host_meta.handler(lambda request: parts_of(request).base_url),
            *(pages() if pages is not None else ()),
        ],
        openapi_config=None,
        request_max_body_size=limits.request_body_bytes_max,
        exception_handlers={Exception: _unforeseen},
        logging_config=None,
        debug=False,
    )


def _route(endpoint: Endpoint, limits: Limits) -> HTTPRouteHandler:
    async def handle(request: AnyRequest) -> Reply:
        return await parts_of(request).caller.answer(endpoint, request)

    path = _PATH_PARAMETER.sub(r"{\1:str}", endpoint.path)
    methods: list[Any] = ["GET", "HEAD"] if endpoint.method == "GET" else [endpoint.method]
    body_bytes_max = limits.request_body_bytes_max
    if endpoint.uploads is not None:
        body_bytes_max += endpoint.uploads(limits.media)
    return HTTPRouteHandler(
        path,
        http_method=methods,
        status_code=endpoint.status,
        name=endpoint.operation_id,
        request_max_body_size=body_bytes_max,
    )(handle)


class Reply(ASGIResponse):
    """A finished answer: Litestar sends it as it is, without the work that its general response does."""

    def __init__(self, body: bytes, *, status: int, headers: dict[str, str]) -> None:
        """Take the encoded JSON and the headers beside the usual ones."""
        self.body = body
        self.status_code = status
        self._more_headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send head and body; to HEAD only the head."""
        headers = [*_HEADERS, (b"content-length", b"%d" % len(self.body))]
        for name, value in self._more_headers.items():
            headers.append((name.lower().encode("latin-1"), value.encode("latin-1")))
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else self.body  # pyright: ignore[reportGeneralTypeIssues, reportTypedDictNotRequiredAccess]
        await send({"type": "http.response.body", "body": body, "more_body": False})


class _Entrance:
    """Sees requests off to the routes, with what they are answered with, and gives files out.

    Answers the question that browsers ask before a web app on another host may call (CORS).
    """

    def __init__(self, routes: ASGIApp, parts: Parts, files: Files) -> None:
        self._routes = routes
        self._parts = parts
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT_HEADERS})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        if self._files.owns(scope):
            await self._files(scope, receive, send)
            return
        scope[_PARTS] = self._parts  # pyright: ignore[reportGeneralTypeIssues]
        await self._routes(scope, receive, send)


class _Caller:
    """Carries out endpoints: who calls, may they, how often, with what, and what came of it."""

    def __init__(self, services: Services, present: Presenter, options: ApiOptions) -> None:
        self._services = services
        self._present = present
        self._options = options
        self._presence = Presence(services)

    async def answer(self, endpoint: Endpoint, request: AnyRequest) -> Reply:
        headers: dict[str, str] = {}
        try:
            call = await self._begin(endpoint, request)
            if self._options.rate_limits:
                headers = await self._count(endpoint, call)
            _authorize(endpoint, call)
            if (credentials := call.credentials) is not None:
                self._presence.note_use(credentials.token_id, credentials.user_id)
            if endpoint.admits is not None:
                await endpoint.admits(call)
            if endpoint.parameters.__struct_fields__:
                with ExitStack() as kept:
                    values = await parameters.parse(
                        request,
                        endpoint.parameters,
                        request.scope["path_params"],
                        limits=self._services.limits.media,
                        kept=kept,
                    )
                    reply = await endpoint.handler(call, values)
            else:
                reply = await endpoint.handler(call)
        except errors.RookeryError as error:
            return _failure(error, headers, now_ms=self._services.now_ms())
        except HTTPException:
            raise
        except Exception:  # noqa: BLE001
            # Whatever was not foreseen is logged here and told to nobody.
            _log.exception("a request failed", operation=endpoint.operation_id)
            error = errors.RookeryError("Something went wrong on this server")
            return _failure(error, headers, now_ms=self._services.now_ms())
        if reply.headers:
            headers |= reply.headers
        status = reply.status if reply.status != 200 else endpoint.status
        return Reply(reply.body, status=status, headers=headers)

    async def _begin(self, endpoint: Endpoint, request: AnyRequest) -> Call:
        if endpoint.access is Access.CLIENT:
            return Call(self._services, self._present, None, request, self._options.trusted_proxies)
        authorization = next(
            (value for name, value in request.scope["headers"] if name == b"authorization"), None
        )
        credentials = None
        if authorization is not None:
            credentials = await credentials_of(self._services, authorization.decode("latin-1"))
            if credentials is None:
                await self._count_stranger(request)
                raise errors.Unauthorized
        return Call(self._services, self._present, credentials, request, self._options.trusted_proxies)

    async def _count_stranger(self, request: AnyRequest) -> None:
        """Count a request with a wrong token, which names nobody, against its network."""
        if self._options.rate_limits:
            await self._count_for(f"address:{client_network(request, self._options.trusted_proxies)}")

    async def _count_for(self, whom: str) -> dict[str, str]:
        return await count_request(
            self._services, f"requests:{whom}", self._options, requests_max=REQUESTS_MAX, window_ms=WINDOW_MS
        )

    async def _count(self, endpoint: Endpoint, call: Call) -> dict[str, str]:
        user = call.viewer_or_none
        headers = await self._count_for(
            f"user:{user}" if user is not None else f"address:{call.client_network}"
        )
        if (limit := endpoint.limit) is None:
            return headers
        return await count_request(
            self._services,
            f"{limit.name}:address:{call.client_network}",
            self._options,
            requests_max=limit.requests_max,
            window_ms=limit.window_ms,
        )


async def credentials_of(services: Services, header: str) -> Credentials | None:
    """Return what the token in an Authorization header stands for, or None."""
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token:
        return None
    found = await tokens.find_token(services, token.strip())
    if found is None:
        return None
    return Credentials(found.token_id, found.app_id, found.user_id, found.user_state, _split(found.scopes))


async def count_request(
    services: Services, key: str, options: ApiOptions, *, requests_max: int, window_ms: int
) -> dict[str, str]:
    """Count one more request; return Mastodon's headers, or raise TooMany carrying the time to come back."""
    limit = max(1, int(requests_max * options.rate_limit_factor))
    count, end_ms = await services.counters.add(key, window_ms=window_ms, now_ms=services.now_ms())
    if count > limit:
        raise errors.TooMany(retry_at_ms=end_ms, requests_max=limit)
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(limit - count),
        "X-RateLimit-Reset": _iso(end_ms),
    }


@lru_cache(maxsize=1024)
def _split(scope_text: str) -> tuple[str, ...]:
    return tuple(scope_text.split())


def _authorize(endpoint: Endpoint, call: Call) -> None:
    credentials = call.credentials
    if credentials is None:
        if endpoint.access not in {Access.ANYONE, Access.CLIENT}:
            raise errors.Unauthorized
        return
    if credentials.user_state is not UserState.ACTIVE and credentials.user_id is not None:
        _refuse_inactive(endpoint, credentials)
        if not endpoint.needs_user:
            # Whoever waits to be let in sees what strangers see, and their app may ask about itself.
            call.viewer_or_none = None
            return
    if credentials.user_id is None and endpoint.needs_user:
        raise errors.Invalid("This method requires an authenticated user")
    if endpoint.scope is not None and not scopes.grant(credentials.scopes, endpoint.scope):
        if endpoint.access is Access.ANYONE and credentials.user_id is None:
            return
        raise errors.Forbidden("This action is outside the authorized scopes")


def _refuse_inactive(endpoint: Endpoint, credentials: Credentials) -> None:
    state = credentials.user_state
    if state in {UserState.DELETED, None}:
        raise errors.Unauthorized
    if state is UserState.DISABLED:
        raise errors.Forbidden("Your login is currently disabled")
    if endpoint.access is Access.UNFINISHED or not endpoint.needs_user:
        return
    if state is UserState.UNCONFIRMED:
        raise errors.Forbidden("Your login is missing a confirmed e-mail address")
    raise errors.Forbidden("Your login is currently pending approval")


def _failure(error: errors.RookeryError, headers: dict[str, str], *, now_ms: int) -> Reply:
    status = status_of(error)
    if isinstance(error, errors.TooMany):
        headers = {**headers, "X-RateLimit-Remaining": "0"}
        if error.requests_max is not None:
            headers["X-RateLimit-Limit"] = str(error.requests_max)
        if error.retry_at_ms is not None:
            headers["X-RateLimit-Reset"] = _iso(error.retry_at_ms)
            headers["Retry-After"] = str(max(1, -(-(error.retry_at_ms - now_ms) // 1000)))
    if isinstance(error, errors.Unavailable):
        headers = {**headers, "Retry-After": str(RETRY_AFTER_S)}
    if isinstance(error, errors.Unauthorized):
        headers = {**headers, "WWW-Authenticate": 'Bearer realm="Rookery", error="invalid_token"'}
    if isinstance(error, errors.UnknownApp):
        headers = {**headers, "WWW-Authenticate": 'Basic realm="Rookery"'}
    return Reply(body_of(error), status=status, headers=headers)


def _unforeseen(request: AnyRequest, error: Exception) -> Response[bytes]:
    """Answer what happens outside the endpoints: unknown paths, wrong methods, oversized bodies."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    sentence = {
        404: "Record not found",
        405: "This method is not allowed here",
        413: "The request is too large",
    }.get(status, "Something went wrong on this server" if status >= 500 else "The request cannot be read")
    if status >= 500:
        _log.error("a request failed", path=request.scope["path"], exc_info=error)
    headers = {name.decode(): value.decode() for name, value in _HEADERS}
    return Response(msgspec.json.encode(Error(sentence)), status_code=status, headers=headers)


def _iso(time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%dT%H:%M:%S.000Z}"
