"""How SQLite goes about every statement of the program: none walks through a table that grows without end."""

import re
from collections.abc import Generator

import apsw
import asyncpg
import pytest

from rookery.domain.search.queries import Query
from rookery.domain.search.words import Phrase
from rookery.sql import Sql
from rookery.storage import search
from rookery.storage.migrate import migrations, statements
from scripts import reference

SMALL = {"announcements", "hot_users", "nodes", "rules", "schema_version", "vault_keys"}
"""Tables of which every row may be looked at: they stay small whatever the number of users."""
ALLOWED = {
    "storage.users._ADMIN_IDS": "walks the administrators' own index, as far as its LIMIT",
    "storage.tasks._COUNT": "counts the tasks that wait, in their index; a scrape of the metrics asks, nobody else",
    "storage.tasks._NEXT": "walks the tasks from the first that is due, past those of queues that are full",
    "storage.media._LARGEST_OWNERS": "adds up all files by their owners; asked by an operator's command, nobody else",
    "storage.media_objects._TOTAL": "adds up all objects; asked once for an upload, and only where their bytes are bounded",
    "storage.media_objects._USAGE": "adds up all objects; asked by an operator's command, nobody else",
    "storage.user_search._NEWEST_DISCOVERABLE": "walks the index of the discoverable from its end, as far as its LIMIT",
    "storage.user_search._LATEST_AUTHORS": "walks the index of public tweets from its end, as far as its LIMIT",
    "storage.nearby._IN_SMALL_CELLS": "asks the R*Tree, which goes straight to the place and the time",
    "storage.nearby._IN_CELLS": "asks the R*Tree, which goes straight to the place and the time",
    "storage.nearby._IN_LARGE_CELLS": "asks the R*Tree, which goes straight to the place and the time",
    "storage.search._NEWEST": "asks the full-text index, which goes straight to the words",
    "storage.search._OLDER": "asks the full-text index, which goes straight to the words",
    "storage.suggestions._MOST_FOLLOWED": "walks the index of public tweets from its end, as far as its LIMIT",
}
"""Statements that walk through a table or an index of it, each with the reason why it may."""
UNSORTED = {
    "storage.timelines._OWN",
    "storage.timelines._OWN_OLDEST",
    "storage.timelines._ANSWERS",
    "storage.timelines._ANSWERS_OLDEST",
    "storage.timelines._RETWEETS",
    "storage.timelines._RETWEETS_OLDEST",
    "storage.timelines._BY_AUTHOR",
    "storage.timelines._BY_AUTHOR_OLDEST",
    "storage.timelines._BY_AUTHOR_WITH_HASHTAG",
    "storage.timelines._BY_AUTHOR_WITH_HASHTAG_OLDEST",
    "storage.media._LOOSE",
    "storage.media_objects._DUE",
}
"""Statements that find their rows in the order asked for, and so stop at their LIMIT."""

_VERSION_TABLE = "CREATE TABLE schema_version (version INTEGER PRIMARY KEY)"
NAMED = dict(reference.statements())


@pytest.fixture(scope="module")
def database() -> Generator[apsw.Connection]:
    """An empty database with every table."""
    connection = apsw.Connection(":memory:")
    connection.execute(_VERSION_TABLE)
    for text in migrations().values():
        for statement in statements(text):
            connection.execute(statement.sqlite)
    yield connection
    connection.close()


def plan(database: apsw.Connection, statement: Sql) -> list[str]:
    """Return the steps in which SQLite would carry out the statement, whatever its parameters."""
    values = (None,) * len(statement.names)
    return [str(row[3]) for row in database.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", values)]


def walked(database: apsw.Connection, statement: Sql) -> list[str]:
    """Return the steps that walk through a table which is not small, whether by an index or not.

    Names that are no table's are the statement's own: intermediate results, and the lists it was given.
    """
    tables = {str(row[0]) for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    names = dict.fromkeys(tables, "")
    names |= {name: name for name in tables}
    for table, alias in re.findall(r"(?:FROM|JOIN) (\w+) (?:AS )?(\w+)", statement.sqlite):
        if table in tables and alias.islower():
            names[alias] = table
    found: list[str] = []
    for step in plan(database, statement):
        match = re.match(r"SCAN (\w+)", step)
        if match and names.get(match[1], "") not in {"", *SMALL}:
            found.append(step)
    return found


@pytest.mark.parametrize("name", sorted(NAMED))
def test_no_statement_walks_through_a_large_table(database: apsw.Connection, name: str):
    steps = walked(database, NAMED[name])
    assert not steps or name in ALLOWED


def test_every_exception_is_one(database: apsw.Connection):
    for name, reason in ALLOWED.items():
        assert walked(database, NAMED[name]), f"{name} needs no exception any more"
        assert reason


@pytest.mark.parametrize("name", sorted(UNSORTED))
def test_what_stops_at_its_limit_finds_its_rows_in_the_order_asked_for(database: apsw.Connection, name: str):
    steps = plan(database, NAMED[name])
    assert all("USING" in step and "TEMP B-TREE" not in step for step in steps), steps


@pytest.mark.parametrize(
    ("kind", "index"),
    [("_OWN", "tweets_own"), ("_ANSWERS", "tweets_answers"), ("_RETWEETS", "tweets_retweets")],
)
def test_each_kind_of_tweet_has_an_index_of_its_own(database: apsw.Connection, kind: str, index: str):
    [step] = plan(database, NAMED[f"storage.timelines.{kind}"])
    assert index in step


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id FROM tweets WHERE text = 'x'",
        "SELECT t.id FROM users u JOIN tweets t ON t.app_id = u.id",
        "DELETE FROM people WHERE last_seen_ms < 5",
        "UPDATE tokens SET last_used_ms = 0 WHERE app_id = 1",
        "SELECT COUNT(*) FROM follows",
    ],
)
def test_a_walk_would_be_found(database: apsw.Connection, text: str):
    assert walked(database, Sql(text, text, ()))


async def test_postgres_walks_the_newest_tweets_from_the_end_before_it_knows_its_tables(postgres_url: str):
    session = await asyncpg.connect(postgres_url)
    try:
        await session.execute(
            "INSERT INTO search_tweets (n, tweet_id, norm_version, norm) "
            "SELECT g, g, '1', ' bird nest ' FROM generate_series(1, 20000) g"
        )
        asked = search.expression(Query(wanted=(Phrase(("bir",), is_prefix=True),)), None)
        assert asked is not None
        values = asked._asdict() | {"before": 20_001, "after": 3_600, "limit": 24}
        newest = NAMED["storage.search._NEWEST"]
        steps = await session.fetch(f"EXPLAIN {newest.postgres}", *[values[name] for name in newest.names])
    finally:
        await session.close()
    found = "\n".join(row[0] for row in steps)
    assert "Index Scan Backward using search_tweets_pkey" in found
    assert "Sort" not in found


RANKING = sorted(
    name
    for name in NAMED
    if name.startswith(("storage.affinities.", "storage.rankings.")) and "INSERT" not in NAMED[name].postgres
)


async def test_postgres_has_an_index_for_everything_that_a_ranking_asks_for(postgres_url: str):
    lists = {name: [1] for name in ("among", "user_ids")}
    session = await asyncpg.connect(postgres_url)
    try:
        # Without statistics it would walk through tables of which it knows that they are empty.
        await session.execute("SET enable_seqscan = off")
        for name in RANKING:
            statement = NAMED[name]
            values = [lists.get(one, " 1" if one == "added" else 1) for one in statement.names]
            steps = [row[0] for row in await session.fetch(f"EXPLAIN {statement.postgres}", *values)]
            assert not any("Seq Scan" in step for step in steps), (name, steps)
    finally:
        await session.close()
    assert len(RANKING) > 10
