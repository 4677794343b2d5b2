"""A bounded HTTP load: a few keep-alive connections to loopback that ask, wait for the answer, and ask again."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast

CONNECTIONS: Final = 16
_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"


@dataclass(slots=True)
class Load:
    """What came of a load."""

    seconds: float
    latencies_ms: list[float] = field(default_factory=list[float])
    failures: int = 0
    bytes: int = 0

    @property
    def requests(self) -> int:
        """How many requests were answered."""
        return len(self.latencies_ms)

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return self.requests / self.seconds

    def percentile_ms(self, share: float) -> float:
        """Return the latency below which that share (0 to 1) of the answers came."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def request(method: str, path: str, token: str | None = None, body: bytes = b"", **headers: str) -> bytes:
    """Return an HTTP/1.1 request; a body is sent as JSON."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + _END_OF_HEAD + body


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._answer: asyncio.Future[tuple[int, int]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do what asyncio's do without being derived from them.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(_END_OF_HEAD)
        if head_end < 0:
            return
        head = bytes(self._received[:head_end]).lower()
        place = head.find(_LENGTH)
        length = int(head[place + len(_LENGTH) :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(self._received) >= head_end + len(_END_OF_HEAD) + length:
            self._received.clear()
            if self._answer is not None and not self._answer.done():
                self._answer.set_result((int(head[9:12]), length))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server closed the connection"))

    async def ask(self, sent: bytes) -> tuple[int, int]:
        """Send a request; return the answer's code and length."""
        if self._transport is None:
            raise ConnectionResetError("not connected")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(sent)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def run(
    port: int,
    next_request: Callable[[], bytes],
    *,
    seconds: float,
    connections: int = CONNECTIONS,
    per_second: float | None = None,
) -> Load:
    """Ask for `seconds` over that many connections, as fast as answers come or, if given, at a steady rate."""
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    load = Load(seconds)
    pause_s = connections / per_second if per_second else 0.0

    async def ask_again_and_again(number: int) -> None:
        _, connection = await loop.create_connection(_Connection, "127.0.0.1", port)
        due = start + pause_s * number / connections
        try:
            while (now := time.perf_counter()) < start + seconds:
                if now < due:
                    await asyncio.sleep(due - now)
                due += pause_s
                began = time.perf_counter()
                code, length = await connection.ask(next_request())
                load.latencies_ms.append((time.perf_counter() - began) * 1000)
                load.bytes += length
                load.failures += code >= 400
        finally:
            connection.close()

    await asyncio.gather(*[ask_again_and_again(number) for number in range(connections)])
    load.seconds = time.perf_counter() - start
    return load
