"""Connected readers: what each listens to, who may want to be told of a tweet, and who of them may be.

The first two are kept in memory and may be out of date; the last is decided by the rules of the timelines, on
standings read at that moment for hundreds of viewers in one query. So what memory has wrong costs a needless question
or a late update, and never shows anybody what they must not see.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Final, NamedTuple, Protocol, TypeVar

from rookery.domain import streams, text, visibility
from rookery.domain.ids import TokenId, TweetId, UserId
from rookery.domain.lists import UserList
from rookery.domain.streams import News, Stream, StreamKind
from rookery.domain.tweets import Visibility
from rookery.domain.visibility import TweetView
from rookery.ports import Database, Read
from rookery.storage import audiences, followed_hashtags, hot_users, lists

T = TypeVar("T")
VIEWERS_PER_QUERY: Final = 500
"""Viewers whose standings are read at a time."""
VIEWERS_PER_READ: Final = 20
"""Viewers who are learnt of before the reader is given back."""
FOLLOWEES_INDEXED_MAX: Final = 2_000
"""Whoever follows more is asked for at each event instead of being kept in memory."""
INDEX_ENTRIES_MAX: Final = 2_000_000
"""Pairs of author and connected follower in memory (about 60 bytes each); viewers beyond are asked for at each event."""


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


class _List(NamedTuple):
    of: UserList
    members: frozenset[UserId]


class Viewer:
    """A user who is connected, and what was learnt of them."""

    __slots__ = (
        "elsewhere",
        "filters_version",
        "followees",
        "hashtags",
        "listeners",
        "lists",
        "recent",
        "streams",
        "user_id",
    )

    def __init__(self, user_id: UserId) -> None:
        """Take who it is."""
        self.user_id = user_id
        self.listeners: dict[Listener, set[Stream]] = {}
        self.streams: Counter[Stream] = Counter()
        """How many of the listeners listen to each stream."""
        self.followees: tuple[UserId, ...] | None = None
        """Whom home tells of; None when that is too many to keep."""
        self.hashtags: frozenset[str] = frozenset()
        """Which hashtags home tells of."""
        self.elsewhere: AbstractSet[UserId] = frozenset()
        """Members of exclusive lists, of whom home does not tell."""
        self.lists: dict[int, _List] = {}
        """The lists that are listened to."""
        self.filters_version = 0
        self.recent: list[TweetId] = []
        """What was told on home last."""


class Index:
    """The connected viewers, by what they listen to."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.viewers: dict[UserId, Viewer] = {}
        self._unknown: set[UserId] = set()
        """Viewers of whom what was learnt is out of date, or nothing was learnt yet."""
        self._unkept: set[UserId] = set()
        """Viewers who follow too many to keep."""
        self._learning = asyncio.Lock()
        self._entries = 0
        self._by_author: dict[UserId, set[UserId]] = {}
        """Who is told on home of what an author writes."""
        self._by_member: dict[UserId, set[UserId]] = {}
        """Who is told on a list of what a member writes."""
        self._by_hashtag: dict[str, set[UserId]] = {}
        """Who is told on home of what carries a hashtag."""
        self._by_stream: dict[Stream, set[UserId]] = {}
        """Who listens to streams of public tweets."""

    def add(self, listener: Listener) -> None:
        """Let a connection in."""
        viewer = self.viewers.get(listener.user_id)
        if viewer is None:
            viewer = self.viewers[listener.user_id] = Viewer(listener.user_id)
            self._unknown.add(viewer.user_id)
        viewer.listeners[listener] = set()

    def remove(self, listener: Listener) -> None:
        """Forget a connection."""
        viewer = self.viewers.get(listener.user_id)
        if viewer is None or listener not in viewer.listeners:
            return
        for stream in tuple(viewer.listeners[listener]):
            self.unsubscribe(listener, stream)
        del viewer.listeners[listener]
        if not viewer.listeners:
            self._drop(viewer)
            self._unknown.discard(viewer.user_id)
            del self.viewers[viewer.user_id]

    def subscribe(self, listener: Listener, stream: Stream) -> None:
        """Let a connection listen to a stream. Twice is once."""
        viewer = self.viewers.get(listener.user_id)
        if viewer is None or (listened := viewer.listeners.get(listener)) is None or stream in listened:
            return
        listened.add(stream)
        viewer.streams[stream] += 1
        if viewer.streams[stream] > 1:
            return
        if stream.kind in {StreamKind.HOME, StreamKind.LIST}:
            self._unknown.add(viewer.user_id)
        else:
            self._by_stream.setdefault(stream, set()).add(viewer.user_id)

    def unsubscribe(self, listener: Listener, stream: Stream) -> None:
        """Let a connection listen to a stream no more."""
        viewer = self.viewers.get(listener.user_id)
        if viewer is None or stream not in viewer.listeners.get(listener, ()):
            return
        viewer.listeners[listener].discard(stream)
        viewer.streams[stream] -= 1
        if viewer.streams[stream]:
            return
        del viewer.streams[stream]
        if stream.kind in {StreamKind.HOME, StreamKind.LIST}:
            self._unknown.add(viewer.user_id)
        else:
            _take(self._by_stream, stream, viewer.user_id)

    def doubt(self, user_id: UserId | None) -> None:
        """Learn of a viewer (None: of all) anew before the next tweet is told."""
        if user_id is None:
            self._unknown.update(self.viewers)
        elif user_id in self.viewers:
            self._unknown.add(user_id)

    async def learn(self, db: Database) -> None:
        """Learn of the viewers of whom something is not known, or not any more."""
        async with self._learning:
            while self._unknown:
                batch = list(islice(self._unknown, VIEWERS_PER_READ))
                # Whatever changes from here on is learnt the next time.
                self._unknown.difference_update(batch)
                try:
                    async with db.read() as tx:
                        for user_id in batch:
                            if (viewer := self.viewers.get(user_id)) is not None:
                                await self._learn(tx, viewer)
                except BaseException:
                    self._unknown.update(batch)
                    raise

    async def _learn(self, tx: Read, viewer: Viewer) -> None:
        stamp = await hot_users.home_stamp(tx, viewer.user_id)
        followees: list[UserId] = []
        names: Iterable[str] = ()
        elsewhere: AbstractSet[UserId] = frozenset()
        listened: dict[int, _List] = {}
        if streams.HOME in viewer.streams:
            followees = await audiences.followees(tx, viewer.user_id, limit=FOLLOWEES_INDEXED_MAX + 1)
            if stamp.followed_hashtags:
                names = (await followed_hashtags.followed(tx, viewer.user_id)).values()
            if stamp.exclusive_lists:
                elsewhere = await lists.exclusive_members(tx, viewer.user_id)
        for stream in tuple(viewer.streams):
            if stream.kind is StreamKind.LIST:
                of = await lists.get(tx, viewer.user_id, stream.list_id)
                if of is not None:
                    listened[of.id] = _List(of, await lists.member_ids(tx, of.id))
        self._drop(viewer)
        if self.viewers.get(viewer.user_id) is not viewer:
            return  # gone meanwhile, or gone and back: then the new one is to be learnt
        viewer.filters_version, viewer.elsewhere = stamp.filters, elsewhere
        viewer.hashtags, viewer.lists = frozenset(names), listened
        self._keep(viewer, followees)

    def _keep(self, viewer: Viewer, followees: Sequence[UserId]) -> None:
        user_id = viewer.user_id
        if len(followees) > FOLLOWEES_INDEXED_MAX or self._entries + len(followees) > INDEX_ENTRIES_MAX:
            self._unkept.add(user_id)
        else:
            authors = (*followees, user_id) if streams.HOME in viewer.streams else ()
            viewer.followees = authors
            self._entries += len(authors)
            for author_id in authors:
                self._by_author.setdefault(author_id, set()).add(user_id)
        for name in viewer.hashtags:
            self._by_hashtag.setdefault(name, set()).add(user_id)
        for _, members in viewer.lists.values():
            for member_id in members:
                self._by_member.setdefault(member_id, set()).add(user_id)

    def _drop(self, viewer: Viewer) -> None:
        """Forget what was learnt of a viewer."""
        user_id = viewer.user_id
        self._unkept.discard(user_id)
        self._entries -= len(viewer.followees or ())
        for author_id in viewer.followees or ():
            _take(self._by_author, author_id, user_id)
        for name in viewer.hashtags:
            _take(self._by_hashtag, name, user_id)
        for _, members in viewer.lists.values():
            for member_id in members:
                _take(self._by_member, member_id, user_id)
        viewer.followees, viewer.hashtags, viewer.elsewhere, viewer.lists = None, frozenset(), frozenset(), {}

    async def _homes(self, tx: Read, author_id: UserId, hashtags: Iterable[str]) -> set[UserId]:
        """Return whose home may tell of what this author writes."""
        found = set(self._by_author.get(author_id, ()))
        for batch in batches(self._unkept):
            found.update(await audiences.followers(tx, batch, author_id))
        if author_id in self._unkept:
            found.add(author_id)
        for name in hashtags:
            found.update(self._by_hashtag.get(name, ()))
        return found

    def listening(self, stream: Stream) -> AbstractSet[UserId]:
        """Return who listens to a stream of public tweets."""
        return self._by_stream.get(stream, frozenset())

    async def concerned(
        self,
        tx: Read,
        author_id: UserId,
        *,
        hashtags: Sequence[str],
        public: bool,
        on_public: bool,
        with_media: bool,
    ) -> dict[UserId, list[Stream]]:
        """Return which streams may want a tweet, by viewer; `on_public` tells whether the public timeline shows it."""
        found: dict[UserId, list[Stream]] = {}
        for user_id in await self._homes(tx, author_id, hashtags if public else ()):
            found[user_id] = [streams.HOME]
        for user_id in self._by_member.get(author_id, ()):
            viewer = self.viewers.get(user_id)
            found.setdefault(user_id, []).extend(
                Stream(StreamKind.LIST, list_id=list_id)
                for list_id, (_, members) in (viewer.lists.items() if viewer is not None else ())
                if author_id in members
            )
        open_to = _open_streams(hashtags, on_public=on_public, with_media=with_media) if public else ()
        for stream in open_to:
            for user_id in self.listening(stream):
                found.setdefault(user_id, []).append(stream)
        return found


def _open_streams(hashtags: Sequence[str], *, on_public: bool, with_media: bool) -> list[Stream]:
    """Return the streams that a public tweet may show on."""
    found = [Stream(StreamKind.HASHTAG, hashtag=name) for name in dict.fromkeys(hashtags)]
    if on_public:
        found.append(streams.PUBLIC)
        if with_media:
            found.append(streams.PUBLIC_MEDIA)
    return found


Key = TypeVar("Key")


def _take(index: dict[Key, set[UserId]], key: Key, user_id: UserId) -> None:
    if (held := index.get(key)) is not None:
        held.discard(user_id)
        if not held:
            del index[key]


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield the items in batches that one query takes."""
    rest = iter(tuple(items))
    while batch := list(islice(rest, VIEWERS_PER_QUERY)):
        yield batch


async def concerned_by(index: Index, tx: Read, view: TweetView) -> dict[UserId, list[Stream]]:
    """Return which streams may want a tweet, by viewer."""
    tweet = view.tweet
    return await index.concerned(
        tx,
        tweet.author_id,
        hashtags=[text.hashtag_key(name) for name in text.hashtags(tweet.text)],
        public=tweet.visibility is Visibility.PUBLIC and tweet.retweet_of_id is None,
        on_public=visibility.is_own_thread(view),
        with_media=bool(tweet.media),
    )
