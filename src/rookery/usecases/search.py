"""Searching tweets: what the index finds, and of that only what the viewer may see."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from rookery import filtering, hydration, tasks
from rookery.domain import visibility
from rookery.domain.filters import FilterContext
from rookery.domain.ids import ID_MAX, TweetId, UserId, id_at, time_ms_of
from rookery.domain.search import documents, matching, places, queries, ranking
from rookery.domain.search.queries import Query, Scope
from rookery.domain.search.words import Phrase
from rookery.domain.timelines import Page, PageRequest
from rookery.domain.tweets import Tweet, TweetCounts
from rookery.domain.visibility import Standings, TweetView
from rookery.errors import Invalid, Unauthorized
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import search, timelines, tweets, users

RESULTS_SKIPPED_MAX: Final = 1_000
"""How deep one may page by offset; `before` has no end."""
BEST_OF: Final = 500
"""The newest matches among which the best come first."""
LOOKED_AT_ONCE: Final = 80
LOOKED_THROUGH_MAX: Final = 4_000
"""Tweets that one request looks at: behind them its page ends, and the next one goes on there. No clock ends a search, so
both engines, fast or slow, answer alike."""
MATCHES_MAX: Final = 500
"""Matches that are looked up among what somebody keeps; of more frequent words, what they keep is looked at one by one."""
INDEXED_AT_ONCE: Final = 200
INDEXING_MS: Final = 30_000
"""How long one run of the task indexes; the next goes on from there."""
_SHELVES: Final[Mapping[Scope, search.Shelf]] = {
    Scope.LIBRARY: search.Shelf(own=True, favorited=True, bookmarked=True),
    Scope.FAVORITED: search.Shelf(favorited=True),
    Scope.BOOKMARKED: search.Shelf(bookmarked=True),
}

Order = Literal["newest", "best"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the found tweets is asked for: ids with after < id < before, in an order, some skipped."""

    before: int = ID_MAX
    after: int = 0
    limit: int = 20
    skip: int = 0
    order: Order = "newest"
    author_id: UserId | None = None


async def search_tweets(
    services: Services, viewer_id: UserId | None, text: str, wanted: Wanted
) -> Page[TweetView]:
    """Return tweets that fit a search, as far as the viewer may see them: newest first, or best first if so asked.

    Tweets that are not public are found by their authors and by those they mention only; nobody else finds tweets by
    people who do not want to be found. The newest first have an `oldest_id` from which the next page goes on, also where
    this one ended early because very much was looked through. Raises Invalid with a sentence for a search that has no
    reading.
    """
    query = queries.parse(text, now_ms=services.now_ms())
    if wanted.author_id is not None:
        token = Phrase((documents.author(wanted.author_id),))
        query = msgspec.structs.replace(query, wanted=(*query.wanted, token))
    if query.is_empty or wanted.skip > RESULTS_SKIPPED_MAX:
        return Page([])
    if query.scope not in {Scope.ALL, Scope.PUBLIC} and viewer_id is None:
        raise Unauthorized("Sign in to search your own tweets")
    async with services.db.read() as tx:
        resolved = await _resolved(services, tx, viewer_id, query)
    if resolved is None:
        return Page([])
    looking = _Looking(services, viewer_id, resolved, wanted)
    if wanted.order == "best":
        return Page(await looking.best())
    return await looking.newest()


class _Resolved(NamedTuple):
    """What is looked for, with ids for names and cells for circles."""

    query: Query
    retweeter_id: UserId | None
    """Whose retweets are looked for; None: tweets themselves are."""


async def _resolved(services: Services, tx: Read, viewer_id: UserId | None, query: Query) -> _Resolved | None:
    """Put ids for names and cells for circles; None when somebody is asked for who is not here."""
    held, lacked = list(query.wanted), list(query.unwanted)
    for person in query.people:
        name, _, host = person.name.partition("@")
        user_id = None
        if person.name.casefold() == "me":
            user_id = viewer_id
        elif not host or host.casefold() == services.instance.domain.casefold():
            user = await users.get_by_name(tx, name)
            user_id = user.id if user is not None and user.active else None
        if user_id is None:
            if person.excluded:
                continue
            return None
        token = documents.author(user_id) if person.is_author else documents.addressee(user_id)
        (lacked if person.excluded else held).append(Phrase((token,)))
    scope = query.scope
    if scope is Scope.OWN and viewer_id is not None:
        held.append(Phrase((documents.author(viewer_id),)))
        scope = Scope.ALL
    retweeter_id = None
    if query.retweets:
        authors = [phrase for phrase in held if documents.is_author(phrase)]
        held = [phrase for phrase in held if not documents.is_author(phrase)]
        if not authors:
            raise Invalid(
                "is:retweet needs to know whose retweets: add from: and a name, or from:me", field="q"
            )
        if len(set(authors)) > 1 or scope in _SHELVES:
            return None
        retweeter_id = documents.author_of(authors[0])
    cells = places.covering(query.near) if query.near is not None else ()
    resolved = msgspec.structs.replace(
        query, wanted=tuple(held), unwanted=tuple(lacked), any_of=cells, scope=scope
    )
    return _Resolved(resolved, retweeter_id)


class _Found(NamedTuple):
    """Some candidates, and whether there may be more behind them."""

    tweet_ids: Sequence[TweetId]
    more: bool
    last_id: TweetId | int | None
    """How far was looked, where something was."""


class _Looking:
    """One search under way."""

    def __init__(
        self, services: Services, viewer_id: UserId | None, resolved: _Resolved, wanted: Wanted
    ) -> None:
        self._services = services
        self._viewer_id = viewer_id
        self._query, self._retweeter_id = resolved
        self._wanted = wanted
        self._looked_at = 0
        self._before = wanted.before
        self._after = wanted.after
        if self._query.before_ms is not None:
            self._before = min(self._before, id_at(self._query.before_ms))
        if self._query.since_ms is not None:
            self._after = max(self._after, id_at(self._query.since_ms) - 1)
        self._shelf = _SHELVES.get(self._query.scope)
        finder = viewer_id if self._query.scope is not Scope.PUBLIC else None
        self._asked = None
        if self._retweeter_id is None:
            self._asked = search.expression(self._query, finder, hidden=self._shelf is not None)
        self._windows: list[search.Window] | None = None
        self._is_frequent = False

    async def newest(self) -> Page[TweetView]:
        """Return the newest matches that may be shown."""
        end = self._wanted.skip + self._wanted.limit
        kept: list[TweetView] = []
        count = min(LOOKED_AT_ONCE, end + 4)
        more = True
        last_id: int | None = None
        while more and len(kept) < end and self._looked_at < LOOKED_THROUGH_MAX:
            async with self._services.db.read() as tx:
                found = await self._candidates(tx, count)
                kept += await self._shown(tx, found.tweet_ids)
            more, last_id = found.more, found.last_id
            count = LOOKED_AT_ONCE
        if len(kept) >= end:
            last_id, more = kept[end - 1].tweet.id, True
        return Page(kept[self._wanted.skip : end], oldest_id=last_id if more else None)

    async def best(self) -> list[TweetView]:
        """Return the best among the newest matches."""
        candidates: list[TweetId] = []
        more = True
        while more and len(candidates) < BEST_OF and self._looked_at < LOOKED_THROUGH_MAX:
            async with self._services.db.read() as tx:
                found = await self._candidates(tx, BEST_OF - len(candidates))
            candidates += found.tweet_ids
            more = found.more
        end = self._wanted.skip + self._wanted.limit
        kept: list[TweetView] = []
        ranked = await self._ranked(candidates)
        for start in range(0, len(ranked), LOOKED_AT_ONCE):
            async with self._services.db.read() as tx:
                kept += await self._shown(tx, ranked[start : start + LOOKED_AT_ONCE])
            if len(kept) >= end:
                break
        return kept[self._wanted.skip : end]

    async def _ranked(self, tweet_ids: Sequence[TweetId]) -> list[TweetId]:
        if not tweet_ids:
            return []
        now_ms = self._services.now_ms()
        async with self._services.db.read() as tx:
            stamps = await tweets.stamps(tx, tweet_ids, viewer_id=self._viewer_id or UserId(0))
        scores = {
            row[0]: ranking.score(
                TweetCounts(*(count or 0 for count in row[2:6])), age_ms=now_ms - time_ms_of(row[0])
            )
            for row in stamps
        }
        return sorted(scores, key=lambda tweet_id: (-scores[tweet_id], -tweet_id))

    async def _candidates(self, tx: Read, count: int) -> _Found:
        if self._asked is None or self._is_frequent:
            return await self._from_ids(tx)
        if self._shelf is not None and self._viewer_id is not None:
            return await self._from_shelf(tx, self._asked, self._viewer_id, self._shelf)
        found = await self._from_index(tx, self._asked, count)
        self._looked_at += len(found.tweet_ids)
        return found

    async def _from_shelf(
        self, tx: Read, asked: search.Expression, viewer_id: UserId, shelf: search.Shelf
    ) -> _Found:
        """Look for what the viewer has kept among all matches, or, where there are very many, the other way round."""
        found = await self._from_index(tx, asked, MATCHES_MAX)
        if found.more:
            self._is_frequent = True
            return _Found([], more=True, last_id=None)
        kept = await search.kept_among(tx, viewer_id, shelf, found.tweet_ids)
        return _Found(sorted(kept, reverse=True), more=False, last_id=None)

    async def _from_index(self, tx: Read, asked: search.Expression, count: int) -> _Found:
        if self._windows is None:
            self._windows = await self._first_windows(tx, asked)
        found: list[TweetId] = []
        while self._windows and len(found) < count:
            window = self._windows[0]
            missing = count - len(found)
            rows = await search.find(tx, asked, window, limit=missing)
            found += [row[1] for row in rows]
            if len(rows) < missing:
                self._windows.pop(0)
            else:
                self._windows[0] = window._replace(before=rows[-1][0])
        return _Found(found, bool(self._windows), found[-1] if found else None)

    async def _first_windows(self, tx: Read, asked: search.Expression) -> list[search.Window]:
        top = await search.top(tx)
        before = top
        if self._before < ID_MAX and (place := await search.n_from(tx, self._before)) is not None:
            before = place
        after = -ID_MAX
        if self._after > 0:
            place = await search.n_from(tx, self._after + 1)
            after = place - 1 if place is not None else top
        return search.windows(before, after, has_prefix=asked.has_prefix) if after < before - 1 else []

    async def _from_ids(self, tx: Read) -> _Found:
        """Look through tweets one by one, where no index tells: what somebody keeps or retweeted, or everybody's newest."""
        page = PageRequest(self._before, self._after, LOOKED_AT_ONCE)
        if self._retweeter_id is not None:
            ids = await timelines.retweets_by(tx, self._retweeter_id, page)
        elif self._shelf is not None and self._viewer_id is not None:
            ids = await search.kept_by(
                tx,
                self._viewer_id,
                self._shelf,
                before=page.before,
                after=page.after,
                limit=page.limit,
            )
        else:
            ids = await timelines.public(tx, page)
        if ids:
            self._before = ids[-1]
        self._looked_at += len(ids)
        loaded = {tweet.id: tweet for tweet in await tweets.load(tx, ids)}
        retweeted_ids = [tweet.retweet_of_id for tweet in loaded.values() if tweet.retweet_of_id is not None]
        if retweeted_ids:
            loaded |= {tweet.id: tweet for tweet in await tweets.load(tx, retweeted_ids)}
        fitting = [tweet_id for tweet_id in ids if self._fits(loaded, tweet_id)]
        return _Found(fitting, len(ids) >= LOOKED_AT_ONCE, self._before)

    def _fits(self, loaded: Mapping[TweetId, Tweet], tweet_id: TweetId) -> bool:
        """Tell whether what a tweet, or of a retweet what it shows, carries is what is asked for."""
        tweet = loaded.get(tweet_id)
        if tweet is not None and tweet.retweet_of_id is not None:
            tweet = loaded.get(tweet.retweet_of_id)
        return tweet is not None and matching.fits(self._query, documents.tokens(tweet))

    async def _shown(self, tx: Read, tweet_ids: Sequence[TweetId]) -> list[TweetView]:
        hydrated = await hydration.tweets(self._services, tx, self._viewer_id, tweet_ids)
        seen = [view for view in hydrated.views if self._may_be_found(view, hydrated.standings)]
        return await filtering.apply(self._services, tx, self._viewer_id, FilterContext.PUBLIC, seen)

    def _may_be_found(self, view: TweetView, standings: Standings) -> bool:
        return (
            visibility.may_see(view, self._viewer_id, standings)
            and visibility.is_quiet(view, self._viewer_id, standings)
            and (self._shelf is not None or self._wants_to_be_found(view))
            and (view.retweet_of is None or self._wants_to_be_found(view.retweet_of))
            and _is_when(self._query, view.tweet)
            and _is_where(self._query, (view.retweet_of or view).tweet)
        )

    def _wants_to_be_found(self, view: TweetView) -> bool:
        """Tell whether the author lets others search this; they themselves and those they address always can."""
        tweet = view.tweet
        return (
            view.author.user.indexable
            or tweet.author_id == self._viewer_id
            or any(mention.user_id == self._viewer_id for mention in tweet.mentions)
        )


def _is_when(query: Query, tweet: Tweet) -> bool:
    since_ms, before_ms = query.since_ms, query.before_ms
    return (since_ms is None or tweet.created_ms >= since_ms) and (
        before_ms is None or tweet.created_ms < before_ms
    )


def _is_where(query: Query, tweet: Tweet) -> bool:
    if query.near is None:
        return True
    place = tweet.place
    return (
        place is not None
        and place.latitude is not None
        and place.longitude is not None
        and query.near.holds(place.latitude, place.longitude)
    )


async def index_tweets(services: Services, task: tasks.IndexTweets) -> None:  # noqa: ARG001
    """Index what no index holds yet (tweets from before there was one, or from before its rules changed), and tidy it."""
    async with services.db.read() as tx:
        complete = await search.is_complete(tx)
    if complete:
        await services.db.write(search.tidy)
        return

    async def work(tx: Write) -> bool:
        return await search.index_slice(tx, limit=INDEXED_AT_ONCE)

    until_ms = services.now_ms() + INDEXING_MS
    while await services.db.write(work):
        if services.now_ms() > until_ms:
            break
