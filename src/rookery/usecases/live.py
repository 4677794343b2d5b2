"""Telling connected readers at once what happens: each event once per process, to everybody whom it concerns."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

import structlog

from rookery import hydration
from rookery.audience import Index, Listener, Viewer, batches, concerned_by
from rookery.domain import live, streams
from rookery.domain.ids import TweetId, UserId
from rookery.domain.measurements import Kind, Measurement
from rookery.domain.streams import News, NewsKind, Stream, StreamKind
from rookery.domain.tweets import Visibility
from rookery.domain.visibility import TweetView
from rookery.errors import RookeryError, Unavailable
from rookery.services import Services
from rookery.showing import Showing
from rookery.storage import audiences, lists

WAITING_MAX: Final = 20_000
"""Events that wait to be told; more are lost."""
CHECK_ACCESS_EVERY_S: Final = 60.0
"""How often tokens of connected readers are looked up again, should the news of their end have been lost."""
REPEATED_WITHIN: Final = 40
"""A retweet is not told on home when one of so many tweets told before shows the same."""
AWAY_S: Final = 1.0
TRIES: Final = 3
"""How often an event is tried to be told while the database is away."""

_log = structlog.get_logger(__name__)


class Loader(Protocol):
    """Makes what a reader (None: everybody) is shown of what an event tells of; None: nothing."""

    async def __call__(self, services: Services, viewer_id: Any, event: Any, /) -> Any: ...


class Hub:
    """The connected readers of one process, and what they are told."""

    def __init__(self, services: Services, loaders: Mapping[type[live.LiveEvent], Loader]) -> None:
        """Take the services, and what loads events that are about one user's own things."""
        self._services = services
        self._loaders = loaders
        self._index = Index()
        self._viewers = self._index.viewers
        self._events: deque[live.LiveEvent] = deque()
        self._edited: set[TweetId] = set()
        """Tweets whose edits are among them."""
        self._come = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._stop_listening: Callable[[], None] | None = None
        self._starting = asyncio.Lock()
        self._counts: Counter[str] = Counter()
        self._handlers: dict[type[live.LiveEvent], Callable[[Any], Awaitable[None]]] = {
            live.TweetPosted: self._tell_tweet,
            live.TweetEdited: self._tell_tweet,
            live.TweetDeleted: self._tell_deleted,
            live.FollowsChanged: self._learn_again,
            live.FiltersChanged: self._tell_filters,
            live.AccessEnded: self._end_access,
            live.EventsLost: self._learn_everything_again,
            live.NotificationsMerged: self._tell_merged,
            live.Notified: self._tell_notification,
            live.ConversationChanged: self._tell_conversation,
            live.AnnouncementPublished: self._tell_announcement,
            live.AnnouncementReacted: self._tell_announcement,
            live.AnnouncementDeleted: self._tell_announcement_deleted,
        }

    @property
    def connected(self) -> int:
        """How many connections listen."""
        return sum(len(viewer.listeners) for viewer in self._viewers.values())

    async def add(self, listener: Listener) -> None:
        """Let a connection be told; the first one makes this process listen to what happens."""
        async with self._starting:
            if self._stop_listening is None:
                self._stop_listening = await self._services.live.listen(self.hear)
                self._tasks = [asyncio.create_task(self._work()), asyncio.create_task(self._check_access())]
        self._index.add(listener)

    async def subscribe(self, listener: Listener, stream: Stream) -> None:
        """Tell the connection what happens on a stream from now on. Twice is once."""
        self._index.subscribe(listener, stream)
        await self._index.learn(self._services.db)

    async def may_listen(self, user_id: UserId, stream: Stream) -> bool:
        """Tell whether a stream is there for a user: a list must be theirs."""
        if stream.kind is not StreamKind.LIST:
            return True
        async with self._services.db.read() as tx:
            return await lists.get(tx, user_id, stream.list_id) is not None

    def unsubscribe(self, listener: Listener, stream: Stream) -> None:
        """Tell the connection nothing more of a stream."""
        self._index.unsubscribe(listener, stream)

    def remove(self, listener: Listener) -> None:
        """Forget a connection."""
        self._index.remove(listener)

    def hear(self, event: live.LiveEvent) -> None:
        """Take note of an event; it is told soon."""
        if isinstance(event, live.TweetEdited) and event.tweet_id in self._edited:
            return  # what it says now is read when the first of them is told
        if len(self._events) >= WAITING_MAX:
            if not self._counts["lost"]:
                _log.warning("more happens than can be told; live events are lost")
            self._counts["lost"] += 1
            return
        if isinstance(event, live.TweetEdited):
            self._edited.add(event.tweet_id)
        self._events.append(event)
        self._come.set()

    def _take(self) -> live.LiveEvent:
        event = self._events.popleft()
        if isinstance(event, live.TweetEdited):
            self._edited.discard(event.tweet_id)
        return event

    async def settle(self) -> None:
        """Tell everything that has been heard."""
        while self._events:
            await self._tell(self._take())

    async def close(self) -> None:
        """Listen no more."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            await self._come.wait()
            self._come.clear()
            while self._events:
                await self._tell(self._take())
                await asyncio.sleep(0)

    async def _tell(self, event: live.LiveEvent) -> None:
        for attempt in range(TRIES):
            try:
                await self._handlers[type(event)](event)
            except Unavailable:
                if attempt + 1 < TRIES:
                    await asyncio.sleep(AWAY_S)
                    continue
                self._counts["lost"] += 1
            except Exception:  # noqa: BLE001  a bug in one event must not silence the others
                _log.exception("a live event could not be told", event_kind=type(event).__name__)
                self._counts["lost"] += 1
            return

    async def _tell_tweet(self, event: live.TweetPosted | live.TweetEdited) -> None:
        if not self._viewers:
            return
        await self._index.learn(self._services.db)
        async with self._services.db.read() as tx:
            hydrated = await hydration.tweets(self._services, tx, None, [event.tweet_id])
            if not hydrated.views:
                return
            view = hydrated.views[0]
            concerned = await concerned_by(self._index, tx, view)
        kind = NewsKind.POSTED if isinstance(event, live.TweetPosted) else NewsKind.EDITED
        showing = Showing(self._services, view, concerned)
        told: dict[int, News] = {}
        for batch in batches(concerned):
            async with self._services.db.read() as tx:
                shown = await showing.to(tx, [self._viewers[each] for each in batch if each in self._viewers])
            for viewer, stream, seen in shown:
                if stream is streams.HOME and _is_repeated(viewer, seen, kind):
                    continue
                news = told.get(id(seen))
                if news is None:
                    news = told[id(seen)] = News(kind, seen)
                self._send(viewer, stream, news)
            await asyncio.sleep(0)

    async def _tell_deleted(self, event: live.TweetDeleted) -> None:
        """Tell all who may have been told of the tweet: an id is all they learn."""
        if not self._viewers:
            return
        await self._index.learn(self._services.db)
        async with self._services.db.read() as tx:
            concerned = await self._index.concerned(
                tx,
                event.author_id,
                hashtags=event.hashtags,
                public=event.visibility is Visibility.PUBLIC,
                on_public=True,
                with_media=True,
            )
        if event.visibility is Visibility.DIRECT:
            addressed = {event.author_id, *event.mentioned}
            concerned = {user_id: where for user_id, where in concerned.items() if user_id in addressed}
        news = News(NewsKind.DELETED, event.tweet_id)
        for user_id, where in concerned.items():
            if (viewer := self._viewers.get(user_id)) is not None:
                for stream in where:
                    self._send(viewer, stream, news)

    async def _tell_notification(self, event: live.Notified) -> None:
        await self._tell_own(event, NewsKind.NOTIFIED, (streams.HOME, streams.NOTIFICATIONS))

    async def _tell_conversation(self, event: live.ConversationChanged) -> None:
        await self._tell_own(event, NewsKind.CONVERSATION, (streams.DIRECT,))

    async def _tell_own(
        self, event: live.Notified | live.ConversationChanged, kind: NewsKind, where: Sequence[Stream]
    ) -> None:
        viewer = self._viewers.get(event.user_id)
        load = self._loaders.get(type(event))
        if viewer is None or load is None or not any(stream in viewer.streams for stream in where):
            return
        subject = await load(self._services, event.user_id, event)
        if subject is not None:
            news = News(kind, subject)
            for stream in where:
                self._send(viewer, stream, news)

    async def _tell_merged(self, event: live.NotificationsMerged) -> None:
        self._signal(event.user_id, NewsKind.NOTIFICATIONS_MERGED, (streams.HOME, streams.NOTIFICATIONS))

    async def _tell_filters(self, event: live.FiltersChanged) -> None:
        if event.user_id in self._viewers:
            self._index.doubt(event.user_id)
            self._signal(event.user_id, NewsKind.FILTERS_CHANGED, (streams.HOME,))

    def _signal(self, user_id: UserId, kind: NewsKind, where: Sequence[Stream]) -> None:
        if (viewer := self._viewers.get(user_id)) is not None:
            news = News(kind)
            for stream in where:
                self._send(viewer, stream, news)

    async def _tell_announcement(self, event: live.AnnouncementPublished | live.AnnouncementReacted) -> None:
        load = self._loaders.get(type(event))
        if load is None:
            return
        subject = await load(self._services, None, event)
        if subject is None:
            return
        is_new = isinstance(event, live.AnnouncementPublished)
        news = News(NewsKind.ANNOUNCEMENT if is_new else NewsKind.ANNOUNCEMENT_REACTION, subject)
        for viewer in tuple(self._viewers.values()):
            self._send(viewer, streams.HOME, news)

    async def _tell_announcement_deleted(self, event: live.AnnouncementDeleted) -> None:
        news = News(NewsKind.ANNOUNCEMENT_DELETED, event.announcement_id)
        for viewer in tuple(self._viewers.values()):
            self._send(viewer, streams.HOME, news)

    def _send(self, viewer: Viewer, stream: Stream, news: News) -> None:
        if stream not in viewer.streams:
            return
        for listener, listened in tuple(viewer.listeners.items()):
            if stream in listened:
                listener.tell(stream, news)
                self._counts["told"] += 1

    async def _end_access(self, event: live.AccessEnded) -> None:
        viewer = self._viewers.get(event.user_id)
        for listener in tuple(viewer.listeners) if viewer is not None else ():
            if event.token_id is None or listener.token_id == event.token_id:
                self._counts["ended"] += 1
                self.remove(listener)
                listener.end()

    async def _check_access(self) -> None:
        while True:
            await asyncio.sleep(CHECK_ACCESS_EVERY_S)
            with suppress(RookeryError):
                await self.check_access()

    async def check_access(self) -> None:
        """Close the connections whose token is good no more."""
        listeners = [each for viewer in self._viewers.values() for each in viewer.listeners]
        for batch in batches(listeners):
            async with self._services.db.read() as tx:
                living = await audiences.living_tokens(tx, [each.token_id for each in batch])
            for listener in batch:
                if listener.token_id not in living:
                    await self._end_access(live.AccessEnded(listener.user_id, listener.token_id))

    async def _learn_again(self, event: live.FollowsChanged) -> None:
        self._index.doubt(event.user_id)

    async def _learn_everything_again(self, event: live.EventsLost) -> None:  # noqa: ARG002
        self._index.doubt(None)
        await self.check_access()

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        return (
            Measurement(
                "rookery_streams", "Connections for live updates.", Kind.GAUGE, lambda: self.connected
            ),
            Measurement(
                "rookery_streams_told",
                "Pieces of news given to connections.",
                Kind.COUNTER,
                lambda: self._counts["told"],
            ),
            Measurement(
                "rookery_streams_events_waiting",
                "Live events that wait to be told.",
                Kind.GAUGE,
                lambda: len(self._events),
            ),
            Measurement(
                "rookery_streams_events_lost",
                "Live events that were not told: too many waited, or the database was away.",
                Kind.COUNTER,
                lambda: self._counts["lost"],
            ),
            Measurement(
                "rookery_streams_ended",
                "Connections closed because their token was taken back.",
                Kind.COUNTER,
                lambda: self._counts["ended"],
            ),
        )


def _is_repeated(viewer: Viewer, view: TweetView, kind: NewsKind) -> bool:
    """Tell whether a retweet shows what was told on this home shortly before; else remember what it shows."""
    if kind is not NewsKind.POSTED:
        return False
    shown = view.tweet.retweet_of_id or view.tweet.id
    if view.tweet.retweet_of_id is not None and shown in viewer.recent:
        return True
    viewer.recent.append(shown)
    del viewer.recent[:-REPEATED_WITHIN]
    return False
