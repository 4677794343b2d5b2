"""Deliveries per second: the delivery log that the service uses, and the table it does not use."""

import random
import time
from pathlib import Path
from typing import Final

from rookery.app import running
from rookery.bench import towns
from rookery.bench.report import Report, Section
from rookery.domain.ids import TweetId, UserId
from rookery.ports import Write
from rookery.services import Services
from rookery.settings import Settings
from rookery.sql import Sql

USERS: Final = 20_000
FOLLOWERS: Final = 299
AUTHORS: Final = 200
TWEETS: Final = 2_000
TABLE_TWEETS: Final = 400
TABLE_ENTRIES: Final = 100
"""Entries that each user's home holds in the table before the measurement."""


async def measure(report: Report, folder: Path, *, share: int = 1) -> None:
    """Deliver the same tweets by the log and by a table, with everybody's home kept.

    `share` divides the numbers of users, authors and tweets.
    """
    authors_count, tweets_count, table_tweets = AUTHORS // share, TWEETS // share, TABLE_TWEETS // share
    followers = min(FOLLOWERS, USERS // share - authors_count)
    section = report.section(
        "Deliveries (embedded, durable progress included)",
        "way",
        "deliveries",
        "wall s",
        "deliveries/s",
        "CPU µs each",
        "CPU ms per tweet",
    )
    async with running(
        Settings(database_url=f"sqlite:///{folder}/deliveries.db", media_url=f"file:///{folder}/media")
    ) as run:
        services = run.services
        population = await towns.add_users(services, USERS // share)
        chance = random.Random(1)
        authors = population[:authors_count]
        for author in authors:
            await towns.add_follows(
                services,
                [(follower, author) for follower in chance.sample(population[authors_count:], followers)],
            )
        for user in population:
            await services.timelines.expect(user, version=0)
            await services.timelines.keep(user, version=0, ids=[], floor=0)
        writers = [authors[place % authors_count] for place in range(tweets_count)]
        tweets = await towns.add_tweets(services, writers, spread_ms=3_600_000, deliver=True)
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        await run.worker.drain()
        wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
        _enter(
            section,
            "log, folded into memory",
            tweets=tweets_count,
            deliveries=tweets_count * followers,
            wall_s=wall_s,
            cpu_s=cpu_s,
        )
        await _check(services, population, tweets, expected=tweets_count * followers)
        for per_commit in (1, 50):
            wall_s, cpu_s = await _by_table(services, tweets[:table_tweets], writers, per_commit)
            _enter(
                section,
                f"table, {per_commit} tweets per commit",
                tweets=table_tweets,
                deliveries=table_tweets * followers,
                wall_s=wall_s,
                cpu_s=cpu_s,
            )
    section.notes.append(
        f"{authors_count} authors with {followers} followers each, drawn evenly from {len(population):,} users; every home is kept. "
        f"The table is clustered by (user, tweet) and holds {TABLE_ENTRIES} entries per user."
    )


def _enter(section: Section, way: str, *, tweets: int, deliveries: int, wall_s: float, cpu_s: float) -> None:
    section.add(way, deliveries, wall_s, deliveries / wall_s, cpu_s / deliveries * 1e6, cpu_s / tweets * 1e3)


async def _check(
    services: Services, population: list[UserId], tweets: list[TweetId], *, expected: int
) -> None:
    delivered = 0
    for user in population:
        kept = await services.timelines.page(
            user, version=0, before=tweets[-1] + 1, after=0, limit=len(tweets), oldest=False
        )
        delivered += len(kept.ids) if kept is not None else 0
    if delivered != expected:
        raise AssertionError(f"{expected} deliveries were expected and {delivered} found")


async def _by_table(
    services: Services, tweets: list[TweetId], writers: list[UserId], per_commit: int
) -> tuple[float, float]:
    create = _sqlite(
        "CREATE TABLE home_rows (user_id INTEGER, tweet_id INTEGER, PRIMARY KEY (user_id, tweet_id))"
        " STRICT, WITHOUT ROWID"
    )
    fill = _sqlite(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
        " INSERT INTO home_rows SELECT users.id, n.i FROM users, n ORDER BY 1, 2"
    )
    insert = Sql(
        "",
        "INSERT OR IGNORE INTO home_rows SELECT follower_id, ?1 FROM follows WHERE followee_id = ?2 ORDER BY 1",
        ("tweet_id", "author_id"),
    )

    async def prepare(tx: Write) -> None:
        await tx.run(_sqlite("DROP TABLE IF EXISTS home_rows"))
        await tx.run(create)
        await tx.run(fill)

    await services.db.write(prepare)
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    for start in range(0, len(tweets), per_commit):

        async def work(tx: Write, start: int = start) -> None:
            for place in range(start, min(start + per_commit, len(tweets))):
                await tx.run(insert, tweet_id=tweets[place], author_id=writers[place])

        await services.db.write(work)
    return time.perf_counter() - wall_s, time.process_time() - cpu_s


def _sqlite(text: str) -> Sql:
    return Sql("", text, ())
