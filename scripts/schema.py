"""Read a migrated database back and write its schema down, so that the present can be read without the migrations."""

import asyncio
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import apsw
import asyncpg

from rookery.app import open_database
from rookery.storage.migrate import migrate

FOLDER: Final = Path(__file__).parent.parent / "src" / "rookery" / "storage"
HEADING: Final = """\
-- What all migrations together make on {engine}: for reading, never run. Written by `make docs`.
"""
KINDS: Final = {
    "BIGINT": "integer",
    "BOOLEAN": "flag",
    "BYTEA": "bytes",
    "DOUBLE PRECISION": "real",
    "TEXT": "text",
    "INTEGER": "integer",
    "BLOB": "bytes",
    "REAL": "real",
}
"""The kinds of columns that both engines have; SQLite keeps flags as integers."""


@dataclass(frozen=True)
class Column:
    """A column as either engine describes it."""

    table: str
    name: str
    kind: str
    required: bool
    key_place: int
    """Its place in the primary key, from 1; 0 outside of it."""


async def migrated(url: str) -> None:
    """Bring a database to the present."""
    db = await open_database(url)
    try:
        await migrate(db)
    finally:
        await db.close()


def sqlite_schema() -> str:
    """Return the schema that SQLite has after all migrations."""
    with _sqlite() as connection:
        texts = [
            text
            for (text,) in connection.execute(
                "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' "
                "AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow') "
                "ORDER BY tbl_name, type DESC, name"
            )
        ]
    return HEADING.format(engine="SQLite") + "".join(f"\n{text};\n" for text in texts)


def sqlite_columns() -> set[Column]:
    """Return every column that SQLite has after all migrations."""
    query = """
        SELECT t.name, c.name, c.type, c."notnull", c.pk FROM pragma_table_list t, pragma_table_info(t.name) c
        WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite_%' AND t.type = 'table'
    """
    with _sqlite() as connection:
        return {
            Column(table, name, KINDS[kind], bool(required) or bool(place), place)
            for table, name, kind, required, place in connection.execute(query)
        }


class _sqlite:  # noqa: N801  used as a function
    """A migrated SQLite file for a moment."""

    def __enter__(self) -> apsw.Connection:
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / "schema.db"
        asyncio.run(migrated(f"sqlite:///{file}"))
        self._connection = apsw.Connection(str(file))
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._folder.cleanup()


_POSTGRES_COLUMNS: Final = """
    SELECT c.relname, a.attname, upper(format_type(a.atttypid, a.atttypmod)), a.attnotnull,
        COALESCE(array_position(i.indkey::int2[], a.attnum) + 1, 0), pg_get_expr(d.adbin, d.adrelid), a.attidentity <> ''
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    ORDER BY c.relname, a.attnum
"""
_POSTGRES_CONSTRAINTS: Final = """
    SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace ORDER BY conrelid::regclass::text, contype, conname
"""
_POSTGRES_INDEXES: Final = """
    SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT IN (
        SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace)
    ORDER BY tablename, indexname
"""


async def postgres_schema(url: str) -> str:
    """Return the schema of a migrated PostgreSQL database."""
    columns, constraints, indexes = [
        await _rows(url, query) for query in (_POSTGRES_COLUMNS, _POSTGRES_CONSTRAINTS, _POSTGRES_INDEXES)
    ]
    parts = [HEADING.format(engine="PostgreSQL")]
    for table in sorted({row[0] for row in columns}):
        lines = [_column_line(row) for row in columns if row[0] == table]
        lines += [definition for owner, definition in constraints if owner == table]
        parts.append(f"\nCREATE TABLE {table} (\n    " + ",\n    ".join(lines) + "\n);\n")
        for owner, definition in indexes:
            if owner == table:
                parts.append(re.sub(r" ON public\.(\w+) USING btree", r" ON \1", definition) + ";\n")
    return "".join(parts)


def _column_line(row: Any) -> str:
    _, name, kind, required, _, default, identity = row
    line = f"{name} {kind}"
    if identity:
        line += " GENERATED ALWAYS AS IDENTITY"
    elif default is not None:
        line += f" DEFAULT {default}"
    return line + (" NOT NULL" if required else "")


async def postgres_columns(url: str) -> set[Column]:
    """Return every column of a migrated PostgreSQL database."""
    return {
        Column(table, name, KINDS[kind], required, place)
        for table, name, kind, required, place, _, _ in await _rows(url, _POSTGRES_COLUMNS)
    }


async def _rows(url: str, query: str) -> list[Any]:
    session = await asyncpg.connect(url)
    try:
        return await session.fetch(query)
    finally:
        await session.close()
