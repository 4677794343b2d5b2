"""The composition root: settings in, a running server or worker out."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from rookery.domain.caches import BoundedCache
from rookery.domain.ids import Snowflake
from rookery.domain.instance import Instance, Registrations
from rookery.domain.limits import Limits
from rookery.engines.memory import MemoryCounters, MemoryTimelines
from rookery.engines.passwords import Argon2Hasher
from rookery.engines.postgres import PostgresDatabase
from rookery.engines.sqlite import SqliteDatabase
from rookery.errors import Misconfigured, RookeryError
from rookery.ports import Counters, Database, HomeTimelines, Write
from rookery.services import TWEETS_CACHED_MAX, USERS_CACHED_MAX, Services
from rookery.settings import Settings
from rookery.storage import nodes
from rookery.storage.migrate import migrate
from rookery.workers.loop import Worker

NODE_LEASE_MS: Final = 300_000
NODE_RENEW_S: Final = 60.0
DAY_MS: Final = 86_400_000

_log = structlog.get_logger(__name__)


def now_ms() -> int:
    """Return the time in milliseconds UTC."""
    return time.time_ns() // 1_000_000


async def open_database(url: str) -> Database:
    """Connect to the records that the URL names. Raises Misconfigured when that is not possible."""
    kind, _, rest = url.partition("://")
    if kind == "sqlite":
        path = rest.removeprefix("/") if not rest.startswith("//") else rest[1:]
        if not path:
            raise Misconfigured("database_url names no file: write sqlite:///PATH")
        return SqliteDatabase(Path(path))
    if kind in {"postgresql", "postgres"}:
        database = PostgresDatabase(url)
        await database.open()
        return database
    raise Misconfigured(f"database_url begins with {kind}://, and only sqlite:/// and postgresql:// are known")


@dataclass(frozen=True, slots=True)
class Running:
    """The services of a process and its worker."""

    services: Services
    worker: Worker
    settle: Callable[[], Awaitable[None]]
    """Waits until what was begun with `services.later` is done."""


@asynccontextmanager
async def running(settings: Settings, *, clock: Callable[[], int] = now_ms) -> AsyncGenerator[Running]:
    """Build the services over a migrated database, and close them in order."""
    db = await open_database(settings.database_url)
    owner = f"{os.getpid()}-{secrets.token_hex(8)}"
    background: set[asyncio.Task[None]] = set()
    try:
        before, after = await migrate(db)
        if before != after:
            _log.info("the database was migrated", before=before, after=after)
        node = await _take_node(db, owner, clock())
        renewal = asyncio.create_task(_renew_node(db, node, owner, clock))
        limits = limits_of(settings)
        timelines, counters = await _open_hints(settings, db, clock, limits)
        waiting = asyncio.Event()
        services = Services(
            db=db,
            timelines=timelines,
            counters=counters,
            passwords=Argon2Hasher(),
            instance=instance_of(settings),
            limits=limits,
            now_ms=clock,
            new_id=Snowflake(node, clock),
            later=lambda work: _begin(background, work),
            wake_worker=waiting.set,
            tweet_cache=BoundedCache(TWEETS_CACHED_MAX),
            user_cache=BoundedCache(USERS_CACHED_MAX),
            statistics_cache=BoundedCache(2),
            view_cache=BoundedCache(TWEETS_CACHED_MAX),
        )

        async def settle() -> None:
            while background:
                await asyncio.gather(*background)

        try:
            yield Running(services, Worker(services, waiting), settle)
        finally:
            renewal.cancel()
            for task in background:
                task.cancel()
            await asyncio.gather(renewal, *background, return_exceptions=True)
            await _give_node_back(db, node, owner)
            await timelines.close()
            await counters.close()
    finally:
        await db.close()


def _begin(background: set[asyncio.Task[None]], work: Callable[[], Awaitable[None]]) -> None:
    async def guarded() -> None:
        try:
            await work()
        except RookeryError:
            _log.exception("background work failed")

    task = asyncio.get_running_loop().create_task(guarded())
    background.add(task)
    task.add_done_callback(background.discard)


async def _open_hints(
    settings: Settings, db: Database, clock: Callable[[], int], limits: Limits
) -> tuple[HomeTimelines, Counters]:
    timelines = MemoryTimelines(
        db,
        clock,
        entries_max=limits.timeline_entries_max,
        timelines_max=limits.timelines_kept_max,
        inactive_after_ms=limits.inactive_after_days * DAY_MS,
    )
    return timelines, MemoryCounters()


async def _take_node(db: Database, owner: str, at_ms: int) -> int:
    async def work(tx: Write) -> int:
        return await nodes.take(tx, owner=owner, now_ms=at_ms, lease_until_ms=at_ms + NODE_LEASE_MS)

    return await db.write(work)


async def _renew_node(db: Database, node: int, owner: str, clock: Callable[[], int]) -> None:
    async def work(tx: Write) -> bool:
        return await nodes.renew(tx, node=node, owner=owner, lease_until_ms=clock() + NODE_LEASE_MS)

    while True:
        await asyncio.sleep(NODE_RENEW_S)
        try:
            if not await db.write(work):
                _log.error("another process holds this process's node number; ids may clash until a restart")
        except RookeryError as error:
            _log.warning("the node number's lease could not be renewed", error=str(error))


async def _give_node_back(db: Database, node: int, owner: str) -> None:
    async def work(tx: Write) -> None:
        await nodes.renew(tx, node=node, owner=owner, lease_until_ms=0)

    try:
        await db.write(work)
    except RookeryError as error:
        _log.warning("the node number stays leased until it runs out", error=str(error))


def limits_of(settings: Settings) -> Limits:
    """Return the bounds that the settings ask for."""
    return Limits(
        tweet_chars_max=settings.tweet_chars_max,
        minimum_age_years=settings.minimum_age_years,
        hot_user_followers=settings.hot_user_followers,
        inactive_after_days=settings.inactive_after_days,
        timeline_entries_max=settings.timeline_entries_max,
    )


def instance_of(settings: Settings) -> Instance:
    """Return the instance as the settings describe it."""
    return Instance(
        base_url=settings.base_url,
        title=settings.title,
        description=settings.description,
        contact_email=settings.contact_email,
        registrations=Registrations(settings.registrations),
        email_confirmation=settings.email_confirmation == "on",
        languages=tuple(language.strip() for language in settings.languages.split(",") if language.strip()),
        timeline_strategy=settings.timeline_strategy,
    )
