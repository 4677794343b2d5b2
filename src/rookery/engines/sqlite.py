"""SQLite in the process: reads on the event loop's thread, one writer thread that commits many callers at once.

Group commit makes `synchronous=FULL` cheap: whoever asks while a commit is under way shares the next one. Several
processes may share the file; SQLite's own lock lets one of them write at a time.
"""

# APSW's own stubs leave the buffer type open, so what its methods take and return is partly unknown to the checker.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import asyncio
import queue
import threading
from array import array
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TypeVar, cast

import apsw
import structlog

from rookery.domain.measurements import Kind, Measurement
from rookery.errors import Misconfigured, Unavailable
from rookery.ports import Row, Write
from rookery.sql import Sql

T = TypeVar("T")

BUSY_TIMEOUT_MS: Final = 10_000
"""How long a write waits for another process's write."""
BATCH_WRITES_MAX: Final = 128
"""How many callers' work one commit carries."""
CACHE_KIB: Final = 32_768
WAL_PAGES_MAX: Final = 4_096
"""Pages in the write-ahead log before it is folded into the database (16 MiB)."""

_log = structlog.get_logger(__name__)


def _connect(path: Path) -> apsw.Connection:
    try:
        connection = apsw.Connection(str(path), statementcachesize=512)
    except apsw.Error as error:
        raise Misconfigured(f"cannot open the database {path}: {error}") from error
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    # Without this, SQLite plans a statement anew whenever a bound value might change the plan: four times the cost.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    try:
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            f"cache_size = -{CACHE_KIB}",
            f"wal_autocheckpoint = {WAL_PAGES_MAX}",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except apsw.Error as error:
        connection.close()
        raise Misconfigured(f"cannot use {path} as a database: {error}") from error
    return connection


def _values(statement: Sql, parameters: dict[str, Any]) -> tuple[Any, ...]:
    if statement.lists:
        return tuple(
            [
                _array(parameters[name]) if name in statement.lists else parameters[name]
                for name in statement.names
            ]
        )
    return tuple([parameters[name] for name in statement.names])


def _array(values: Sequence[Any]) -> Any:
    """Return what `carray` reads: no rows from NULL, else 64-bit numbers or texts."""
    if not values:
        return None
    return apsw.carray(array("q", values) if isinstance(values[0], int) else tuple(values))


class _Reader:
    """The `Read` port on one connection. Nothing in it ever suspends."""

    __slots__ = ("_connection",)

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    async def one(self, statement: Sql, /, **parameters: Any) -> Row | None:
        for row in self._connection.execute(statement.sqlite, _values(statement, parameters)):
            return row
        return None

    async def all(self, statement: Sql, /, **parameters: Any) -> Sequence[Row]:
        return self._connection.execute(statement.sqlite, _values(statement, parameters)).fetchall()


class _Reading:
    """The context in which the reader is used; without state, so one object serves everybody."""

    __slots__ = ("_reader",)

    def __init__(self, reader: _Reader) -> None:
        self._reader = reader

    async def __aenter__(self) -> _Reader:
        return self._reader

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, apsw.Error):
            raise _renamed(error) from error


class _Writer(_Reader):
    """The `Write` port: the reader's methods and changes, inside the writer thread's transaction."""

    __slots__ = ("wakes",)

    def __init__(self, connection: apsw.Connection) -> None:
        super().__init__(connection)
        self.wakes: list[Callable[[], None]] = []

    async def run(self, statement: Sql, /, **parameters: Any) -> int:
        self._connection.execute(statement.sqlite, _values(statement, parameters)).fetchall()
        return self._connection.changes()

    async def many(self, statement: Sql, rows: Iterable[Sequence[Any]], /) -> None:
        self._connection.executemany(statement.sqlite, (tuple(row) for row in rows))

    def after_commit(self, wake: Callable[[], None], /) -> None:
        self.wakes.append(wake)


@dataclass(slots=True)
class _Job:
    work: Callable[[Write], Awaitable[Any]]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None
    wakes: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    def settle(self) -> None:
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)

    def wake(self) -> None:
        if self.error is None:
            for wake in self.wakes:
                wake()


def _finish(work: Awaitable[T]) -> T:
    """Run a coroutine that never suspends to its end."""
    coroutine = cast("Coroutine[Any, Any, T]", work)
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise RuntimeError("a write on SQLite waited for something else than its own transaction")


class SqliteDatabase:
    """The `Database` port over one file."""

    def __init__(self, path: Path) -> None:
        """Open (and create) the file. Raises Misconfigured when it cannot be used."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured(f"cannot make the folder {path.parent}: {error.strerror}") from error
        self._write_connection = _connect(path)
        self._read_connection = _connect(path)
        self._read_connection.execute("PRAGMA query_only = 1")
        self._reading = _Reading(_Reader(self._read_connection))
        self._commits = 0
        self._writes = 0
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closing = False
        self._thread = threading.Thread(target=self._write_jobs, name="sqlite-writer", daemon=True)
        self._thread.start()

    def read(self) -> "_Reading":
        """Give the event loop's own reader; driver errors become ours."""
        return self._reading

    async def write(self, work: Callable[[Write], Awaitable[T]], /) -> T:
        """Hand the work to the writer thread and wait until it is on the disk."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if self._closing:
            raise Unavailable("the database is closed")
        self._jobs.put(_Job(work, loop, future))
        if not self._thread.is_alive():
            self._refuse_waiting()
        return await future

    def measurements(self) -> Sequence[Measurement]:
        """Return what the writer thread counts: writes by commits is the size of a batch."""
        return (
            Measurement("rookery_database_writes", "Writes asked for.", Kind.COUNTER, lambda: self._writes),
            Measurement(
                "rookery_database_commits", "Commits that carried them.", Kind.COUNTER, lambda: self._commits
            ),
            Measurement(
                "rookery_database_queue", "Writes that wait for a commit.", Kind.GAUGE, self._jobs.qsize
            ),
        )

    async def close(self) -> None:
        """Commit what was accepted, then close both connections."""
        self._closing = True
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        self._read_connection.close()
        self._write_connection.close()

    def _write_jobs(self) -> None:
        try:
            self._write_batches()
        finally:
            self._refuse_waiting()

    def _refuse_waiting(self) -> None:
        """Answer those who would wait for a thread that has ended."""
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job is not None:
                job.error = Unavailable("the database is closed")
                _hand_back([job])

    def _write_batches(self) -> None:
        while (first := self._jobs.get()) is not None:
            batch = [first]
            last = False
            while len(batch) < BATCH_WRITES_MAX:
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if job is None:
                    last = True
                    break
                batch.append(job)
            try:
                self._commit(batch)
                self._commits += 1
                self._writes += len(batch)
            finally:
                _hand_back(batch)
            if last:
                break

    def _commit(self, batch: list[_Job]) -> None:
        connection = self._write_connection
        self._roll_back()
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in batch:
                self._run(job)
            connection.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001
            # The thread must outlive whatever a commit raises; the callers get it.
            _log.error("a commit failed", callers=len(batch), exc_info=error)
            for job in batch:
                job.error = job.error or (_renamed(error) if isinstance(error, apsw.Error) else error)
            self._roll_back()

    def _roll_back(self) -> None:
        """Leave the transaction that is open, if one is."""
        try:
            if self._write_connection.in_transaction:
                self._write_connection.execute("ROLLBACK")
        except apsw.Error as error:
            # Before the next transaction it is tried again.
            _log.error("a transaction could not be rolled back", exc_info=error)

    def _run(self, job: _Job) -> None:
        connection = self._write_connection
        connection.execute("SAVEPOINT job")
        writer = _Writer(connection)
        try:
            job.result = _finish(job.work(writer))
            job.wakes = writer.wakes
        except Exception as error:
            # Every failure belongs to the caller, none to the thread.
            # NOTE: a full disk or an I/O error ends the whole transaction, and the savepoint with it.
            if not connection.in_transaction:
                raise
            connection.execute("ROLLBACK TO job")
            job.error = _renamed(error) if isinstance(error, apsw.Error) else error
        connection.execute("RELEASE job")


def _hand_back(batch: list[_Job]) -> None:
    """Tell the callers, each on the event loop where it waits."""
    for loop in {job.loop for job in batch}:
        jobs = [job for job in batch if job.loop is loop]
        with suppress(RuntimeError):  # the loop is closed: nobody waits there any more
            loop.call_soon_threadsafe(_settle, jobs)


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        job.settle()
    for job in jobs:
        job.wake()


def _renamed(error: apsw.Error) -> Exception:
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return Unavailable("the database is busy; try again soon")
    if isinstance(error, apsw.FullError | apsw.IOError | apsw.CantOpenError | apsw.ReadOnlyError):
        return Unavailable("the database cannot be written; its disk may be full")
    if isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return Unavailable("the database file is damaged")
    return error
