"""PostgreSQL through asyncpg: one pool of sessions that only read, one that writes."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import asyncpg

from rookery.domain.measurements import Kind, Measurement
from rookery.errors import Misconfigured, Unavailable
from rookery.ports import Row, Write
from rookery.sql import Sql

T = TypeVar("T")

SESSIONS_MAX: Final = 10
"""Sessions in each of the two pools of one process."""
ATTEMPTS_MAX: Final = 8
"""How often a transaction is tried when the server fails over or asks for a repetition."""
RETRY_DELAY_S: Final = 0.05
"""The first pause between attempts; it doubles."""
COMMAND_TIMEOUT_S: Final = 30.0
CONNECT_TIMEOUT_S: Final = 10.0
SESSION_TIMEOUT_S: Final = 5.0
"""How long to wait for a free session of the pool."""
STATEMENTS_PREPARED_MAX: Final = 512
"""Statements one session keeps prepared: more than there are texts."""

_AWAY: Final = (
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
"""The server cannot be reached, starts, stops or crashes; a session that was open before is of no use any more."""
_UNDONE: Final = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
"""The server says that it kept nothing and asks for a repetition."""
_REPEATABLE: Final = (*_UNDONE, asyncpg.ReadOnlySQLTransactionError, *_AWAY)


# While the server is away, the pool would log a traceback a second; whoever needs a session says so in one line.
logging.getLogger("asyncpg.pool").setLevel(logging.CRITICAL)


class _Session(asyncpg.Connection):  # pyright: ignore[reportMissingTypeArgument]
    """A session that skips the reset between users: ours leave no state behind."""

    def get_reset_query(self) -> str:
        return ""


class _Reader:
    """The `Read` port on one session."""

    __slots__ = ("_session",)

    def __init__(self, session: Any) -> None:
        self._session = session

    async def one(self, statement: Sql, /, **parameters: Any) -> Row | None:
        return await self._session.fetchrow(
            statement.postgres, *[parameters[name] for name in statement.names]
        )

    async def all(self, statement: Sql, /, **parameters: Any) -> Sequence[Row]:
        return await self._session.fetch(statement.postgres, *[parameters[name] for name in statement.names])


class _Writer(_Reader):
    """The `Write` port: one transaction of one session."""

    __slots__ = ("wakes",)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.wakes: list[Callable[[], None]] = []

    async def run(self, statement: Sql, /, **parameters: Any) -> int:
        values = [parameters[name] for name in statement.names]
        tag: str = await self._session.execute(statement.postgres, *values)
        count = tag.rsplit(" ", 1)[-1]
        return int(count) if count.isdigit() else 0

    async def many(self, statement: Sql, rows: Iterable[Sequence[Any]], /) -> None:
        await self._session.executemany(statement.postgres, rows)

    def after_commit(self, wake: Callable[[], None], /) -> None:
        self.wakes.append(wake)


@asynccontextmanager
async def _session(pool: Any) -> AsyncGenerator[Any]:
    """Lend a session of the pool; one whose server went away under it never goes back."""
    try:
        session = await pool.acquire(timeout=SESSION_TIMEOUT_S)
    except TimeoutError as error:
        raise Unavailable("the database is busy; try again soon") from error
    try:
        yield session
    except asyncpg.DataError:
        raise
    except _AWAY:
        session.terminate()
        raise
    finally:
        await pool.release(session)


class PostgresDatabase:
    """The `Database` port over a PostgreSQL server."""

    def __init__(self, url: str) -> None:
        """Take a `postgresql://` URL; `open` connects."""
        self._url = url
        self._readers: Any = None
        self._writers: Any = None
        self._writes = 0

    async def open(self) -> None:
        """Connect. Raises Misconfigured when the server cannot be reached or refuses us."""
        try:
            self._readers = await self._pool(default_transaction_read_only="on")
            self._writers = await self._pool()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, ValueError) as error:
            raise Misconfigured(
                f"cannot use the PostgreSQL server of ROOKERY_DATABASE_URL: {error}"
            ) from error

    async def _pool(self, **server_settings: str) -> Any:
        return await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=SESSIONS_MAX,
            connection_class=_Session,
            command_timeout=COMMAND_TIMEOUT_S,
            statement_cache_size=STATEMENTS_PREPARED_MAX,
            timeout=CONNECT_TIMEOUT_S,
            server_settings={"jit": "off", "application_name": "rookery", **server_settings},
        )

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[_Reader]:
        """Give a session that cannot write; driver errors become ours."""
        try:
            async with _session(self._readers) as session:
                yield _Reader(session)
        except asyncpg.DataError:
            raise
        except _AWAY as error:
            raise Unavailable("the database cannot be reached; try again soon") from error

    async def write(self, work: Callable[[Write], Awaitable[T]], /) -> T:
        """Run the work in a transaction, again after a failover or when the server asks for it.

        Once COMMIT was sent, a lost answer is not followed by a repetition, which might do everything twice.
        """
        self._writes += 1
        delay_s = RETRY_DELAY_S
        for attempt in range(1, ATTEMPTS_MAX + 1):
            committing = False
            try:
                async with _session(self._writers) as session:
                    writer = _Writer(session)
                    async with session.transaction():
                        result = await work(writer)
                        committing = True
                for wake in writer.wakes:
                    wake()
            except asyncpg.DataError:
                raise
            except _REPEATABLE as error:
                if committing and not isinstance(error, _UNDONE):
                    raise Unavailable(
                        "the database did not say whether it kept this; look before you try again"
                    ) from error
                if attempt == ATTEMPTS_MAX:
                    raise Unavailable("the database cannot be reached; try again soon") from error
                await asyncio.sleep(delay_s)
                delay_s *= 2
            except (asyncpg.DiskFullError, asyncpg.OutOfMemoryError) as error:
                raise Unavailable("the database cannot be written; its disk may be full") from error
            else:
                return result
        raise AssertionError

    def measurements(self) -> Sequence[Measurement]:
        """Return what is counted here."""
        return (
            Measurement("rookery_database_writes", "Writes asked for.", Kind.COUNTER, lambda: self._writes),
        )

    async def close(self) -> None:
        """Close both pools."""
        for pool in (self._readers, self._writers):
            if pool is not None:
                await pool.close()
