"""For you: what it costs to rank a home, and to go on reading in what was ranked."""

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from rookery.app import now_ms, running
from rookery.bench import databases, towns
from rookery.bench.report import Report, Section
from rookery.domain.ids import UserId
from rookery.domain.timelines import PageRequest
from rookery.services import Services
from rookery.settings import Settings
from rookery.storage import rankings
from rookery.usecases import for_you, timelines

TOWNS: Final = ((2_000, 20), (200_000, 20), (20_000, 200), (20_000, 2_000))
"""Tweets of a week, and how many of their authors each reader follows."""
READERS: Final = 50
FAVORITES_EACH: Final = 10
"""Tweets that each author and reader has favorited."""
ROUNDS: Final = 4
"""Rankings of each reader that are measured."""
PAGES: Final = 4
WEEK_MS: Final = 7 * 86_400_000


class Size(NamedTuple):
    """How large a town is."""

    tweets: int
    followees: int
    """Of each reader; there are ten times as many authors."""
    readers: int


class _Clock:
    """The machine's clock, moved on so that another ranking is due."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return now_ms() + self.ahead_ms


async def measure(report: Report, folder: Path, *, postgres_url: str, share: int) -> None:
    """Rank homes while the number of tweets, then of followees, grows tenfold and a hundredfold."""
    section = report.section(
        "For you (one process; the CPU is this process's, not PostgreSQL's)",
        "town",
        "places",
        "ranking CPU ms",
        "ranking wall ms",
        "next page CPU µs",
        "home page, newest first, CPU µs",
        "bytes kept per ranking",
    )
    for tweets, followees in TOWNS:
        async with databases.made(
            f"for_you_{tweets}_{followees}", folder, postgres_url=postgres_url, keep=False
        ) as made:
            for engine, settings in made.items():
                await _measure(
                    section,
                    engine,
                    settings,
                    Size(tweets // share, max(1, followees // share), max(2, READERS // share)),
                )
    section.notes.append(
        f"{READERS} readers, each following a tenth of the authors, who have favorited {FAVORITES_EACH} tweets each. A "
        f"ranking reads the candidates, ranks them, keeps the order and answers the first page of 20; {ROUNDS} follow each "
        f"other for each reader, then {PAGES} further pages."
    )


async def _measure(section: Section, engine: str, settings: Settings, size: Size) -> None:
    clock = _Clock()
    async with running(settings, clock=clock) as run:
        services = run.services
        readers = await _build(services, size)
        for reader in readers:
            await timelines.generate_timeline(services, reader, PageRequest())
        await run.settle()
        home_us = await _homes_us(services, readers)
        cpu_s = wall_s = pages_s = 0.0
        pages = 0
        for number in range(ROUNDS + 1):
            clock.ahead_ms += for_you.FRESH_MS
            for reader in readers:
                began, cpu_began = time.perf_counter(), time.process_time()
                found = await for_you.ranked_timeline(services, reader, PageRequest())
                if number:  # the first round only fills the caches
                    cpu_s += time.process_time() - cpu_began
                    wall_s += time.perf_counter() - began
                if number == ROUNDS:
                    cpu_began = time.process_time()
                    pages += await _go_on(services, reader, found)
                    pages_s += time.process_time() - cpu_began
        places, kept_bytes = await _kept(services, readers)
    made = ROUNDS * len(readers)
    section.add(
        f"{size.tweets:,} tweets, {size.followees:,} followees, {engine}",
        places,
        cpu_s / made * 1e3,
        wall_s / made * 1e3,
        pages_s / max(1, pages) * 1e6,
        home_us,
        kept_bytes,
    )


async def _build(services: Services, size: Size) -> Sequence[UserId]:
    chance = random.Random(7)
    population = await towns.add_users(services, size.readers + 10 * size.followees)
    readers, authors = population[: size.readers], population[size.readers :]
    await towns.add_follows(
        services,
        ((reader, author) for reader in readers for author in chance.sample(authors, size.followees)),
    )
    written = await towns.add_tweets(
        services, chance.choices(authors, k=size.tweets), spread_ms=WEEK_MS, deliver=False
    )
    latest = written[-max(1, size.tweets // 4) :]
    await towns.add_favorites(
        services, ((user, chance.choice(latest)) for user in population for _ in range(FAVORITES_EACH))
    )
    return readers


async def _homes_us(services: Services, readers: Sequence[UserId]) -> float:
    cpu_s = time.process_time()
    for _ in range(ROUNDS):
        for reader in readers:
            await timelines.generate_timeline(services, reader, PageRequest())
    return (time.process_time() - cpu_s) / (ROUNDS * len(readers)) * 1e6


async def _go_on(services: Services, reader: UserId, found: for_you.RankedPage) -> int:
    """Read on in a ranking; return how many pages there were."""
    count = 0
    while count < PAGES and found.page.oldest_id is not None:
        found = await for_you.ranked_timeline(
            services, reader, PageRequest(before=found.page.oldest_id), ranking_id=found.ranking_id
        )
        count += 1
    return count


async def _kept(services: Services, readers: Sequence[UserId]) -> tuple[float, float]:
    """Return the places of a ranking, and the bytes in which it is kept, on average."""
    places = kept_bytes = 0
    for reader in readers:
        async with services.db.read() as tx:
            (latest,) = await rankings.latest(tx, reader, limit=1)
            facts = await rankings.facts(tx, reader, latest.id)
        places += len(latest.tweet_ids)
        kept_bytes += len(rankings.packed(latest.tweet_ids)) + len(latest.sources)
        kept_bytes += len(msgspec.msgpack.encode(facts))
    return places / len(readers), kept_bytes / len(readers)
