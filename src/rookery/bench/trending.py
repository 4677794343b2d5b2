"""How long it takes to say what trends, while a million tweets a day are posted into a month of counted traffic."""

import math
import random
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from rookery import tasks, trending
from rookery.app import running
from rookery.bench import databases, tongues, towns
from rookery.bench.report import Report, Section
from rookery.domain import text
from rookery.domain.ids import TweetId, UserId, id_at
from rookery.domain.trends import DAY_MS, HOUR_MS, PAST_DAYS, TrendKind, scopes
from rookery.domain.tweets import Tweet, Visibility
from rookery.ports import Write
from rookery.services import Services
from rookery.sql import Sql
from rookery.storage import hashtags, trends, tweets
from rookery.usecases.trends import Where, refresh_trends, trending_hashtags, trending_links, trending_tweets

TWEETS_A_DAY: Final = 1_000_000
USERS: Final = 50_000
FOLLOWERS: Final = 3
"""Of each user."""
REACTIONS: Final = 2
"""Favorites and retweets for each tweet, on the average."""
COUNTED_HASHTAGS: Final = 320
"""Hashtags, the most used first, whose past is made: more than are scored at a time (`trends.CANDIDATES_MAX`)."""
COUNTED_AUTHORS: Final = 320
REFRESH_MS: Final = 120_000
REFRESHES: Final = 30
BURST_FROM: Final = 15
"""Before which refresh something happens that people tell each other."""
BURST_USERS: Final = 40
BURST: Final = "earthquake"
NOW_MS: Final = 1_798_754_400_000
"""When the replay begins: 2026-12-31, 22:00."""
AGE_MS: Final = 90 * DAY_MS
"""How long the users have been there."""
PEAK: Final = 0.6
"""How far the busiest hour of a day is above the mean."""

_HOURS = Sql("SELECT COUNT(*) FROM trend_hours", "SELECT COUNT(*) FROM trend_hours", names=())


class _Clock:
    """A time that goes on by itself and can be set."""

    def __init__(self) -> None:
        self._at_ms = NOW_MS - AGE_MS
        self._set_s = time.perf_counter()

    def __call__(self) -> int:
        return self._at_ms + int((time.perf_counter() - self._set_s) * 1000)

    def set(self, at_ms: int) -> None:
        self._at_ms, self._set_s = at_ms, time.perf_counter()


async def measure(report: Report, folder: Path, *, postgres_url: str, share: int) -> None:
    """Replay an hour, refreshing every two minutes, in SQLite and, where a server is named, in PostgreSQL."""
    section = report.section(
        f"Trends while {TWEETS_A_DAY // share:,} tweets a day are posted",
        "engine",
        "counted hours",
        "notes a refresh",
        "refresh p50 ms",
        "longest refresh ms",
        "asking what trends, ms",
        "refreshes until the burst trends",
    )
    async with databases.made("trends", folder, postgres_url=postgres_url, keep=False) as made:
        for name, settings in made.items():
            clock = _Clock()
            async with running(settings, clock=clock) as run:
                await _replay(section, name, run.services, clock, share=share)
    section.notes.append(
        f"A refresh counts what was noted within two minutes and scores what that concerns; {REFRESHES} follow each other. "
        f"{USERS // share:,} users; {REACTIONS} favorites or retweets for each tweet; {PAST_DAYS} days of counted hours of "
        f"the {COUNTED_HASHTAGS // share:,} most used hashtags. In the burst {BURST_USERS} people begin to use a hashtag."
    )


async def _replay(section: Section, name: str, services: Services, clock: _Clock, *, share: int) -> None:
    users = await towns.add_users(services, USERS // share)
    chance = random.Random(6)
    await towns.add_follows(
        services, ((users[chance.randrange(len(users))], user) for user in users for _ in range(FOLLOWERS))
    )
    clock.set(NOW_MS)
    counted = await _count_the_past(services, users, share=share)
    town = tongues.Town(users, TWEETS_A_DAY // share, NOW_MS, NOW_MS + DAY_MS)
    made = (tongues.tweet(town, number) for number in range(town.tweets))
    took_ms: list[float] = []
    notes, seen_after = 0, 0
    for number in range(REFRESHES):
        until_ms = NOW_MS + (number + 1) * REFRESH_MS
        written = list(islice(made, TWEETS_A_DAY // share * REFRESH_MS // DAY_MS))
        if number == BURST_FROM:
            written += [
                _said(user, until_ms - 1_000 + place) for place, user in enumerate(users[:BURST_USERS])
            ]
        notes += await _post(services, clock, written, users, chance)
        clock.set(until_ms)
        began = time.perf_counter()
        await refresh_trends(services, tasks.RefreshTrends())
        took_ms.append((time.perf_counter() - began) * 1000)
        if number >= BURST_FROM and not seen_after:
            found = await trending_hashtags(services, Where(), offset=0, limit=20)
            seen_after = number - BURST_FROM + 1 if BURST in found else 0
    began = time.perf_counter()
    await trending_hashtags(services, Where(), offset=0, limit=20)
    await trending_tweets(services, None, Where(), offset=0, limit=20)
    await trending_links(services, Where(), offset=0, limit=20)
    asked_ms = (time.perf_counter() - began) * 1000 / 3
    section.add(
        name,
        counted,
        notes / REFRESHES,
        sorted(took_ms)[len(took_ms) // 2],
        max(took_ms),
        asked_ms,
        seen_after or "not found",
    )


def _said(user: UserId, at_ms: int) -> Tweet:
    """Return somebody's tweet about what happens."""
    tweet_id = TweetId(id_at(at_ms) + 7)
    return Tweet(
        id=tweet_id,
        author_id=user,
        text=f"Did you feel it? #{BURST}",
        language="en",
        thread_id=tweet_id,
        created_ms=at_ms,
    )


async def _post(
    services: Services, clock: _Clock, written: list[Tweet], users: list[UserId], chance: random.Random
) -> int:
    """Write tweets as posting would, and what people do with them; return how much was noted."""
    public = [tweet for tweet in written if tweet.visibility is Visibility.PUBLIC]
    liked = chance.choices(
        public, [1 / (place + 3) for place in range(len(public))], k=REACTIONS * len(written)
    )

    async def work(tx: Write) -> int:
        await tweets.insert_all(tx, written)
        for tweet in written:
            names = [text.hashtag_key(name) for name in text.hashtags(tweet.text)]
            await hashtags.insert(services, tx, tweet.id, tweet.author_id, names)
            await trending.keep_link(services, tx, tweet)
            await trending.note(services, tx, tweet, tweet.author_id)
        for tweet in liked:
            await trending.note(services, tx, tweet, chance.choice(users))
        rows = await tx.one(_NOTES)
        return rows[0] if rows is not None else 0

    clock.set(written[-1].created_ms)
    return await services.db.write(work)


_NOTES = Sql("SELECT COUNT(*) FROM trend_log", "SELECT COUNT(*) FROM trend_log", names=())


async def _count_the_past(services: Services, users: list[UserId], *, share: int) -> int:
    """Enter what a month of such traffic would have counted; return how many rows that is."""
    uses_an_hour = TWEETS_A_DAY / share * tongues.HASHTAG_SHARE / 24
    names = [tongues.hashtag(rank) for rank in range(COUNTED_HASHTAGS // share)]

    async def enter(tx: Write) -> dict[str, int]:
        for start in range(0, len(names), 500):
            await hashtags.insert(services, tx, TweetId(1), users[0], names[start : start + 500])
        return await hashtags.ids(tx, names)

    known = await services.db.write(enter)
    ids = [known[name] for name in names]
    for batch in towns.batches(_hours(ids, users[:COUNTED_AUTHORS], uses_an_hour=uses_an_hour, share=share)):

        async def work(tx: Write, batch: Mapping[tuple[int, int, int, str], float] = dict(batch)) -> None:
            await trends.count(tx, {}, batch)

        await services.db.write(work)
    for batch in towns.batches(_day(ids, users, uses_a_day=24 * uses_an_hour)):

        async def people(tx: Write, batch: Mapping[tuple[int, int, int], int] = dict(batch)) -> None:
            await trends.count(tx, batch, {})

        await services.db.write(people)
    async with services.db.read() as tx:
        row = await tx.one(_HOURS)
    return row[0] if row is not None else 0


def _hours(
    hashtag_ids: list[int], authors: list[UserId], *, uses_an_hour: float, share: int
) -> Iterator[tuple[tuple[int, int, int, str], float]]:
    """Return weights by (kind, subject, hour, scope), with a daily rhythm."""
    chance = random.Random(7)
    last = NOW_MS // HOUR_MS
    whole = sum(1 / (rank + tongues.MANDELBROT) for rank in range(tongues.HASHTAGS))
    parts = [(scopes(language.code, None)[1], language.share / 100) for language in tongues.LANGUAGES]
    for hour in range(last - 24 * (PAST_DAYS + 1), last):
        lively = 1 + PEAK * math.sin(hour * math.tau / 24)
        for rank, hashtag_id in enumerate(hashtag_ids):
            uses = uses_an_hour * lively / (rank + tongues.MANDELBROT) / whole
            for scope, part in [("", 1.0), *parts]:
                if people := int(uses * part + chance.random()):
                    yield (int(TrendKind.HASHTAG), hashtag_id, hour, scope), float(people)
        reactions = REACTIONS * TWEETS_A_DAY / share / 24 * lively / len(authors) / 4
        for author in authors:
            if people := int(reactions * chance.random()):
                yield (int(TrendKind.AUTHOR), author, hour, ""), float(people)


def _day(
    hashtag_ids: list[int], users: list[UserId], *, uses_a_day: float
) -> Iterator[tuple[tuple[int, int, int], int]]:
    """Return who used what within the last day, and when."""
    chance = random.Random(8)
    whole = sum(1 / (rank + tongues.MANDELBROT) for rank in range(tongues.HASHTAGS))
    for rank, hashtag_id in enumerate(hashtag_ids):
        count = min(len(users), int(uses_a_day / (rank + tongues.MANDELBROT) / whole))
        for user in chance.sample(users, count):
            yield (int(TrendKind.HASHTAG), hashtag_id, user), NOW_MS - chance.randrange(DAY_MS)
