"""Home timelines compared: push, pull and hybrid side by side, and how a page's cost grows."""

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rookery.app import Running, running
from rookery.bench import graphs, towns
from rookery.bench.report import Report, Section
from rookery.domain.composing import Manuscript
from rookery.domain.ids import ID_MAX, TweetId, UserId
from rookery.domain.timelines import PageRequest
from rookery.settings import Settings
from rookery.usecases import timelines, tweets

READERS: Final = 1_000
FOLLOWEES: Final = 50
HOT_FOLLOWERS_DEFAULT: Final = 1_000_000
TWEETS: Final = 20_000
READS: Final = 2_000
POSTS: Final = 50
HOT_POSTS: Final = 2
GROWTH_READERS: Final = 50
WEEK_MS: Final = 7 * 86_400_000
REACHED_WITHIN_S: Final = 120.0


async def compare_strategies(report: Report, folder: Path, *, hot_followers: int, share: int = 1) -> None:
    """Run the three strategies over one graph with one author whom everybody follows.

    `share` divides the numbers of readers, tweets and reads.
    """
    readers_count, tweets_count, reads = READERS // share, TWEETS // share, READS // share
    section = report.section(
        f"Strategies (one author with {hot_followers:,} followers; {readers_count:,} readers follow {FOLLOWEES} each)",
        "strategy",
        "home CPU µs",
        "post by an ordinary author, CPU ms",
        "post by the hot author, CPU ms",
        "ordinary tweet in the last follower's home, ms",
        "hot tweet in the last follower's home, ms",
    )
    database_url = f"sqlite:///{folder}/strategies.db"
    async with running(Settings(database_url=database_url, media_url=f"file:///{folder}/media")) as run:
        population = await towns.add_users(run.services, hot_followers + 1)
        await towns.add_follows(
            run.services,
            (
                (population[follower - 1], population[followee - 1])
                for follower, followee in graphs.star(len(population))
            ),
        )
        readers, authors = (
            population[1 : readers_count + 1],
            population[readers_count + 1 : 2 * readers_count + 1],
        )
        pairs = graphs.power_law(readers_count, readers_count * FOLLOWEES)
        await towns.add_follows(
            run.services, ((readers[follower - 1], authors[followee - 1]) for follower, followee in pairs)
        )
        chance = random.Random(4)
        writers = [
            population[0] if chance.random() < 0.01 else chance.choice(authors) for _ in range(tweets_count)
        ]
        await towns.add_tweets(run.services, writers, spread_ms=WEEK_MS, deliver=False)
    for strategy in ("push", "pull", "hybrid"):
        settings = Settings(
            database_url=database_url, media_url=f"file:///{folder}/media", timeline_strategy=strategy
        )
        async with running(settings) as run:
            home_us = await _home_us(run, readers, reads=reads)
            ordinary = await _post_ms(run, authors[0], readers[-1], posts=max(1, POSTS // share))
            hot = await _post_ms(run, population[0], readers[-1], posts=HOT_POSTS)
            section.add(strategy, home_us, ordinary[0], hot[0], ordinary[1], hot[1])
    section.notes.append(
        f"In one process, SQLite, {tweets_count:,} tweets. Followees are drawn by a power law of exponent "
        f"{graphs.EXPONENT} (graphs.power_law). The last follower is the reader with the newest follow."
    )


async def _home_us(run: Running, readers: Sequence[UserId], *, reads: int, before: int = ID_MAX) -> float:
    page = PageRequest(before=before)
    for reader in readers:
        await timelines.generate_timeline(run.services, reader, page)
    await run.settle()
    cpu_s = time.process_time()
    for place in range(reads):
        await timelines.generate_timeline(run.services, readers[place * 7 % len(readers)], page)
    return (time.process_time() - cpu_s) / reads * 1e6


async def _post_ms(run: Running, author: UserId, reader: UserId, *, posts: int) -> tuple[float, float]:
    """Return the CPU of a post with all its deliveries, and how long until the reader has it, in ms."""
    cpu_s, waited_ms = 0.0, 0.0
    for place in range(posts):
        began, cpu_before = time.perf_counter(), time.process_time()
        view = await tweets.post_tweet(run.services, author, Manuscript(text=f"Measured {place}"))
        await run.worker.drain()
        cpu_s += time.process_time() - cpu_before
        await _until_read(run, reader, view.tweet.id)
        waited_ms += (time.perf_counter() - began) * 1e3
    return cpu_s / posts * 1e3, waited_ms / posts


async def _until_read(run: Running, reader: UserId, tweet_id: TweetId) -> None:
    deadline = time.perf_counter() + REACHED_WITHIN_S
    while time.perf_counter() < deadline:
        page = await timelines.generate_timeline(run.services, reader, PageRequest())
        if any(view.tweet.id == tweet_id for view in page.items):
            return
    raise AssertionError(f"tweet {tweet_id} did not reach the home of {reader} in {REACHED_WITHIN_S} s")


async def measure_growth(report: Report, folder: Path, *, share: int = 1) -> None:
    """Read homes while the number of tweets, then of followees, grows tenfold and a hundredfold.

    `share` divides all numbers.
    """
    section = report.section(
        "Growth of a home page's cost (CPU µs in one process, SQLite)",
        "town",
        "newest page, kept",
        "newest page, pulled",
        "page from the middle of the history, pulled",
    )
    for tweet_count, followees in ((2_000, 20), (20_000, 20), (200_000, 20), (20_000, 200), (20_000, 2_000)):
        await _grow(
            section,
            folder,
            tweet_count=tweet_count // share,
            followees=max(1, followees // share),
            reads=READS // share,
        )
    section.notes.append(
        f"{GROWTH_READERS} readers, each following a tenth of the authors; a week of tweets. A pulled page is what a "
        "reader gets whose timeline is not kept, or behind its end."
    )


async def _grow(section: Section, folder: Path, *, tweet_count: int, followees: int, reads: int) -> None:
    url = f"sqlite:///{folder}/growth-{tweet_count}-{followees}.db"
    chance = random.Random(5)
    async with running(Settings(database_url=url, media_url=f"file:///{folder}/media")) as run:
        population = await towns.add_users(run.services, GROWTH_READERS + 10 * followees)
        readers, authors = population[:GROWTH_READERS], population[GROWTH_READERS:]
        await towns.add_follows(
            run.services,
            ((reader, author) for reader in readers for author in chance.sample(authors, followees)),
        )
        written = await towns.add_tweets(
            run.services, chance.choices(authors, k=tweet_count), spread_ms=WEEK_MS, deliver=False
        )
    async with running(Settings(database_url=url, media_url=f"file:///{folder}/media")) as run:
        kept_us = await _home_us(run, readers, reads=reads)
    async with running(
        Settings(database_url=url, media_url=f"file:///{folder}/media", timeline_strategy="pull")
    ) as run:
        pulled_us = await _home_us(run, readers, reads=reads)
        middle_us = await _home_us(run, readers, reads=reads, before=written[tweet_count // 2])
    section.add(f"{tweet_count:,} tweets, {followees:,} followees", kept_us, pulled_us, middle_us)
