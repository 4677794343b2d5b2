"""Write the parts of the documentation that are read off the program: `python -m scripts.reference` (`make docs`)."""

import asyncio
import importlib
import pkgutil
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Final

import rookery.storage
from rookery.sql import CATALOGUE, Sql
from scripts import commands_page, operations, schema, settings_page
from tests import servers

ROOT: Final = Path(__file__).parent.parent
DIFFERENCES: Final = ROOT / "docs" / "reference" / "engine-differences.md"
SQLITE_SCHEMA: Final = schema.FOLDER / "schema.sqlite.sql"
POSTGRES_SCHEMA: Final = schema.FOLDER / "schema.postgres.sql"

_HEADING: Final = """\
# Where the two engines differ

Written by `make docs` from the catalogue of statements (`rookery.sql.CATALOGUE`); a test keeps it true.

Rookery's SQL is written once, in PostgreSQL's plain dialect, and compiled for both engines at import. Of {total}
statements, {differing} ({share:.1%}) are spelled twice because the engines really differ. They are all here.

What the compiler does to every other statement: `:name` becomes `$1` on PostgreSQL and `?1` on SQLite, and
`= ANY(:ids)` becomes `IN carray(?1)` on SQLite. Migrations are translated column kind by column kind
(`rookery.sql.schema_for_sqlite`).
"""


def statements() -> list[tuple[str, Sql]]:
    """Return every statement of the catalogue with the name `module.CONSTANT` under which the code knows it."""
    for module in pkgutil.iter_modules(rookery.storage.__path__, "rookery.storage."):
        importlib.import_module(module.name)
    names = {
        id(value): f"{module_name.removeprefix('rookery.')}.{name}"
        for module_name, module in sorted(sys.modules.items())
        if module_name.startswith("rookery.")
        for name, value in vars(module).items()
        if isinstance(value, Sql)
    }
    return [(names[id(statement)], statement) for statement in CATALOGUE if id(statement) in names]


def engine_differences() -> str:
    """Return the page of statements that are spelled twice."""
    named = statements()
    differing = sorted((name, statement) for name, statement in named if statement.differs)
    page = [_HEADING.format(total=len(named), differing=len(differing), share=len(differing) / len(named))]
    for name, statement in differing:
        page.append(f"\n## `{name}`\n\nPostgreSQL:\n\n```sql\n{_folded(statement.postgres)}\n```\n")
        page.append(f"\nSQLite:\n\n```sql\n{_folded(statement.sqlite)}\n```\n")
    return "".join(page)


def _folded(text: str) -> str:
    return textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False)


def main() -> None:
    """Write every generated page that needs it."""
    _write(DIFFERENCES, engine_differences)
    _write(operations.PAGE, operations.client_api)
    _write(settings_page.PAGE, settings_page.settings)
    _write(commands_page.PAGE, commands_page.commands)
    _write(SQLITE_SCHEMA, schema.sqlite_schema)
    with servers.Postgres(durable=False) as server:
        asyncio.run(schema.migrated(server.url()))
        _write(POSTGRES_SCHEMA, lambda: asyncio.run(schema.postgres_schema(server.url())))


def _write(file: Path, make: Callable[[], str]) -> None:
    text = make()
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote {file.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
