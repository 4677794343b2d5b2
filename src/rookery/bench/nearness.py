"""How long it takes to show what was written near a point among a million tweets with places, on both engines."""

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from rookery import tasks
from rookery.app import running
from rookery.bench import databases, towns
from rookery.bench.report import Report, spread
from rookery.domain.ids import TweetId, UserId, id_at
from rookery.domain.search.places import Circle
from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Place, Tweet
from rookery.services import Services
from rookery.sql import Sql
from rookery.usecases.search import index_tweets
from rookery.usecases.timelines import nearby_timeline

TWEETS: Final = 1_000_000
AUTHORS: Final = 5_000
TOWNS: Final = 2_000
TOWN_KM: Final = 4.0
"""How far from its middle a town's tweets lie (standard deviation)."""
YEAR_MS: Final = 365 * 86_400_000
NOW_MS: Final = 1_798_761_600_000
"""When it is asked: 2027-01-01; the tweets are from the year before."""
QUESTIONS: Final = 250
"""Questions of each kind."""
WARM_UP: Final = 5
_KM_PER_DEGREE: Final = 111.195

_BYTES: Final = Sql(
    "SELECT CAST(SUM(pg_relation_size(oid)) AS BIGINT) FROM pg_class WHERE relname LIKE 'tweets_by_%cell'",
    "SELECT SUM(pgsize) FROM dbstat WHERE aggregate = TRUE AND name LIKE 'tweet_places%'",
    names=(),
)


class Question(NamedTuple):
    """A circle, and where in time a page begins."""

    around: Circle
    page: PageRequest


class Map(NamedTuple):
    """Where towns lie, the largest first."""

    middles: Sequence[tuple[float, float]]
    begin_ms: int


Kind = Callable[[random.Random, Map], Question]


def _map(now_ms: int) -> Map:
    chance = random.Random(21)
    middles = [(chance.uniform(-55, 65), chance.uniform(-180, 180)) for _ in range(TOWNS)]
    return Map(middles, now_ms - YEAR_MS)


def _strewn(chance: random.Random, middle: tuple[float, float], km: float) -> tuple[float, float]:
    latitude = middle[0] + chance.gauss(0, km / _KM_PER_DEGREE)
    longitude = middle[1] + chance.gauss(0, km / _KM_PER_DEGREE / math.cos(math.radians(middle[0])))
    return latitude, (longitude + 180) % 360 - 180


def _tweets(where: Map, authors: Sequence[UserId], count: int) -> Iterator[Tweet]:
    """Write as many in the largest town as in the following ones together of ten times its rank: by a power law."""
    chance = random.Random(22)
    for number in range(count):
        created_ms = where.begin_ms + YEAR_MS * number // count
        tweet_id = TweetId(id_at(created_ms) + number % 4096)
        town = where.middles[int(TOWNS ** chance.random()) - 1]
        yield Tweet(
            id=tweet_id,
            author_id=authors[number % len(authors)],
            text=towns.sentence(chance),
            thread_id=tweet_id,
            place=Place(*_strewn(chance, town, TOWN_KM)),
            created_ms=created_ms,
        )


def _around(radius_km: float, *, first: int, last: int) -> Kind:
    """Ask around points in towns of these ranks."""

    def draw(chance: random.Random, where: Map) -> Question:
        town = where.middles[chance.randrange(first, last)]
        return Question(Circle(*_strewn(chance, town, TOWN_KM / 2), radius_km), PageRequest())

    return draw


def _years_ago(chance: random.Random, where: Map) -> Question:
    question = _around(15, first=0, last=1)(chance, where)
    return question._replace(page=PageRequest(before=id_at(where.begin_ms + chance.randrange(YEAR_MS))))


def _oldest(chance: random.Random, where: Map) -> Question:
    question = _around(15, first=0, last=1)(chance, where)
    after = id_at(where.begin_ms + chance.randrange(YEAR_MS))
    return question._replace(page=PageRequest(after=after, oldest=True))


def _anywhere(chance: random.Random, where: Map) -> Question:  # noqa: ARG001
    return Question(Circle(chance.uniform(-90, 90), chance.uniform(-180, 180), 15), PageRequest())


def _beside(chance: random.Random, where: Map) -> Question:
    """Ask beside the largest town, so that much lies close to the circle and nothing within."""
    latitude, longitude = where.middles[0]
    return Question(Circle(latitude + 0.27 + chance.uniform(0, 0.02), longitude, 3), PageRequest())


KINDS: Final[dict[str, Kind]] = {
    "the largest town, 15 km": _around(15, first=0, last=1),
    "a square in it, 300 m": _around(0.3, first=0, last=1),
    "a middling town, 15 km": _around(15, first=20, last=200),
    "a village, 5 km": _around(5, first=1_000, last=TOWNS),
    "a country, 500 km": _around(500, first=0, last=TOWNS),
    "the largest town, some time ago": _years_ago,
    "the largest town, going up from some time ago": _oldest,
    "beside the largest town, 3 km": _beside,
    "anywhere, 15 km": _anywhere,
}


async def measure(report: Report, folder: Path, *, postgres_url: str, keep: bool, share: int) -> None:
    """Look around points in SQLite and, where a server is named, in PostgreSQL; with `keep` in what a run before has made.

    Raises Misconfigured when the server cannot be used.
    """
    count, where = TWEETS // share, _map(NOW_MS)
    found: list[list[list[int]]] = []
    costs = report.section(f"The places of {count:,} tweets", "engine", "tweets/s entered", "bytes each")
    part = "nearby" if share == 1 else f"nearby_{share}"
    async with databases.made(part, folder, postgres_url=postgres_url, keep=keep) as engines:
        for name, settings in engines.items():
            async with running(settings, clock=lambda: NOW_MS) as run:
                # On the empty database, so that the worker indexes nothing while this is measured.
                await index_tweets(run.services, tasks.IndexTweets())
                per_second = await _entered(run.services, where, count, authors=AUTHORS // share)
                pages = await _questions(
                    report, name, run.services, where, tweets=count, count=max(3, QUESTIONS // share)
                )
                found.append(pages)
                costs.add(
                    name, per_second or "made before", await databases.size(run.services, _BYTES) / count
                )
    if len(found) > 1:
        section = report.section(
            "The same tweets", "questions", "first pages that differ between the engines"
        )
        section.add(len(found[0]), sum(one != other for one, other in zip(*found, strict=True)))


async def _entered(services: Services, where: Map, count: int, *, authors: int) -> float:
    """Enter the tweets; return how many a second: 0 when they were there already."""
    if await databases.kept_users(services, users=authors, tweets=count):
        return 0.0
    ids = await towns.add_users(services, authors)
    began = time.perf_counter()
    await towns.add_written(services, _tweets(where, ids, count), searchable=False)
    per_second = count / (time.perf_counter() - began)
    await databases.settled(services)
    return per_second


async def _questions(
    report: Report, engine: str, services: Services, where: Map, *, tweets: int, count: int
) -> list[list[int]]:
    section = report.section(
        f"What was written nearby, in {engine} (pages of 20 among {tweets:,} tweets of a year)",
        "around what",
        "full pages",
        "p50 ms",
        "p99 ms",
        "longest ms",
    )
    pages: list[list[int]] = []
    for kind, draw in KINDS.items():
        chance = random.Random(kind)
        took_ms: list[float] = []
        full = 0
        for question in [draw(chance, where) for _ in range(WARM_UP + count)]:
            began = time.perf_counter()
            page = await nearby_timeline(services, None, question.around, question.page)
            took_ms.append((time.perf_counter() - began) * 1000)
            pages.append([view.tweet.id for view in page.items])
            full += len(page.items) == question.page.limit
        section.add(kind, f"{full / len(took_ms):.0%}", *spread(took_ms[WARM_UP:]))
    section.notes.append(
        f"{count:,} questions of each kind, one after another, in one process without HTTP. {TOWNS:,} towns by a power law; "
        f"the largest wrote {100 * math.log(2) / math.log(TOWNS):.0f} of 100 tweets."
    )
    return pages
