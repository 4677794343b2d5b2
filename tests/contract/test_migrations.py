"""Migrations: the same present on both engines, from nothing, twice, side by side, and never backwards."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from rookery.app import open_database
from rookery.errors import Misconfigured
from rookery.ports import Database, Write
from rookery.sql import Sql, schema_for_sqlite
from rookery.storage import migrate as migrating
from rookery.storage.migrate import migrate, migrations, statements
from scripts import reference, schema


@pytest.fixture
async def empty(empty_database_url: str) -> AsyncGenerator[Database]:
    database = await open_database(empty_database_url)
    yield database
    await database.close()


async def run(db: Database, text: str) -> None:
    async def work(tx: Write) -> None:
        await tx.run(Sql(text, text, ()))

    await db.write(work)


async def test_an_empty_database_is_brought_to_the_newest_version(empty: Database):
    assert await migrate(empty) == (0, max(migrations()))


async def test_migrating_twice_is_migrating_once(empty: Database):
    await migrate(empty)
    assert await migrate(empty) == (max(migrations()), max(migrations()))


async def test_processes_that_migrate_at_the_same_time_wait_for_each_other(empty_database_url: str):
    databases = [await open_database(empty_database_url) for _ in range(3)]
    outcomes = await asyncio.gather(*[migrate(database) for database in databases])
    newest = max(migrations())
    assert sorted(outcomes) == [(0, newest), (newest, newest), (newest, newest)]
    for database in databases:
        await database.close()


async def test_a_newer_database_is_refused_with_a_sentence_and_left_alone(empty: Database):
    await migrate(empty)
    await run(empty, "INSERT INTO schema_version (version) VALUES (9999)")
    with pytest.raises(Misconfigured, match=r"schema version 9999, .* run a newer Rookery"):
        await migrate(empty)
    await run(empty, "DELETE FROM schema_version WHERE version = 9999")
    assert (await migrate(empty))[0] == max(migrations())


async def test_a_migration_that_fails_leaves_the_database_as_it_was(
    empty: Database, monkeypatch: pytest.MonkeyPatch
):
    await migrate(empty)
    broken = {
        **migrations(),
        9998: "CREATE TABLE half (id BIGINT PRIMARY KEY);\nINSERT INTO nowhere VALUES (1);\n",
    }
    monkeypatch.setattr(migrating, "migrations", lambda: broken)
    with pytest.raises(Exception, match="nowhere"):
        await migrate(empty)
    monkeypatch.undo()
    assert (await migrate(empty))[0] == max(migrations())
    with pytest.raises(Exception, match="half"):
        await run(empty, "SELECT * FROM half")


async def test_a_later_migration_is_applied_to_an_older_database(
    empty: Database, monkeypatch: pytest.MonkeyPatch
):
    _, before = await migrate(empty)
    later = {**migrations(), 9998: "CREATE TABLE later (id BIGINT PRIMARY KEY, found BOOLEAN NOT NULL);\n"}
    monkeypatch.setattr(migrating, "migrations", lambda: later)
    assert await migrate(empty) == (before, 9998)
    await run(empty, "SELECT found FROM later")


def test_migrations_are_numbered_without_gaps_and_say_whether_they_expand_or_contract():
    known = migrations()
    assert list(known) == list(range(1, len(known) + 1))
    for number, text in known.items():
        first = text.splitlines()[0]
        assert first.startswith("-- "), f"migration {number} begins with a sentence that says why"
        assert "xpands" in first or "ontracts" in first, (
            f"migration {number} says what it does to older programs"
        )


def test_statements_are_split_and_comments_left_out():
    text = "-- why; because\nCREATE TABLE a (\n    id BIGINT PRIMARY KEY\n);\n  -- more\nCREATE INDEX b ON a (id);\n"
    found = statements(text)
    assert [statement.postgres.split()[:3] for statement in found] == [
        ["CREATE", "TABLE", "a"],
        ["CREATE", "INDEX", "b"],
    ]
    assert "STRICT" in found[0].sqlite


def test_a_table_with_a_key_of_several_columns_is_stored_in_its_order_on_sqlite():
    several = schema_for_sqlite(
        "CREATE TABLE a (\n    x BIGINT NOT NULL,\n    y BOOLEAN NOT NULL,\n    PRIMARY KEY (x, y)\n);"
    )
    assert several.endswith("STRICT, WITHOUT ROWID;")
    assert "x INTEGER NOT NULL" in several
    one = schema_for_sqlite("CREATE TABLE a (\n    id BIGINT PRIMARY KEY,\n    data BYTEA NOT NULL\n);")
    assert one.endswith(") STRICT;")
    assert "data BLOB NOT NULL" in one


def test_both_engines_have_the_same_tables_columns_and_keys(postgres_url: str):
    postgres = {_without_flags(column) for column in asyncio.run(schema.postgres_columns(postgres_url))}
    sqlite = {_without_flags(column) for column in schema.sqlite_columns()}
    assert postgres == sqlite
    assert len(postgres) > 100


def _without_flags(column: schema.Column) -> schema.Column:
    kind = "integer" if column.kind == "flag" else column.kind
    return schema.Column(column.table, column.name, kind, column.required, column.key_place)


def test_the_written_schema_of_postgres_is_the_present(postgres_url: str):
    present = asyncio.run(schema.postgres_schema(postgres_url))
    assert reference.POSTGRES_SCHEMA.read_text() == present, "the schema has changed: run `make docs`"


def test_the_written_schema_of_sqlite_is_the_present():
    present = schema.sqlite_schema()
    assert reference.SQLITE_SCHEMA.read_text() == present, "the schema has changed: run `make docs`"


def test_the_page_of_engine_differences_is_the_present():
    present = reference.engine_differences()
    assert reference.DIFFERENCES.read_text() == present, "statements have changed: run `make docs`"


def test_few_statements_are_spelled_twice():
    named = reference.statements()
    differing = [name for name, statement in named if statement.differs]
    assert len(differing) <= 0.06 * len(named), differing
