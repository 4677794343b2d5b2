"""Connected readers: what each listens to, who may want to be told of a tweet, and who of them may be.

The first two are kept in memory and may be out of date; the last is decided by the rules of the timelines, on
standings read at that moment for hundreds of viewers in one query. So what memory has wrong costs a needless question
or a late update, and never shows anybody what they must not see.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Any, Final, NamedTuple, Protocol, TypeVar

import msgspec

from rookery import filtering, hydration
from rookery.domain import streams, text, visibility
from rookery.domain.filters import FilterContext
from rookery.domain.ids import TokenId, TweetId, UserId
from rookery.domain.lists import UserList, on_list
from rookery.domain.quotes import QuoteStanding
from rookery.domain.streams import News, Stream, StreamKind
from rookery.domain.tweets import NO_MARKS, OwnMarks, Tweet, Visibility
from rookery.domain.visibility import FOLLOWED, STRANGER, QuotedView, Standing, Standings, TweetView
from rookery.ports import Database, Read
from rookery.services import Services
from rookery.storage import audiences, followed_hashtags, hot_users, lists, polls

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


class _Doings(NamedTuple):
    """What viewers have done, by their ids."""

    marks: Mapping[UserId, OwnMarks]
    quoted_marks: Mapping[UserId, OwnMarks]
    votes: Mapping[UserId, tuple[int, ...]]


_NOTHING_DONE: Final = _Doings({}, {}, {})


def _looks_alike(quoted: QuotedView | None) -> bool:
    """Tell whether what is quoted, as strangers see it, tells all that is needed to show it to anybody."""
    if quoted is None or quoted.standing in {QuoteStanding.REVOKED, QuoteStanding.DELETED}:
        return True
    if quoted.view is None:
        return False
    tweet = quoted.view.tweet
    return tweet.poll is None and tweet.quote is None and not visibility.has_own_quote_policy(tweet)


class Showing:
    """One tweet, as those see it whom it may concern."""

    def __init__(self, services: Services, view: TweetView, concerned: dict[UserId, list[Stream]]) -> None:
        """Take the tweet as strangers see it, and who may want it on which streams."""
        self._services = services
        self._view = view
        self._concerned = concerned
        tweet, shown = view.tweet, (view.retweet_of or view).tweet
        self._shown = shown
        quoted = (view.retweet_of or view).quoted
        self._quoted = quoted.view if quoted is not None else None
        self._batched = _looks_alike(quoted)
        """Whether one look at the records serves many viewers; else each has their own."""
        people = (
            tweet.author_id,
            shown.author_id,
            tweet.reply_to_author_id,
            shown.reply_to_author_id,
            self._quoted.tweet.author_id if self._quoted is not None else None,
        )
        self._people = list(dict.fromkeys(user_id for user_id in people if user_id is not None))

    async def to(self, tx: Read, viewers: Sequence[Viewer]) -> list[tuple[Viewer, Stream, TweetView]]:
        """Return which of these viewers are shown the tweet on which streams, each as they see it."""
        standings = await self._standings(tx, [viewer.user_id for viewer in viewers])
        seeing = [
            (viewer, where)
            for viewer in viewers
            if (where := self._where(viewer, standings.get(viewer.user_id, _NO_STANDINGS)))
        ]
        done = _NOTHING_DONE
        if self._batched:
            done = await self._doings(tx, [viewer.user_id for viewer, _ in seeing])
        shown: list[tuple[Viewer, Stream, TweetView]] = []
        for viewer, where in seeing:
            if self._batched:
                view = self._seen_by(viewer.user_id, standings.get(viewer.user_id, _NO_STANDINGS), done)
            else:
                hydrated = await hydration.tweets(self._services, tx, viewer.user_id, [self._view.tweet.id])
                if not hydrated.views:
                    continue
                view = hydrated.views[0]
            for stream in where:
                filtered = await self._filtered(tx, viewer, stream, view)
                if filtered is not None:
                    shown.append((viewer, stream, filtered))
        return shown

    async def _doings(self, tx: Read, viewer_ids: Sequence[UserId]) -> "_Doings":
        """Return what viewers have done with the tweet and what belongs to it."""
        quoted_marks: dict[UserId, OwnMarks] = {}
        votes: dict[UserId, tuple[int, ...]] = {}
        if viewer_ids and self._quoted is not None:
            quoted_marks = await self._marks(tx, viewer_ids, self._quoted.tweet)
        if viewer_ids and self._shown.poll is not None:
            votes = await polls.choices(tx, self._shown.id, viewer_ids)
        return _Doings(await self._marks(tx, viewer_ids, self._shown), quoted_marks, votes)

    def _seen_by(self, viewer_id: UserId, standings: Standings, done: "_Doings") -> TweetView:
        """Return the tweet as a viewer sees it: the very same view for all to whom it looks alike."""
        base = self._view.retweet_of or self._view
        changes: dict[str, Any] = {}
        if (marks := done.marks.get(viewer_id)) is not None:
            changes["marks"] = marks
        votes, asked = done.votes.get(viewer_id, ()), base.tweet.author_id == viewer_id
        if base.poll is not None and (votes or asked):
            changes["poll"] = msgspec.structs.replace(base.poll, own=votes, asked=asked)
        if self._quoted is not None:
            own = done.quoted_marks.get(viewer_id)
            inner = self._quoted if own is None else msgspec.structs.replace(self._quoted, marks=own)
            seen = visibility.quoted(inner, viewer_id, standings)
            if seen != base.quoted:
                changes["quoted"] = seen
        standing = standings.get(base.tweet.author_id, STRANGER)
        if visibility.has_own_quote_policy(base.tweet) and visibility.may_quote(
            base.tweet, viewer_id, standing
        ):
            changes["may_quote"] = True
        if not changes:
            return self._view
        changed = msgspec.structs.replace(base, **changes)
        return (
            changed
            if self._view.retweet_of is None
            else msgspec.structs.replace(self._view, retweet_of=changed)
        )

    def _where(self, viewer: Viewer, standings: Standings) -> list[Stream]:
        view, viewer_id = self._view, viewer.user_id
        where: list[Stream] = []
        for stream in self._concerned.get(viewer_id, ()):
            if stream not in viewer.streams:
                continue
            if stream.kind is StreamKind.HOME:
                fits = _on_home(view, viewer, standings)
            elif stream.kind is StreamKind.LIST:
                listed = viewer.lists.get(stream.list_id)
                fits = listed is not None and on_list(listed.of, view, standings, listed.members)
            else:
                fits = visibility.may_see(view, viewer_id, standings) and visibility.is_quiet(
                    view, viewer_id, standings
                )
            if fits:
                where.append(stream)
        return where

    async def _standings(
        self, tx: Read, viewer_ids: Sequence[UserId]
    ) -> dict[UserId, dict[UserId, Standing]]:
        found: dict[UserId, dict[UserId, Standing]] = {}
        rows = await audiences.standings(tx, viewer_ids, self._people)
        for kind, viewer_id, user_id, flag, until_ms, languages in rows:
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

    async def _marks(self, tx: Read, viewer_ids: Sequence[UserId], tweet: Tweet) -> dict[UserId, OwnMarks]:
        """Return what viewers have done with a tweet."""
        if not viewer_ids:
            return {}
        done: dict[UserId, list[bool]] = {}
        for place, viewer_id in await audiences.marks(tx, viewer_ids, tweet.id, thread_id=tweet.thread_id):
            done.setdefault(viewer_id, [False] * len(NO_MARKS.__struct_fields__))[place - 1] = True
        return {viewer_id: OwnMarks(*flags) for viewer_id, flags in done.items()}

    async def _filtered(self, tx: Read, viewer: Viewer, stream: Stream, view: TweetView) -> TweetView | None:
        """Return the tweet with what matched it, or None when a filter hides it."""
        if not viewer.filters_version:
            return view
        of_home = stream.kind in {StreamKind.HOME, StreamKind.LIST}
        context = FilterContext.HOME if of_home else FilterContext.PUBLIC
        sift = await filtering.sieve(
            self._services, tx, viewer.user_id, context, version=viewer.filters_version
        )
        kept = sift([view])
        return kept[0] if kept else None


_NO_STANDINGS: Final[dict[UserId, Standing]] = {}


def _on_home(view: TweetView, viewer: Viewer, standings: Standings) -> bool:
    author_id, viewer_id = view.tweet.author_id, viewer.user_id
    if author_id in viewer.elsewhere and author_id != viewer_id:
        return False
    return visibility.on_home(view, viewer_id, standings) or (
        bool(viewer.hashtags) and visibility.on_home_by_hashtag(view, viewer_id, standings, viewer.hashtags)
    )


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
