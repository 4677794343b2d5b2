"""Trends: what more people use than is usual for it; counted behind posting, scored by a periodic task."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from rookery import filtering, hydration, tasks, trending
from rookery.domain import text, visibility
from rookery.domain import trends as rules
from rookery.domain.filters import FilterContext
from rookery.domain.ids import TweetId, UserId, id_at, time_ms_of
from rookery.domain.previews import Card
from rookery.domain.timelines import HashtagDay
from rookery.domain.trends import (
    DAY_MS,
    EVERYWHERE,
    HOUR_MS,
    PAST_DAYS,
    WEEK_DAYS,
    Day,
    Trend,
    TrendKind,
)
from rookery.domain.tweets import Visibility
from rookery.domain.visibility import TweetView
from rookery.errors import Invalid, NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import hashtags, links, previews, trends, tweets

NOTES_SLICE: Final = 1_000
"""Notes that one transaction turns into counts."""
SLICES_MAX: Final = 60
"""Slices that one run of the task takes; what is left waits for the next."""
CANDIDATES_MAX: Final = 300
"""Subjects of a kind that one run scores, the busiest first."""
LINK_DAYS: Final = 7
LINK_USES_COUNTED_MAX: Final = 1_000
SWEEP_ROWS: Final = 1_000
USERS_KEPT_MS: Final = 2 * DAY_MS
SCORES_KEPT_MS: Final = 7 * DAY_MS
HOURS_KEPT_MS: Final = (PAST_DAYS + 2) * DAY_MS


class Where(msgspec.Struct, frozen=True):
    """Whose trends are wanted: everybody's, those of a language, or those near a point."""

    language: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    def scopes(self) -> list[str]:
        """Return the scopes to look in. Raises Invalid naming the field."""
        if self.latitude is None and self.longitude is None:
            return [rules.language_scope(self.language)] if self.language else [EVERYWHERE]
        if self.latitude is None or not -90 <= self.latitude <= 90:
            raise Invalid("latitude must be between -90 and 90", field="latitude")
        if self.longitude is None or not -180 <= self.longitude <= 180:
            raise Invalid("longitude must be between -180 and 180", field="longitude")
        return rules.place_scopes(self.latitude, self.longitude)


class TrendingLink(NamedTuple):
    """A link that trends, and how it was shared on the last seven days, today first."""

    link_id: int
    url: str
    card: Card | None
    history: list[HashtagDay]


async def refresh_trends(services: Services, task: tasks.RefreshTrends) -> None:  # noqa: ARG001
    """Count what was noted since the last time, and score what it concerns."""
    touched: dict[TrendKind, set[int]] = {}

    async def work(tx: Write) -> tuple[int, trending.Counted]:
        return await trending.fold(services, tx, limit=NOTES_SLICE)

    for _ in range(SLICES_MAX):
        taken, counted = await services.db.write(work)
        for kind, subject_ids in counted.subjects().items():
            touched.setdefault(kind, set()).update(subject_ids)
        if taken < NOTES_SLICE:
            break
    now_ms = services.now_ms()
    scored: list[tuple[object, ...]] = []
    for kind, subject_ids in sorted(touched.items()):
        async with services.db.read() as tx:
            scored += await _scores(tx, kind, sorted(subject_ids), now_ms=now_ms)

    async def keep(tx: Write) -> None:
        await trends.keep_scores(tx, scored)

    if scored:
        await services.db.write(keep)
    await _sweep(services, now_ms=now_ms)


async def _scores(
    tx: Read, kind: TrendKind, subject_ids: Sequence[int], *, now_ms: int
) -> list[tuple[object, ...]]:
    hour = now_ms // HOUR_MS
    candidates = await trends.busy(
        tx, kind, subject_ids, hour=hour, weight_min=rules.TRUSTED_USERS_MIN, limit=CANDIDATES_MAX
    )
    if not candidates:
        return []
    first_ms = await trends.beginning_ms(tx) or now_ms
    past_days = min(PAST_DAYS, (now_ms - first_ms) // DAY_MS)
    surprising = await _surprising(tx, kind, candidates, hour=hour, past_days=past_days)
    found: list[tuple[object, ...]] = []
    trusts: dict[int, float] = {}
    for (subject_id, scope), (today, past) in sorted(surprising.items()):
        if subject_id not in trusts:
            trusts[subject_id] = await _trust(tx, kind, subject_id, now_ms=now_ms, first_ms=first_ms)
        score = rules.score(today, past, trust=trusts[subject_id])
        if score:
            rank = rules.rank(score, now_ms, kind)
            found.append((int(kind), subject_id, scope, score, now_ms, rank))
    return found


class _Counts(NamedTuple):
    """Who used something on the last day, and what one compares that with."""

    today: Day
    past: Sequence[Day]


async def _surprising(
    tx: Read, kind: TrendKind, subject_ids: Sequence[int], *, hour: int, past_days: int
) -> dict[tuple[int, str], _Counts]:
    """Return what is news, by (subject, scope).

    Nearly nothing is: so the last day alone is looked at first, then the week behind it, and the month only of the rest.
    """
    left = subject_ids
    for depth in sorted({0, min(WEEK_DAYS, past_days)} - {past_days}):
        counts = await _counts(tx, kind, left, hour=hour, past_days=depth)
        left = sorted({subject_id for (subject_id, _), known in counts.items() if rules.may_score(*known)})
        if not left:
            return {}
    counts = await _counts(tx, kind, left, hour=hour, past_days=past_days)
    return {key: known for key, known in counts.items() if rules.score(*known)}


async def _counts(
    tx: Read, kind: TrendKind, subject_ids: Sequence[int], *, hour: int, past_days: int
) -> dict[tuple[int, str], _Counts]:
    # A tweet's past is that of its author.
    own_past = 0 if kind is TrendKind.TWEET else past_days
    days = await trends.days(tx, kind, subject_ids, hour=hour, after_hour=hour - 24 * (own_past + 1))
    usual: Mapping[int, Sequence[Day]] = {}
    if kind is TrendKind.TWEET and past_days:
        usual = await _usual_attention(tx, subject_ids, hour=hour, past_days=past_days)
    return {
        (subject_id, scope): _Counts(by_day.get(0, Day()), usual.get(subject_id) or _past(by_day, past_days))
        for (subject_id, scope), by_day in days.items()
    }


def _past(by_day: Mapping[int, Day], past_days: int) -> list[Day]:
    return [by_day.get(days_ago, Day()) for days_ago in range(1, past_days + 1)]


async def _usual_attention(
    tx: Read, tweet_ids: Sequence[int], *, hour: int, past_days: int
) -> dict[int, Sequence[Day]]:
    """Return the attention that the authors of tweets usually get, by tweet."""
    loaded = await tweets.load(tx, [TweetId(tweet_id) for tweet_id in tweet_ids])
    authors = {tweet.id: tweet.author_id for tweet in loaded}
    days = await trends.days(
        tx,
        TrendKind.AUTHOR,
        sorted({*authors.values()}),
        hour=hour,
        after_hour=hour - 24 * (past_days + 1),
    )
    return {
        tweet_id: _past(days.get((author_id, EVERYWHERE), {}), past_days)
        for tweet_id, author_id in authors.items()
    }


async def _trust(tx: Read, kind: TrendKind, subject_id: int, *, now_ms: int, first_ms: int) -> float:
    """Return the share of its people's weight that is left when those count less whose followers are of the ring."""
    instance_age_ms = now_ms - first_ms
    new_from_ms = now_ms - min(rules.FULL_AGE_MS, instance_age_ms // 4)
    outside = await trends.outside_followers(
        tx,
        kind,
        subject_id,
        since_ms=now_ms - DAY_MS,
        new_from_id=id_at(new_from_ms + 1),
        enough=rules.OUTSIDE_FOLLOWERS_FULL,
    )
    whole = rest = 0.0
    for user_id, followers in outside.items():
        age_ms = max(0, now_ms - time_ms_of(user_id))
        weight = rules.user_trust(age_ms=age_ms, instance_age_ms=instance_age_ms, confirmed=True)
        whole += weight
        rest += weight * rules.social_trust(followers)
    return rest / whole if whole else 0.0


async def _sweep(services: Services, *, now_ms: int) -> None:
    """Drop what is too old to matter, in transactions that are over quickly."""

    async def users(tx: Write) -> int:
        return await trends.sweep_users(tx, before_ms=now_ms - USERS_KEPT_MS, limit=SWEEP_ROWS)

    async def scores(tx: Write) -> int:
        return await trends.sweep_scores(tx, before_ms=now_ms - SCORES_KEPT_MS, limit=SWEEP_ROWS)

    async def hours(tx: Write) -> int:
        return await trends.sweep_hours(tx, before_ms=now_ms - HOURS_KEPT_MS, limit=SWEEP_ROWS)

    for work in (users, scores, hours):
        while await services.db.write(work) >= SWEEP_ROWS:
            pass


async def trending_hashtags(services: Services, where: Where, *, offset: int, limit: int) -> list[str]:
    """Return hashtags that trend, the strongest first."""
    async with services.db.read() as tx:
        found = await trending.top(services, tx, TrendKind.HASHTAG, where.scopes())
        ids = [trend.subject_id for trend in found[offset : offset + limit]]
        names = await hashtags.names(tx, ids)
    return [names[hashtag_id] for hashtag_id in ids if hashtag_id in names]


async def trending_tweets(
    services: Services, viewer_id: UserId | None, where: Where, *, offset: int, limit: int
) -> list[TweetView]:
    """Return tweets that trend, the strongest first, without those of whom the viewer blocks or mutes."""
    async with services.db.read() as tx:
        found = await trending.top(services, tx, TrendKind.TWEET, where.scopes())
        ids = [TweetId(trend.subject_id) for trend in found]
        hydrated = await hydration.tweets(services, tx, viewer_id, ids)
        seen = [
            view
            for view in hydrated.views
            if view.tweet.visibility is Visibility.PUBLIC
            and view.author.user.discoverable
            and not view.tweet.sensitive
            and visibility.may_see(view, viewer_id, hydrated.standings)
            and visibility.is_quiet(view, viewer_id, hydrated.standings)
        ]
        sift = await filtering.sieve(services, tx, viewer_id, FilterContext.PUBLIC)
    return sift(seen)[offset : offset + limit]


async def trending_links(services: Services, where: Where, *, offset: int, limit: int) -> list[TrendingLink]:
    """Return links that trend, the strongest first."""
    async with services.db.read() as tx:
        found = await trending.top(services, tx, TrendKind.LINK, where.scopes())
        ids = [trend.subject_id for trend in found[offset : offset + limit]]
        urls = await links.urls(tx, ids)
        known = await previews.of_links(tx, ids)
        histories = await _link_histories(services, tx, ids)
    return [
        TrendingLink(link_id, urls[link_id], known.get(link_id), histories[link_id])
        for link_id in ids
        if link_id in urls
    ]


async def _link_histories(services: Services, tx: Read, ids: Sequence[int]) -> dict[int, list[HashtagDay]]:
    today_ms = services.now_ms() // DAY_MS * DAY_MS
    days: dict[int, list[HashtagDay]] = {link_id: [] for link_id in ids}
    if not ids:
        return days
    for day_ms in range(today_ms, today_ms - LINK_DAYS * DAY_MS, -DAY_MS):
        found = await links.uses(
            tx, ids, first_id=id_at(day_ms), end_id=id_at(day_ms + DAY_MS), limit=LINK_USES_COUNTED_MAX
        )
        for link_id, history in days.items():
            history.append(HashtagDay(day_ms, *found.get(link_id, (0, 0))))
    return days


class ListedTrend(NamedTuple):
    """A trend as administrators list it."""

    trend: Trend
    name: str
    """The hashtag with its sign, the tweet's id, or the link's address."""


async def list_trends(services: Services, kind: TrendKind) -> list[ListedTrend]:
    """Return what trends everywhere, also what is hidden."""
    async with services.db.read() as tx:
        found = await trending.top(services, tx, kind, [EVERYWHERE], hidden=True)
        ids = [trend.subject_id for trend in found]
        if kind is TrendKind.HASHTAG:
            names = {key: f"#{name}" for key, name in (await hashtags.names(tx, ids)).items()}
        elif kind is TrendKind.LINK:
            names = await links.urls(tx, ids)
        else:
            names = {tweet_id: str(tweet_id) for tweet_id in ids}
    return [ListedTrend(trend, names[trend.subject_id]) for trend in found if trend.subject_id in names]


async def hide_trend(services: Services, name: str) -> None:
    """Let a hashtag, a tweet or a link never show as a trend. Raises NotFound when there is no such thing."""

    async def work(tx: Write) -> None:
        kind, subject_id = await _named(tx, name)
        await trends.hide(tx, kind, subject_id, now_ms=services.now_ms())

    await services.db.write(work)


async def show_trend(services: Services, name: str) -> None:
    """Let what was hidden show again. Raises NotFound when it was not."""

    async def work(tx: Write) -> None:
        kind, subject_id = await _named(tx, name)
        if not await trends.show(tx, kind, subject_id):
            raise NotFound(f"{name} is not hidden")

    await services.db.write(work)


async def _named(tx: Read, name: str) -> tuple[TrendKind, int]:
    """Return what a name as in `list_trends` stands for."""
    found = None
    kind = TrendKind.HASHTAG
    if name.isascii() and name.isdecimal():
        kind, found = TrendKind.TWEET, int(name)
    elif "://" in name:
        kind, found = TrendKind.LINK, await links.id_of(tx, name)
    else:
        key = text.hashtag_key(name.removeprefix("#"))
        found = (await hashtags.ids(tx, [key])).get(key)
    if found is None:
        raise NotFound(f"nobody has used {name}")
    return kind, found
