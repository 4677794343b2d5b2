"""Making a ranking: a bounded number of candidates, and what is known of each."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from rookery import home, trending
from rookery.domain.for_you import (
    INTERACTION_WEIGHTS,
    Candidate,
    Facts,
    Source,
    arranged,
    may_be_shown_to_strangers,
)
from rookery.domain.ids import TweetId, UserId, id_at, time_ms_of
from rookery.domain.timelines import PageRequest
from rookery.domain.trends import DAY_MS, EVERYWHERE, TrendKind, language_scope
from rookery.domain.visibility import TweetView
from rookery.home import Home
from rookery.ports import Read
from rookery.services import Services
from rookery.storage import affinities, users

HOME_MAX: Final = 300
"""Tweets of the home that are looked at, the newest."""
LIKED_MAX: Final = 60
"""Tweets by others that the circle likes, those that most of them do first."""
TRENDING_MAX: Final = 40
CIRCLE_MAX: Final = 150
"""Followees whose favorites and retweets count: those the reader deals with most, then those followed last."""
LIKED_EACH_MAX: Final = 8
"""Favorites, and retweets, of one of the circle that count, the latest."""
LIKED_WITHIN_MS: Final = 2 * DAY_MS
DEEDS_MAX: Final = 200
"""Of what the reader did of each kind, the latest so many count towards affinity."""
DEEDS_WITHIN_MS: Final = 60 * DAY_MS


class Ordered(NamedTuple):
    """What a home comes to when it is ranked."""

    placed: Sequence[Candidate]
    floor_id: int
    """Below this tweet nothing of the home was looked at."""


class _Known(NamedTuple):
    """What is known of the reader before any tweet is looked at."""

    interactions: Mapping[UserId, int]
    liked: Mapping[TweetId, AbstractSet[UserId]]
    """What the circle likes, with who of it does."""
    trending: Sequence[TweetId]


async def rank(services: Services, at: Home, given: Mapping[TweetId, int]) -> Ordered:
    """Rank what a home and those whom its reader follows offer; `given` says how often they were given a tweet.

    Nothing of the reader's own is ranked. The loop has its turn between the parts, which take milliseconds together.
    """
    found = await home.page(services, at, PageRequest(limit=HOME_MAX))
    await asyncio.sleep(0)
    async with services.db.read() as tx:
        known = await _known(services, tx, at.viewer_id)
    await asyncio.sleep(0)
    views = _once([view for view in found.items if at.viewer_id not in _people(view)])
    sources = dict.fromkeys(views, Source.HOME)
    for view in await _from_elsewhere(services, at, known, [_shown(view).tweet.id for view in found.items]):
        views[view.tweet.id] = view
        sources[view.tweet.id] = Source.CIRCLE if view.tweet.id in known.liked else Source.TREND
    await asyncio.sleep(0)
    people = {person for view in views.values() for person in _people(view)}
    async with services.db.read() as tx:
        followers = await affinities.following_back(tx, at.viewer_id, sorted(people))
    now_ms = services.now_ms()
    candidates = [
        Candidate(
            view.tweet.id,
            _people(view),
            _facts(view, sources[shown_id], known, followers, given.get(shown_id, 0), now_ms=now_ms),
        )
        for shown_id, view in views.items()
    ]
    await asyncio.sleep(0)
    return Ordered(arranged(candidates), found.oldest_id or 0)


async def _known(services: Services, tx: Read, viewer_id: UserId) -> _Known:
    now_ms = services.now_ms()
    interactions: Counter[UserId] = Counter()
    since_id = id_at(now_ms - DEEDS_WITHIN_MS)
    for user_id, deed, count in await affinities.deeds(tx, viewer_id, since_id=since_id, limit=DEEDS_MAX):
        interactions[user_id] += INTERACTION_WEIGHTS[deed] * count
    nearest = [user_id for user_id, _ in interactions.most_common(CIRCLE_MAX)]
    circle = await affinities.circle(tx, viewer_id, nearest, now_ms=now_ms, limit=CIRCLE_MAX)
    liked = await affinities.liked(tx, circle, since_id=id_at(now_ms - LIKED_WITHIN_MS), each=LIKED_EACH_MAX)
    reader = await users.get(tx, viewer_id)
    language = reader.default_language if reader is not None else None
    scope = language_scope(language) if language else EVERYWHERE
    trends = await trending.top(services, tx, TrendKind.TWEET, [scope])
    return _Known(interactions, liked, [TweetId(trend.subject_id) for trend in trends[:TRENDING_MAX]])


def _once(views: Sequence[TweetView]) -> dict[TweetId, TweetView]:
    """Return the view of each tweet that shows: itself rather than a retweet of it, or else the newest retweet."""
    found: dict[TweetId, TweetView] = {}
    for view in views:
        shown_id = _shown(view).tweet.id
        if shown_id not in found or view.retweet_of is None:
            found[shown_id] = view
    return found


async def _from_elsewhere(
    services: Services, at: Home, known: _Known, on_home: Sequence[TweetId]
) -> list[TweetView]:
    """Return what the circle likes and what trends, as far as it may come to somebody who has not asked for it."""
    by_liking = sorted(
        set(known.liked) - set(on_home),
        key=lambda tweet_id: (-len(known.liked[tweet_id]), -tweet_id),
    )
    wanted = dict.fromkeys([*by_liking[:LIKED_MAX], *known.trending])
    for tweet_id in on_home:
        wanted.pop(tweet_id, None)
    async with services.db.read() as tx:
        loaded = await at.load(services, tx, list(wanted))
    return at.sift(
        [
            view
            for view in loaded.views
            if view.tweet.author_id != at.viewer_id
            and may_be_shown_to_strangers(view, at.viewer_id, loaded.standings)
        ]
    )


def _facts(
    view: TweetView,
    source: Source,
    known: _Known,
    followers: AbstractSet[UserId],
    times_given: int,
    *,
    now_ms: int,
) -> Facts:
    shown, people = _shown(view), _people(view)
    author_id, brought_by_id = people[0], people[-1]
    likers = known.liked.get(shown.tweet.id, frozenset[UserId]()) | {brought_by_id}
    counts = shown.counts
    return Facts(
        shown_id=shown.tweet.id,
        source=source,
        age_ms=now_ms - time_ms_of(view.tweet.id),
        interactions=max(known.interactions.get(person, 0) for person in people),
        follows_back=author_id in followers,
        circle=len(likers - {author_id}),
        reactions=counts.favorites + 2 * (counts.retweets + counts.quotes),
        replies=counts.replies,
        media=bool(shown.tweet.media),
        times_given=times_given,
    )


def _shown(view: TweetView) -> TweetView:
    return view.retweet_of or view


def _people(view: TweetView) -> tuple[UserId, ...]:
    """Return who wrote what shows and, if somebody else did, who retweeted it."""
    author_id, brought_by_id = _shown(view).tweet.author_id, view.tweet.author_id
    return (author_id,) if author_id == brought_by_id else (author_id, brought_by_id)
