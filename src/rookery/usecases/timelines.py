"""Timelines: a read is skeleton (ids), hydration (a fixed number of queries), rules (a pure filter), page."""

from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet

from rookery import access, filtering, home, hydration, reading
from rookery.domain import visibility
from rookery.domain.filters import FilterContext
from rookery.domain.ids import TweetId, UserId
from rookery.domain.lists import Replies, on_list
from rookery.domain.search.places import Circle
from rookery.domain.timelines import HashtagChoice, Page, PageRequest, UserChoice
from rookery.domain.trends import TrendKind
from rookery.domain.visibility import Standings, TweetView
from rookery.errors import NotFound
from rookery.hydration import Hydration
from rookery.ports import Read, Row
from rookery.reading import Look
from rookery.services import Services
from rookery.storage import (
    bookmarks,
    conversations,
    favorites,
    hashtags,
    links,
    lists,
    nearby,
    pins,
    quotes,
    timelines,
    trends,
)

Skeleton = Callable[[Read, PageRequest], Awaitable[Sequence[TweetId]]]


async def generate_timeline(services: Services, viewer_id: UserId, page: PageRequest) -> Page[TweetView]:
    """Return a page of the viewer's home timeline: own tweets and those of the followed, newest first, without end."""
    return await home.page(services, await home.begin(services, viewer_id), page)


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
            return await reading.windowed(
                services, page, lambda part: timelines.by_list_members(tx, list_id, part)
            )

    async def load(tx: Read, ids: Sequence[TweetId]) -> Hydration:
        return await hydration.tweets(services, tx, viewer_id, ids)

    def rule(view: TweetView, standings: Standings) -> bool:
        return on_list(of, view, standings, members)

    return await reading.filled(
        page, look=reading.looking_once(services, skeleton, load, rule), rule=rule, sift=sift
    )


async def public_timeline(
    services: Services, viewer_id: UserId | None, page: PageRequest, *, media_only: bool = False
) -> Page[TweetView]:
    """Return a page of everybody's public tweets: no retweets, no replies to others."""
    skeleton = timelines.public_media if media_only else timelines.public
    async with services.db.read() as tx:
        return await reading.filled(
            page,
            look=_looking(services, tx, viewer_id, skeleton),
            rule=lambda view, standings: _is_for_everybody(view, viewer_id, standings),
            sift=await filtering.sieve(services, tx, viewer_id, FilterContext.PUBLIC),
        )


def _is_for_everybody(view: TweetView, viewer_id: UserId | None, standings: Standings) -> bool:
    return (
        visibility.is_own_thread(view)
        and visibility.may_see(view, viewer_id, standings)
        and visibility.is_quiet(view, viewer_id, standings)
    )


async def nearby_timeline(
    services: Services, viewer_id: UserId | None, around: Circle, page: PageRequest
) -> Page[TweetView]:
    """Return a page of everybody's public tweets that were written in a circle: no retweets, no replies to others."""
    async with services.db.read() as tx:

        async def look(page: PageRequest) -> tuple[Sequence[TweetId], Hydration]:
            rows = await nearby.candidates(tx, around, page, now_ms=services.now_ms())
            within = [row[0] for row in rows if around.holds(row[1], row[2])][: page.limit]
            looked_at = [row[0] for row in rows]
            if len(within) == page.limit:
                looked_at = looked_at[: looked_at.index(within[-1]) + 1]
            return looked_at, await hydration.tweets(services, tx, viewer_id, within)

        return await reading.filled(
            page,
            look=look,
            rule=lambda view, standings: _is_for_everybody(view, viewer_id, standings),
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
            return await reading.windowed(
                services,
                page,
                lambda part: timelines.with_hashtags(
                    tx, part, any_ids=any_ids, all_ids=all_ids, none_ids=none_ids
                ),
            )

        return await reading.filled(
            page,
            look=_looking(services, tx, viewer_id, skeleton),
            rule=lambda view, standings: (
                (bool(view.tweet.media) or not choice.media_only)
                and visibility.may_see(view, viewer_id, standings)
                and visibility.is_quiet(view, viewer_id, standings)
            ),
            sift=await filtering.sieve(services, tx, viewer_id, FilterContext.PUBLIC),
        )


async def link_timeline(
    services: Services, viewer_id: UserId | None, url: str, page: PageRequest
) -> Page[TweetView]:
    """Return a page of public tweets that share a link, by people who want to be discovered.

    Raises NotFound for a link that has not trended lately: whoever shares something else is not to be found by it.
    """
    async with services.db.read() as tx:
        link_id = await links.id_of(tx, url.partition("#")[0])
        if link_id is None or not await trends.has_trended(tx, TrendKind.LINK, link_id):
            raise NotFound
        return await reading.filled(
            page,
            look=_looking(services, tx, viewer_id, lambda tx, part: timelines.with_link(tx, link_id, part)),
            rule=lambda view, standings: (
                view.author.user.discoverable
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

        return await reading.filled(
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

        return await reading.filled(
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
        return await reading.filled(
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
