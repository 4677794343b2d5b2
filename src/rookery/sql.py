"""One SQL text for two engines.

Statements are written once in PostgreSQL's plain dialect with `:name` parameters and compiled at import:
`:name` becomes `$1` for asyncpg and `?1` for SQLite, where `= ANY(:ids)` becomes the table-valued function `carray`,
as `unnest(CAST(:texts AS TEXT[])) AS k(value)` does.
"""

import re
from dataclasses import dataclass, field
from typing import Final, LiteralString

_PARAMETER: Final = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
_ANY: Final = re.compile(r"=\s*ANY\(\s*:([a-z_][a-z0-9_]*)\s*\)")
_UNNEST: Final = re.compile(r"\bunnest\(CAST\(\s*:([a-z_][a-z0-9_]*) AS \w+\[\]\)\) AS (\w+)\(value\)")
_WHITE: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, eq=False)
class Sql:
    """A compiled statement: both texts and the parameters' names in the order of their numbers."""

    postgres: str
    sqlite: str
    names: tuple[str, ...]
    lists: frozenset[str] = field(default_factory=frozenset[str])
    """Names of parameters that take a list (those within `= ANY(:name)` or `unnest`)."""
    differs: bool = False
    """Whether the two spellings were written by hand (`sql_per_engine`)."""


CATALOGUE: Final[list[Sql]] = []
"""Every statement of the program; one test prepares them all on both engines."""


def sql(text: LiteralString) -> Sql:
    """Compile one text for both engines and enter it in the catalogue."""
    return _enter(text, text, differs=False)


def sql_in_both_orders(text: LiteralString) -> tuple[Sql, Sql]:
    """Compile a statement that orders its rows descending, and the same with ascending rows.

    A page's rows are those next to its one end or its other: where they are cut off depends on their order.
    """
    return sql(text), sql(text.replace(" DESC", ""))


def sql_per_engine(*, postgres: LiteralString, sqlite: LiteralString) -> Sql:
    """Compile two spellings of one statement, for what the engines really do differently."""
    return _enter(postgres, sqlite, differs=True)


def sql_per_engine_for_each(
    each: LiteralString, *, postgres: LiteralString, sqlite: LiteralString
) -> tuple[Sql, ...]:
    """Compile the statement once for each of some words, which stand where it says `{each}`: for indexes on expressions."""
    return tuple(
        sql_per_engine(postgres=postgres.replace("{each}", word), sqlite=sqlite.replace("{each}", word))
        for word in each.split()
    )


def _enter(postgres: str, sqlite: str, *, differs: bool) -> Sql:
    lists = frozenset(_ANY.findall(postgres)) | frozenset(_ANY.findall(sqlite))
    lists |= {name for name, _ in _UNNEST.findall(postgres)}
    names = tuple(dict.fromkeys([*_PARAMETER.findall(postgres), *_PARAMETER.findall(sqlite)]))
    numbers = {name: str(number) for number, name in enumerate(names, start=1)}
    portable = _UNNEST.sub(r"carray(:\1) AS \2", _ANY.sub(r"IN carray(:\1)", sqlite))
    statement = Sql(
        postgres=_WHITE.sub(" ", _PARAMETER.sub(lambda match: "$" + numbers[match[1]], postgres)).strip(),
        sqlite=_WHITE.sub(" ", _PARAMETER.sub(lambda match: "?" + numbers[match[1]], portable)).strip(),
        names=names,
        lists=lists,
        differs=differs,
    )
    CATALOGUE.append(statement)
    return statement


_KINDS: Final = (
    (re.compile(r"\bBIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY\b"), "INTEGER PRIMARY KEY AUTOINCREMENT"),
    (re.compile(r"\bBIGINT\b"), "INTEGER"),
    (re.compile(r"\bBOOLEAN\b"), "INTEGER"),
    (re.compile(r"\bBYTEA\b"), "BLOB"),
    (re.compile(r"\bDOUBLE PRECISION\b"), "REAL"),
    (re.compile(r' COLLATE "C"'), ""),
    (re.compile(r"\bDEFAULT FALSE\b"), "DEFAULT 0"),
    (re.compile(r"\bDEFAULT TRUE\b"), "DEFAULT 1"),
)
_TABLE: Final = re.compile(r"CREATE TABLE (\w+) \((.*?)\n\);", re.DOTALL)


def schema_for_sqlite(text: str) -> str:
    """Turn a migration in PostgreSQL's dialect into SQLite's.

    Column kinds are renamed, every table is STRICT, and a table whose primary key is a clause of its own
    (not one integer column) is stored in that key's order: WITHOUT ROWID.
    """
    for kind, sqlite in _KINDS:
        text = kind.sub(sqlite, text)

    def finish(match: re.Match[str]) -> str:
        options = "STRICT, WITHOUT ROWID" if "\n    PRIMARY KEY (" in match[2] else "STRICT"
        return f"CREATE TABLE {match[1]} ({match[2]}\n) {options};"

    return _TABLE.sub(finish, text)
