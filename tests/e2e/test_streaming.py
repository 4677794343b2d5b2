"""Live updates through real processes: several on one database, Redis killed and restarted, slow readers, ended access."""

import asyncio
import contextlib
import json
import queue
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
import websockets
from mastodon import Mastodon
from mastodon.streaming import StreamListener

from rookery.settings import Settings
from tests.processes import Process, run
from tests.servers import Redis, wait_until
from tests.world import RealClock, open_world

PATIENCE_S = 30.0
SCOPES = "read write follow"


@dataclass(frozen=True)
class People:
    """Ada, whom Bob and Cy follow; Dora whom nobody follows; and their tokens."""

    tokens: dict[str, str]
    ids: dict[str, int]


async def people(**settings: str) -> People:
    async with open_world(Settings(**settings), RealClock()) as world:
        users = {name: await world.user(name) for name in ("ada", "bob", "cy", "dora")}
        await world.follow(users["bob"], users["ada"])
        await world.follow(users["cy"], users["ada"])
        tokens = {name: await world.token(user, scopes=SCOPES) for name, user in users.items()}
        await world.settle()
    return People(tokens, {name: user.id for name, user in users.items()})


async def post(server: Process, token: str, text: str, **more: Any) -> str:
    """Post a tweet; return its id."""
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S) as client:
        answer = await client.post("/api/v1/statuses", data={"status": text, **more}, headers=bearer(token))
        answer.raise_for_status()
        return answer.json()["id"]


async def send(server: Process, token: str, method: str, path: str, **data: Any) -> Any:
    """Send a request that must succeed; return what came."""
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S) as client:
        answer = await client.request(method, path, data=data, headers=bearer(token))
        answer.raise_for_status()
        return answer.json()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class Reader:
    """Somebody who reads events, each as (name, payload)."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self.open = asyncio.Event()

    async def event(self) -> tuple[str, Any]:
        """The next event."""
        return await asyncio.wait_for(self.events.get(), PATIENCE_S)

    async def text(self) -> str:
        """The text of the next update."""
        name, payload = await self.event()
        assert name == "update", (name, payload)
        return payload["content"].removeprefix("<p>").removesuffix("</p>")

    def heard(self) -> list[tuple[str, Any]]:
        """Everything that came and was not asked for yet."""
        return [self.events.get_nowait() for _ in range(self.events.qsize())]


@asynccontextmanager
async def reading(server: Process, path: str, token: str) -> AsyncGenerator[Reader]:
    """Read a stream of server-sent events meanwhile."""
    reader = Reader()

    async def read() -> None:
        async with (
            httpx.AsyncClient(base_url=server.url, timeout=None) as client,
            client.stream("GET", f"/api/v1/streaming/{path}", headers=bearer(token)) as answer,
        ):
            assert answer.status_code == 200, await answer.aread()
            name = ""
            async for line in answer.aiter_lines():
                reader.open.set()
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    data = line.removeprefix("data: ")
                    reader.events.put_nowait((name, None if data == "undefined" else json.loads(data)))
            reader.events.put_nowait(("end", None))

    task = asyncio.create_task(read())
    opened = asyncio.create_task(reader.open.wait())
    await asyncio.wait([task, opened], timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
    assert reader.open.is_set(), task
    try:
        yield reader
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def socket_of(server: Process, query: str = "", **options: Any) -> AsyncGenerator[Any]:
    """A WebSocket to the server."""
    url = f"ws://127.0.0.1:{server.port}/api/v1/streaming{query}"
    async with websockets.connect(url, open_timeout=PATIENCE_S, **options) as connection:
        yield connection


async def message(connection: Any) -> dict[str, Any]:
    return json.loads(await asyncio.wait_for(connection.recv(), PATIENCE_S))


@pytest.fixture
def settings(database_url: str, engine_parts: Any) -> dict[str, str]:
    """A database, and beside PostgreSQL a Redis, for all processes of a test."""
    return {"database_url": database_url, "redis_url": engine_parts[2], "rate_limits": "off"}


@pytest.fixture
def servers(settings: dict[str, str], tmp_path: Path) -> Generator[list[Process]]:
    """Two servers that run no tasks, and a worker, on one database."""
    with contextlib.ExitStack() as running:
        started = [Process(tmp_path, "--no-worker", **settings) for _ in range(2)]
        worker = Working(tmp_path, **settings)
        for process in (*started, worker):
            running.enter_context(process)
        yield started


class Working(Process):
    """`rookery work`, which answers nobody."""

    def __init__(self, folder: Path, **settings: str) -> None:
        super().__init__(folder, **settings)
        self._command = [self._command[0], "work"]

    def _answers(self) -> bool:
        return "runs tasks" in self.log.read_text(errors="replace")


async def test_what_one_process_takes_is_told_by_all_to_those_whom_it_concerns(
    servers: list[Process], settings: dict[str, str]
):
    first, second = servers
    known = await people(**settings)
    tokens = known.tokens
    async with (
        reading(first, "user", tokens["bob"]) as bob,
        reading(second, "user", tokens["cy"]) as cy,
        reading(second, "user", tokens["ada"]) as ada,
        reading(second, "user", tokens["dora"]) as dora,
        reading(first, "public", tokens["dora"]) as public,
        reading(second, "hashtag?tag=Birds", tokens["dora"]) as hashtag,
    ):
        private = await post(first, tokens["ada"], "for friends", visibility="private")
        tweet = await post(second, tokens["ada"], "about #birds")
        for reader in (bob, cy, ada):
            assert await reader.text() == "for friends"
            assert (await reader.event())[1]["id"] == tweet
        for reader in (public, hashtag):
            assert (await reader.event())[1]["id"] == tweet
        await send(first, tokens["ada"], "DELETE", f"/api/v1/statuses/{tweet}")
        for reader in (bob, cy, ada, public, hashtag):
            assert await reader.event() == ("delete", int(tweet))
        await send(second, tokens["ada"], "DELETE", f"/api/v1/statuses/{private}")
        assert await bob.event() == ("delete", int(private))
        # A bell and a follow: what the worker does reaches the servers as well.
        await send(
            second, tokens["dora"], "POST", f"/api/v1/accounts/{known.ids['cy']}/follow", notify="true"
        )
        name, notification = await cy.event() if cy.events.empty() else await skip_deletes(cy)
        assert (name, notification["type"]) == ("notification", "follow")
        rung = await post(first, tokens["cy"], "ring")
        heard = dict((await dora.event(), await dora.event()))
        assert heard["update"]["id"] == rung
        assert heard["notification"]["type"] == "status"
        assert heard["notification"]["status"]["id"] == rung


async def skip_deletes(reader: Reader) -> tuple[str, Any]:
    """Return the next event that is no deletion."""
    while True:
        event = await reader.event()
        if event[0] != "delete":
            return event


async def test_one_socket_carries_many_streams_and_tells_mistakes(
    servers: list[Process], settings: dict[str, str]
):
    first, second = servers
    known = await people(**settings)
    token = known.tokens["bob"]
    async with socket_of(first, "?stream=user", subprotocols=[token]) as connection:
        assert connection.subprotocol == token
        await connection.send(json.dumps({"type": "subscribe", "stream": "public:local"}))
        await connection.send(json.dumps({"type": "subscribe", "stream": "hashtag", "tag": "Birds"}))
        for wrong in ({"stream": "nothing"}, {"stream": "hashtag"}, {"stream": "list", "list": "77"}, {}):
            await connection.send(json.dumps({"type": "subscribe", **wrong}))
            assert (await message(connection))["status"] in {400, 401}, wrong
        await post(second, known.tokens["ada"], "on #birds")
        got = [await message(connection) for _ in range(3)]
        assert sorted(each["stream"] for each in got) == [["hashtag", "birds"], ["public:local"], ["user"]]
        assert {each["event"] for each in got} == {"update"}
        assert {json.loads(each["payload"])["content"].startswith("<p>on ") for each in got} == {True}
        await connection.send(json.dumps({"type": "unsubscribe", "stream": "hashtag", "tag": "birds"}))
        await connection.send(json.dumps({"type": "unsubscribe", "stream": "user"}))
        await connection.send(json.dumps({"type": "subscribe", "stream": "nothing"}))
        assert (await message(connection))["error"] == "Unknown stream type"
        await post(second, known.tokens["ada"], "more #birds")
        assert (await message(connection))["stream"] == ["public:local"]


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {}, 401),
        ("?access_token=wrong", {}, 401),
        ("", {"Authorization": "Bearer wrong"}, 401),
    ],
)
async def test_sockets_without_a_good_token_are_refused(
    alone: Process, query: str, headers: dict[str, str], status: int
):
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with socket_of(alone, query, additional_headers=headers):
            pass
    assert refused.value.response.status_code == status


@pytest.fixture
def alone(sqlite_url: str, tmp_path: Path) -> Generator[Process]:
    """One server on SQLite."""
    with Process(tmp_path, database_url=sqlite_url, rate_limits="off") as server:
        yield server


async def test_nobody_is_told_what_they_must_not_see(alone: Process, sqlite_url: str):
    known = await people(database_url=sqlite_url)
    tokens, ids = known.tokens, known.ids
    async with (
        reading(alone, "user", tokens["bob"]) as bob,
        reading(alone, "user", tokens["cy"]) as cy,
        reading(alone, "public", tokens["dora"]) as dora,
        reading(alone, "public", tokens["ada"]) as ada,
    ):
        await send(alone, tokens["bob"], "POST", f"/api/v1/accounts/{ids['ada']}/mute")
        await post(alone, tokens["ada"], "while muted")
        # Who may see is decided when it is told: what changes next waits until then.
        assert [await cy.text(), await dora.text()] == ["while muted"] * 2
        await send(alone, tokens["ada"], "POST", f"/api/v1/accounts/{ids['dora']}/block")
        await post(alone, tokens["ada"], "for nobody here", visibility="direct")
        await post(alone, tokens["ada"], "to friends", visibility="private")
        await post(alone, tokens["ada"], "without dora")
        assert [await cy.text(), await cy.text()] == ["to friends", "without dora"]
        await send(alone, tokens["cy"], "POST", f"/api/v1/accounts/{ids['ada']}/unfollow")
        await post(alone, tokens["ada"], "after cy left", visibility="private")
        await post(alone, tokens["ada"], "for all")
        while await ada.text() != "for all":
            pass
        await send(alone, tokens["bob"], "POST", f"/api/v1/accounts/{ids['ada']}/unmute")
        await post(alone, tokens["ada"], "the end")
        await post(alone, tokens["bob"], "the very end")
        assert await bob.text() == "the end"
        assert await bob.text() == "the very end"
        assert await dora.text() == "the very end"
        assert [await ada.text(), await ada.text()] == ["the end", "the very end"]
        assert not cy.heard()


async def test_a_token_that_is_revoked_and_a_user_who_is_shut_out_hear_no_more(
    alone: Process, sqlite_url: str, tmp_path: Path
):
    known = await people(database_url=sqlite_url)
    settings = {"database_url": sqlite_url, "rate_limits": "off"}
    server = alone
    app = await register_app(server)
    token = await app_token_of(app, "bob", **settings)
    async with (
        reading(server, "user", token) as mine,
        reading(server, "user", known.tokens["bob"]) as other,
        socket_of(server, "?stream=user", additional_headers=bearer(token)) as connection,
        reading(server, "user", known.tokens["cy"]) as cy,
    ):
        async with httpx.AsyncClient(base_url=server.url) as client:
            given = {"client_id": app["client_id"], "client_secret": app["client_secret"], "token": token}
            (await client.post("/oauth/revoke", data=given)).raise_for_status()
        assert await mine.event() == ("end", None)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(connection.recv(), PATIENCE_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
        assert run(tmp_path, "user", "disable", "cy", database_url=sqlite_url).returncode == 0
        assert await cy.event() == ("end", None)
        await post(server, known.tokens["ada"], "still here")
        assert await other.text() == "still here"


async def register_app(server: Process) -> dict[str, str]:
    async with httpx.AsyncClient(base_url=server.url) as client:
        named = {"client_name": "Test", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": SCOPES}
        return (await client.post("/api/v1/apps", data=named)).json()


async def app_token_of(app: dict[str, str], name: str, **settings: str) -> str:
    """Return a token that belongs to a registered app."""
    from rookery.domain.tokens import hash_of, new_secret
    from rookery.storage import apps, tokens, users

    secret = new_secret()
    async with open_world(Settings(**settings), RealClock()) as world:

        async def work(tx: Any) -> None:
            found, user = await apps.get_by_client_id(tx, app["client_id"]), await users.get_by_name(tx, name)
            assert found is not None
            assert user is not None
            await tokens.insert(
                tx,
                token_id=world.services.new_id(),
                token_hash=hash_of(secret),
                app_id=found.id,
                user_id=user.id,
                scopes=SCOPES,
                code_hash=None,
                now_ms=world.now_ms,
            )

        await world.services.db.write(work)
    return secret


async def test_after_redis_is_killed_and_comes_back_updates_resume_by_themselves(
    own_redis: Redis, postgres_url: str, tmp_path: Path
):
    settings = {"database_url": postgres_url, "redis_url": own_redis.url(), "rate_limits": "off"}
    known = await people(**settings)
    with contextlib.ExitStack() as running:
        first, second = (running.enter_context(Process(tmp_path, **settings)) for _ in range(2))
        async with (
            reading(first, "user", known.tokens["bob"]) as bob,
            reading(second, "user", known.tokens["cy"]) as cy,
        ):
            await post(first, known.tokens["ada"], "before")
            assert [await bob.text(), await cy.text()] == ["before", "before"]
            own_redis.kill()
            await post(first, known.tokens["ada"], "without Redis")
            await post(second, known.tokens["ada"], "still without")
            for reader in (bob, cy):
                assert {await reader.text(), await reader.text()} == {"without Redis", "still without"}
            own_redis.start()
            assert wait_until(lambda: subscribers(own_redis) >= 2, timeout_s=PATIENCE_S)
            await post(second, known.tokens["ada"], "after")
            assert [await bob.text(), await cy.text()] == ["after", "after"]
        for server in (first, second):
            log = server.log.read_text()
            assert "Redis does not answer" in log
            assert "Redis answers again" in log


def subscribers(redis: Redis) -> int:
    """How many connections listen to the channel."""
    with socket.create_connection(("127.0.0.1", redis.port), timeout=PATIENCE_S) as connection:
        connection.sendall(b"PUBSUB NUMSUB rookery:live:0\r\n")
        return int(connection.recv(1000).split(b"\r\n")[-2].removeprefix(b":"))


async def test_a_slow_reader_is_dropped_and_holds_up_nobody(alone: Process, sqlite_url: str):
    known = await people(database_url=sqlite_url)
    long = "x" * 450
    with socket.create_connection(("127.0.0.1", alone.port)) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        slow.sendall(
            b"GET /api/v1/streaming/user HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + known.tokens["cy"].encode()
            + b"\r\n\r\n"
        )
        assert slow.recv(100).startswith(b"HTTP/1.1 200")
        async with (
            reading(alone, "user", known.tokens["bob"]) as bob,
            httpx.AsyncClient(base_url=alone.url, headers=bearer(known.tokens["ada"])) as client,
        ):
            posted = 0
            while not await metric(alone, "rookery_streams_dropped_total"):
                for _ in range(100):
                    posted += 1
                    await client.post("/api/v1/statuses", data={"status": f"{posted} {long}"})
                assert posted < 20_000
            texts = [await bob.text() for _ in range(posted)]
            assert [text.split()[0] for text in texts] == [str(number + 1) for number in range(posted)]


async def metric(server: Process, name: str) -> float:
    async with httpx.AsyncClient(base_url=server.url) as client:
        lines = (await client.get("/metrics")).text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


async def test_a_server_that_stops_says_good_bye_at_once(sqlite_url: str, tmp_path: Path):
    known = await people(database_url=sqlite_url)
    server = Process(tmp_path, database_url=sqlite_url)
    server.start()
    async with (
        reading(server, "user", known.tokens["bob"]) as bob,
        socket_of(server, "?stream=user", additional_headers=bearer(known.tokens["cy"])) as connection,
    ):
        assert await asyncio.to_thread(server.stop) == 0
        assert await bob.event() == ("end", None)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(connection.recv(), PATIENCE_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
    assert "Traceback" not in server.log.read_text()


class Listening(StreamListener):
    """Keeps what Mastodon.py hands over."""

    def __init__(self) -> None:
        self.came: queue.Queue[tuple[str, Any]] = queue.Queue()

    def on_any_event(self, name: str, data: Any = None, for_stream: Any = None) -> None:
        del for_stream
        self.came.put((name, data))

    def next(self) -> tuple[str, Any]:
        return self.came.get(timeout=PATIENCE_S)

    @classmethod
    def begun(cls) -> Self:
        return cls()


async def test_mastodon_py_listens_by_both_ways(alone: Process, sqlite_url: str):
    known = await people(database_url=sqlite_url)

    def listen() -> None:
        bob = Mastodon(access_token=known.tokens["bob"], api_base_url=alone.url)
        ada = Mastodon(access_token=known.tokens["ada"], api_base_url=alone.url)
        assert bob.stream_healthy()
        events, messages, public = Listening(), Listening(), Listening()
        handle = bob.stream_user(events, run_async=True)
        connection = bob.stream_open_websocket(messages)
        bob.stream_user(messages, websocket_handle=connection)
        bob.stream_hashtag("birds", public, websocket_handle=connection)
        try:
            assert wait_until(handle.is_receiving, timeout_s=PATIENCE_S)
            tweet = None
            while tweet is None or (events.came.empty() and messages.came.empty()):
                tweet = ada.status_post("Look, #birds")
                wait_until(lambda: not events.came.empty() and not messages.came.empty(), timeout_s=2)
            for listener in (events, messages, public):
                name, status = listener.next()
                assert name == "update"
                assert status.account.username == "ada"
            ada.status_delete(tweet)
            assert any(messages.next()[0] == "delete" for _ in range(5))
        finally:
            connection.close()
            # Its reading thread holds on to the connection until something comes.
            handle.closed = True
            alone.stop()
            handle.join(PATIENCE_S)

    await asyncio.to_thread(listen)
