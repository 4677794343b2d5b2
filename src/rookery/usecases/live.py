"""Telling connected readers at once what happens: each event once per process, to everybody whom it concerns.

Who may want an event is looked up in memory (`_Index`); whether they may have it is decided by the rules of the
timelines on standings read at that moment, for hundreds of viewers in one query. So what is out of date in memory
costs a needless question, and never tells anybody what they must not see.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Final, NamedTuple, Protocol

import msgspec
import structlog

from rookery import filtering, hydration
from rookery.domain import live, streams, text, visibility
from rookery.domain.filters import FilterContext
from rookery.domain.ids import TokenId, TweetId, UserId
from rookery.domain.measurements import Kind, Measurement
from rookery.domain.streams import News, NewsKind, Stream, StreamKind
from rookery.domain.tweets import NO_MARKS, OwnMarks, Visibility
from rookery.domain.visibility import FOLLOWED, Standing, TweetView
from rookery.errors import RookeryError, Unavailable
from rookery.ports import Read
from rookery.services import Services
from rookery.storage import audiences, filters

WAITING_MAX: Final = 20_000
"""Events that wait to be told; more are lost."""
VIEWERS_PER_QUERY: Final = 500
"""Viewers whose standings are read at a time."""
FOLLOWEES_INDEXED_MAX: Final = 2_000
"""Whoever follows more is asked for at each event instead of being kept in memory."""
INDEX_ENTRIES_MAX: Final = 2_000_000
"""Pairs of author and connected follower in memory (about 60 bytes each); viewers beyond are asked for at each event."""
CHECK_ACCESS_EVERY_S: Final = 60.0
"""How often tokens of connected readers are looked up again, should the news of their end have been lost."""
REPEATED_WITHIN: Final = 40
"""A retweet is not told on home when one of so many tweets told before shows the same."""
AWAY_S: Final = 1.0
TRIES: Final = 3
"""How often an event is tried to be told while the database is away."""

_log = structlog.get_logger(__name__)


class Listener(Protocol):
    """A reader's connection."""

    user_id: UserId
    token_id: TokenId

    def tell(self, stream: Stream, news: News) -> None:
        """Send a piece of news to whoever listens to the stream here; never waits, never fails."""
        ...

    def end(self) -> None:
        """Close the connection: the token is good no more."""
        ...


class _Viewer:
    """What is known of a user who is connected."""

    __slots__ = ("filters", "followees", "listeners", "recent", "reloading", "streams", "user_id")

    def __init__(self, user_id: UserId) -> None:
        self.user_id = user_id
        self.listeners: dict[Listener, set[Stream]] = {}
        self.streams: Counter[Stream] = Counter()
        """How many of the listeners listen to each stream."""
        self.followees: Sequence[UserId] | None = None
        """None while it is not known, or when there are too many."""
        self.filters = True
        """Whether there may be any."""
        self.reloading = False
        self.recent: deque[TweetId] | None = None
        """What was shown last on home."""


class Audience(NamedTuple):
    """Who is to be told of a tweet, and where."""

    home: set[UserId]
    open: dict[UserId, list[Stream]]
    """Listeners to streams of public tweets."""


class Loader(Protocol):
    """Makes what a reader is shown of a notification, a conversation or an announcement; None: nothing."""

    async def __call__(self, services: Services, viewer_id: UserId, event: Any, /) -> Any: ...


class Hub:
    """The connected readers of one process, and what they are told."""

    def __init__(self, services: Services, loaders: Mapping[type[live.LiveEvent], Loader]) -> None:
        """Take the services, and what loads events that are about one user's own things."""
        self._services = services
        self._loaders = loaders
        self._viewers: dict[UserId, _Viewer] = {}
        self._index = _Index()
        self._events: deque[live.LiveEvent] = deque()
        self._come = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._reloads: set[asyncio.Task[None]] = set()
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
        viewer = self._viewers.get(listener.user_id)
        if viewer is None:
            viewer = self._viewers[listener.user_id] = _Viewer(listener.user_id)
        viewer.listeners[listener] = set()

    async def subscribe(self, listener: Listener, stream: Stream) -> None:
        """Tell the connection what happens on a stream from now on. Twice is once."""
        viewer = self._viewers.get(listener.user_id)
        if viewer is None or (listened := viewer.listeners.get(listener)) is None or stream in listened:
            return
        listened.add(stream)
        viewer.streams[stream] += 1
        if viewer.streams[stream] == 1:
            if stream.kind is StreamKind.HOME:
                self._index.expect(viewer)
                await self._load(viewer)
            else:
                self._index.enter(viewer.user_id, stream)

    async def may_listen(self, user_id: UserId, stream: Stream) -> bool:
        """Tell whether a user may listen to a list: whether it is theirs."""
        return stream.kind is not StreamKind.LIST

    def unsubscribe(self, listener: Listener, stream: Stream) -> None:
        """Tell the connection nothing more of a stream."""
        viewer = self._viewers.get(listener.user_id)
        if viewer is None or stream not in viewer.listeners.get(listener, ()):
            return
        viewer.listeners[listener].discard(stream)
        viewer.streams[stream] -= 1
        if not viewer.streams[stream]:
            del viewer.streams[stream]
            if stream.kind is StreamKind.HOME:
                self._index.forget(viewer)
            else:
                self._index.leave(viewer.user_id, stream)

    def remove(self, listener: Listener) -> None:
        """Forget a connection."""
        viewer = self._viewers.get(listener.user_id)
        if viewer is None or listener not in viewer.listeners:
            return
        for stream in tuple(viewer.listeners[listener]):
            self.unsubscribe(listener, stream)
        del viewer.listeners[listener]
        if not viewer.listeners:
            del self._viewers[listener.user_id]

    def hear(self, event: live.LiveEvent) -> None:
        """Take note of an event; it is told soon."""
        if len(self._events) >= WAITING_MAX:
            if not self._counts["lost"]:
                _log.warning("more happens than can be told; live events are lost")
            self._counts["lost"] += 1
            return
        self._events.append(event)
        self._come.set()

    async def settle(self) -> None:
        """Tell everything that has been heard."""
        while self._events:
            await self._tell(self._events.popleft())

    async def close(self) -> None:
        """Listen no more."""
        if self._stop_listening is not None:
            self._stop_listening()
        for task in (*self._tasks, *self._reloads):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._reloads, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            await self._come.wait()
            self._come.clear()
            while self._events:
                await self._tell(self._events.popleft())
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
        async with self._services.db.read() as tx:
            hydrated = await hydration.tweets(self._services, tx, None, [event.tweet_id])
            if not hydrated.views:
                return
            view = hydrated.views[0]
            audience = await self._index.audience(tx, view)
        kind = NewsKind.POSTED if isinstance(event, live.TweetPosted) else NewsKind.EDITED
        viewer_ids = iter([*audience.home, *(each for each in audience.open if each not in audience.home)])
        telling = _Telling(self._services, view, audience)
        told: dict[int, News] = {}
        while batch := list(islice(viewer_ids, VIEWERS_PER_QUERY)):
            async with self._services.db.read() as tx:
                shown = await telling.shown(
                    tx, [self._viewers[each] for each in batch if each in self._viewers]
                )
            for viewer, stream, seen in shown:
                if stream is streams.HOME and self._is_repeated(viewer, seen, kind):
                    continue
                news = told.get(id(seen))
                if news is None:
                    news = told[id(seen)] = News(kind, seen)
                self._send(viewer, stream, news)
            await asyncio.sleep(0)

    def _is_repeated(self, viewer: _Viewer, view: TweetView, kind: NewsKind) -> bool:
        """Tell whether a retweet shows what was told on this home shortly before; else remember what it shows."""
        if kind is not NewsKind.POSTED:
            return False
        shown = view.tweet.retweet_of_id or view.tweet.id
        if viewer.recent is None:
            viewer.recent = deque(maxlen=REPEATED_WITHIN)
        if view.tweet.retweet_of_id is not None and shown in viewer.recent:
            return True
        viewer.recent.append(shown)
        return False

    async def _tell_deleted(self, event: live.TweetDeleted) -> None:
        """Tell all who may have been told of the tweet: an id is all they learn."""
        async with self._services.db.read() as tx:
            home = await self._index.home_of(tx, event.author_id)
        home |= {event.author_id, *event.mentioned}
        news = News(NewsKind.DELETED, event.tweet_id)
        reached: list[tuple[UserId, Stream]] = [
            (viewer_id, streams.HOME)
            for viewer_id in home
            if event.visibility is not Visibility.DIRECT
            or viewer_id == event.author_id
            or viewer_id in event.mentioned
        ]
        if event.visibility is Visibility.PUBLIC:
            for stream in (
                streams.PUBLIC,
                *(Stream(StreamKind.HASHTAG, hashtag=name) for name in event.hashtags),
            ):
                reached += [(viewer_id, stream) for viewer_id in self._index.listening(stream)]
        for viewer_id, stream in reached:
            if (viewer := self._viewers.get(viewer_id)) is not None:
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
        if (viewer := self._viewers.get(event.user_id)) is not None:
            viewer.filters = True
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
        is_new = isinstance(event, live.AnnouncementPublished)
        kind = NewsKind.ANNOUNCEMENT if is_new else NewsKind.ANNOUNCEMENT_REACTION
        for viewer in tuple(self._viewers.values()):
            if streams.HOME in viewer.streams:
                subject = await load(self._services, viewer.user_id, event)
                if subject is not None:
                    self._send(viewer, streams.HOME, News(kind, subject))

    async def _tell_announcement_deleted(self, event: live.AnnouncementDeleted) -> None:
        news = News(NewsKind.ANNOUNCEMENT_DELETED, event.announcement_id)
        for viewer in tuple(self._viewers.values()):
            self._send(viewer, streams.HOME, news)

    def _send(self, viewer: _Viewer, stream: Stream, news: News) -> None:
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
        listeners = iter([each for viewer in self._viewers.values() for each in viewer.listeners])
        while batch := list(islice(listeners, VIEWERS_PER_QUERY)):
            async with self._services.db.read() as tx:
                living = await audiences.living_tokens(tx, [each.token_id for each in batch])
            for listener in batch:
                if listener.token_id not in living:
                    await self._end_access(live.AccessEnded(listener.user_id, listener.token_id))

    async def _learn_again(self, event: live.FollowsChanged) -> None:
        viewer = self._viewers.get(event.user_id)
        if viewer is not None and streams.HOME in viewer.streams:
            self._index.expect(viewer)
            self._reload(viewer)

    async def _learn_everything_again(self, event: live.EventsLost) -> None:  # noqa: ARG002
        for viewer in tuple(self._viewers.values()):
            if streams.HOME in viewer.streams:
                viewer.filters = True
                self._reload(viewer)
        await self.check_access()

    def _reload(self, viewer: _Viewer) -> None:
        """Read anew whom a viewer follows, once for however many changes until then."""
        if viewer.reloading:
            return
        viewer.reloading = True

        async def reload() -> None:
            await asyncio.sleep(0)
            viewer.reloading = False
            try:
                await self._load(viewer)
            except RookeryError:
                # They stay among those who are asked for at each event.
                self._index.expect(viewer)

        task = asyncio.create_task(reload())
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)

    async def _load(self, viewer: _Viewer) -> None:
        async with self._services.db.read() as tx:
            followees = await audiences.followees(tx, viewer.user_id, limit=FOLLOWEES_INDEXED_MAX + 1)
            viewer.filters = await filters.version(tx, viewer.user_id) != 0
        if streams.HOME in viewer.streams:
            self._index.keep(viewer, followees)

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


class _Index:
    """Who listens to what."""

    def __init__(self) -> None:
        self._by_author: dict[UserId, set[UserId]] = {}
        """Connected followers, by whom they follow."""
        self._unindexed: set[UserId] = set()
        """Connected viewers whose follows are looked up at each event."""
        self._by_stream: dict[Stream, set[UserId]] = {}
        self._home: set[UserId] = set()
        self._entries = 0

    def expect(self, viewer: _Viewer) -> None:
        """Look the viewer's follows up at each event until they are kept."""
        self._home.add(viewer.user_id)
        self._unindexed.add(viewer.user_id)

    def keep(self, viewer: _Viewer, followees: Sequence[UserId]) -> None:
        """Keep whom a viewer follows, unless that is too much."""
        self._drop(viewer)
        if len(followees) > FOLLOWEES_INDEXED_MAX or self._entries + len(followees) > INDEX_ENTRIES_MAX:
            return
        viewer.followees = tuple(followees)
        self._entries += len(followees)
        for author_id in followees:
            self._by_author.setdefault(author_id, set()).add(viewer.user_id)
        self._unindexed.discard(viewer.user_id)

    def forget(self, viewer: _Viewer) -> None:
        """Tell the viewer's home nothing more."""
        self._drop(viewer)
        self._home.discard(viewer.user_id)
        self._unindexed.discard(viewer.user_id)

    def _drop(self, viewer: _Viewer) -> None:
        for author_id in viewer.followees or ():
            if (followers := self._by_author.get(author_id)) is not None:
                followers.discard(viewer.user_id)
                if not followers:
                    del self._by_author[author_id]
        self._entries -= len(viewer.followees or ())
        viewer.followees = None

    def enter(self, user_id: UserId, stream: Stream) -> None:
        """Note that somebody listens to a stream other than home."""
        self._by_stream.setdefault(stream, set()).add(user_id)

    def leave(self, user_id: UserId, stream: Stream) -> None:
        """Note that somebody listens no more."""
        if (listening := self._by_stream.get(stream)) is not None:
            listening.discard(user_id)
            if not listening:
                del self._by_stream[stream]

    def listening(self, stream: Stream) -> Iterable[UserId]:
        """Return who listens to a stream other than home."""
        return tuple(self._by_stream.get(stream, ()))

    async def home_of(self, tx: Read, author_id: UserId) -> set[UserId]:
        """Return those whose home may show what this author tweets."""
        home = set(self._by_author.get(author_id, ()))
        if author_id in self._home:
            home.add(author_id)
        unindexed = iter(tuple(self._unindexed))
        while batch := list(islice(unindexed, VIEWERS_PER_QUERY)):
            home.update(await audiences.followers(tx, batch, author_id))
        return home

    async def audience(self, tx: Read, view: TweetView) -> Audience:
        """Return who may want to be told of a tweet."""
        tweet = view.tweet
        home = await self.home_of(tx, tweet.author_id)
        wanted: dict[UserId, list[Stream]] = {}
        if tweet.visibility is Visibility.PUBLIC and tweet.retweet_of_id is None:
            where = [Stream(StreamKind.HASHTAG, hashtag=name) for name in _hashtags(view)]
            if visibility.is_own_thread(view):
                where.append(streams.PUBLIC)
            for stream in where:
                for user_id in self._by_stream.get(stream, ()):
                    wanted.setdefault(user_id, []).append(stream)
        return Audience(home, wanted)


def _hashtags(view: TweetView) -> list[str]:
    return [text.hashtag_key(name) for name in text.hashtags(view.tweet.text)]


class _Telling:
    """One tweet on its way to its audience."""

    def __init__(self, services: Services, view: TweetView, audience: Audience) -> None:
        self._services = services
        self._view = view
        self._audience = audience
        shown = (view.retweet_of or view).tweet
        self._shown = shown
        people = {
            view.tweet.author_id,
            shown.author_id,
            shown.reply_to_author_id,
            view.tweet.reply_to_author_id,
        }
        self._people = [user_id for user_id in people if user_id is not None]

    async def shown(self, tx: Read, viewers: Sequence[_Viewer]) -> list[tuple[_Viewer, Stream, TweetView]]:
        """Return which of these viewers are shown the tweet where, each as they see it."""
        viewer_ids = [viewer.user_id for viewer in viewers]
        standings = await self._standings(tx, viewer_ids)
        seeing = [
            (viewer, where)
            for viewer in viewers
            if (where := self._where(viewer.user_id, standings.get(viewer.user_id, _NO_STANDINGS)))
        ]
        marks = await self._marks(tx, [viewer.user_id for viewer, _ in seeing])
        found: list[tuple[_Viewer, Stream, TweetView]] = []
        for viewer, where in seeing:
            own = marks.get(viewer.user_id, NO_MARKS)
            view = self._view if own is NO_MARKS else _marked(self._view, own)
            for stream in where:
                filtered = await self._filtered(tx, viewer, stream, view)
                if filtered is not None:
                    found.append((viewer, stream, filtered))
        return found

    def _where(self, viewer_id: UserId, standings: visibility.Standings) -> list[Stream]:
        view, audience = self._view, self._audience
        where: list[Stream] = []
        if viewer_id in audience.home and visibility.on_home(view, viewer_id, standings):
            where.append(streams.HOME)
        if (
            (wanted := audience.open.get(viewer_id))
            and visibility.may_see(view, viewer_id, standings)
            and visibility.is_quiet(view, viewer_id, standings)
        ):
            where += wanted
        return where

    async def _standings(
        self, tx: Read, viewer_ids: Sequence[UserId]
    ) -> dict[UserId, dict[UserId, Standing]]:
        found: dict[UserId, dict[UserId, Standing]] = {}
        for kind, viewer_id, user_id, flag, until_ms, languages in await audiences.standings(
            tx, viewer_ids, self._people
        ):
            of_viewer = found.setdefault(viewer_id, {})
            standing = of_viewer.get(user_id)
            if kind == audiences.FOLLOW and standing is None and flag and not languages:
                of_viewer[user_id] = FOLLOWED
                continue
            standing = standing or Standing()
            if kind == audiences.FOLLOW:
                standing = standing._replace(
                    follows=True, shows_retweets=bool(flag), languages=tuple(languages.split())
                )
            elif kind == audiences.BLOCK:
                standing = standing._replace(blocks=True)
            elif kind == audiences.BLOCKED_BY:
                standing = standing._replace(blocked_by=True)
            elif until_ms is None or until_ms > self._services.now_ms():
                standing = standing._replace(mutes=True, mutes_notifications=bool(flag))
            of_viewer[user_id] = standing
        return found

    async def _marks(self, tx: Read, viewer_ids: Sequence[UserId]) -> dict[UserId, OwnMarks]:
        """Return what viewers have done with the tweet; nobody has done anything with one that is new."""
        shown = self._shown
        if not viewer_ids:
            return {}
        done: dict[UserId, list[bool]] = {}
        for place, viewer_id in await audiences.marks(tx, viewer_ids, shown.id, thread_id=shown.thread_id):
            done.setdefault(viewer_id, [False] * len(_MARK_NAMES))[place - 1] = True
        return {viewer_id: OwnMarks(*flags) for viewer_id, flags in done.items()}

    async def _filtered(self, tx: Read, viewer: _Viewer, stream: Stream, view: TweetView) -> TweetView | None:
        if not viewer.filters:
            return view
        context = FilterContext.HOME if stream.kind is StreamKind.HOME else FilterContext.PUBLIC
        kept = await filtering.apply(self._services, tx, viewer.user_id, context, [view])
        return kept[0] if kept else None


_NO_STANDINGS: Final[dict[UserId, Standing]] = {}
_MARK_NAMES: Final = OwnMarks.__struct_fields__


def _marked(view: TweetView, marks: OwnMarks) -> TweetView:
    if view.retweet_of is None:
        return msgspec.structs.replace(view, marks=marks)
    return msgspec.structs.replace(view, retweet_of=msgspec.structs.replace(view.retweet_of, marks=marks))
