"""Fixtures for every test: a fresh database on either engine, and a world of users and tweets over it."""

import asyncio
import itertools
import os
import shutil
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import hypothesis
import pytest
import structlog

from rookery.app import open_database
from rookery.engines.vault import make_key_file, usual_key_file
from rookery.settings import Settings
from rookery.storage.migrate import migrate
from tests import ceph, servers
from tests.push_service import PushService
from tests.world import World, open_world

ENGINES = ("sqlite", "postgres")
NEEDS_SERVERS = frozenset(
    ("shared_postgres", "shared_redis", "shared_s3", "own_postgres", "own_redis", "own_tls_redis", "browser")
)
_TEMPLATE = "rookery_template"
_WORKERS_MAX = 32
_shared: servers.Shared | None = None

# Whatever the shell says (container images like to forbid it): a run starts some hundred processes of Rookery, and each
# would compile all of it anew, for half of the processor time that its start takes.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# CI tries the same examples each time, so that a change is judged by itself; everybody else tries new ones.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engines",
        choices=("both", "sqlite"),
        default="both",
        help="sqlite: leave out what needs a server: PostgreSQL, Redis, S3",
    )


def pytest_configure(config: pytest.Config) -> None:
    global _shared  # noqa: PLW0603  pytest's hooks share nothing else
    _shared = servers.Shared.join() if hasattr(config, "workerinput") else servers.Shared.begin()
    # The key for PostgreSQL databases lies there, for this process and for those that tests start: none has to make one
    # and say so.
    os.environ["XDG_STATE_HOME"] = str(_shared.folder / "state")
    make_key_file(usual_key_file("postgresql://"))
    # Whoever ends the run, by `timeout` say, gets the same cleaning up as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_xdist_auto_num_workers() -> int:
    """Say how many workers `-n auto` is: two for each processor, because half of a test is waiting for others."""
    return min(2 * len(os.sched_getaffinity(0)), _WORKERS_MAX)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _shared is not None and not hasattr(config, "workerinput"):
        _shared.end()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        engines = ENGINES if metafunc.config.getoption("--engines") == "both" else ("sqlite",)
        metafunc.parametrize("engine", engines, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--engines") == "both":
        return
    left_out = [item for item in items if NEEDS_SERVERS & set(getattr(item, "fixturenames", ()))]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _port(name: str) -> int:
    assert _shared is not None
    try:
        return _shared.port(name)
    except (servers.ServerMissingError, servers.ServerFailedError) as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Generator[None]:
    """Forget how a command that a test ran within this process has set up logging."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()


@pytest.fixture(autouse=True)
def ordinary_priority() -> Generator[None]:
    """Fail a test that leaves this process a real-time one: browsers started later would take the whole machine."""
    yield
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        pytest.fail("the test has made this process a real-time one", pytrace=False)


@pytest.fixture(scope="session")
def shared_postgres() -> int:
    """The port of this run's PostgreSQL server."""
    return _port("postgres")


@pytest.fixture(scope="session")
def shared_redis() -> int:
    """The port of this run's Redis server."""
    return _port("redis")


@pytest.fixture(scope="session")
def shared_s3() -> int:
    """The port of this run's S3-compatible service."""
    return _port("ceph")


@pytest.fixture
def s3_url(shared_s3: int, worker_number: int) -> str:
    """An empty bucket of the shared S3-compatible service, as `media_url` names it."""
    bucket = f"test-{worker_number}-{next(_test_numbers)}"
    ceph.make_bucket(shared_s3, bucket)
    return ceph.bucket_url(shared_s3, bucket)


@pytest.fixture
def own_postgres() -> Generator[servers.Postgres]:
    """A PostgreSQL server that the test may kill; it keeps what it acknowledged."""
    assert _shared is not None
    try:
        template = _shared.postgres_data()
    except (servers.ServerMissingError, servers.ServerFailedError) as error:
        pytest.fail(str(error), pytrace=False)
    with _started(servers.Postgres(template=template)) as server:
        yield server


@pytest.fixture
def own_redis() -> Generator[servers.Redis]:
    """A Redis server that the test may kill."""
    with _started(servers.Redis()) as server:
        yield server


@pytest.fixture
def own_tls_redis() -> Generator[servers.Redis]:
    """A Redis server that speaks TLS only."""
    with _started(servers.Redis(tls=True)) as server:
        yield server


ServerT = TypeVar("ServerT", servers.Postgres, servers.Redis)


@contextmanager
def _started(server: ServerT) -> Generator[ServerT]:
    try:
        with server:
            yield server
    except (servers.ServerMissingError, servers.ServerFailedError) as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def redis_url(shared_redis: int, worker_number: int) -> str:
    """An empty database of the shared Redis server; each worker has its own."""
    import redis

    url = f"redis://127.0.0.1:{shared_redis}/{worker_number}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture(scope="session")
def worker_number(request: pytest.FixtureRequest) -> int:
    """Which of the parallel workers this is, from 0."""
    name: str = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    return int(name.removeprefix("gw"))


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgres`: whoever asks runs once on each."""
    return request.param


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("template") / "rookery.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh, migrated SQLite file, for tests that are not about engines."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'alone.db')}"


@pytest.fixture(scope="session")
def postgres_template(shared_postgres: int) -> str:
    """The name of a migrated PostgreSQL database to copy."""
    assert _shared is not None

    def make() -> str:
        asyncio.run(_command(shared_postgres, f"CREATE DATABASE {_TEMPLATE}"))
        _migrate(f"postgresql://postgres@127.0.0.1:{shared_postgres}/{_TEMPLATE}")
        return _TEMPLATE

    return _shared.once("template", make)


def _migrate(url: str) -> None:
    async def run() -> None:
        db = await open_database(url)
        try:
            await migrate(db)
        finally:
            await db.close()

    asyncio.run(run())


async def _command(port: int, *commands: str) -> None:
    session = await asyncpg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres")
    try:
        for command in commands:
            await session.execute(command)
    finally:
        await session.close()


class Databases:
    """Makes databases of one engine for one test."""

    def __init__(
        self, closing: AsyncExitStack, folder: Path, template: Path | str, port: int | None, prefix: str
    ) -> None:
        self._closing = closing
        self._folder = folder
        self._template = template
        self._port = port
        self._prefix = prefix
        self._made = 0

    async def fresh(self, *, empty: bool = False) -> str:
        """Return the URL of a new database: migrated, or without any table."""
        self._made += 1
        name = f"{self._prefix}_{self._made}"
        if self._port is None:
            file = self._folder / f"{name}.db"
            if not empty:
                shutil.copyfile(self._template, file)
            return f"sqlite:///{file}"
        template = "template0" if empty else self._template
        # Copying files costs a tenth of copying through the write-ahead log, which is the server's default.
        await _command(self._port, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        self._closing.push_async_callback(_command, self._port, f"DROP DATABASE {name} WITH (FORCE)")
        return f"postgresql://postgres@127.0.0.1:{self._port}/{name}"


_test_numbers = itertools.count(1)


@pytest.fixture
def engine_parts(request: pytest.FixtureRequest, engine: str) -> tuple[Path | str, int | None, str]:
    """The template to copy, the server's port (None for SQLite) and the URL of a Redis server ("" for SQLite)."""
    # NOTE: fixtures are looked up here, because this is no coroutine: the servers' start runs event loops of its own.
    if engine == "sqlite":
        return request.getfixturevalue("sqlite_template"), None, ""
    template = request.getfixturevalue("postgres_template")
    return template, request.getfixturevalue("shared_postgres"), request.getfixturevalue("redis_url")


@pytest.fixture
async def databases(
    engine_parts: tuple[Path | str, int | None, str], worker_number: int, tmp_path: Path
) -> AsyncGenerator[Databases]:
    """Makes fresh databases of the test's engine."""
    template, port, _ = engine_parts
    async with AsyncExitStack() as closing:
        yield Databases(closing, tmp_path, template, port, f"test_{worker_number}_{next(_test_numbers)}")


@pytest.fixture
async def postgres_url(
    postgres_template: str, shared_postgres: int, worker_number: int, tmp_path: Path
) -> AsyncGenerator[str]:
    """The URL of a fresh, migrated PostgreSQL database, for tests that are about nothing else."""
    async with AsyncExitStack() as closing:
        prefix = f"test_{worker_number}_{next(_test_numbers)}"
        yield await Databases(closing, tmp_path, postgres_template, shared_postgres, prefix).fresh()


@pytest.fixture
async def database_url(databases: Databases) -> str:
    """The URL of a fresh, migrated database."""
    return await databases.fresh()


@pytest.fixture
async def empty_database_url(databases: Databases) -> str:
    """The URL of a database without any table."""
    return await databases.fresh(empty=True)


OpenWorld = Callable[..., Awaitable[World]]


@pytest.fixture
async def open_worlds(
    databases: Databases, engine_parts: tuple[Path | str, int | None, str], tmp_path: Path
) -> AsyncGenerator[OpenWorld]:
    """A function that opens a world with the settings it is given: `await open_worlds(registrations="closed")`."""
    async with AsyncExitStack() as closing:

        async def opened(**settings: Any) -> World:
            if "database_url" not in settings:
                settings["database_url"] = await databases.fresh()
            settings.setdefault("link_previews", "off")
            settings.setdefault("redis_url", engine_parts[2])
            settings.setdefault("media_url", f"file:///{tmp_path / 'media'}")
            return await closing.enter_async_context(open_world(Settings(**settings)))

        yield opened


@pytest.fixture
async def push_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[PushService]:
    """A push service over HTTPS whose certificate this process trusts."""
    async with PushService(tmp_path) as service:
        monkeypatch.setenv("SSL_CERT_FILE", str(service.certificate))
        yield service


@pytest.fixture
async def pushing(open_worlds: Callable[..., Awaitable[World]]) -> World:
    """A world that may send pushes to this machine."""
    return await open_worlds(push_private_addresses="on")


@pytest.fixture
async def world(open_worlds: OpenWorld) -> World:
    """A world with the default settings, on each engine; beside PostgreSQL runs Redis, as in a cluster."""
    return await open_worlds()


@pytest.fixture
def api(world: World) -> World:
    """The world as API tests see it: `client = await api.client(ada, scopes="read write")`."""
    return world


@pytest.fixture
def running(world: World):
    """What `app.running` gave: services, worker, settle."""
    return world.running
