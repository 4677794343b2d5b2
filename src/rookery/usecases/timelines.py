"""Timelines: a read is skeleton (ids), hydration (a fixed number of queries), rules (a pure filter), page."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from rookery import access, filtering, hydration
from rookery.domain import visibility
from rookery.domain.filters import FilterContext
from rookery.domain.ids import TweetId, UserId
from rookery.domain.lists import Replies, on_list
from rookery.domain.timelines import HashtagChoice, Page, PageRequest, UserChoice
from rookery.domain.visibility import Standings, TweetView
from rookery.domain.windows import windows
from rookery.errors import Invalid, NotFound, Unavailable
from rookery.hydration import Hydration
from rookery.ports import BUILD_MS_MAX, KeptTimeline, Read, Row
from rookery.services import Services
from rookery.storage import (
    bookmarks,
    conversations,
    favorites,
    followed_hashtags,
    hashtags,
    hot_users,
    lists,
    pins,
    quotes,
    timelines,
)

REFILLS_MAX: Final = 8
"""How often a page that the rules made short is filled up; each time twice as many ids are looked at."""
CANDIDATES_MAX: Final = 320
REPEATED_WITHIN_ENTRIES: Final = 40
"""A retweet does not show on home when one of so many entries below it shows the same tweet."""

Skeleton = Callable[[Read, PageRequest], Awaitable[Sequence[TweetId]]]
OwnSkeleton = Callable[[PageRequest], Awaitable[Sequence[TweetId]]]
"""A skeleton that opens its reads itself."""
Load = Callable[[Read, Sequence[TweetId]], Awaitable[Hydration]]
Look = Callable[[PageRequest], Awaitable[tuple[Sequence[TweetId], Hydration]]]
Rule = Callable[[TweetView, Standings], bool]


class _Home(NamedTuple):
    """What a page of somebody's home is made of, besides the records."""

    viewer_id: UserId
    kept: KeptTimeline | None
    hot: Sequence[UserId]
    """The hot users whom the viewer follows."""
    hashtag_ids: Sequence[int]
    """The hashtags that the viewer follows."""


async def generate_timeline(services: Services, viewer_id: UserId, page: PageRequest) -> Page[TweetView]:
    """Return a page of the viewer's home timeline: own tweets and those of the followed, newest first, without end.

    The newest few hundred ids are kept ready and hot users' tweets merged in; what is older, or not kept, is pulled
    from the records. When nothing is kept, this page comes from a pull and the timeline is rebuilt behind it.
    """
    hot: Sequence[UserId] = ()
    followed: Mapping[int, str] = {}
    async with services.db.read() as tx:
        stamp = await hot_users.home_stamp(tx, viewer_id)
        sift = await filtering.sieve(services, tx, viewer_id, FilterContext.HOME, version=stamp.filters)
        if stamp.hot_users and services.instance.timeline_strategy == "hybrid":
            hot = await hot_users.followed_by(tx, viewer_id, hot_users=stamp.hot_users)
        if stamp.followed_hashtags:
            followed = await followed_hashtags.followed(tx, viewer_id)

    async def skeleton(page: PageRequest) -> Sequence[TweetId]:
        # No reader is held while the kept timelines are asked: they may need one, or a server that is slow.
        kept = await _kept_piece(services, viewer_id, stamp.version, page)
        home = _Home(viewer_id, kept, hot, list(followed))
        async with services.db.read() as tx:
            return await _home_ids(services, tx, home, page)

    names = frozenset(followed.values())

    def rule(view: TweetView, standings: Standings) -> bool:
        return visibility.on_home(view, viewer_id, standings) or (
            bool(names) and visibility.on_home_by_hashtag(view, viewer_id, standings, names)
        )

    async def load(tx: Read, ids: Sequence[TweetId]) -> Hydration:
        hydrated = await hydration.tweets(services, tx, viewer_id, ids)
        if stamp.exclusive_lists:
            return await _without_exclusive(tx, viewer_id, hydrated)
        return hydrated

    look = _looking_once(services, skeleton, load, rule)
    return await _filled(page, look=look, rule=rule, sift=sift)


async def _without_exclusive(tx: Read, viewer_id: UserId, page: Hydration) -> Hydration:
    """Leave out what those write or retweet whom the viewer reads on exclusive lists only."""
    authors = {view.tweet.author_id for view in page.views} - {viewer_id}
    elsewhere = await lists.exclusive_among(tx, viewer_id, list(authors))
    return Hydration([view for view in page.views if view.tweet.author_id not in elsewhere], page.standings)


def _looking_once(services: Services, skeleton: OwnSkeleton, load: Load, rule: Rule) -> Look:
    """Look at entries so that a tweet which several people retweet shows once."""

    async def look(page: PageRequest) -> tuple[Sequence[TweetId], Hydration]:
        ids = await skeleton(page)
        async with services.db.read() as tx:
            hydrated = await load(tx, ids)
        retweeted = [
            view.tweet.retweet_of_id for view in hydrated.views if view.tweet.retweet_of_id is not None
        ]
        if not retweeted:
            return ids, hydrated
        older_ids = await skeleton(PageRequest(before=min(ids), limit=REPEATED_WITHIN_ENTRIES))
        async with services.db.read() as tx:
            older = await load(tx, await timelines.showing(tx, retweeted, among=older_ids))
        return ids, _unrepeated([*sorted(ids, reverse=True), *older_ids], hydrated, older, rule)

    return look


def _unrepeated(order: Sequence[TweetId], page: Hydration, older: Hydration, rule: Rule) -> Hydration:
    """Leave out retweets of what an entry a little further down shows.

    It depends on older entries only, so a page is the same whichever way one comes to it, and stays so.
    """
    places = {tweet_id: place for place, tweet_id in enumerate(order)}
    shown_at: dict[TweetId, list[int]] = {}
    for views, standings in (page, older):
        for view in views:
            if rule(view, standings):
                shown = view.tweet.retweet_of_id or view.tweet.id
                shown_at.setdefault(shown, []).append(places[view.tweet.id])

    def is_repeated(view: TweetView) -> bool:
        if view.tweet.retweet_of_id is None:
            return False
        place = places[view.tweet.id]
        return any(
            place < other <= place + REPEATED_WITHIN_ENTRIES
            for other in shown_at.get(view.tweet.retweet_of_id, ())
        )

    return Hydration([view for view in page.views if not is_repeated(view)], page.standings)


async def _kept_piece(
    services: Services, viewer_id: UserId, version: int, page: PageRequest
) -> KeptTimeline | None:
    """Return the piece of the kept timeline; when none is kept, have it built."""
    if services.instance.timeline_strategy == "pull":
        return None
    kept = await services.timelines.page(
        viewer_id, version=version, before=page.before, after=page.after, limit=page.limit, oldest=page.oldest
    )
    if kept is None:
        services.later(lambda: _rebuild(services, viewer_id, version))
    return kept


async def _home_ids(services: Services, tx: Read, home: _Home, page: PageRequest) -> Sequence[TweetId]:
    kept = home.kept
    if kept is None or (page.oldest and page.after + 1 < kept.floor):
        return await _all_pulled(services, tx, home, page)
    full = len(kept.ids) >= page.limit
    # Only what lies between the kept entries of this page can be on it.
    if page.oldest:
        between = PageRequest(kept.ids[-1] if full else page.before, page.after, page.limit, oldest=True)
    else:
        between = PageRequest(
            page.before, kept.ids[-1] if full else max(page.after, kept.floor - 1), page.limit
        )
    more = await _undelivered(services, tx, home, between)
    ids = sorted({*kept.ids, *more}, reverse=not page.oldest)[: page.limit] if more else kept.ids
    if len(ids) < page.limit and not page.oldest and kept.floor > page.after + 1:
        below = PageRequest(min(kept.floor, page.before), page.after, page.limit - len(ids))
        ids = [*ids, *await _all_pulled(services, tx, home, below)]
    return ids


async def _undelivered(services: Services, tx: Read, home: _Home, between: PageRequest) -> list[TweetId]:
    """Return the viewer's own tweets, which so show at once, and those of hot users."""
    found = await timelines.by_author(tx, home.viewer_id, between)
    if home.hot:
        hot = home.hot
        found += await _windowed(services, between, lambda part: timelines.by_authors(tx, hot, part))
    if home.hashtag_ids:
        found += await _with_hashtags(services, tx, home.hashtag_ids, between)
    return found


async def _all_pulled(services: Services, tx: Read, home: _Home, page: PageRequest) -> Sequence[TweetId]:
    """Return what the followed wrote and, merged in, what carries followed hashtags."""
    ids = await _pulled(services, tx, home.viewer_id, page)
    if not home.hashtag_ids:
        return ids
    more = await _with_hashtags(services, tx, home.hashtag_ids, page)
    return sorted({*ids, *more}, reverse=not page.oldest)[: page.limit]


async def _with_hashtags(
    services: Services, tx: Read, hashtag_ids: Sequence[int], page: PageRequest
) -> list[TweetId]:
    return await _windowed(
        services,
        page,
        lambda part: timelines.with_hashtags(tx, part, any_ids=hashtag_ids, all_ids=(), none_ids=()),
    )


async def _pulled(services: Services, tx: Read, viewer_id: UserId, page: PageRequest) -> list[TweetId]:
    return await _windowed(services, page, lambda part: timelines.followed(tx, viewer_id, part))


async def _windowed(
    services: Services, page: PageRequest, ids_between: Callable[[PageRequest], Awaitable[list[TweetId]]]
) -> list[TweetId]:
    found: list[TweetId] = []
    for window in windows(page, now_ms=services.now_ms()):
        found += await ids_between(window)
        if len(found) >= page.limit:
            return found[: page.limit]
    return found


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


async def list_timeline(
    services: Services, viewer_id: UserId, list_id: int, page: PageRequest
) -> Page[TweetView]:
    """Return a page of the tweets of those on one of the viewer's lists. Raises NotFound."""
    async with services.db.read() as tx:
        of = await lists.get(tx, viewer_id, list_id)
        if of is None:
            raise NotFound
        members: AbstractSet[UserId] = frozenset()
        if of.replies is Replies.LIST:
            members = await lists.member_ids(tx, list_id)
        sift = await filtering.sieve(services, tx, viewer_id, FilterContext.HOME)

    async def skeleton(page: PageRequest) -> Sequence[TweetId]:
        async with services.db.read() as tx:
            return await _windowed(services, page, lambda part: timelines.by_list_members(tx, list_id, part))

    async def load(tx: Read, ids: Sequence[TweetId]) -> Hydration:
        return await hydration.tweets(services, tx, viewer_id, ids)

    def rule(view: TweetView, standings: Standings) -> bool:
        return on_list(of, view, standings, members)

    return await _filled(page, look=_looking_once(services, skeleton, load, rule), rule=rule, sift=sift)


async def public_timeline(
    services: Services, viewer_id: UserId | None, page: PageRequest, *, media_only: bool = False
) -> Page[TweetView]:
    """Return a page of everybody's public tweets: no retweets, no replies to others."""
    skeleton = timelines.public_media if media_only else timelines.public
    async with services.db.read() as tx:
        return await _filled(
            page,
            look=_looking(services, tx, viewer_id, skeleton),
            rule=lambda view, standings: (
                visibility.is_own_thread(view)
                and visibility.may_see(view, viewer_id, standings)
                and visibility.is_quiet(view, viewer_id, standings)
            ),
            sift=await filtering.sieve(services, tx, viewer_id, FilterContext.PUBLIC),
        )


async def hashtag_timeline(
    services: Services, viewer_id: UserId | None, choice: HashtagChoice, page: PageRequest
) -> Page[TweetView]:
    """Return a page of public tweets that carry hashtags; of a hashtag nobody has used it is empty."""
    async with services.db.read() as tx:
        known = await hashtags.ids(tx, choice.names)
        any_ids = [known[name] for name in choice.any_of if name in known]
        all_ids = [known[name] for name in choice.all_of if name in known]
        none_ids = [known[name] for name in choice.none_of if name in known]
        if not any_ids or len(all_ids) < len(choice.all_of):
            return Page([])

        async def skeleton(tx: Read, page: PageRequest) -> Sequence[TweetId]:
            if len(any_ids) == 1 and not all_ids and not none_ids:
                return await timelines.with_hashtag(tx, any_ids[0], page)
            return await _windowed(
                services,
                page,
                lambda part: timelines.with_hashtags(
                    tx, part, any_ids=any_ids, all_ids=all_ids, none_ids=none_ids
                ),
            )

        return await _filled(
            page,
            look=_looking(services, tx, viewer_id, skeleton),
            rule=lambda view, standings: (
                (bool(view.tweet.media) or not choice.media_only)
                and visibility.may_see(view, viewer_id, standings)
                and visibility.is_quiet(view, viewer_id, standings)
            ),
            sift=await filtering.sieve(services, tx, viewer_id, FilterContext.PUBLIC),
        )


async def user_timeline(
    services: Services, viewer_id: UserId | None, user_id: UserId, choice: UserChoice, page: PageRequest
) -> Page[TweetView]:
    """Return a page of one user's tweets and retweets, as far as the viewer may see them."""
    async with services.db.read() as tx:
        views, standings = await hydration.users(services, tx, viewer_id, [user_id])
        if not views or not views[0].user.active:
            raise NotFound
        if standings[user_id].blocked_by:
            return Page([])
        hashtag_id = None
        if choice.hashtag is not None:
            hashtag_id = (await hashtags.ids(tx, [choice.hashtag])).get(choice.hashtag)
            if hashtag_id is None:
                return Page([])

        async def skeleton(tx: Read, page: PageRequest) -> Sequence[TweetId]:
            if choice.media_only and hashtag_id is None:
                return await timelines.media_by_author(tx, user_id, page)
            if hashtag_id is not None:
                return await timelines.by_author_with_hashtag(tx, user_id, hashtag_id, page)
            return await timelines.by_author(
                tx, user_id, page, replies=choice.replies, retweets=choice.retweets
            )

        return await _filled(
            page,
            look=_looking(services, tx, viewer_id, skeleton),
            rule=lambda view, standings: (
                visibility.may_see(view, viewer_id, standings)
                and (choice.replies or visibility.is_own_thread(view))
                and (bool(view.tweet.media) or not choice.media_only)
            ),
            sift=await filtering.sieve(services, tx, viewer_id, FilterContext.PROFILE),
        )


async def quotes_timeline(
    services: Services, viewer_id: UserId | None, tweet_id: TweetId, page: PageRequest
) -> Page[TweetView]:
    """Return a page of the tweets that quote a tweet, as far as the viewer may see them."""
    async with services.db.read() as tx:
        tweet = await access.visible_tweet(services, tx, viewer_id, tweet_id)

        async def skeleton(tx: Read, page: PageRequest) -> Sequence[TweetId]:
            return await quotes.page(tx, tweet.id, page)

        return await _filled(
            page,
            look=_looking(services, tx, viewer_id, skeleton),
            rule=lambda view, standings: (
                visibility.may_see(view, viewer_id, standings)
                and visibility.is_quiet(view, viewer_id, standings)
            ),
            sift=await filtering.sieve(services, tx, viewer_id, FilterContext.PUBLIC),
        )


async def direct_timeline(services: Services, viewer_id: UserId, page: PageRequest) -> Page[TweetView]:
    """Return a page of the direct tweets that the viewer wrote or is mentioned in."""

    async def skeleton(tx: Read, page: PageRequest) -> Sequence[TweetId]:
        return await conversations.tweets_page(tx, viewer_id, page)

    async with services.db.read() as tx:
        return await _filled(
            page,
            look=_looking(services, tx, viewer_id, skeleton),
            rule=lambda view, standings: (
                visibility.may_see(view, viewer_id, standings)
                and visibility.is_quiet(view, viewer_id, standings)
            ),
            sift=await filtering.sieve(services, tx, viewer_id, FilterContext.THREAD),
        )


async def pinned_tweets(services: Services, viewer_id: UserId | None, user_id: UserId) -> list[TweetView]:
    """Return the tweets on top of a user's profile, the last pinned first, as far as the viewer may see them."""
    async with services.db.read() as tx:
        await access.visible_user(tx, user_id)
        return await _seen(services, tx, viewer_id, await pins.list_by_user(tx, user_id))


async def favorites_timeline(services: Services, viewer_id: UserId, page: PageRequest) -> Page[TweetView]:
    """Return a page of what the viewer has favorited, the latest favorite first; its ids are the favorites'."""
    async with services.db.read() as tx:
        return await _kept(services, tx, viewer_id, page, await favorites.page(tx, viewer_id, page))


async def bookmarks_timeline(services: Services, viewer_id: UserId, page: PageRequest) -> Page[TweetView]:
    """Return a page of what the viewer has bookmarked, the latest bookmark first; its ids are the bookmarks'."""
    async with services.db.read() as tx:
        return await _kept(services, tx, viewer_id, page, await bookmarks.page(tx, viewer_id, page))


async def _kept(
    services: Services, tx: Read, viewer_id: UserId, page: PageRequest, rows: Sequence[Row]
) -> Page[TweetView]:
    """Return the tweets of (mark id, tweet id)."""
    if not rows:
        return Page([])
    views = await _seen(services, tx, viewer_id, [row[1] for row in rows])
    more = page.oldest or len(rows) >= page.limit
    return Page(views, newest_id=rows[0][0], oldest_id=rows[-1][0] if more else None)


async def _seen(
    services: Services, tx: Read, viewer_id: UserId | None, tweet_ids: Sequence[TweetId]
) -> list[TweetView]:
    hydrated = await hydration.tweets(services, tx, viewer_id, tweet_ids)
    seen = [view for view in hydrated.views if visibility.may_see(view, viewer_id, hydrated.standings)]
    return await filtering.apply(services, tx, viewer_id, None, seen)


def _looking(services: Services, tx: Read, viewer_id: UserId | None, skeleton: Skeleton) -> Look:
    async def look(page: PageRequest) -> tuple[Sequence[TweetId], Hydration]:
        ids = await skeleton(tx, page)
        return ids, await hydration.tweets(services, tx, viewer_id, ids)

    return look


async def _filled(page: PageRequest, *, look: Look, rule: Rule, sift: filtering.Sieve) -> Page[TweetView]:
    """Fill a page through the rule, looking at more ids while the rule makes it short."""
    if page.limit < 1:
        raise Invalid("limit must be at least 1", field="limit")
    kept: list[TweetView] = []
    rest = page
    ids: Sequence[TweetId] = ()
    for _ in range(REFILLS_MAX):
        ids, hydrated = await look(rest)
        kept += sift([view for view in hydrated.views if rule(view, hydrated.standings)])
        if len(kept) >= page.limit or len(ids) < rest.limit:
            ids = ()
            break
        wider = min(rest.limit * 2, CANDIDATES_MAX)
        if page.oldest:
            rest = PageRequest(page.before, ids[-1], wider, oldest=True)
        else:
            rest = PageRequest(ids[-1], page.after, wider)
    kept = kept[: page.limit]
    if page.oldest:
        kept.reverse()
    edge = ids[-1] if ids else None
    if not kept:
        return Page([], newest_id=edge if page.oldest else None, oldest_id=None if page.oldest else edge)
    newest, oldest = kept[0].tweet.id, kept[-1].tweet.id
    if edge is None:
        return Page(kept, newest_id=newest, oldest_id=oldest)
    # The search was given up with more to look at: the next page goes on from there.
    return Page(kept, newest_id=edge if page.oldest else newest, oldest_id=oldest if page.oldest else edge)
