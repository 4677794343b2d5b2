"""Small builders: a running Rookery with a clock that tests move, and the users, tweets and clients they ask for."""

import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec

from rookery.app import Running, running
from rookery.domain.ids import UserId
from rookery.domain.measurements import Measurement
from rookery.domain.media import MediaId, Upload
from rookery.domain.users import User
from rookery.domain.visibility import TweetView
from rookery.ports import Database, Read, Row, Write
from rookery.settings import Settings, networks_in
from rookery.sql import Sql
from tests.validation import check_response

T = TypeVar("T")

BEGINNING_MS = 1_790_000_000_000
"""When a world begins: September 2026."""


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now_ms: int = BEGINNING_MS

    def __call__(self) -> int:
        return self.now_ms


class RealClock(Clock):
    """The machine's clock, for worlds that processes of their own share."""

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000


@asynccontextmanager
async def open_world(settings: Settings, clock: Clock | None = None) -> AsyncGenerator["World"]:
    """Start Rookery in this process with these settings."""
    clock = clock or Clock()
    async with AsyncExitStack() as closing:
        parts = await closing.enter_async_context(running(settings, clock=clock))
        yield World(parts, settings, clock, closing)


@dataclass
class World:
    """A running Rookery and builders for what happens in it."""

    running: Running
    settings: Settings
    clock: Clock
    closing: AsyncExitStack
    web_client: Path | None = None
    """Where a built web client lies, for the tests of serving one."""
    _application: Any = None

    def __post_init__(self) -> None:
        self.database = CountingDatabase(self.running.services.db)
        self.services = replace(self.running.services, db=self.database)

    @property
    def now_ms(self) -> int:
        """The time."""
        return self.clock.now_ms

    def advance(self, *, ms: int = 0, seconds: int = 0, days: int = 0) -> None:
        """Let time pass."""
        self.clock.now_ms += ms + 1000 * seconds + 86_400_000 * days

    async def user(
        self,
        username: str,
        *,
        password: str | None = None,
        email: str | None = None,
        role: str = "user",
        **profile: Any,
    ) -> User:
        """Sign somebody up; `profile` takes fields of `User`, such as `locked=True`."""
        from rookery.usecases.sign_up import create_user

        user = await create_user(
            self.services,
            username=username,
            email=email or f"{username}@example.org",
            password=password,
            role=role,
        )
        if not profile:
            return user
        changed = msgspec.structs.replace(user, changed_ms=user.changed_ms + 1, **profile)
        values = msgspec.to_builtins(changed)
        names = [*profile, "changed_ms"]
        if "fields" in profile:
            values["fields"] = msgspec.json.encode(changed.fields).decode()

        async def work(tx: Write) -> None:
            columns = ", ".join(f"{name} = ${number}" for number, name in enumerate(names, start=2))
            text = f"UPDATE users SET {columns} WHERE id = $1"
            statement = Sql(text, text.replace("$", "?"), ("id", *names))
            await tx.run(statement, id=user.id, **{name: values[name] for name in names})

        await self.services.db.write(work)
        return changed

    async def tweet(
        self, by: User, text: str = "Hello", *, idempotency_key: str | None = None, **more: Any
    ) -> TweetView:
        """Post a tweet; `more` takes fields of `Manuscript`."""
        from rookery.domain.composing import Manuscript
        from rookery.usecases.tweets import post_tweet

        manuscript = Manuscript(text=text, **more)
        return await post_tweet(self.services, by.id, manuscript, idempotency_key=idempotency_key)

    async def tweets(self, by: User, count: int, text: str = "Tweet") -> list[TweetView]:
        """Post several tweets a second apart, oldest first."""
        posted: list[TweetView] = []
        for number in range(count):
            self.advance(seconds=1)
            posted.append(await self.tweet(by, f"{text} {number}"))
        return posted

    async def photo(self, by: User, description: str = "") -> MediaId:
        """Upload a small photo and have it converted."""
        from rookery.usecases.uploads import take_in
        from tests import samples

        with tempfile.NamedTemporaryFile() as file:
            file.write(samples.photo())
            file.flush()
            upload = Upload(path=file.name, size_bytes=1, description=description)
            media = await take_in(self.services, by.id, upload)
        await self.settle()
        return media.id

    async def follow(self, follower: User, *followees: User) -> None:
        """Let somebody follow others."""
        from rookery.usecases.follows import follow

        for followee in followees:
            await follow(self.services, follower.id, followee.id)

    async def settle(self, *, failing: bool = False) -> None:
        """Finish tasks and background work; a task that fails fails the test, unless `failing` says that it may."""
        await self.running.settle()
        await self.running.worker.drain()
        await self.running.settle()
        if not failing:
            failed = await self.rows("SELECT kind, error FROM tasks WHERE error IS NOT NULL")
            assert not failed, f"tasks failed: {[tuple(row) for row in failed]}"

    async def rows(self, text: str) -> Sequence[Row]:
        """Run a query that has no parameters."""
        async with self.services.db.read() as tx:
            return await tx.all(Sql(text, text, ()))

    @contextmanager
    def counted(self) -> Generator["Count"]:
        """Count the statements that use cases send to the database meanwhile."""
        count = Count()
        self.database.counts.append(count)
        try:
            yield count
        finally:
            self.database.counts.remove(count)

    async def token(self, user: User, *, scopes: str = "read write follow push") -> str:
        """Return an access token."""
        from rookery.usecases.tokens import create_token

        return await create_token(self.services, user.id, scopes=scopes, app_name="Tests")

    async def client(self, user: User, *, scopes: str = "read write follow push") -> httpx.AsyncClient:
        """Return a signed-in client whose every answer is checked against the contract."""
        token = await self.token(user, scopes=scopes)
        client = self.anonymous()
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def anonymous(self) -> httpx.AsyncClient:
        """Return a client without a token."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.application, raise_app_exceptions=True),
            base_url=self.settings.base_url,
            event_hooks={"response": [check_response]},
        )
        self.closing.push_async_callback(client.aclose)
        return client

    @property
    def application(self) -> Any:
        """The ASGI application over these services."""
        if self._application is None:
            self._application = _application(self)
        return self._application


def _application(world: World) -> Any:
    from rookery.api import pages
    from rookery.api.server import ApiOptions, build

    settings = world.settings
    options = ApiOptions(
        rate_limits=settings.rate_limits == "on",
        rate_limit_factor=settings.rate_limit_factor,
        trusted_proxies=networks_in(settings.trusted_proxies),
        signs_media=settings.media_links == "signed",
    )
    shown = pages.Pages(world.services, options, client_folder=world.web_client)
    return build(world.services, options, pages=shown)


@dataclass
class Count:
    """How many statements were sent."""

    reads: int = 0
    writes: int = 0
    texts: list[str] = field(default_factory=list)


class CountingDatabase:
    """The `Database` port in front of the real one, noting what is sent."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.counts: list[Count] = []

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[Read]:
        async with self._database.read() as tx:
            yield _CountingRead(tx, self.counts)

    def read(self) -> AbstractAsyncContextManager[Read]:
        return self._reading()

    async def write(self, work: Callable[[Write], Awaitable[T]], /) -> T:
        return await self._database.write(lambda tx: work(_CountingWrite(tx, self.counts)))

    def measurements(self) -> Sequence[Measurement]:
        return self._database.measurements()

    async def close(self) -> None:
        await self._database.close()


class _CountingRead:
    def __init__(self, tx: Any, counts: list[Count]) -> None:
        self._tx = tx
        self._counts = counts

    def _note(self, statement: Sql, *, writes: int = 0, reads: int = 0) -> None:
        for count in self._counts:
            count.reads += reads
            count.writes += writes
            count.texts.append(statement.postgres)

    async def one(self, statement: Sql, /, **parameters: Any) -> Row | None:
        self._note(statement, reads=1)
        return await self._tx.one(statement, **parameters)

    async def all(self, statement: Sql, /, **parameters: Any) -> Sequence[Row]:
        self._note(statement, reads=1)
        return await self._tx.all(statement, **parameters)


class _CountingWrite(_CountingRead):
    async def run(self, statement: Sql, /, **parameters: Any) -> int:
        self._note(statement, writes=1)
        return await self._tx.run(statement, **parameters)

    async def many(self, statement: Sql, rows: Any, /) -> None:
        self._note(statement, writes=1)
        await self._tx.many(statement, rows)

    def after_commit(self, wake: Callable[[], None], /) -> None:
        self._tx.after_commit(wake)


def ids(views: Sequence[TweetView]) -> list[int]:
    """Return the tweets' ids."""
    return [view.tweet.id for view in views]


NOBODY = UserId(1)
"""An id that no record has."""
