"""Somebody's home timeline: what is kept of it, what is merged in, and what the records hold beyond that."""

import asyncio
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from rookery import filtering, hydration, reading
from rookery.domain import visibility
from rookery.domain.filters import FilterContext
from rookery.domain.ids import TweetId, UserId
from rookery.domain.timelines import Page, PageRequest
from rookery.domain.visibility import Standings, TweetView
from rookery.errors import Unavailable
from rookery.hydration import Hydration
from rookery.ports import BUILD_MS_MAX, KeptTimeline, Read
from rookery.services import Services
from rookery.storage import followed_hashtags, hot_users, lists, timelines
from rookery.storage.hot_users import HomeStamp


class Home(NamedTuple):
    """A home as it stood when somebody began to read it."""

    viewer_id: UserId
    stamp: HomeStamp
    hot: Sequence[UserId]
    """The hot users whom the viewer follows."""
    hashtag_ids: Sequence[int]
    """The hashtags that the viewer follows."""
    hashtag_names: AbstractSet[str]
    """The same as `text.hashtag_key`."""
    sift: filtering.Sieve

    def holds(self, view: TweetView, standings: Standings) -> bool:
        """Tell whether a tweet belongs on this home, whoever wrote it."""
        if visibility.on_home(view, self.viewer_id, standings):
            return True
        names = self.hashtag_names
        return bool(names) and visibility.on_home_by_hashtag(view, self.viewer_id, standings, names)

    async def load(self, services: Services, tx: Read, ids: Sequence[TweetId]) -> Hydration:
        """Load tweets without those by people whom the viewer reads on exclusive lists only."""
        hydrated = await hydration.tweets(services, tx, self.viewer_id, ids)
        if not self.stamp.exclusive_lists:
            return hydrated
        authors = {view.tweet.author_id for view in hydrated.views} - {self.viewer_id}
        elsewhere = await lists.exclusive_among(tx, self.viewer_id, list(authors))
        views = [view for view in hydrated.views if view.tweet.author_id not in elsewhere]
        return Hydration(views, hydrated.standings)


async def begin(services: Services, viewer_id: UserId) -> Home:
    """Look at what every reading of a home begins with."""
    hot: Sequence[UserId] = ()
    hashtags: Mapping[int, str] = {}
    async with services.db.read() as tx:
        stamp = await hot_users.home_stamp(tx, viewer_id)
        sift = await filtering.sieve(services, tx, viewer_id, FilterContext.HOME, version=stamp.filters)
        if stamp.hot_users and services.instance.timeline_strategy == "hybrid":
            hot = await hot_users.followed_by(tx, viewer_id, hot_users=stamp.hot_users)
        if stamp.followed_hashtags:
            hashtags = await followed_hashtags.followed(tx, viewer_id)
    return Home(viewer_id, stamp, hot, list(hashtags), frozenset(hashtags.values()), sift)


async def page(
    services: Services, home: Home, request: PageRequest, *, without: AbstractSet[TweetId] = frozenset()
) -> Page[TweetView]:
    """Return a page of a home, newest first, without end, and `without` what shows these tweets.

    The newest few hundred ids are kept ready and hot users' tweets merged in; what is older, or not kept, is pulled
    from the records. When nothing is kept, this page comes from a pull and the timeline is rebuilt behind it.
    """

    async def skeleton(request: PageRequest) -> Sequence[TweetId]:
        # No reader is held while the kept timelines are asked: they may need one, or a server that is slow.
        kept = await _kept_piece(services, home, request)
        async with services.db.read() as tx:
            return await _ids(services, tx, home, kept, request)

    async def load(tx: Read, ids: Sequence[TweetId]) -> Hydration:
        return await home.load(services, tx, ids)

    def rule(view: TweetView, standings: Standings) -> bool:
        return home.holds(view, standings) and (view.tweet.retweet_of_id or view.tweet.id) not in without

    look = reading.looking_once(services, skeleton, load, home.holds)
    return await reading.filled(request, look=look, rule=rule if without else home.holds, sift=home.sift)


async def _kept_piece(services: Services, home: Home, request: PageRequest) -> KeptTimeline | None:
    """Return the piece of the kept timeline; when none is kept, have it built."""
    viewer_id, version = home.viewer_id, home.stamp.version
    if services.instance.timeline_strategy == "pull":
        return None
    kept = await services.timelines.page(
        viewer_id,
        version=version,
        before=request.before,
        after=request.after,
        limit=request.limit,
        oldest=request.oldest,
    )
    if kept is None:
        services.later(lambda: _rebuild(services, viewer_id, version))
    return kept


async def _ids(
    services: Services, tx: Read, home: Home, kept: KeptTimeline | None, request: PageRequest
) -> Sequence[TweetId]:
    if kept is None or (request.oldest and request.after + 1 < kept.floor):
        return await _all_pulled(services, tx, home, request)
    full = len(kept.ids) >= request.limit
    # Only what lies between the kept entries of this page can be on it.
    if request.oldest:
        between = PageRequest(
            kept.ids[-1] if full else request.before, request.after, request.limit, oldest=True
        )
    else:
        between = PageRequest(
            request.before, kept.ids[-1] if full else max(request.after, kept.floor - 1), request.limit
        )
    more = await _undelivered(services, tx, home, between)
    ids = sorted({*kept.ids, *more}, reverse=not request.oldest)[: request.limit] if more else kept.ids
    if len(ids) < request.limit and not request.oldest and kept.floor > request.after + 1:
        below = PageRequest(min(kept.floor, request.before), request.after, request.limit - len(ids))
        ids = [*ids, *await _all_pulled(services, tx, home, below)]
    return ids


async def _undelivered(services: Services, tx: Read, home: Home, between: PageRequest) -> list[TweetId]:
    """Return the viewer's own tweets, which so show at once, and those of hot users."""
    found = await timelines.by_author(tx, home.viewer_id, between)
    if home.hot:
        hot = home.hot
        found += await reading.windowed(services, between, lambda part: timelines.by_authors(tx, hot, part))
    if home.hashtag_ids:
        found += await _with_hashtags(services, tx, home.hashtag_ids, between)
    return found


async def _all_pulled(services: Services, tx: Read, home: Home, request: PageRequest) -> Sequence[TweetId]:
    """Return what the followed wrote and, merged in, what carries followed hashtags."""
    ids = await _pulled(services, tx, home.viewer_id, request)
    if not home.hashtag_ids:
        return ids
    more = await _with_hashtags(services, tx, home.hashtag_ids, request)
    return sorted({*ids, *more}, reverse=not request.oldest)[: request.limit]


async def _with_hashtags(
    services: Services, tx: Read, hashtag_ids: Sequence[int], request: PageRequest
) -> list[TweetId]:
    return await reading.windowed(
        services,
        request,
        lambda part: timelines.with_hashtags(tx, part, any_ids=hashtag_ids, all_ids=(), none_ids=()),
    )


async def _pulled(services: Services, tx: Read, viewer_id: UserId, request: PageRequest) -> list[TweetId]:
    return await reading.windowed(services, request, lambda part: timelines.followed(tx, viewer_id, part))


async def _rebuild(services: Services, viewer_id: UserId, version: int) -> None:
    """Keep the newest ids of the viewer's home ready; what is delivered meanwhile is joined in."""
    if not await services.timelines.expect(viewer_id, version=version):
        return
    limit = services.limits.timeline_entries_max
    try:
        # Whoever begins anew after `BUILD_MS_MAX` does not know what was delivered until then: this one must be over.
        async with asyncio.timeout(BUILD_MS_MAX / 2_000), services.db.read() as tx:
            ids = await _pulled(services, tx, viewer_id, PageRequest(limit=limit))
    except TimeoutError as error:
        raise Unavailable("a home timeline took too long to be built") from error
    floor = ids[-1] if len(ids) >= limit else 0
    await services.timelines.keep(viewer_id, version=version, ids=ids, floor=floor)
