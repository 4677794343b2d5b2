"""Connections for live updates: what is sent, what waits, and who is dropped."""

import asyncio
import time
from typing import Any

import pytest

from rookery.api.presenting import Presenter
from rookery.api.streaming import connections
from rookery.api.streaming.channels import by_path, channel_of
from rookery.api.streaming.connections import EventStream, Reader, Socket
from rookery.api.streaming.words import WEBSOCKET_KEEP_ALIVE, Words
from rookery.domain import streams
from rookery.domain.ids import TokenId, UserId
from rookery.domain.instance import Instance
from rookery.domain.streams import News, NewsKind, Stream, StreamKind
from rookery.errors import BadRequest, Unauthorized

ALL = ("read",)


class Wire:
    """Where frames go: it takes them at once, or, closed, not at all."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, message: Any) -> None:
        await self.open.wait()
        self.sent.append(message.get("text") or message.get("body"))


class Ended:
    """Counts the readers that were dropped."""

    count = 0

    def __call__(self) -> None:
        self.count += 1


async def opened(
    kind: type[Any], wire: Wire, ended: Ended, *names: str, scopes: tuple[str, ...] = ALL
) -> Any:
    """Open a connection in a task of its own, which its end cancels."""
    made: list[Any] = []

    async def live() -> None:
        made.append(
            kind(
                Reader(UserId(1), TokenId(2), scopes),
                wire,
                Words(Presenter(Instance(base_url="http://x"))),
                ended,
            )
        )
        await asyncio.Event().wait()

    made.append(asyncio.create_task(live()))
    await asyncio.sleep(0)
    _, connection = made
    for name in names:
        channel = channel_of(name, {"tag": "Birds", "list": "5"}, scopes)
        connection.channels[channel.wire] = channel
    return connection


async def test_an_event_is_named_with_its_payload_and_its_stream():
    wire, ended = Wire(), Ended()
    sse, socket = (
        await opened(EventStream, wire, ended, "user"),
        await opened(Socket, wire, ended, "user", "hashtag"),
    )
    deleted = News(NewsKind.DELETED, 12)
    sse.tell(streams.HOME, deleted)
    await asyncio.sleep(0.01)
    assert wire.sent == [b"event: delete\ndata: 12\n\n"]
    wire.sent.clear()
    socket.tell(streams.HOME, deleted)
    socket.tell(Stream(StreamKind.HASHTAG, hashtag="birds"), deleted)
    socket.tell(streams.PUBLIC, deleted)
    await asyncio.sleep(0.01)
    assert wire.sent == [
        '{"stream":["user"],"event":"delete","payload":"12"}',
        '{"stream":["hashtag","birds"],"event":"delete","payload":"12"}',
    ]


async def test_what_has_no_payload_says_so_in_the_ways_clients_know():
    wire, ended = Wire(), Ended()
    changed = News(NewsKind.FILTERS_CHANGED)
    (await opened(EventStream, wire, ended, "user")).tell(streams.HOME, changed)
    (await opened(Socket, wire, ended, "user")).tell(streams.HOME, changed)
    await asyncio.sleep(0.01)
    assert wire.sent == [
        b"event: filters_changed\ndata: undefined\n\n",
        '{"stream":["user"],"event":"filters_changed"}',
    ]


async def test_notifications_are_told_on_home_only_with_their_scope():
    wire, ended = Wire(), Ended()
    news = News(NewsKind.NOTIFIED, b"{}")
    (await opened(Socket, wire, ended, "user", scopes=("read:statuses",))).tell(streams.HOME, news)
    (await opened(Socket, wire, ended, "user", scopes=("read:statuses", "read:notifications"))).tell(
        streams.HOME, news
    )
    await asyncio.sleep(0.01)
    assert len(wire.sent) == 1


async def test_a_reader_who_takes_nothing_is_dropped_at_the_bound(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connections, "WAITING_EVENTS_MAX", 10)
    wire, ended = Wire(), Ended()
    wire.open.clear()
    slow = await opened(Socket, wire, ended, "user")
    for number in range(10):
        slow.tell(streams.HOME, News(NewsKind.DELETED, number))
        await asyncio.sleep(0)
    assert ended.count == 0
    slow.tell(streams.HOME, News(NewsKind.DELETED, 10))
    slow.tell(streams.HOME, News(NewsKind.DELETED, 11))
    assert ended.count == 1
    assert slow.closing


async def test_what_waits_is_bounded_in_bytes_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connections, "WAITING_BYTES_MAX", 1_000)
    wire, ended = Wire(), Ended()
    wire.open.clear()
    slow = await opened(Socket, wire, ended, "user")
    for _ in range(3):
        slow.push("x" * 400)
        await asyncio.sleep(0)
    assert ended.count == 1


async def test_idle_connections_are_kept_alive_and_stuck_ones_dropped():
    wire, ended = Wire(), Ended()
    socket = await opened(Socket, wire, ended, "user")
    now_s = time.monotonic()
    socket.breathe(now_s + 10)
    await asyncio.sleep(0.01)
    assert wire.sent == []
    socket.breathe(now_s + 60)
    await asyncio.sleep(0.01)
    assert wire.sent == [WEBSOCKET_KEEP_ALIVE]
    wire.open.clear()
    socket.push("stuck")
    await asyncio.sleep(0.01)
    socket.breathe(time.monotonic() + 10)
    assert ended.count == 0
    socket.breathe(time.monotonic() + 60)
    assert ended.count == 1


@pytest.mark.parametrize(
    ("name", "scopes", "error"),
    [
        ("", ALL, BadRequest),
        ("everything", ALL, BadRequest),
        ("user", ("read:lists",), Unauthorized),
        ("user:notification", ("read:statuses",), Unauthorized),
        ("direct", ("profile",), Unauthorized),
        ("list", ("read:statuses",), Unauthorized),
    ],
)
def test_streams_that_cannot_be_had_are_refused(name: str, scopes: tuple[str, ...], error: type[Exception]):
    with pytest.raises(error):
        channel_of(name, {"list": "1"}, scopes)


@pytest.mark.parametrize("wanted", [{}, {"tag": ""}, {"tag": "#"}, {"tag": "x" * 1000}])
def test_a_hashtag_must_be_named(wanted: dict[str, str]):
    with pytest.raises(BadRequest):
        channel_of("hashtag", wanted, ALL)


@pytest.mark.parametrize("list_id", ["", "x", "-1", "1" * 30, "²"])
def test_a_list_must_be_named_by_its_number(list_id: str):
    with pytest.raises(BadRequest):
        channel_of("list", {"list": list_id}, ALL)


def test_media_only_is_a_stream_of_its_own():
    assert channel_of("public", {"only_media": "true"}, ()).wire == ("public:media",)
    assert channel_of("public:local", {"only_media": "1"}, ()).wire == ("public:local:media",)
    assert channel_of("public", {"only_media": "false"}, ()).stream == streams.PUBLIC


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v1/streaming/user", "user"),
        ("/api/v1/streaming/user/notification", "user:notification"),
        ("/api/v1/streaming/public/remote", "public:remote"),
        ("/api/v1/streaming/hashtag/local", "hashtag:local"),
        ("/api/v1/streaming/list", "list"),
        ("/api/v1/streaming/nothing", None),
        ("/api/v1/streaming", None),
    ],
)
def test_paths_name_streams(path: str, name: str | None):
    assert by_path(path) == name
