"""How long it takes to find one of a million people by name, mistyped or not, on both engines, and whom one finds."""

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from rookery import tasks
from rookery.app import running
from rookery.bench import databases, towns
from rookery.bench.report import Report, Section, spread
from rookery.domain.ids import UserId
from rookery.services import Services
from rookery.sql import Sql
from rookery.usecases.user_search import index_users, search_users

PEOPLE: Final = 1_000_000
SEARCHES: Final = 250
"""Searches of each kind."""
WARM_UP: Final = 5
FOLLOWEES: Final = 200
FIRST_NAMES: Final = 2_000
LAST_NAMES: Final = 50_000
PAGE: Final = 20
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_BEGINNINGS: Final = (
    "b",
    "br",
    "ch",
    "d",
    "f",
    "g",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "sch",
    "t",
    "v",
    "w",
)
_VOWELS: Final = ("a", "a", "e", "e", "i", "o", "u", "ie", "ou")
_ENDINGS: Final = ("", "", "n", "r", "s", "l", "nd", "rt", "ck", "m")

_BYTES: Final = Sql(
    "SELECT CAST(SUM(pg_total_relation_size(oid)) AS BIGINT) FROM pg_class "
    "WHERE relname = 'user_words' AND relkind = 'r'",
    "SELECT SUM(pgsize) FROM dbstat WHERE aggregate = TRUE AND name LIKE 'user_words%'",
    names=(),
)


class Named(NamedTuple):
    """What somebody is called."""

    username: str
    display_name: str


def made(count: int) -> list[Named]:
    """Return that many people: first and last names as frequent as such are, every user name once."""
    chance = random.Random(11)
    firsts, lasts = _names(chance, FIRST_NAMES, (1, 2, 2, 3)), _names(chance, LAST_NAMES, (2, 2, 3))
    found: dict[str, str] = {}
    while len(found) < count:
        first = firsts[_frequent(chance, FIRST_NAMES)]
        last = lasts[_frequent(chance, LAST_NAMES)]
        form = chance.choice(("{0}{1}", "{0}_{1}", "{0}{1}{2}", "{1}{2}", "{0}_{2}"))
        username = form.format(first, last, chance.randrange(1, 10_000))[:30]
        found.setdefault(username, f"{first.capitalize()} {last.capitalize()}")
    return [Named(*each) for each in found.items()]


def _names(chance: random.Random, count: int, syllables: Sequence[int]) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        parts = [
            chance.choice(_BEGINNINGS) + chance.choice(_VOWELS) + chance.choice(_ENDINGS)
            for _ in range(chance.choice(syllables))
        ]
        found["".join(parts)] = None
    return list(found)


def _frequent(chance: random.Random, count: int) -> int:
    """Return a place, the first ones more often: by the power law that names follow (Zipf)."""
    return int(count ** chance.random()) - 1


def _mistyped(chance: random.Random, name: str) -> str:
    place, letter = chance.randrange(len(name)), chance.choice(_LETTERS)
    head, tail = name[:place], name[place:]
    swapped = f"{head}{tail[1:2]}{tail[:1]}{tail[2:]}"
    return chance.choice((head + tail[1:], head + letter + tail, head + letter + tail[1:], swapped))


def _long(chance: random.Random, people: Sequence[Named]) -> Named:
    return next(one for one in iter(lambda: chance.choice(people), None) if len(one.username) >= 12)


class Wanted(NamedTuple):
    """A search, and who is meant (empty: anybody)."""

    text: str
    username: str = ""


Kind = Callable[[random.Random, Sequence[Named]], Wanted]


def _by_username(chance: random.Random, people: Sequence[Named]) -> Wanted:
    one = chance.choice(people)
    return Wanted(one.username, one.username)


def _by_full_name(chance: random.Random, people: Sequence[Named]) -> Wanted:
    return Wanted(chance.choice(people).display_name)


def _by_words_turned(chance: random.Random, people: Sequence[Named]) -> Wanted:
    return Wanted(" ".join(reversed(chance.choice(people).display_name.split())))


def _by_first_name(chance: random.Random, people: Sequence[Named]) -> Wanted:
    return Wanted(chance.choice(people).display_name.split()[0])


def _by_beginning(chance: random.Random, people: Sequence[Named]) -> Wanted:
    return Wanted(chance.choice(people).username[:3])


def _by_username_mistyped(chance: random.Random, people: Sequence[Named]) -> Wanted:
    one = _long(chance, people)
    return Wanted(_mistyped(chance, one.username), one.username)


def _by_first_name_mistyped(chance: random.Random, people: Sequence[Named]) -> Wanted:
    return Wanted(_mistyped(chance, chance.choice(people).display_name.split()[0]))


def _by_username_mistyped_twice(chance: random.Random, people: Sequence[Named]) -> Wanted:
    one = _long(chance, people)
    return Wanted(_mistyped(chance, _mistyped(chance, one.username)), one.username)


def _by_nothing(chance: random.Random, people: Sequence[Named]) -> Wanted:  # noqa: ARG001
    return Wanted("".join(chance.choices(_LETTERS, k=14)))


KINDS: Final[dict[str, Kind]] = {
    "a user name": _by_username,
    "a full name": _by_full_name,
    "a full name, the last name first": _by_words_turned,
    "a first name": _by_first_name,
    "three letters": _by_beginning,
    "a user name with a typo": _by_username_mistyped,
    "a first name with a typo": _by_first_name_mistyped,
    "a user name with two typos": _by_username_mistyped_twice,
    "letters that name nobody": _by_nothing,
}


async def measure(report: Report, folder: Path, *, postgres_url: str, keep: bool, share: int) -> None:
    """Find people in SQLite and, where a server is named, in PostgreSQL; with `keep` those whom an earlier run has made.

    Raises Misconfigured when the server cannot be used.
    """
    people = made(PEOPLE // share)
    found: dict[str, dict[Wanted, list[str]]] = {}
    costs = report.section(f"The names of {len(people):,} people", "engine", "people/s entered", "bytes each")
    part = "people" if share == 1 else f"people_{share}"
    async with databases.made(part, folder, postgres_url=postgres_url, keep=keep) as engines:
        for name, settings in engines.items():
            async with running(settings) as run:
                # On the empty database, so that the worker indexes nothing while this is measured.
                await index_users(run.services, tasks.IndexUsers())
                ids, per_second = await _entered(run.services, people)
                await towns.add_follows(run.services, ((ids[0], one) for one in _followees(ids)))
                found[name] = await _searches(
                    report, name, run.services, ids[0], people, count=max(3, SEARCHES // share)
                )
                costs.add(
                    name,
                    per_second or "made before",
                    await databases.size(run.services, _BYTES) / len(people),
                )
    if len(found) > 1:
        one, other = found.values()
        section = report.section("The same people", "searches", "first pages that differ between the engines")
        section.add(len(one), sum(page != other[wanted] for wanted, page in one.items()))


async def _entered(services: Services, people: Sequence[Named]) -> tuple[list[UserId], float]:
    """Return their ids, and how many were entered in a second: 0 when they were there already."""
    if ids := await databases.kept_users(services, users=len(people)):
        return ids, 0.0
    began = time.perf_counter()
    ids = await towns.add_named(services, people)
    per_second = len(people) / (time.perf_counter() - began)
    await databases.settled(services)
    return ids, per_second


def _followees(ids: Sequence[UserId]) -> Sequence[UserId]:
    return random.Random(12).sample(ids[1:], min(FOLLOWEES, len(ids) - 1))


async def _searches(
    report: Report, engine: str, services: Services, viewer: UserId, people: Sequence[Named], *, count: int
) -> dict[Wanted, list[str]]:
    section: Section = report.section(
        f"Finding people in {engine} (the first {PAGE} of {len(people):,})",
        "what is typed",
        "found",
        "p50 ms",
        "p99 ms",
        "longest ms",
    )
    pages: dict[Wanted, list[str]] = {}
    for kind, draw in KINDS.items():
        chance = random.Random(kind)
        took_ms: list[float] = []
        hits = 0
        for wanted in [draw(chance, people) for _ in range(WARM_UP + count)]:
            began = time.perf_counter()
            views = await search_users(services, viewer, wanted.text, limit=PAGE)
            took_ms.append((time.perf_counter() - began) * 1000)
            pages[wanted] = [view.user.username for view in views]
            hits += wanted.username in pages[wanted] if wanted.username else bool(views)
        section.add(kind, f"{hits / (WARM_UP + count):.0%}", *spread(took_ms[WARM_UP:]))
    section.notes.append(
        f"{count:,} searches of each kind, one after another, in one process without HTTP, by somebody who follows "
        f"{FOLLOWEES}. “Found” is the share that shows who is meant, or anybody where nobody in particular is."
    )
    return pages
