"""People who listen to every stream and are told by push, so that whatever reaches them unasked can be judged."""

import asyncio
import itertools
from typing import Any, NamedTuple

import httpx

from rookery.api.presenting import KIND_BY_TYPE, Presenter
from rookery.api.streaming.loading import loaders
from rookery.api.streaming.words import Words
from rookery.domain import streams
from rookery.domain.ids import TokenId
from rookery.domain.live import AnnouncementDeleted
from rookery.domain.streams import News, NewsKind, Stream, StreamKind
from rookery.domain.users import User
from rookery.ports import Write
from rookery.usecases.live import Hub
from rookery.usecases.tokens import find_token
from tests.push_service import Browser, PushService
from tests.world import World

PATIENCE_S = 30.0


class Heard(NamedTuple):
    """Something that reached somebody."""

    viewer: str
    surface: str
    words: str


class _Ear:
    """One person's connection."""

    def __init__(self, name: str, user: User, token_id: TokenId, words: Words, heard: list[Heard]) -> None:
        self.user_id = user.id
        self.token_id = token_id
        self._name = name
        self._words = words
        self._heard = heard

    def tell(self, stream: Stream, news: News) -> None:
        self._heard.append(Heard(self._name, f"a stream ({stream})", self._words.sse(news).decode()))

    def end(self) -> None:
        """Hear nothing more."""


class _Watch:
    """A connection of somebody without a name, which hears when everything before has been told."""

    def __init__(self, user: User, token_id: TokenId) -> None:
        self.user_id = user.id
        self.token_id = token_id
        self.seen: asyncio.Queue[Any] = asyncio.Queue()

    def tell(self, stream: Stream, news: News) -> None:
        if news.kind is NewsKind.ANNOUNCEMENT_DELETED and stream == streams.HOME:
            self.seen.put_nowait(news.subject)

    def end(self) -> None:
        """Hear nothing more."""


class Ears:
    """Everybody's connections and subscriptions."""

    def __init__(self, world: World, push_service: PushService) -> None:
        self._world = world
        self._pushes = push_service
        self._browsers: dict[str, Browser] = {}
        present = Presenter(world.services.instance)
        self._words = Words(present)
        self._hub = Hub(world.services, loaders(present))
        self._heard: list[Heard] = []
        self._marks = itertools.count(1)
        self._watch: _Watch | None = None

    async def open(self, watch: User) -> None:
        """Begin to listen."""
        self._watch = _Watch(watch, await self._token_id(watch))
        await self._hub.add(self._watch)
        await self._hub.subscribe(self._watch, streams.HOME)

    async def _token_id(self, user: User) -> TokenId:
        """A token that lasts: the hub looks now and then whether those of its connections do."""
        found = await find_token(self._world.services, await self._world.token(user))
        assert found is not None
        return found.token_id

    async def close(self) -> None:
        """End every connection."""
        await self._hub.close()

    async def lend(self, name: str, user: User, client: httpx.AsyncClient, list_id: str) -> None:
        """Let somebody hear everything that can be listened to."""
        ear = _Ear(name, user, await self._token_id(user), self._words, self._heard)
        await self._hub.add(ear)
        for stream in (
            streams.HOME,
            streams.PUBLIC,
            streams.NOTIFICATIONS,
            streams.DIRECT,
            Stream(StreamKind.HASHTAG, hashtag="birds"),
            Stream(StreamKind.LIST, list_id=int(list_id)),
        ):
            await self._hub.subscribe(ear, stream)
        browser = self._browsers[name] = Browser()
        answer = await client.post(
            "/api/v1/push/subscription",
            json={
                "subscription": {"endpoint": f"{self._pushes.origin}/{name}", "keys": browser.keys},
                "data": {"alerts": dict.fromkeys(KIND_BY_TYPE, True)},
            },
        )
        assert answer.status_code == 200, answer.text

    async def heard(self) -> list[Heard]:
        """Return what has reached people since the last time, once all that has happened was told."""
        assert self._watch is not None
        mark = next(self._marks)

        async def work(tx: Write) -> None:
            await self._world.services.live.announce(tx, AnnouncementDeleted(mark))

        await self._world.services.db.write(work)
        while await asyncio.wait_for(self._watch.seen.get(), PATIENCE_S) != mark:
            pass
        heard = list(self._heard)
        self._heard.clear()
        for path, _, body in self._pushes.received:
            name = path.removeprefix("/")
            heard.append(Heard(name, "a push", str(self._browsers[name].read(body))))
        self._pushes.received.clear()
        return heard
