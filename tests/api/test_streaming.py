"""The way in to live updates: who is let in, how many, and what is said to everybody else."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from rookery.api.presenting import Presenter
from rookery.api.server import ApiOptions
from rookery.api.streaming import server
from rookery.api.streaming.server import Streaming
from rookery.domain.tweets import Visibility
from rookery.domain.users import User
from rookery.usecases.administration import disable_user
from tests.conftest import OpenWorld
from tests.world import World

PATIENCE_S = 30.0
PATH = "/api/v1/streaming"


@pytest.fixture
async def streaming(world: World) -> AsyncGenerator[Streaming]:
    """The application under test, over the world's services."""
    application = streaming_of(world)
    yield application
    await application.close()


def streaming_of(world: World, *, rate_limits: bool = False) -> Streaming:
    options = ApiOptions(rate_limits=rate_limits)
    return Streaming(world.services, options, Presenter(world.services.instance))


def client(streaming: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(streaming), base_url="http://test")


class Caller:
    """Somebody at the other end of a WebSocket."""

    def __init__(self) -> None:
        self.to_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.from_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.to_server.put_nowait({"type": "websocket.connect"})

    async def receive(self) -> dict[str, Any]:
        return await self.to_server.get()

    async def send(self, message: dict[str, Any]) -> None:
        self.from_server.put_nowait(message)

    def say(self, said: Any) -> None:
        """Send a message."""
        text = said if isinstance(said, str) else json.dumps(said)
        self.to_server.put_nowait({"type": "websocket.receive", "text": text})

    async def hears(self) -> dict[str, Any]:
        """What the server does next."""
        return await asyncio.wait_for(self.from_server.get(), PATIENCE_S)

    async def said(self) -> Any:
        """The next message."""
        heard = await self.hears()
        assert heard["type"] == "websocket.send", heard
        return json.loads(heard["text"])


@asynccontextmanager
async def calling(
    streaming: Streaming, token: str = "", *, query: str = "", protocols: tuple[str, ...] = ()
) -> AsyncGenerator[Caller]:
    """Connect a WebSocket, and hang up at the end."""
    caller = Caller()
    headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
    scope: Any = {
        "type": "websocket",
        "path": PATH,
        "query_string": query.encode(),
        "headers": headers,
        "subprotocols": list(protocols),
        "client": ("127.0.0.1", 1),
    }
    task = asyncio.create_task(streaming(scope, caller.receive, caller.send))
    yield caller
    caller.to_server.put_nowait({"type": "websocket.disconnect"})
    await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), PATIENCE_S)


async def test_health_is_told_to_everybody(streaming: Streaming):
    async with client(streaming) as anybody:
        answer = await anybody.get(f"{PATH}/health")
        assert (answer.status_code, answer.text) == (200, "OK")
        assert (await anybody.head(f"{PATH}/health")).text == ""


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/user", 401, "Missing access token"),
        ("/user?access_token=wrong", 401, "Invalid access token"),
        ("/nothing", 404, "Not found"),
        ("/hashtag?access_token={}", 400, "Missing tag name parameter"),
        ("/list?access_token={}", 400, "Missing list name parameter"),
        ("/list?access_token={}&list=12", 401, "Not authorized to stream this list"),
    ],
)
async def test_what_cannot_be_had_is_refused_with_mastodons_sentences(
    world: World, streaming: Streaming, path: str, status: int, sentence: str
):
    token = await world.token(await world.user("ada"))
    async with client(streaming) as anybody:
        answer = await anybody.get(PATH + path.format(token))
    assert (answer.status_code, answer.json()) == (status, {"error": sentence})
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("path", "scopes"),
    [
        ("/user", "read:notifications"),
        ("/user/notification", "read:statuses"),
        ("/direct", "read:lists"),
        ("/list?list=1", "read:statuses"),
        ("/user", "write"),
    ],
)
async def test_scopes_are_held(world: World, streaming: Streaming, path: str, scopes: str):
    token = await world.token(await world.user("ada"), scopes=scopes)
    async with client(streaming) as ada:
        answer = await ada.get(PATH + path, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.json() == {"error": "Access token does not have the required scopes"}


async def test_apps_without_a_user_and_users_who_are_shut_out_are_refused(world: World, streaming: Streaming):
    ada = await world.user("ada")
    token = await world.token(ada)
    await disable_user(world.services, ada.id)
    async with client(streaming) as anybody:
        assert (await anybody.get(f"{PATH}/public?access_token={token}")).status_code == 403


async def test_wrong_tokens_are_counted_against_their_network(open_worlds: OpenWorld):
    world = await open_worlds()
    streaming = Streaming(
        world.services,
        ApiOptions(rate_limits=True, rate_limit_factor=0.01),
        Presenter(world.services.instance),
    )
    async with client(streaming) as guesser:
        statuses = [(await guesser.get(f"{PATH}/user?access_token=wrong")).status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]


async def test_the_token_may_come_as_subprotocol_and_is_answered(world: World, streaming: Streaming):
    token = await world.token(await world.user("ada"))
    async with calling(streaming, protocols=(token,)) as caller:
        heard = await caller.hears()
        assert (heard["type"], heard["subprotocol"]) == ("websocket.accept", token)
    async with calling(streaming, protocols=("wrong",)) as caller:
        heard = await caller.hears()
        assert (heard["type"], heard["status"]) == ("websocket.http.response.start", 401)


async def test_a_connection_too_many_closes_the_users_oldest(
    world: World, streaming: Streaming, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(server, "CONNECTIONS_PER_USER_MAX", 1)
    ada, bob = await world.user("ada"), await world.user("bob")
    async with (
        calling(streaming, await world.token(bob)) as of_bob,
        calling(streaming, await world.token(ada)) as first,
    ):
        assert (await first.hears())["type"] == "websocket.accept"
        async with calling(streaming, await world.token(ada)) as second:
            assert (await first.hears()) == {"type": "websocket.close", "code": 1001, "reason": None}
            await works(second)
        await works(of_bob)


async def works(caller: Caller) -> None:
    """Make sure that a connection answers."""
    assert (await caller.hears())["type"] == "websocket.accept"
    caller.say({"type": "subscribe", "stream": "nothing"})
    assert (await caller.said())["error"] == "Unknown stream type"


async def test_a_full_process_turns_connections_away(
    world: World, streaming: Streaming, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(server, "CONNECTIONS_MAX", 0)
    token = await world.token(await world.user("ada"))
    async with calling(streaming, token) as caller:
        heard = await caller.hears()
        assert heard["status"] == 503
        assert (b"retry-after", b"2") in heard["headers"]


async def test_one_socket_takes_no_more_streams_than_it_may(
    world: World, streaming: Streaming, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(server, "CHANNELS_MAX", 2)
    async with calling(streaming, await world.token(await world.user("ada"))) as caller:
        await caller.hears()
        for tag in ("one", "two", "two", "three"):
            caller.say({"type": "subscribe", "stream": "hashtag", "tag": tag})
        assert (await caller.said()) == {"error": "One connection carries at most 2 streams", "status": 400}


@pytest.mark.parametrize(
    "said", ["{", "[]", "7", '{"type":"dance"}', '{"type":"unsubscribe","stream":"user"}']
)
async def test_what_makes_no_sense_is_passed_over(world: World, streaming: Streaming, said: str):
    async with calling(streaming, await world.token(await world.user("ada"))) as caller:
        await caller.hears()
        caller.say(said)
        caller.say({"type": "subscribe", "stream": "public"})
        caller.say({"type": "subscribe", "stream": "nothing"})
        while (answer := await caller.said())["error"] != "Unknown stream type":
            assert answer["status"] == 400


async def test_messages_that_are_too_long_or_binary_end_the_connection(world: World, streaming: Streaming):
    token = await world.token(await world.user("ada"))
    for message, code in (({"text": "x" * 5_000}, 1009), ({"bytes": b"x", "text": None}, 1003)):
        async with calling(streaming, token) as caller:
            await caller.hears()
            caller.to_server.put_nowait({"type": "websocket.receive", **message})
            assert (await caller.hears())["code"] == code


async def test_a_socket_hears_notifications_and_conversations(world: World, streaming: Streaming):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(ada, bob)
    async with calling(streaming, await world.token(ada), query="stream=user:notification") as caller:
        await caller.hears()
        caller.say({"type": "subscribe", "stream": "direct"})
        caller.say({"type": "subscribe", "stream": "nothing"})
        await caller.said()
        await write_directly(world, bob)
        heard = [await caller.said(), await caller.said()]
    by_event = {each["event"]: json.loads(each["payload"]) for each in heard}
    assert by_event["notification"]["type"] == "mention"
    assert by_event["conversation"]["last_status"]["content"].endswith("hello</p>")
    assert by_event["conversation"]["unread"] is True


async def write_directly(world: World, author: User) -> None:
    await world.tweet(author, "@ada hello", visibility=Visibility.DIRECT)


async def test_after_the_end_nobody_is_let_in(world: World, streaming: Streaming):
    token = await world.token(await world.user("ada"))
    async with calling(streaming, token, query="stream=user") as caller:
        await caller.hears()
        caller.say({"type": "subscribe", "stream": "nothing"})
        await caller.said()
        await streaming.close()
        assert (await caller.hears())["code"] == 1001
    async with calling(streaming, token) as caller:
        assert (await caller.hears())["status"] == 503
