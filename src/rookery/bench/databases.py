"""Databases to measure in: a file, and on a PostgreSQL server a database of the bench's own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from rookery.domain.ids import ID_MAX, UserId
from rookery.errors import Invalid, Misconfigured
from rookery.ports import Write
from rookery.services import Services
from rookery.settings import Settings
from rookery.sql import Sql

PREFIX: Final = "rookery_bench"
"""How the names of databases begin that belong to the bench."""


@asynccontextmanager
async def made(
    part: str, folder: Path, *, postgres_url: str, keep: bool
) -> AsyncGenerator[dict[str, Settings]]:
    """Give a part's databases by engine: empty ones, unless an earlier run has kept them.

    `postgres_url` names any database of a server on which we may make another. Raises Misconfigured when we may not.
    """
    urls = {"SQLite": f"sqlite:///{folder / part}.db"}
    name = f"{PREFIX}_{part}"
    if postgres_url:
        if not keep:
            await _asked(postgres_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        if not await _asked(postgres_url, "SELECT 1 FROM pg_database WHERE datname = $1", name):
            await _asked(postgres_url, f"CREATE DATABASE {name}")
        urls["PostgreSQL"] = urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
    try:
        yield {
            engine: Settings(
                database_url=url,
                secret_key_file=f"{folder}/{part}-{engine}.keys",
                media_url=f"file:///{folder}/media",
                link_previews="off",
            )
            for engine, url in urls.items()
        }
    finally:
        if postgres_url and not keep:
            await _asked(postgres_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


_PRESENT: Final = Sql(
    "SELECT (SELECT COUNT(*) FROM users), (SELECT COUNT(*) FROM tweets WHERE id < $1)",
    "SELECT (SELECT COUNT(*) FROM users), (SELECT COUNT(*) FROM tweets WHERE id < ?1)",
    names=("before",),
)
_USERS: Final = Sql("SELECT id FROM users ORDER BY id", "SELECT id FROM users ORDER BY id", names=())


async def kept_users(
    services: Services, *, users: int, tweets: int = 0, before: int = ID_MAX
) -> list[UserId]:
    """Return the users whom an earlier run has kept, in the order in which they were entered; none in an empty database.

    Raises Invalid when there are not as many users, and tweets with smaller ids than `before`, as there should be.
    """
    async with services.db.read() as tx:
        present = await tx.one(_PRESENT, before=before)
        if present is None or not any(present):
            return []
        if tuple(present) != (users, tweets):
            raise Invalid("a run before this one was broken off: remove what it has kept")
        return [row[0] for row in await tx.all(_USERS)]


_SETTLE: Final = Sql("ANALYZE", "SELECT 1", names=())


async def settled(services: Services) -> None:
    """Let PostgreSQL count what was entered at once, as it does by itself in the minutes after."""

    async def work(tx: Write) -> None:
        await tx.run(_SETTLE)

    await services.db.write(work)


async def size(services: Services, statement: Sql) -> int:
    """Return the bytes that a statement adds up."""
    async with services.db.read() as tx:
        row = await tx.one(statement)
    return row[0] or 0 if row is not None else 0


async def _asked(url: str, text: str, *values: Any) -> Any:
    import asyncpg  # noqa: PLC0415  heavy, and the embedded engine does without

    try:
        session = await asyncpg.connect(url)
        try:
            return await session.fetchval(text, *values)
        finally:
            await session.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise Misconfigured(f"cannot make a database of its own for the bench: {error}") from error
