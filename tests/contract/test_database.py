"""The promise of the `Database` port, kept by SQLite and PostgreSQL, failure included."""

import asyncio
import importlib
import pkgutil
import threading
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import apsw
import asyncpg
import pytest
import pytest_asyncio

import rookery.storage
from rookery.app import open_database
from rookery.engines.postgres import SESSIONS_MAX, PostgresDatabase
from rookery.engines.sqlite import SqliteDatabase
from rookery.errors import Invalid, Misconfigured, Unavailable
from rookery.ports import Database, Read, Write
from rookery.sql import CATALOGUE, Sql, sql
from rookery.storage.migrate import migrate
from tests.conftest import Databases
from tests.servers import Postgres, free_port

for _module in pkgutil.iter_modules(rookery.storage.__path__, "rookery.storage."):
    importlib.import_module(_module.name)
STATEMENTS = list(CATALOGUE)

_INSERT = sql(
    "INSERT INTO nodes (node, owner, lease_until_ms) VALUES (:node, :owner, 0) ON CONFLICT DO NOTHING"
)
_INSERT_STRICTLY = sql("INSERT INTO nodes (node, owner, lease_until_ms) VALUES (:node, :owner, 0)")
_NODES = sql("SELECT node FROM nodes ORDER BY node")
_OWNERS = sql("SELECT owner FROM nodes WHERE node = ANY(:nodes) ORDER BY owner")
_BY_OWNER = sql("SELECT node FROM nodes WHERE owner = ANY(:owners) ORDER BY node")
_DELETE = sql("DELETE FROM nodes WHERE node >= :node")


@pytest.fixture
async def db(database_url: str) -> AsyncGenerator[Database]:
    database = await open_database(database_url)
    yield database
    await database.close()


async def nodes(db: Database) -> list[int]:
    async with db.read() as tx:
        return [row[0] for row in await tx.all(_NODES)]


def inserting(node: Any, owner: str = "ada") -> Any:
    async def work(tx: Write) -> int:
        return await tx.run(_INSERT, node=node, owner=owner)

    return work


async def test_what_a_write_returns_comes_back(db: Database):
    assert await db.write(inserting(1)) == 1


async def test_a_committed_write_is_read(db: Database):
    await db.write(inserting(1))
    assert await nodes(db) == [1]


async def test_a_write_that_raises_leaves_nothing_and_its_error_comes_back(db: Database):
    async def work(tx: Write) -> None:
        await tx.run(_INSERT, node=1, owner="ada")
        raise Invalid("no")

    with pytest.raises(Invalid, match="no"):
        await db.write(work)
    assert await nodes(db) == []


async def test_a_write_reads_its_own_changes(db: Database):
    async def work(tx: Write) -> Any:
        await tx.run(_INSERT, node=7, owner="ada")
        return await tx.one(_NODES)

    assert (await db.write(work))[0] == 7


async def test_run_tells_how_many_rows_changed(db: Database):
    async def work(tx: Write) -> list[int]:
        counts = [await tx.run(_INSERT, node=node, owner="ada") for node in (1, 2, 3, 3)]
        return [*counts, await tx.run(_DELETE, node=2), await tx.run(_DELETE, node=2)]

    assert await db.write(work) == [1, 1, 1, 0, 2, 0]


async def test_many_carries_out_a_statement_for_each_row(db: Database):
    async def work(tx: Write) -> None:
        await tx.many(_INSERT, [(node, "ada") for node in range(5)])
        await tx.many(_INSERT, [])

    await db.write(work)
    assert await nodes(db) == [0, 1, 2, 3, 4]


async def test_writes_side_by_side_do_not_harm_each_other(db: Database):
    async def failing(tx: Write) -> None:
        await tx.run(_INSERT, node=1000, owner="bob")
        raise Invalid("no")

    async def breaking(tx: Write) -> None:
        await tx.run(_INSERT, node=1001, owner="bob")
        await tx.run(_INSERT_STRICTLY, node=1001, owner="bob")

    works = [
        inserting(number) if number % 3 else (failing if number % 2 else breaking) for number in range(60)
    ]
    results = await asyncio.gather(*[db.write(work) for work in works], return_exceptions=True)
    kept = [number for number in range(60) if number % 3]
    assert await nodes(db) == kept
    for number, result in enumerate(results):
        assert (result == 1) if number % 3 else isinstance(result, Exception), number


async def test_after_commit_runs_once_the_transaction_is_kept(db: Database):
    seen: list[int] = []
    loop = asyncio.get_running_loop()

    async def work(tx: Write) -> None:
        tx.after_commit(lambda: seen.append(asyncio.get_running_loop() is loop))
        await tx.run(_INSERT, node=1, owner="ada")
        assert not seen

    await db.write(work)
    assert seen == [True]


async def test_after_commit_does_not_run_for_what_was_rolled_back(db: Database):
    seen: list[int] = []

    async def work(tx: Write) -> None:
        tx.after_commit(lambda: seen.append(1))
        raise Invalid("no")

    with pytest.raises(Invalid):
        await db.write(work)
    await db.write(inserting(1))
    assert seen == []


async def test_a_reader_cannot_write(db: Database):
    with pytest.raises((apsw.ReadOnlyError, asyncpg.ReadOnlySQLTransactionError, Unavailable)):
        async with db.read() as tx:
            await tx.all(_INSERT, node=1, owner="ada")
    assert await nodes(db) == []
    await db.write(inserting(1))


async def test_lists_of_numbers_and_texts_are_parameters(db: Database):
    for node, owner in ((1, "ada"), (2, "bob"), (3, "çelik 🦜"), (2**62, "dora")):
        await db.write(inserting(node, owner))
    async with db.read() as tx:
        assert [row[0] for row in await tx.all(_OWNERS, nodes=[1, 2**62])] == ["ada", "dora"]
        assert [row[0] for row in await tx.all(_BY_OWNER, owners=["bob", "çelik 🦜", "nobody"])] == [2, 3]


async def test_a_list_may_be_empty(db: Database):
    await db.write(inserting(1))
    async with db.read() as tx:
        assert list(await tx.all(_OWNERS, nodes=[])) == []
        assert list(await tx.all(_BY_OWNER, owners=[])) == []


async def test_a_list_may_be_long(db: Database):
    await db.write(inserting(1))
    async with db.read() as tx:
        assert [row[0] for row in await tx.all(_OWNERS, nodes=list(range(50_000)))] == ["ada"]


async def test_one_is_none_without_a_row(db: Database):
    async with db.read() as tx:
        assert await tx.one(_NODES) is None


_FOLLOW = sql("""
    INSERT INTO follows (follower_id, followee_id, id, shows_retweets, notifies, languages)
    VALUES (1, 2, 3, :shows_retweets, :notifies, '')
""")
_FLAGS = sql("SELECT shows_retweets, notifies FROM follows WHERE NOT notifies AND shows_retweets")


async def test_flags_go_in_as_booleans_and_come_out_true_or_false(db: Database):
    async def work(tx: Write) -> None:
        await tx.run(_FOLLOW, shows_retweets=True, notifies=False)

    await db.write(work)
    async with db.read() as tx:
        row = await tx.one(_FLAGS)
    assert row is not None
    assert [bool(value) for value in row] == [True, False]


_CODE = sql("""
    INSERT INTO confirmations (code_hash, user_id, purpose, expires_ms) VALUES (:code_hash, 1, 'email', 0)
""")
_CODES = sql("SELECT code_hash FROM confirmations")


async def test_bytes_come_back_as_they_went_in(db: Database):
    code_hash = bytes(range(256))

    async def work(tx: Write) -> None:
        await tx.run(_CODE, code_hash=code_hash)

    await db.write(work)
    async with db.read() as tx:
        row = await tx.one(_CODES)
    assert row is not None
    assert bytes(row[0]) == code_hash


async def test_the_database_refuses_a_value_of_the_wrong_kind(db: Database):
    with pytest.raises((apsw.MismatchError, apsw.ConstraintError, asyncpg.DataError)):
        await db.write(inserting("one"))
    assert await nodes(db) == []


async def test_a_write_is_there_for_another_process(database_url: str, db: Database):
    other = await open_database(database_url)
    await db.write(inserting(1))
    assert await nodes(other) == [1]
    await other.write(inserting(2))
    assert await nodes(db) == [1, 2]
    await other.close()


async def test_what_was_accepted_before_closing_is_kept(database_url: str):
    database = await open_database(database_url)
    writes = [asyncio.ensure_future(database.write(inserting(node))) for node in range(20)]
    await asyncio.sleep(0)
    await asyncio.gather(*writes)
    await database.close()
    again = await open_database(database_url)
    assert await nodes(again) == list(range(20))
    await again.close()


async def test_a_database_tells_what_it_counts(db: Database):
    for measurement in db.measurements():
        assert measurement.name.startswith("rookery_")
        assert measurement.read() >= 0


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.postgres[:70])
async def test_every_statement_can_be_prepared_on_sqlite(statement: Sql, prepared_sqlite: apsw.Connection):
    prepared_sqlite.execute("EXPLAIN " + statement.sqlite, (None,) * len(statement.names))


@pytest.fixture(scope="module")
def prepared_sqlite(sqlite_template: Path) -> apsw.Connection:
    return apsw.Connection(str(sqlite_template))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.postgres[:70])
async def test_every_statement_can_be_prepared_on_postgres(
    statement: Sql, prepared_postgres: asyncpg.Connection
):
    if not statement.postgres.startswith("CREATE TABLE"):
        await prepared_postgres.prepare(statement.postgres)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prepared_postgres(
    postgres_template: str, shared_postgres: int, worker_number: int
) -> AsyncGenerator[asyncpg.Connection]:
    # A copy, for nobody can copy the template while somebody is connected to it.
    async with AsyncExitStack() as closing:
        copies = Databases(
            closing, Path(), postgres_template, shared_postgres, f"test_{worker_number}_prepared"
        )
        session = await asyncpg.connect(await copies.fresh())
        closing.push_async_callback(session.close)
        yield session


async def test_a_busy_sqlite_file_is_unavailable_for_now(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rookery.engines.sqlite.BUSY_TIMEOUT_MS", 50)
    database = await open_database(sqlite_url)
    other = apsw.Connection(sqlite_url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="busy"):
        await database.write(inserting(1))
    other.execute("COMMIT")
    await database.write(inserting(2))
    assert await nodes(database) == [2]
    await database.close()


async def test_a_write_on_sqlite_that_waits_for_something_else_is_a_mistake_told_at_once(sqlite_url: str):
    database = await open_database(sqlite_url)

    async def work(tx: Write) -> None:
        await tx.run(_INSERT, node=1, owner="ada")
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="waited for something else"):
        await database.write(work)
    assert await nodes(database) == []
    await database.close()


async def test_a_closed_sqlite_database_takes_no_more(sqlite_url: str):
    database = await open_database(sqlite_url)
    await database.close()
    with pytest.raises(Unavailable):
        await database.write(inserting(1))


async def test_a_file_that_is_no_database_is_refused_with_a_sentence(tmp_path: Path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(Misconfigured, match=r"letter\.txt"):
        await open_database(f"sqlite:///{file}")


async def test_a_folder_is_made_for_the_sqlite_file(tmp_path: Path):
    database = await open_database(f"sqlite:///{tmp_path}/deep/down/rookery.db")
    assert (tmp_path / "deep" / "down" / "rookery.db").exists()
    await database.close()


async def test_a_folder_that_cannot_be_made_is_refused_with_a_sentence(tmp_path: Path):
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam")
    with pytest.raises(Misconfigured, match=r"cannot make the folder .*letter\.txt"):
        await open_database(f"sqlite:///{tmp_path}/letter.txt/data/rookery.db")


@pytest.mark.parametrize("url", ["mysql://localhost/x", "rookery.db", "sqlite:///"])
async def test_a_url_of_no_known_kind_is_refused_with_a_sentence(url: str):
    with pytest.raises(Misconfigured, match=r"sqlite:///"):
        await open_database(url)


async def test_a_postgres_server_that_is_not_there_is_named_in_a_sentence():
    with pytest.raises(Misconfigured, match="cannot use the PostgreSQL server"):
        await open_database(f"postgresql://postgres@127.0.0.1:{free_port()}/rookery")


async def test_a_killed_postgres_is_unavailable_and_comes_back_with_all_that_was_acknowledged(
    own_postgres: Postgres, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("rookery.engines.postgres.ATTEMPTS_MAX", 2)
    database = await open_database(own_postgres.url())
    await migrate(database)
    await database.write(inserting(1))
    own_postgres.kill()
    with pytest.raises(Unavailable):
        await database.write(inserting(2))
    with pytest.raises(Unavailable):
        await nodes(database)
    own_postgres.start()
    await database.write(inserting(3))
    assert await nodes(database) in ([1, 3], [1, 2, 3])
    await database.close()


async def test_a_write_outlives_a_restart_of_postgres(own_postgres: Postgres):
    database = await open_database(own_postgres.url())
    await migrate(database)
    await database.write(inserting(1))
    own_postgres.kill()
    write = asyncio.ensure_future(database.write(inserting(2)))
    await asyncio.to_thread(own_postgres.start)
    await write
    assert await nodes(database) == [1, 2]
    await database.close()


async def test_a_transaction_is_repeated_when_postgres_asks_for_it(postgres_url: str):
    database = PostgresDatabase(postgres_url)
    await database.open()
    attempts: list[int] = []

    async def work(tx: Write) -> int:
        attempts.append(1)
        if len(attempts) < 3:
            raise asyncpg.SerializationError("once more")
        return await tx.run(_INSERT, node=1, owner="ada")

    assert await database.write(work) == 1
    assert len(attempts) == 3
    await database.close()


async def test_a_reader_survives_a_reader_that_failed(db: Database):
    async def fail(tx: Read) -> None:
        await tx.all(Sql("SELECT nonsense FROM nowhere", "SELECT nonsense FROM nowhere", ()))

    for _ in range(30):
        with pytest.raises(Exception, match="nowhere"):
            async with db.read() as tx:
                await fail(tx)
    assert await nodes(db) == []


async def test_readers_that_wait_too_long_for_a_session_of_postgres_are_told_that_it_is_busy(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    database = await open_database(postgres_url)
    async with AsyncExitStack() as held:
        for _ in range(SESSIONS_MAX):
            await held.enter_async_context(database.read())
        monkeypatch.setattr("rookery.engines.postgres.SESSION_TIMEOUT_S", 0.2)
        with pytest.raises(Unavailable, match="busy"):
            await nodes(database)
        monkeypatch.undo()
    assert await nodes(database) == []
    await database.close()


async def test_a_postgres_that_takes_no_more_sessions_is_unavailable_for_now(own_postgres: Postgres):
    owner = await asyncpg.connect(own_postgres.url())
    await owner.execute("CREATE ROLE few LOGIN CONNECTION LIMIT 2")
    await owner.close()
    database = await open_database(own_postgres.url().replace("postgres@", "few@"))
    async with database.read():
        with pytest.raises(Unavailable):
            await nodes(database)
    await database.close()


_AT_COMMIT = """
    CREATE SEQUENCE commits;
    CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON nodes DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION at_commit();
"""


async def happening_at_commit(url: str, deed: str) -> None:
    session = await asyncpg.connect(url)
    await session.execute(_AT_COMMIT.format(deed))
    await session.close()


async def test_a_write_whose_commit_was_not_answered_is_not_repeated(postgres_url: str):
    await happening_at_commit(postgres_url, "PERFORM pg_terminate_backend(pg_backend_pid());")
    database = await open_database(postgres_url)
    attempts: list[int] = []

    async def work(tx: Write) -> int:
        attempts.append(1)
        return await tx.run(_INSERT, node=1, owner="ada")

    with pytest.raises(Unavailable, match="did not say"):
        await database.write(work)
    assert attempts == [1]
    await database.close()


async def test_a_write_is_repeated_when_postgres_refuses_its_commit(postgres_url: str):
    await happening_at_commit(postgres_url, "IF nextval('commits') < 3 THEN RAISE SQLSTATE '40001'; END IF;")
    database = await open_database(postgres_url)
    assert await database.write(inserting(1)) == 1
    assert await nodes(database) == [1]
    await database.close()


async def test_the_writer_outlives_a_commit_that_cannot_even_be_rolled_back(sqlite_url: str):
    database = SqliteDatabase(Path(sqlite_url.removeprefix("sqlite:///")))
    connection = database._write_connection

    def refuse(action: int, what: str | None, *_: str | None) -> int:
        ends = action == apsw.SQLITE_TRANSACTION and what in {"COMMIT", "ROLLBACK"}
        return apsw.SQLITE_DENY if ends else apsw.SQLITE_OK

    connection.authorizer = refuse
    writes = [database.write(inserting(node)) for node in (1, 2)]
    results = await asyncio.wait_for(asyncio.gather(*writes, return_exceptions=True), 5)
    assert [type(result) for result in results] == [apsw.AuthError] * 2
    connection.authorizer = None
    await asyncio.wait_for(database.write(inserting(3)), 5)
    assert await nodes(database) == [3]
    await database.close()


async def test_nobody_waits_for_a_writer_that_has_ended(sqlite_url: str):
    database = SqliteDatabase(Path(sqlite_url.removeprefix("sqlite:///")))
    database._jobs.put(None)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await asyncio.wait_for(database.write(inserting(1)), 5)
    await database.close()


async def test_a_caller_whose_loop_has_ended_does_not_end_the_writer(sqlite_url: str):
    database = SqliteDatabase(Path(sqlite_url.removeprefix("sqlite:///")))
    begun, ended = threading.Event(), threading.Event()

    async def slow(tx: Write) -> None:
        begun.set()
        ended.wait(5)
        await tx.run(_INSERT, node=1, owner="ada")

    async def leave() -> None:
        asyncio.ensure_future(database.write(slow))  # noqa: RUF006
        await asyncio.to_thread(begun.wait, 5)

    await asyncio.to_thread(asyncio.run, leave())
    ended.set()
    await asyncio.wait_for(database.write(inserting(2)), 5)
    assert await nodes(database) == [1, 2]
    await database.close()
