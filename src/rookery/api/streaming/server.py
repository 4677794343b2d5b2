"""The ASGI application in front of the API that holds connections for live updates."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.types import Receive, Scope, Send

from rookery import errors
from rookery.api.calls import client_network
from rookery.api.errors import RETRY_AFTER_S, Error
from rookery.api.presenting import Presenter
from rookery.api.server import WINDOW_MS, ApiOptions, count_request, credentials_of
from rookery.api.streaming.channels import HEALTH, PATH, Channel, by_path, channel_of, status_of
from rookery.api.streaming.connections import GOING_AWAY, Connection, EventStream, Reader, Socket
from rookery.api.streaming.loading import loaders
from rookery.api.streaming.words import Words
from rookery.domain.measurements import Kind, Measurement
from rookery.domain.streams import StreamKind
from rookery.domain.users import UserState
from rookery.services import Services
from rookery.usecases.live import Hub

CONNECTIONS_MAX: Final = 12_000
"""Connections for live updates that one process holds."""
CONNECTIONS_PER_USER_MAX: Final = 32
"""Of one user in one process; with one more, the oldest is closed."""
CHANNELS_MAX: Final = 64
"""Streams on one WebSocket."""
CONNECTS_MAX: Final = 300
"""Connections a user (or, with a wrong token, a network) may begin in a window of five minutes."""
MESSAGE_CHARS_MAX: Final = 4_096
MESSAGES_PER_S_MAX: Final = 20
KEEP_ALIVE_LOOK_S: Final = 5.0
CLOSE_S: Final = 2.0
"""How long connections may take to hear that the process ends."""
FLUSH_S: Final = 0.5
"""How long the HTTP server's own threads may take to write the last words; it does not tell when they have."""
_SSE_HEADERS: Final = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"private, no-store"),
    (b"x-accel-buffering", b"no"),
    (b"access-control-allow-origin", b"*"),
]
_HEALTHY: Final = b"OK"
_TOO_LARGE: Final = 1009
_NO_BINARY: Final = 1003


class _Denied(Exception):  # noqa: N818  an answer rather than an error
    """The connection is not wanted."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Streaming:
    """Everything under `/api/v1/streaming`."""

    def __init__(self, services: Services, options: ApiOptions, present: Presenter) -> None:
        """Take the services and what encodes statuses."""
        self._services = services
        self._options = options
        self._words = Words(present)
        self.hub = Hub(services, loaders(present))
        self._connections: dict[Connection, None] = {}
        """In the order of their coming."""
        self._by_user: Counter[int] = Counter()
        self._breathing: asyncio.Task[None] | None = None
        self._ending = False
        self._empty: asyncio.Event | None = None
        """Set when the last connection is closed; only there once the process is to stop."""
        self._counts: Counter[str] = Counter()

    @staticmethod
    def owns(scope: Scope) -> bool:
        """Tell whether a request is for this application; a browser's preflight (OPTIONS) never is."""
        path: str = scope["path"]
        return path.startswith(PATH) and (
            scope["type"] == "websocket" or (scope["type"] == "http" and scope["method"] in {"GET", "HEAD"})
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, which may take days."""
        is_socket = scope["type"] == "websocket"
        try:
            if is_socket:
                await self._hold_socket(scope, receive, send)
            elif scope["path"] == HEALTH:
                await _answer(send, scope, 200, b"text/plain; charset=utf-8", _HEALTHY)
            else:
                await self._hold_event_stream(scope, receive, send)
        except _Denied as denied:
            body = msgspec.json.encode(Error(denied.sentence))
            await _answer(send, scope, denied.status, b"application/json; charset=utf-8", body)

    async def _hold_event_stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = by_path(scope["path"].rstrip("/"))
        if name is None:
            raise _Denied(404, "Not found")
        wanted = _query(scope)
        reader = await self._reader(scope, wanted)
        channel = await self._channel(name, wanted, reader)
        await send({"type": "http.response.start", "status": 200, "headers": _SSE_HEADERS})
        if scope["type"] == "http" and scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        connection = EventStream(reader, send, self._words, self._note_dropped)
        await self._hold(connection, [channel], self._await_disconnect(receive))

    @staticmethod
    async def _await_disconnect(receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _hold_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].rstrip("/") != PATH:
            raise _Denied(404, "Not found")
        await receive()
        wanted = _query(scope)
        offered: Any = scope
        protocols: Sequence[str] = offered.get("subprotocols") or ()
        reader = await self._reader(scope, wanted, protocols)
        accept: dict[str, Any] = {"type": "websocket.accept", "headers": []}
        if protocols:
            # A browser hangs up unless one of the protocols it offered is chosen, the token being the only one.
            accept["subprotocol"] = protocols[0]
        await send(accept)  # pyright: ignore[reportArgumentType]
        socket = Socket(reader, send, self._words, self._note_dropped)

        async def listen() -> None:
            if "stream" in wanted:
                await self._change(socket, {**wanted, "type": "subscribe"}, reader)
            await self._obey(socket, receive, reader)

        await self._hold(socket, [], listen())

    async def _hold(self, connection: Connection, channels: Sequence[Channel], until: Any) -> None:
        """Keep a connection until its reader or something here ends it."""
        try:
            self._make_room(connection)
            await self.hub.add(connection)
            for channel in channels:
                connection.channels[channel.wire] = channel
                await self.hub.subscribe(connection, channel.stream)
            connection.greet()
            await until
        except asyncio.CancelledError:
            # The HTTP server cancels what awaits a reader, too, when it stops.
            if not connection.closing and not self._ending:
                raise
            await connection.say_goodbye()
        finally:
            until.close()
            connection.release()
            self.hub.remove(connection)
            self._connections.pop(connection, None)
            if self._empty is not None and not self._connections:
                self._empty.set()
            self._by_user[connection.user_id] -= 1
            if self._by_user[connection.user_id] <= 0:
                del self._by_user[connection.user_id]

    def _make_room(self, connection: Connection) -> None:
        self._counts["opened"] += 1
        self._by_user[connection.user_id] += 1
        if self._by_user[connection.user_id] > CONNECTIONS_PER_USER_MAX:
            own = (
                each for each in self._connections if each.user_id == connection.user_id and not each.closing
            )
            if (oldest := next(own, None)) is not None:
                oldest.close(GOING_AWAY)
        self._connections[connection] = None
        if self._ending:
            connection.close(GOING_AWAY)
        if self._breathing is None:
            self._breathing = asyncio.create_task(self._keep_alive())

    async def _obey(self, socket: Socket, receive: Receive, reader: Reader) -> None:
        """Carry out what the reader asks for, until they hang up."""
        second, messages = 0, 0
        while True:
            message: Any = await receive()
            if message["type"] == "websocket.disconnect":
                return
            if int(time.monotonic()) != second:
                second, messages = int(time.monotonic()), 0
            messages += 1
            if messages > MESSAGES_PER_S_MAX:
                await asyncio.sleep(1)
            asked = message.get("text")
            if asked is None:
                socket.close(_NO_BINARY)
            elif len(asked) > MESSAGE_CHARS_MAX:
                socket.close(_TOO_LARGE)
            else:
                with suppress(msgspec.MsgspecError, RecursionError):
                    wanted = msgspec.convert(msgspec.json.decode(asked), dict[str, Any])
                    await self._change(socket, {key: str(value) for key, value in wanted.items()}, reader)

    async def _change(self, socket: Socket, wanted: dict[str, str], reader: Reader) -> None:
        """Subscribe to a stream, or stop that; a mistake is told on the socket."""
        try:
            channel = await self._channel(wanted.get("stream", ""), wanted, reader)
            if wanted.get("type") == "subscribe" and channel.wire not in socket.channels:
                _require_room(socket)
                socket.channels[channel.wire] = channel
                await self.hub.subscribe(socket, channel.stream)
            elif wanted.get("type") == "unsubscribe":
                socket.channels.pop(channel.wire, None)
                if all(other.stream != channel.stream for other in socket.channels.values()):
                    self.hub.unsubscribe(socket, channel.stream)
        except _Denied as denied:
            said = {"error": denied.sentence, "status": denied.status}
            socket.push(msgspec.json.encode(said).decode())
        except errors.Unavailable as error:
            socket.push(msgspec.json.encode({"error": error.message, "status": 503}).decode())

    async def _channel(self, name: str, wanted: dict[str, str], reader: Reader) -> Channel:
        try:
            channel = channel_of(name, wanted, reader.scopes)
            begins = wanted.get("type", "subscribe") == "subscribe"
            listed = begins and channel.stream.kind is StreamKind.LIST
            if listed and not await self.hub.may_listen(reader.user_id, channel.stream):
                raise _Denied(401, "Not authorized to stream this list")
        except errors.Unavailable as error:
            raise _Denied(503, error.message) from error
        except errors.RookeryError as error:
            raise _Denied(status_of(error, 400), error.message) from error
        return channel

    async def _reader(self, scope: Scope, wanted: dict[str, str], protocols: Sequence[str] = ()) -> Reader:
        """Return who connects; raises _Denied with the answer for everybody who may not."""
        if self._ending or len(self._connections) >= CONNECTIONS_MAX:
            self._counts["refused"] += 1
            raise _Denied(503, errors.Unavailable().message)
        header = next((value for name, value in scope["headers"] if name == b"authorization"), b"").decode(
            "latin-1"
        )
        token = wanted.get("access_token") or (protocols[0] if protocols else "")
        if not header and not token:
            raise _Denied(401, "Missing access token")
        network = client_network(Request(scope), self._options.trusted_proxies)
        try:
            found = await credentials_of(self._services, header or f"Bearer {token}")
            if self._options.rate_limits:
                whom = f"address:{network}" if found is None else f"user:{found.user_id}"
                await count_request(
                    self._services,
                    f"streams:{whom}",
                    self._options,
                    requests_max=CONNECTS_MAX,
                    window_ms=WINDOW_MS,
                )
        except errors.TooMany as error:
            raise _Denied(429, error.message) from error
        except errors.Unavailable as error:
            raise _Denied(503, error.message) from error
        if found is None or found.user_id is None or found.user_state in {UserState.DELETED, None}:
            raise _Denied(401, "Invalid access token")
        if found.user_state is not UserState.ACTIVE:
            raise _Denied(403, "Your login is currently disabled or not yet confirmed")
        return Reader(found.user_id, found.token_id, found.scopes)

    def _note_dropped(self) -> None:
        self._counts["dropped"] += 1

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(KEEP_ALIVE_LOOK_S)
            now_s = time.monotonic()
            for number, connection in enumerate(tuple(self._connections)):
                connection.breathe(now_s)
                if number % 500 == 499:
                    await asyncio.sleep(0)

    async def close(self) -> None:
        """Tell every connection that the process ends, and let none begin any more."""
        self._ending = True
        for connection in tuple(self._connections):
            connection.close(GOING_AWAY)
        if self._connections:
            self._empty = asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), CLOSE_S)
            await asyncio.sleep(FLUSH_S)
        if self._breathing is not None:
            self._breathing.cancel()
        await self.hub.close()

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        return (
            *self.hub.measurements(),
            Measurement(
                "rookery_streams_opened",
                "Connections for live updates begun.",
                Kind.COUNTER,
                lambda: self._counts["opened"],
            ),
            Measurement(
                "rookery_streams_dropped",
                "Readers of live updates dropped because they were too slow.",
                Kind.COUNTER,
                lambda: self._counts["dropped"],
            ),
            Measurement(
                "rookery_streams_refused",
                "Connections for live updates turned away because the process holds too many.",
                Kind.COUNTER,
                lambda: self._counts["refused"],
            ),
        )


def _require_room(socket: Socket) -> None:
    if len(socket.channels) >= CHANNELS_MAX:
        raise _Denied(400, f"One connection carries at most {CHANNELS_MAX} streams")


def _query(scope: Scope) -> dict[str, str]:
    return dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))


async def _answer(send: Send, scope: Scope, status: int, kind: bytes, body: bytes) -> None:
    """Answer at once, a WebSocket's handshake too."""
    prefix = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    headers = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(body)),
        (b"access-control-allow-origin", b"*"),
    ]
    if status in {429, 503}:
        headers.append((b"retry-after", b"%d" % RETRY_AFTER_S))
    start: Any = {"type": f"{prefix}.start", "status": status, "headers": headers}
    await send(start)
    if scope["type"] == "http" and scope["method"] == "HEAD":
        body = b""
    end: Any = {"type": f"{prefix}.body", "body": body, "more_body": False}
    await send(end)
