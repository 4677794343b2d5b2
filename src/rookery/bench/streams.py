"""What live updates cost: the memory of idle connections, and how fast news reaches those who listen."""

import asyncio
import base64
import json
import os
import random
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from rookery.app import running
from rookery.bench import load, towns
from rookery.bench.processes import Measured, free_port, started
from rookery.bench.report import Report, Section
from rookery.domain.ids import UserId
from rookery.errors import Unavailable
from rookery.settings import Settings
from rookery.usecases import tokens

SOCKETS: Final = 5_000
AUTHORS: Final = 100
"""Each follows nobody and is followed by an equal share of the listeners."""
POSTERS: Final = 4
"""Connections that post at the same time."""
CONNECTING_AT_ONCE: Final = 64
SETTLE_S: Final = 1.0
PATIENCE_S: Final = 60.0
_SENT_AT: Final = b"sent at "
_FILES_BESIDE: Final = 256


@dataclass(frozen=True, slots=True)
class Town:
    """The database that is served: listeners who follow one author each, and one author whom all follow."""

    database_url: str
    listeners: Sequence[str]
    authors: Sequence[str]
    star: str


@dataclass(slots=True)
class Heard:
    """What all listeners together have heard."""

    events: int = 0
    latencies_ms: list[float] = field(default_factory=list[float])
    lost: int = 0

    def note(self, data: bytes) -> None:
        """Count the events in what came: each carries the text of a tweet, and in it when it was sent."""
        now_ns = time.perf_counter_ns()
        place = data.find(_SENT_AT)
        while place >= 0:
            start = place + len(_SENT_AT)
            stop = data.find(b".", start)
            if stop < 0:
                return
            self.events += 1
            self.latencies_ms.append((now_ns - int(data[start:stop])) / 1e6)
            place = data.find(_SENT_AT, stop)

    def percentile_ms(self, share: float) -> float:
        """Return the latency below which that share (0 to 1) of the events came."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class _Listener(asyncio.Protocol):
    def __init__(self, heard: Heard, opened: "asyncio.Future[None]") -> None:
        self._heard = heard
        self._opened = opened
        self.transport: asyncio.Transport | None = None
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do what asyncio's do without being derived from them.
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if not self._opened.done():
            if data.startswith((b"HTTP/1.1 101", b"HTTP/1.1 200")):
                self._opened.set_result(None)
            else:
                self._opened.set_exception(Unavailable(f"no stream: {data[:200]!r}"))
        self._heard.note(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._heard.lost += not self.closed
        if not self._opened.done():
            self._opened.set_exception(exc or ConnectionResetError("the server closed the connection"))


class Listeners:
    """Many connections of readers."""

    def __init__(self, port: int) -> None:
        """Take where the server listens."""
        self._port = port
        self._all: list[_Listener] = []
        self.heard = Heard()

    async def open(self, tokens_of_readers: Sequence[str], *, websocket: bool) -> float:
        """Connect everybody; return how many connections a second began."""
        gate = asyncio.Semaphore(CONNECTING_AT_ONCE)
        loop = asyncio.get_running_loop()
        began = time.perf_counter()

        async def connect(token: str) -> None:
            async with gate:
                opened: asyncio.Future[None] = loop.create_future()
                _, listener = await loop.create_connection(
                    lambda: _Listener(self.heard, opened), "127.0.0.1", self._port
                )
                self._all.append(listener)
                assert listener.transport is not None  # noqa: S101  made by the connection
                listener.transport.write(_handshake(token) if websocket else _request(token))
                await opened

        await asyncio.gather(*[connect(token) for token in tokens_of_readers])
        return len(tokens_of_readers) / (time.perf_counter() - began)

    async def until(self, events: int) -> None:
        """Wait until that many events were heard."""
        async with asyncio.timeout(PATIENCE_S):
            while self.heard.events < events:  # noqa: ASYNC110  events are counted by the thousand
                await asyncio.sleep(0.002)

    def close(self) -> None:
        """Hang up."""
        for listener in self._all:
            listener.closed = True
            if listener.transport is not None:
                listener.transport.abort()
        self._all.clear()


def _handshake(token: str) -> bytes:
    return load.request(
        "GET",
        "/api/v1/streaming?stream=user",
        token,
        Upgrade="websocket",
        Connection="Upgrade",
        Sec_WebSocket_Version="13",
        Sec_WebSocket_Key=base64.b64encode(bytes(16)).decode(),
    )


def _request(token: str) -> bytes:
    return load.request("GET", "/api/v1/streaming/user", token)


async def build_town(folder: Path, sockets: int, *, author_count: int) -> Town:
    """Make listeners who each follow one of the authors, and the star."""
    database_url = f"sqlite:///{folder}/streams.db"
    async with running(Settings(database_url=database_url, media_url=f"file:///{folder}/media")) as run:
        services = run.services
        star, *rest = await towns.add_users(services, sockets + author_count + 1)
        authors, readers = rest[:author_count], rest[author_count:]
        pairs = [(reader, authors[place % author_count]) for place, reader in enumerate(readers)]
        await towns.add_follows(services, [*pairs, *[(reader, star) for reader in readers]])

        async def token_of(user: UserId) -> str:
            return await tokens.create_token(services, user, scopes="read write", app_name="bench")

        return Town(
            database_url,
            [await token_of(reader) for reader in readers],
            [await token_of(author) for author in authors],
            await token_of(star),
        )


async def measure(report: Report, folder: Path, *, seconds: float, share: int = 1) -> None:
    """Open every connection, look at the memory, then post and see when it arrives."""
    sockets = SOCKETS // share
    _allow_open_files(sockets + _FILES_BESIDE)
    town = await build_town(folder, sockets, author_count=max(1, AUTHORS // share))
    port = free_port()
    command = [sys.executable, "-m", "rookery", "serve", "--port", str(port)]
    environment = {
        "ROOKERY_DATABASE_URL": town.database_url,
        "ROOKERY_RATE_LIMITS": "off",
        "ROOKERY_CONFIG": os.devnull,
    }
    idle = report.section(
        f"Idle connections for live updates ({sockets:,} users, one connection each, one process, SQLite)",
        "kind",
        "connections",
        "connected/s",
        "MB before",
        "MB with them",
        "kB each",
        "CPU ms/s idle",
    )
    news = report.section(
        f"News ({sockets:,} WebSockets on one serving process, SQLite)",
        "what",
        "events delivered",
        "events/s",
        "CPU µs per event",
        "p50 ms",
        "p99 ms",
    )
    floor_port = free_port()
    floor = [sys.executable, "-m", "rookery.bench.floor", str(floor_port), "2"]
    async with started(floor, port=floor_port, log=folder / "floor.log") as server:
        listeners = Listeners(server.port)
        await _idle(idle, server, listeners, town, name="floor: the HTTP server's WebSocket", websocket=True)
        listeners.close()
    for websocket in (False, True):
        name = "WebSocket" if websocket else "server-sent events"
        async with started(command, port=port, environment=environment, log=folder / "streams.log") as server:
            listeners = Listeners(server.port)
            await _idle(idle, server, listeners, town, name=name, websocket=websocket)
            if websocket:
                await _tell(news, server, listeners, town, seconds=seconds)
            listeners.close()
            if listeners.heard.lost:
                news.notes.append(f"{listeners.heard.lost} connections were lost")
    idle.notes.append("Memory is the proportional set size of the process; every user follows two others.")
    news.notes.append(
        f"{len(town.authors)} authors, each followed by an equal share of the listeners, post over {POSTERS} connections as "
        "fast as they are answered. CPU is the serving process's for everything, the posts and their deliveries to "
        "homes included; the bench reads the sockets on the same machine. From sending a post to reading it."
    )


async def _idle(
    section: Section, server: Measured, listeners: Listeners, town: Town, *, name: str, websocket: bool
) -> None:
    await load.run(server.port, lambda: _post(town.star), seconds=0.5, connections=1)
    await asyncio.sleep(SETTLE_S)
    before_mb = server.memory_mb()
    per_second = await listeners.open(town.listeners, websocket=websocket)
    await asyncio.sleep(SETTLE_S)
    after_mb, cpu_s, began = server.memory_mb(), server.cpu_s(), time.perf_counter()
    await asyncio.sleep(2 * SETTLE_S)
    cpu_ms = (server.cpu_s() - cpu_s) / (time.perf_counter() - began) * 1_000
    section.add(
        name,
        len(town.listeners),
        per_second,
        before_mb,
        after_mb,
        (after_mb - before_mb) * 1e3 / len(town.listeners),
        cpu_ms,
    )


async def _tell(
    section: Section, server: Measured, listeners: Listeners, town: Town, *, seconds: float
) -> None:
    chance = random.Random(4)
    each = len(town.listeners) // len(town.authors)
    heard = listeners.heard = _fresh(listeners)
    cpu_s, began = server.cpu_s(), time.perf_counter()
    posting = await load.run(
        server.port, lambda: _post(chance.choice(town.authors)), seconds=seconds, connections=POSTERS
    )
    await listeners.until((posting.requests - posting.failures) * each)
    _add(
        section,
        f"posts to {each:,} listeners each",
        heard,
        server.cpu_s() - cpu_s,
        time.perf_counter() - began,
    )
    heard = _fresh(listeners)
    cpu_s, began = server.cpu_s(), time.perf_counter()
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(_post(town.star))
    await listeners.until(len(town.listeners))
    writer.close()
    _add(
        section,
        f"one post to {len(town.listeners):,} listeners",
        heard,
        server.cpu_s() - cpu_s,
        time.perf_counter() - began,
    )


def _fresh(listeners: Listeners) -> Heard:
    """Forget what was heard so far."""
    listeners.heard.events = 0
    listeners.heard.latencies_ms.clear()
    return listeners.heard


def _add(section: Section, what: str, heard: Heard, cpu_s: float, seconds: float) -> None:
    events = heard.events
    section.add(
        what,
        events,
        events / seconds,
        cpu_s / max(1, events) * 1e6,
        heard.percentile_ms(0.5),
        heard.percentile_ms(0.99),
    )


def _post(token: str) -> bytes:
    text = f"{_SENT_AT.decode()}{time.perf_counter_ns()}. The river carries a feather under the bridge."
    return load.request("POST", "/api/v1/statuses", token, json.dumps({"status": text}).encode())


def _allow_open_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise Unavailable(f"this needs {count:,} open files, and the system allows {hard:,} (ulimit -Hn)")
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
