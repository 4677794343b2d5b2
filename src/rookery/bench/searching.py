"""How long searches take among a million tweets in many languages, on both engines, and what the index costs."""

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rookery.app import running
from rookery.bench import databases, searches, tongues, towns
from rookery.bench.report import Report, Section, spread
from rookery.bench.searches import Search
from rookery.domain.composing import Manuscript
from rookery.domain.ids import TweetId, UserId, id_at
from rookery.services import Services
from rookery.sql import Sql
from rookery.usecases.search import Order, Wanted, search_tweets
from rookery.usecases.tweets import delete_tweet, post_tweet

TWEETS: Final = 1_000_000
AUTHORS: Final = 5_000
BEGIN_MS: Final = 1_767_225_600_000
"""When the first tweet was written: 2026-01-01."""
END_MS: Final = BEGIN_MS + 365 * tongues.DAY_MS
SEARCHES: Final = 250
"""Searches of each kind."""
WARM_UP: Final = 5
"""Searches of each kind before those that are measured."""
POSTS: Final = 200
LIKE_SEARCHES: Final = 20
BEST_FIRST: Final = ("a very common word", "any word of a text", "two words")

_BYTES = Sql(
    "SELECT CAST(SUM(pg_total_relation_size(oid)) AS BIGINT) FROM pg_class "
    "WHERE relname = 'search_tweets' AND relkind = 'r'",
    "SELECT SUM(pgsize) FROM dbstat WHERE aggregate = TRUE AND name IN (SELECT name FROM sqlite_schema "
    "WHERE tbl_name LIKE 'search_t%')",
    names=(),
)
_LIKE = Sql(
    "SELECT id FROM tweets WHERE text ILIKE $1 AND visibility = 0 ORDER BY id DESC LIMIT 20",
    "SELECT id FROM tweets WHERE text LIKE ?1 AND visibility = 0 ORDER BY id DESC LIMIT 20",
    names=("pattern",),
)


_Pages = dict[Search, list[TweetId]]


class _Engine:
    """One of the databases, and what was found in it."""

    def __init__(self, name: str, services: Services, town: tongues.Town) -> None:
        self.name = name
        self.services = services
        self.town = town
        self.pages: _Pages = {}

    async def first_page(self, search: Search, viewer_id: UserId | None, order: Order) -> float:
        """Look for the first page; return how long that took, in ms."""
        began = time.perf_counter()
        page = await search_tweets(self.services, viewer_id, search.text, Wanted(order=order))
        took_ms = (time.perf_counter() - began) * 1000
        if order == "newest":
            self.pages[search] = [view.tweet.id for view in page.items]
        return took_ms


async def measure(report: Report, folder: Path, *, postgres_url: str, keep: bool, share: int) -> None:
    """Search in SQLite and, where a server is named, in PostgreSQL; with `keep` in what an earlier run has made.

    Raises Misconfigured when the server cannot be used.
    """
    found: dict[str, _Pages] = {}
    costs = report.section(
        f"The index of {TWEETS // share:,} tweets",
        "engine",
        "tweets/s entered",
        "index bytes per tweet",
        "posting p50 ms",
        "posting p99 ms",
        "not found at once",
    )
    part = "search" if share == 1 else f"search_{share}"
    began = time.perf_counter()
    async with databases.made(part, folder, postgres_url=postgres_url, keep=keep) as made:
        for name, settings in made.items():
            async with running(
                settings, clock=lambda: END_MS + int((time.perf_counter() - began) * 1000)
            ) as run:
                town, per_second = await _built(run.services, count=TWEETS // share)
                engine = _Engine(name, run.services, town)
                await _searches(report, engine, count=max(3, SEARCHES // share))
                await _against_like(report, engine, count=max(2, LIKE_SEARCHES // share))
                await _posts(costs, engine, per_second, count=max(3, POSTS // share))
                found[name] = engine.pages
    if len(found) > 1:
        _compare(report, *found.values())


async def _built(services: Services, *, count: int) -> tuple[tongues.Town, float]:
    """Return the town, and how many tweets a second were entered: 0 when they were there already."""
    authors = await databases.kept_users(services, users=AUTHORS, tweets=count, before=id_at(END_MS))
    if authors:
        return tongues.Town(authors, count, BEGIN_MS, END_MS), 0.0
    town = tongues.Town(await towns.add_users(services, AUTHORS), count, BEGIN_MS, END_MS)
    began = time.perf_counter()
    await towns.add_written(services, (tongues.tweet(town, number) for number in range(count)))
    return town, count / (time.perf_counter() - began)


async def _searches(report: Report, engine: _Engine, *, count: int) -> None:
    section = report.section(
        f"Searches in {engine.name} (the first page among {engine.town.tweets:,} tweets)",
        "what is looked for",
        "found",
        "p50 ms",
        "p99 ms",
        "longest ms",
    )
    everything: list[float] = []
    for kind in searches.KINDS:
        took_ms = await _timed(engine, searches.drawn(kind, WARM_UP + count, engine.town))
        _enter(section, kind, took_ms, engine)
        everything += took_ms
    for kind in BEST_FIRST:
        took_ms = await _timed(engine, searches.drawn(kind, WARM_UP + count, engine.town), "best")
        section.add(f"{kind}, best first", "", *spread(took_ms))
    section.add("all of these, newest first", "", *spread(everything))
    section.notes.append(
        f"{count:,} searches of each kind, one after another, in one process without HTTP: reading what is asked, looking, "
        "hydration, and the rules for a viewer (every second one signed in). “Found” is the share that found anything. "
        f"{WARM_UP} other searches of the kind go before."
    )


async def _timed(engine: _Engine, drawn: Sequence[Search], order: Order = "newest") -> list[float]:
    """Return how long each search took but for those that warm up, in ms."""
    took_ms: list[float] = []
    for place, search in enumerate(drawn):
        viewer_id = engine.town.authors[place] if place % 2 or "in:" in search.text else None
        took_ms.append(await engine.first_page(search, viewer_id, order))
    return took_ms[WARM_UP:]


def _enter(section: Section, kind: str, took_ms: Sequence[float], engine: _Engine) -> None:
    pages = [page for search, page in engine.pages.items() if search.kind == kind]
    share = sum(1 for page in pages if page) / len(pages)
    section.add(kind, f"{share:.0%}", *spread(took_ms))


async def _against_like(report: Report, engine: _Engine, *, count: int) -> None:
    """Look for the same words as servers do that have no index."""
    section = report.section(
        f"Without an index in {engine.name}: LIKE", "what is looked for", "p50 ms", "longest ms"
    )
    for kind in ("a very common word", "a common word", "a rare word"):
        took_ms: list[float] = []
        for search in searches.drawn(kind, count, engine.town):
            began = time.perf_counter()
            async with engine.services.db.read() as tx:
                await tx.all(_LIKE, pattern=f"%{search.text}%")
            took_ms.append((time.perf_counter() - began) * 1000)
        p50, _, longest = spread(took_ms)
        section.add(kind, p50, longest)


async def _posts(section: Section, engine: _Engine, per_second: float, *, count: int) -> None:
    """Post tweets and look for each at once."""
    services, author = engine.services, engine.town.authors[0]
    took_ms: list[float] = []
    missed = 0
    for number in range(count):
        word = f"novel{number}word"
        began = time.perf_counter()
        posted = await post_tweet(services, author, Manuscript(text=f"{_text(number)} {word}"))
        took_ms.append((time.perf_counter() - began) * 1000)
        found = await search_tweets(services, None, word, Wanted())
        missed += [view.tweet.id for view in found.items] != [posted.tweet.id]
        await delete_tweet(services, author, posted.tweet.id)
        missed += bool((await search_tweets(services, None, word, Wanted())).items)
    async with services.db.read() as tx:
        size = await tx.one(_BYTES)
    bytes_per_tweet = (size[0] if size is not None else 0) / engine.town.tweets
    p50, p99, _ = spread(took_ms)
    section.add(engine.name, per_second or "made before", bytes_per_tweet, p50, p99, missed)


def _text(number: int) -> str:
    return " ".join(tongues.drawn(random.Random(number), "en", 12))


def _compare(report: Report, one: _Pages, other: _Pages) -> None:
    section = report.section("The same answers", "searches", "first pages that differ between the engines")
    section.add(len(one), sum(page != other.get(search) for search, page in one.items()))
