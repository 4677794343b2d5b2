"""Counting for trends: what a transaction notes, and how notes become people and hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rookery import tasks
from rookery.domain import text
from rookery.domain.ids import TweetId, UserId, time_ms_of
from rookery.domain.trends import (
    DAY_MS,
    EVERYWHERE,
    HOUR_MS,
    SCORE_MIN,
    Trend,
    TrendKind,
    rank,
    scopes,
    user_trust,
)
from rookery.domain.tweets import Tweet, Visibility
from rookery.domain.users import UserState
from rookery.ports import Read, Row, Write
from rookery.services import Services
from rookery.storage import hashtags, links, previews, trends
from rookery.storage import tasks as task_records
from rookery.storage import tweets as tweet_records

LINK_CHARS_MAX: Final = 2_048
"""Longer addresses are links to follow, but nothing is kept of them."""
TRENDS_MAX: Final = 200
"""How deep one can look into trends."""
PREVIEW_KEPT_MS: Final = 14 * DAY_MS
"""How old a preview may be when somebody shares the link again; then it is fetched anew."""


async def note(services: Services, tx: Write, tweet: Tweet, user_id: UserId) -> None:
    """Note that somebody posted, favorited or retweeted a tweet, if that can ever count."""
    if tweet.visibility is Visibility.PUBLIC and (
        user_id != tweet.author_id or "#" in tweet.text or "://" in tweet.text
    ):
        await trends.log(tx, services.new_id(), tweet.id, user_id)


async def keep_link(services: Services, tx: Write, tweet: Tweet) -> int | None:
    """Keep which link a tweet shows, its first one; return the link's id."""
    url = first_link(tweet.text)
    if url is None:
        return None
    link_id = await links.enter(services, tx, url)
    await links.insert(tx, tweet.id, link_id, tweet.author_id)
    if services.instance.link_previews and tweet.visibility is not Visibility.DIRECT:
        now_ms = services.now_ms()
        if await previews.claim(tx, link_id, now_ms=now_ms, old_ms=now_ms - PREVIEW_KEPT_MS):
            await task_records.enqueue(services, tx, tasks.FetchPreview(link_id))
        else:
            # The link is known: whoever has kept the tweet as it was written reads it anew, with its card.
            await tweet_records.revise(tx, tweet.id)
    return link_id


def first_link(written: str) -> str | None:
    """Return the first link in a text, without its fragment."""
    for link in text.links(written):
        url = link.partition("#")[0]
        return url if len(url) <= LINK_CHARS_MAX else None
    return None


@dataclass
class Counted:
    """What a slice of notes adds."""

    users: dict[tuple[int, int, int], int] = field(default_factory=dict[tuple[int, int, int], int])
    """The latest time, by (kind, subject, user)."""
    hours: dict[tuple[int, int, int, str], float] = field(
        default_factory=dict[tuple[int, int, int, str], float]
    )
    """Trusted people, by (kind, subject, hour, scope)."""

    def subjects(self) -> dict[TrendKind, set[int]]:
        """Return what was counted, by kind."""
        found: dict[TrendKind, set[int]] = {}
        for kind, subject_id, _ in self.users:
            found.setdefault(TrendKind(kind), set()).add(subject_id)
        return found


async def fold(services: Services, tx: Write, *, limit: int) -> tuple[int, Counted]:
    """Turn a slice of notes into people and hours; return how many notes it was, and what they added.

    Each user counts once within a day for each subject.
    """
    noted = sorted([(row[0], row[1], row[2]) for row in await trends.take(tx, limit=limit)])
    counted = Counted()
    if not noted:
        return 0, counted
    loaded = await tweet_records.load(tx, sorted({row[1] for row in noted}))
    shown = {tweet.id: tweet for tweet in loaded if tweet.visibility is Visibility.PUBLIC}
    user_ids = sorted({*[row[2] for row in noted], *[tweet.author_id for tweet in shown.values()]})
    people = await trends.people(tx, user_ids)
    names = {tweet.id: [text.hashtag_key(name) for name in text.hashtags(tweet.text)] for tweet in loaded}
    known = await hashtags.ids(tx, sorted({name for tweet in names.values() for name in tweet}))
    tags = {tweet_id: [known[name] for name in found if name in known] for tweet_id, found in names.items()}
    shared = await links.of_tweets(tx, list(shown))
    before = await trends.counted(tx, user_ids, since_ms=time_ms_of(noted[0][0]) - DAY_MS)
    first_ms = await trends.beginning_ms(tx) or services.now_ms()
    for log_id, tweet_id, user_id in noted:
        tweet = shown.get(tweet_id)
        if tweet is None or not _shows(people.get(tweet.author_id)) or user_id not in people:
            continue
        at_ms = time_ms_of(log_id)
        trust = _trust(
            people[user_id], at_ms=at_ms, first_ms=first_ms, asked=services.instance.email_confirmation
        )
        for kind, subject_id in _subjects(tweet, user_id, tags, shared):
            key = (int(kind), subject_id, user_id)
            if key in before:
                continue
            before.add(key)
            counted.users[key] = at_ms
            _add(counted, kind, subject_id, tweet, at_ms=at_ms, trust=trust)
    await trends.count(tx, counted.users, counted.hours)
    return len(noted), counted


def _subjects(
    tweet: Tweet, user_id: UserId, tags: Mapping[TweetId, Sequence[int]], shared: Mapping[TweetId, int]
) -> list[tuple[TrendKind, int]]:
    """Return what somebody's deed counts for: the author's for what the tweet holds, others' for the tweet itself."""
    if user_id != tweet.author_id:
        eligible = not tweet.spoiler and not tweet.sensitive and tweet.reply_to_id is None
        return [(TrendKind.TWEET, tweet.id)] if eligible else []
    found = [(TrendKind.HASHTAG, hashtag_id) for hashtag_id in tags.get(tweet.id, ())]
    if tweet.id in shared:
        found.append((TrendKind.LINK, shared[tweet.id]))
    return found


def _add(
    counted: Counted, kind: TrendKind, subject_id: int, tweet: Tweet, *, at_ms: int, trust: float
) -> None:
    hour = at_ms // HOUR_MS
    added = [(int(kind), subject_id, hour, scope) for scope in scopes(tweet.language, tweet.place)]
    if kind is TrendKind.TWEET:
        added.append((int(TrendKind.AUTHOR), tweet.author_id, hour, EVERYWHERE))
    for key in added:
        counted.hours[key] = counted.hours.get(key, 0.0) + trust


def _shows(author: Row | None) -> bool:
    """Tell whether an author's tweets may be shown to people who did not ask for them."""
    return author is not None and bool(author[2]) and author[3] == UserState.ACTIVE


def _trust(user: Row, *, at_ms: int, first_ms: int, asked: bool) -> float:
    _, created_ms, _, state, confirmed_ms = user
    if state != UserState.ACTIVE:
        return 0.0
    return user_trust(
        age_ms=max(0, at_ms - created_ms),
        instance_age_ms=max(0, at_ms - first_ms),
        confirmed=confirmed_ms is not None or not asked,
    )


async def top(
    services: Services, tx: Read, kind: TrendKind, within: Sequence[str], *, hidden: bool = False
) -> list[Trend]:
    """Return what trends now in any of the scopes, the strongest first; what is `hidden` only where that is asked for."""
    now_ms = services.now_ms()
    found = await trends.top(
        tx,
        kind,
        within,
        rank_min=rank(SCORE_MIN, now_ms, kind),
        now_ms=now_ms,
        limit=TRENDS_MAX * len(within),
    )
    return [trend for trend in found if hidden or not trend.hidden]
