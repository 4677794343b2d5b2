"""Bring a database to the schema this program needs: forward only, refusing one that is too new."""

import re
from importlib import resources
from typing import Final

from rookery.errors import Misconfigured
from rookery.ports import Database, Read, Write
from rookery.sql import Sql, schema_for_sqlite, sql, sql_per_engine

_FILE: Final = re.compile(r"(\d{4})_\w+\.sql")

_ONLY_SQLITE: Final = "-- only sqlite"
_ONLY_POSTGRES: Final = "-- only postgres"
_NOTHING: Final = "SELECT 1"

_LOCK = sql_per_engine(postgres="SELECT pg_advisory_xact_lock(76831)", sqlite="SELECT 1")
_CREATE_VERSION = sql("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)")
_VERSION = sql("SELECT COALESCE(MAX(version), 0) FROM schema_version")
_INSERT_VERSION = sql("INSERT INTO schema_version (version) VALUES (:version)")


def migrations() -> dict[int, str]:
    """Return every migration's text by its number."""
    texts: dict[int, str] = {}
    for file in resources.files("rookery.storage.migrations").iterdir():
        if match := _FILE.fullmatch(file.name):
            texts[int(match[1])] = file.read_text(encoding="utf-8")
    return dict(sorted(texts.items()))


def statements(text: str) -> list[Sql]:
    """Split a migration into statements for both engines, without comments.

    What stands behind a line `-- only sqlite` or `-- only postgres` is for that engine.
    """
    found: list[Sql] = []
    for part in f"\n{text}\n".split(";\n"):
        lines = part.splitlines()
        statement = "\n".join(line for line in lines if not line.lstrip().startswith("--")).strip()
        if not statement:
            continue
        if _ONLY_SQLITE in lines:
            found.append(Sql(_NOTHING, f"{statement};", ()))
        elif _ONLY_POSTGRES in lines:
            found.append(Sql(statement, _NOTHING, ()))
        else:
            found.append(Sql(statement, schema_for_sqlite(f"{statement};"), ()))
    return found


async def migrate(db: Database) -> tuple[int, int]:
    """Apply what is missing, in one transaction; return the versions before and after.

    Raises Misconfigured when the database is newer than this program.
    """
    known = migrations()
    newest = max(known)

    async def work(tx: Write) -> tuple[int, int]:
        await tx.one(_LOCK)
        await tx.run(_CREATE_VERSION)
        before = await version_of(tx)
        if before > newest:
            raise Misconfigured(
                f"the database has schema version {before}, this program knows versions up to {newest}: "
                "run a newer Rookery, or give it another database"
            )
        for version, text in known.items():
            if version > before:
                for statement in statements(text):
                    await tx.run(statement)
                await tx.run(_INSERT_VERSION, version=version)
        return before, newest

    return await db.write(work)


async def version_of(tx: Read) -> int:
    """Return the version of the database's schema; 0 before the first migration."""
    row = await tx.one(_VERSION)
    return int(row[0]) if row else 0
