"""What every request passes first: is there room, how long did it take; and what watchers ask, which needs neither."""

import asyncio
import ipaddress
import time
from contextlib import suppress
from typing import Final, Literal

import msgspec
import structlog
from litestar import Request
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from rookery.api.calls import client_address
from rookery.api.errors import RETRY_AFTER_S, Error
from rookery.api.files import Files
from rookery.api.metrics import CONTENT_TYPE, Metrics, RequestCounts
from rookery.api.overload import Admission
from rookery.api.streaming.server import Streaming
from rookery.domain.forwarding import Network
from rookery.errors import RookeryError, Unavailable

SLOW_S: Final = 1.0
"""A request that takes longer is worth a line in the log."""
FILES_AT_ONCE_MAX: Final = 4_000
"""Files of media that one process gives out at a time; their readers may be slow."""
UNKNOWN: Final = "unknown"
"""Stands for routes and methods that do not exist, so that their number stays bounded."""
_METHODS: Final = frozenset(("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"))
_FOR_WATCHERS: Final = frozenset(("/health", "/metrics"))
"""Answered however busy the process is, and not counted."""
_HEALTHY: Final = b"OK"
"""What Mastodon answers, and its clients look for."""
_PRIVATE: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
        "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip
"""Loopback, private, link-local and carrier-shared addresses (RFC 1918, 4193, 6598)."""
_BUSY: Final = msgspec.json.encode(Error(Unavailable().message))
_ABSENT: Final = msgspec.json.encode(Error("Record not found"))
_JSON: Final = b"application/json; charset=utf-8"
_TEXT: Final = b"text/plain; charset=utf-8"

_log = structlog.get_logger(__name__)


class Front:
    """The outermost ASGI application of a server."""

    def __init__(
        self,
        app: ASGIApp,
        admission: Admission,
        counts: RequestCounts,
        metrics: Metrics,
        *,
        metrics_for: Literal["private", "everybody", "nobody"],
        trusted_proxies: frozenset[Network],
        streaming: Streaming,
    ) -> None:
        """Take the application behind and the one beside it that holds streams, and who may read the metrics."""
        self._app = app
        self.streaming = streaming
        self._admission = admission
        self._counts = counts
        self._metrics = metrics
        self._metrics_for = metrics_for
        self._trusted_proxies = trusted_proxies
        self._files = 0
        """Files that are being fetched."""
        self._idle: asyncio.Event | None = None
        """Set when the last request in flight is answered; only there once the process is to stop."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if self.streaming.owns(scope):
            # Streams last for days: they have bounds of their own, and are no requests in flight.
            await self.streaming(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if Files.owns(scope):
            await self._give_file(scope, receive, send)
            return
        path, method, counts = scope["path"], scope["method"], self._counts
        if path in _FOR_WATCHERS:
            await self._answer_watcher(scope, send)
            return
        if not self._admission.is_open(method, in_flight=counts.in_flight):
            counts.refused += 1
            await _answer(send, 503, _JSON, _BUSY, (b"retry-after", b"%d" % RETRY_AFTER_S))
            return
        status = 500

        def sent(message: Message) -> object:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            return send(message)

        counts.in_flight += 1
        begun = time.perf_counter()
        try:
            await self._app(scope, receive, sent)  # pyright: ignore[reportArgumentType]
        finally:
            counts.in_flight -= 1
            if self._idle is not None and not counts.in_flight:
                self._idle.set()
            seconds = time.perf_counter() - begun
            route: str = scope.get("path_template") or UNKNOWN
            counts.note(method if method in _METHODS else UNKNOWN, route, status, seconds)
            if seconds > SLOW_S:
                _log.warning(
                    "a slow request", method=method, route=route, status=status, seconds=round(seconds, 2)
                )

    async def _give_file(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a file be fetched, which lasts as long as its reader takes: these have a bound of their own."""
        if self._files >= FILES_AT_ONCE_MAX:
            self._counts.refused += 1
            await _answer(send, 503, _JSON, _BUSY, (b"retry-after", b"%d" % RETRY_AFTER_S))
            return
        self._files += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._files -= 1

    async def finished(self, seconds: float) -> None:
        """Wait until no request is in flight, for so long at the most."""
        if self._counts.in_flight:
            self._idle = asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), seconds)

    async def _answer_watcher(self, scope: Scope, send: Send) -> None:
        about_health = scope["path"] == "/health"
        if not about_health and not self._may_read_metrics(scope):
            await _answer(send, 404, _JSON, _ABSENT)
            return
        try:
            if about_health:
                await self._metrics.require_database()
                kind, body = _TEXT, _HEALTHY
            else:
                kind, body = CONTENT_TYPE, await self._metrics.render()
        except RookeryError:
            await _answer(send, 503, _JSON, _BUSY, (b"retry-after", b"%d" % RETRY_AFTER_S))
            return
        await _answer(send, 200, kind, body)

    def _may_read_metrics(self, scope: Scope) -> bool:
        if self._metrics_for != "private":
            return self._metrics_for == "everybody"
        address = client_address(Request(scope), self._trusted_proxies)
        try:
            return any(ipaddress.ip_address(address) in network for network in _PRIVATE)
        except ValueError:
            return False


async def _answer(send: Send, status: int, kind: bytes, body: bytes, *more: tuple[bytes, bytes]) -> None:
    headers = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(body)),
        (b"access-control-allow-origin", b"*"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
