"""A reader's connection: what waits to be sent is bounded, and nobody waits for a slow reader."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple

from litestar.types import Message, Send

from rookery.api import scopes
from rookery.api.streaming.channels import NOTIFICATIONS_SCOPE, Channel
from rookery.api.streaming.words import SSE_GREETING, SSE_KEEP_ALIVE, WEBSOCKET_KEEP_ALIVE, Words
from rookery.domain import streams
from rookery.domain.ids import TokenId, UserId
from rookery.domain.streams import News, NewsKind, Stream

WAITING_EVENTS_MAX: Final = 1_000
WAITING_BYTES_MAX: Final = 2_000_000
"""What may wait for one reader, beside what the operating system takes; who is further behind is dropped."""
SEND_S_MAX: Final = 30.0
"""How long a reader may take nothing at all."""
GOODBYE_S: Final = 1.0
REVOKED: Final = 1008
"""WebSocket's code for whoever may not be here (RFC 6455, 7.4.1)."""
GOING_AWAY: Final = 1001
_OF_NOTIFICATIONS: Final = frozenset((NewsKind.NOTIFIED, NewsKind.NOTIFICATIONS_MERGED))


class Reader(NamedTuple):
    """Who reads, and how far their token reaches."""

    user_id: UserId
    token_id: TokenId
    scopes: tuple[str, ...]


class Connection:
    """What both kinds of connection share."""

    keep_alive_s = 15.0
    keep_alive: Any = SSE_KEEP_ALIVE
    __slots__ = (
        "_bytes",
        "_code",
        "_dropped",
        "_main",
        "_send",
        "_waiting",
        "_words",
        "_writing",
        "channels",
        "closing",
        "scopes",
        "sent_s",
        "token_id",
        "user_id",
    )

    def __init__(self, reader: Reader, send: Send, words: Words, dropped: Callable[[], None]) -> None:
        """Take who reads, how to send, and whom to tell when the reader is dropped."""
        self.user_id, self.token_id, self.scopes = reader
        self.channels: dict[tuple[str, ...], Channel] = {}
        self.closing = False
        self._code: int | None = None
        """With which code to end."""
        self.sent_s = time.monotonic()
        """When a frame was taken last, or began to wait alone."""
        self._send = send
        self._words = words
        self._dropped = dropped
        self._waiting: deque[Any] | None = None
        """None as long as nothing waits, which is nearly always: an empty deque takes 600 bytes."""
        self._bytes = 0
        self._writing: asyncio.Task[None] | None = None
        self._main = asyncio.current_task()

    def greet(self) -> None:
        """Say that everything from now on will be told."""

    def tell(self, stream: Stream, news: News) -> None:
        """Send a piece of news on every channel that shows the stream."""
        if (
            stream is streams.HOME
            and news.kind in _OF_NOTIFICATIONS
            and not scopes.grant(self.scopes, NOTIFICATIONS_SCOPE)
        ):
            return
        for channel in self.channels.values():
            if channel.stream == stream:
                self.push(self._frame(news, channel))

    def end(self) -> None:
        """Close the connection: the token is good no more."""
        self.close(REVOKED)

    def push(self, frame: Any) -> None:
        """Send a frame soon; drop the reader when too much waits already."""
        if self.closing:
            return
        waiting = self._waiting
        if waiting is None:
            waiting = self._waiting = deque()
        elif len(waiting) >= WAITING_EVENTS_MAX or self._bytes + len(frame) > WAITING_BYTES_MAX:
            self.drop()
            return
        waiting.append(frame)
        self._bytes += len(frame)
        if self._writing is None:
            self.sent_s = time.monotonic()
            self._writing = asyncio.create_task(self._write())

    def breathe(self, now_s: float) -> None:
        """Show the reader and everything on the way that the connection is alive; drop a reader who takes nothing."""
        idle_s = now_s - self.sent_s
        if self._writing is not None:
            if idle_s >= SEND_S_MAX:
                self.drop()
        elif idle_s >= self.keep_alive_s:
            self.push(self.keep_alive)

    def drop(self) -> None:
        """End the connection of a reader who is too slow, without a word: it would wait with all the others."""
        if not self.closing:
            self.closing = True
            self._dropped()
            self._stop()

    def close(self, code: int) -> None:
        """End the connection with a word."""
        if not self.closing:
            self.closing = True
            self._code = code
            self._stop()

    async def say_goodbye(self) -> None:
        """Send the last word, if there is one; called when nothing is awaited from the reader any more."""
        if self._writing is not None:
            self._writing.cancel()
        if self._code is not None:
            with suppress(Exception):  # the reader may be gone
                await asyncio.wait_for(self._send(self._last(self._code)), GOODBYE_S)

    def release(self) -> None:
        """Let go of what sends, at the end of the connection."""
        self.closing = True
        if self._writing is not None:
            self._writing.cancel()

    def _frame(self, news: News, channel: Channel) -> Any:
        raise NotImplementedError

    def _message(self, frame: Any) -> Message:
        raise NotImplementedError

    def _last(self, code: int) -> Message:
        raise NotImplementedError

    async def _write(self) -> None:
        waiting = self._waiting
        try:
            while waiting:
                frame = waiting[0]
                await self._send(self._message(frame))
                self.sent_s = time.monotonic()
                waiting.popleft()
                self._bytes -= len(frame)
            self._waiting = None
        except Exception:  # noqa: BLE001  whatever the server raises when the reader is gone
            self.closing = True
            self._stop()
        finally:
            self._writing = None

    def _stop(self) -> None:
        if self._main is not None:
            self._main.cancel()


class EventStream(Connection):
    """Server-sent events."""

    __slots__ = ()

    def greet(self) -> None:
        """Send a comment."""
        self.push(SSE_GREETING)

    def _frame(self, news: News, channel: Channel) -> bytes:  # noqa: ARG002
        return self._words.sse(news)

    def _message(self, frame: bytes) -> Message:
        return {"type": "http.response.body", "body": frame, "more_body": True}

    def _last(self, code: int) -> Message:  # noqa: ARG002
        return {"type": "http.response.body", "body": b"", "more_body": False}


class Socket(Connection):
    """A WebSocket, which may carry many channels."""

    keep_alive_s = 45.0
    keep_alive = WEBSOCKET_KEEP_ALIVE
    __slots__ = ()

    def _frame(self, news: News, channel: Channel) -> str:
        return self._words.message(news, channel.wire)

    def _message(self, frame: str) -> Message:
        return {"type": "websocket.send", "text": frame, "bytes": None}

    def _last(self, code: int) -> Message:
        return {"type": "websocket.close", "code": code, "reason": None}
