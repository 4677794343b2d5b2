"""One text becomes two: numbered parameters for each engine, lists for each engine."""

from collections.abc import Iterator

import pytest

from rookery.sql import CATALOGUE, Sql, schema_for_sqlite, sql, sql_per_engine


@pytest.fixture(autouse=True)
def _catalogue_as_before() -> Iterator[None]:
    before = list(CATALOGUE)
    yield
    CATALOGUE[:] = before


def test_names_are_numbered_in_the_order_of_their_first_use():
    statement = sql("SELECT :b, :a, :b")
    assert statement.names == ("b", "a")
    assert statement.postgres == "SELECT $1, $2, $1"
    assert statement.sqlite == "SELECT ?1, ?2, ?1"


def test_lists_are_arrays_on_both_engines():
    statement = sql("SELECT 1 WHERE x = ANY(:ids) AND y = :y")
    assert statement.postgres == "SELECT 1 WHERE x = ANY($1) AND y = $2"
    assert statement.sqlite == "SELECT 1 WHERE x IN carray(?1) AND y = ?2"
    assert statement.lists == {"ids"}


def test_a_list_may_be_read_as_a_table():
    statement = sql("SELECT k.value FROM unnest(CAST(:words AS TEXT[])) AS k(value)")
    assert statement.postgres == "SELECT k.value FROM unnest(CAST($1 AS TEXT[])) AS k(value)"
    assert statement.sqlite == "SELECT k.value FROM carray(?1) AS k"
    assert statement.lists == {"words"}


def test_white_space_between_words_is_one_space():
    assert sql("\n    SELECT 1\n    FROM x\n").sqlite == "SELECT 1 FROM x"


def test_a_cast_of_postgres_is_not_taken_for_a_parameter():
    assert sql("SELECT a::text").names == ()


def test_two_spellings_share_the_numbers_of_their_names():
    statement = sql_per_engine(postgres="SELECT :a, :b", sqlite="SELECT :b, :c")
    assert statement.names == ("a", "b", "c")
    assert statement.postgres == "SELECT $1, $2"
    assert statement.sqlite == "SELECT ?2, ?3"
    assert statement.differs


def test_every_statement_is_in_the_catalogue():
    statement = sql("SELECT 1")
    assert CATALOGUE[-1] is statement
    assert not statement.differs


def test_statements_with_the_same_text_stay_apart():
    assert Sql("SELECT 1", "SELECT 1", ()) != Sql("SELECT 1", "SELECT 1", ())


def test_a_schema_in_postgres_words_becomes_sqlites():
    text = (
        "CREATE TABLE a (\n    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n    data BYTEA NOT NULL,\n"
        "    flag BOOLEAN NOT NULL DEFAULT FALSE,\n    degrees DOUBLE PRECISION\n);"
    )
    assert schema_for_sqlite(text) == (
        "CREATE TABLE a (\n    seq INTEGER PRIMARY KEY AUTOINCREMENT,\n    data BLOB NOT NULL,\n"
        "    flag INTEGER NOT NULL DEFAULT 0,\n    degrees REAL\n) STRICT;"
    )
