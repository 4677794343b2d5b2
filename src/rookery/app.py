"""The composition root: settings in, services out."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from rookery.api.addresses import page_links
from rookery.domain.caches import BoundedCache
from rookery.domain.ids import Snowflake
from rookery.domain.instance import Instance, Registrations
from rookery.domain.limits import Limits
from rookery.domain.measurements import Measurement
from rookery.domain.media import MediaLimits
from rookery.domain.media_names import MediaNames
from rookery.engines.live import LogLive
from rookery.engines.media.converting import ChildConverter
from rookery.engines.memory import MemoryCounters, MemoryTimelines
from rookery.engines.passwords import Argon2Hasher
from rookery.engines.previews import HttpPreviewFetcher
from rookery.engines.push import HttpsPushSender, new_key
from rookery.engines.smtp import SmtpMailer
from rookery.engines.sqlite import SqliteDatabase
from rookery.engines.tiers import joined, open_stores
from rookery.engines.vault import Vault, find_keys
from rookery.errors import Misconfigured, RookeryError
from rookery.ports import Counters, Database, HomeTimelines, LiveEvents, Write
from rookery.services import (
    FILTERING_USERS_CACHED_MAX,
    TWEETS_CACHED_MAX,
    USERS_CACHED_MAX,
    Services,
    TaskDesk,
)
from rookery.settings import Settings
from rookery.storage import instance_keys, nodes
from rookery.storage.migrate import migrate
from rookery.usecases import keys
from rookery.workers.loop import Worker

MEGABYTE: Final = 1_048_576
PUSH_KEY: Final = "push"
"""The name under which the key that signs pushes is kept."""
MEDIA_KEY: Final = "media"
"""The name under which that is kept by which files are named."""
MEDIA_KEY_BYTES: Final = 32
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
        # The driver is heavy, and the embedded default does without.
        from rookery.engines.postgres import PostgresDatabase  # noqa: PLC0415

        database = PostgresDatabase(url)
        await database.open()
        return database
    raise Misconfigured(
        f"database_url begins with {kind}://, and only sqlite:/// and postgresql:// are known"
    )


@dataclass(frozen=True, slots=True)
class Running:
    """The services of a process and its worker."""

    services: Services
    worker: Worker
    settle: Callable[[], Awaitable[None]]
    """Waits until what was begun with `services.later` is done."""
    measurements: Sequence[Measurement] = ()
    """What the parts count about themselves."""


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
        vault = await open_vault(settings, db, at_ms=clock())
        node = await _take_node(db, owner, key_id=vault.key_id, at_ms=clock())
        new_id = Snowflake(node, clock)
        renewal = asyncio.create_task(_renew_node(db, new_id, owner, vault.key_id, clock))
        limits = limits_of(settings)
        timelines, counters = _open_hints(settings, db, clock, limits)
        push = HttpsPushSender(
            await instance_keys.shared(db, PUSH_KEY, new_key),
            contact=f"mailto:{settings.contact_email}" if settings.contact_email else settings.base_url,
            private_addresses=settings.push_private_addresses == "on",
        )
        live = _open_live(settings, db, LogLive(db, new_id, clock))
        converter = ChildConverter(limits.media)
        media_stores = open_stores(
            settings.media_url, cold_url=settings.media_cold_url, other_url=settings.media_other_url
        )
        waiting = asyncio.Event()
        services = Services(
            db=db,
            timelines=timelines,
            counters=counters,
            live=live,
            push=push,
            previews=HttpPreviewFetcher(private_addresses=settings.preview_private_addresses == "on"),
            mailer=SmtpMailer(settings.smtp_url, sender=settings.email_from),
            passwords=Argon2Hasher(),
            vault=vault,
            objects=joined(media_stores),
            media_stores=media_stores,
            media_names=await _media_names(db),
            converter=converter,
            instance=instance_of(settings),
            limits=limits,
            now_ms=clock,
            new_id=new_id,
            later=lambda work: _begin(background, work),
            desk=TaskDesk(wake=waiting.set),
            tweet_cache=BoundedCache(TWEETS_CACHED_MAX),
            user_cache=BoundedCache(USERS_CACHED_MAX),
            filter_cache=BoundedCache(FILTERING_USERS_CACHED_MAX),
            view_cache=BoundedCache(TWEETS_CACHED_MAX),
        )

        async def settle() -> None:
            while background:
                await asyncio.gather(*background)

        try:
            worker = Worker(services, waiting)
            yield Running(services, worker, settle, _measurements(services, worker))
        finally:
            renewal.cancel()
            for task in background:
                task.cancel()
            await asyncio.gather(renewal, *background, return_exceptions=True)
            await _give_node_back(db, new_id.node, owner)
            for part in (live, push, services.previews, converter, timelines, counters):
                await part.close()
    finally:
        await db.close()


def _measurements(services: Services, worker: Worker) -> Sequence[Measurement]:
    return (
        *services.db.measurements(),
        *services.timelines.measurements(),
        *services.live.measurements(),
        *services.push.measurements(),
        *services.previews.measurements(),
        *services.mailer.measurements(),
        *services.objects.measurements(),
        *services.rankings.measurements(),
        *worker.measurements(),
    )


def _begin(background: set[asyncio.Task[None]], work: Callable[[], Awaitable[None]]) -> None:
    async def guarded() -> None:
        try:
            await work()
        except RookeryError:
            _log.exception("background work failed")

    task = asyncio.get_running_loop().create_task(guarded())
    background.add(task)
    task.add_done_callback(background.discard)


def _open_hints(
    settings: Settings, db: Database, clock: Callable[[], int], limits: Limits
) -> tuple[HomeTimelines, Counters]:
    inactive_after_ms = limits.inactive_after_days * DAY_MS
    if settings.redis_url:
        # The driver takes a sixth of a second to load, which only those pay who use it.
        from rookery.engines.redis import RedisCounters, RedisTimelines  # noqa: PLC0415

        timelines = RedisTimelines(
            settings.redis_url, entries_max=limits.timeline_entries_max, inactive_after_ms=inactive_after_ms
        )
        return timelines, RedisCounters(settings.redis_url)
    kept = MemoryTimelines(
        db,
        clock,
        entries_max=limits.timeline_entries_max,
        timelines_max=limits.timelines_kept_max,
        ids_max=limits.timeline_ids_kept_max,
        inactive_after_ms=inactive_after_ms,
    )
    return kept, MemoryCounters()


def _open_live(settings: Settings, db: Database, log: LogLive) -> LiveEvents:
    if not settings.redis_url:
        return log
    from rookery.engines.redis_live import RedisLive  # noqa: PLC0415  as above

    return RedisLive(settings.redis_url, db, log)


async def open_vault(settings: Settings, db: Database, *, at_ms: int) -> Vault:
    """Return the vault with the instance's keys, once they are known to fit the database.

    Raises Misconfigured when they do not, or when there are none.
    """
    found, source = find_keys(
        secret_keys=settings.secret_keys,
        secret_key_file=settings.secret_key_file,
        database_url=settings.database_url,
        may_make=not await keys.are_in_use(db),
    )
    vault = Vault(found)
    await keys.accept(db, vault, source=source, now_ms=at_ms)
    sealed = await keys.seal_plain(db, vault)
    if sealed:
        _log.info("personal data of an earlier version was encrypted", people=sealed)
    return vault


async def _media_names(db: Database) -> MediaNames:
    secret = await instance_keys.shared(db, MEDIA_KEY, lambda: secrets.token_hex(MEDIA_KEY_BYTES))
    return MediaNames(bytes.fromhex(secret))


async def _take_node(db: Database, owner: str, *, key_id: str, at_ms: int) -> int:
    async def work(tx: Write) -> int:
        return await nodes.take(
            tx, owner=owner, key_id=key_id, now_ms=at_ms, lease_until_ms=at_ms + NODE_LEASE_MS
        )

    return await db.write(work)


async def _renew_node(
    db: Database, new_id: Snowflake, owner: str, key_id: str, clock: Callable[[], int]
) -> None:
    """Lengthen the lease for as long as the process runs; go on under another number when this one was lost."""

    async def work(tx: Write) -> bool:
        return await nodes.renew(tx, node=new_id.node, owner=owner, lease_until_ms=clock() + NODE_LEASE_MS)

    while True:
        await asyncio.sleep(NODE_RENEW_S)
        try:
            if not await db.write(work):
                lost = new_id.node
                new_id.move(await _take_node(db, owner, key_id=key_id, at_ms=clock()))
                _log.warning(
                    "another process took this process's node number; it goes on under another",
                    lost=lost,
                    node=new_id.node,
                )
        except Exception as error:  # noqa: BLE001
            # Whatever it was, the next turn may succeed; without the loop the lease would run out.
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
        media=MediaLimits(
            image_bytes_max=settings.image_megabytes_max * MEGABYTE,
            image_pixels_max=settings.image_pixels_max,
            animation_frames_max=settings.animation_frames_max,
            video_pixels_max=settings.video_pixels_max,
            video_frames_per_second_max=settings.video_frames_per_second_max,
            video_bytes_max=settings.video_megabytes_max * MEGABYTE,
            video_duration_ms_max=settings.video_minutes_max * 60_000,
            tweet_media_max=settings.tweet_media_max,
        ),
        media_bytes_max=settings.media_gigabytes_max * 1024 * MEGABYTE,
        media_user_bytes_max=settings.media_user_megabytes_max * MEGABYTE,
        media_user_processing_max=settings.media_user_processing_max,
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
        link_previews=settings.link_previews == "on",
        for_you=settings.for_you == "on",
        links=page_links(settings.base_url),
        media_url=settings.media_links if settings.media_links != "signed" else "",
        languages=tuple(language.strip() for language in settings.languages.split(",") if language.strip()),
        timeline_strategy=settings.timeline_strategy,
    )
