"""Live events through Redis: published once the transaction is kept, heard by every process that has listeners.

Nothing is lost with Redis. While it is away, events are rows beside what they tell of, as without Redis
(`engines/live.py`), and whoever hears no channel looks at the rows; a process that still reaches Redis looks now and
then, for those that do not. Events carry ids, so one that comes both ways is told once.
"""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain, islice, repeat
from typing import Any, Final

import msgspec
import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from rookery.domain.live import EventsLost, LiveEvent
from rookery.domain.measurements import Kind, Measurement
from rookery.engines.live import LOOK_EVERY_S, LogLive, Numbered
from rookery.errors import Misconfigured, RookeryError
from rookery.ports import Database, Write

ANSWER_TIMEOUT_S: Final = 2.0
CONNECT_TIMEOUT_S: Final = 1.0
PING_EVERY_S: Final = 2.0
"""How long the channel may be silent before the server is asked whether it is there; as long again, and it is not."""
RETRY_FIRST_S: Final = 0.1
"""The first pause before connecting again; it doubles, and each process shortens it by chance."""
RETRY_LAST_S: Final = 5.0
LOOK_BESIDE_S: Final = 2.0
"""How often rows are looked at while the channel is heard."""
WAITING_MAX: Final = 10_000
"""Events that wait to be published; more are lost."""
EVENTS_PER_MESSAGE: Final = 256
_LOST: Final = (RedisError, OSError, TimeoutError)
_MESSAGE: Final = msgspec.json.Decoder(list[tuple[int, str]])

_log = structlog.get_logger(__name__)


class RedisLive:
    """The `LiveEvents` port over a Redis channel, with the database as the way around."""

    def __init__(self, url: str, db: Database, log: LogLive) -> None:
        """Take a `redis://` or `rediss://` URL and the events in the database; connects when first needed."""
        try:
            self._client: Any = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
                url,
                protocol=2,
                socket_timeout=ANSWER_TIMEOUT_S,
                socket_connect_timeout=CONNECT_TIMEOUT_S,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError as error:
            raise Misconfigured(f"redis_url is wrong: {error}") from error
        number = self._client.connection_pool.connection_kwargs.get("db") or 0
        self._channel = f"rookery:live:{number}"
        """Channels are the whole server's: without the number, instances in two of its databases would hear each other."""
        self._db = db
        self._log = log
        self._waiting: deque[tuple[Numbered, bool]] = deque()
        """Events to publish, and whether they are written down already."""
        self._publishing: asyncio.Task[None] | None = None
        self._subscribed: asyncio.Task[None] | None = None
        self._away = False
        """Whether the last thing asked of Redis failed."""
        self._counts: Counter[str] = Counter()

    async def announce(self, tx: Write, /, *events: LiveEvent) -> None:
        """Publish the events after the commit, or write them down with the transaction while Redis is away."""
        numbered = [self._log.numbered(event) for event in events]
        written = self._away
        if written:
            await self._log.insert(tx, *numbered)

        def publish() -> None:
            for event in numbered:
                self._publish(event, written=written)

        tx.after_commit(publish)

    def _publish(self, event: Numbered, *, written: bool) -> None:
        if len(self._waiting) >= WAITING_MAX:
            self._counts["lost"] += not written
            return
        self._waiting.append((event, written))
        if self._publishing is None:
            self._publishing = asyncio.create_task(self._publish_waiting())

    async def _publish_waiting(self) -> None:
        try:
            while self._waiting:
                batch = list(islice(self._waiting, EVENTS_PER_MESSAGE))
                message = msgspec.json.encode([event for event, _ in batch])
                try:
                    await self._client.execute_command("PUBLISH", self._channel, message)
                except _LOST as error:
                    self._note_away(error)
                    await self._write_down([event for event, written in batch if not written])
                else:
                    self._note_back()
                for _ in batch:
                    self._waiting.popleft()
        finally:
            self._publishing = None

    async def _write_down(self, events: Sequence[Numbered]) -> None:
        """Leave events that could not be published in the database."""

        async def work(tx: Write) -> None:
            await self._log.insert(tx, *events)

        try:
            if events:
                await self._db.write(work)
        except RookeryError:
            self._counts["lost"] += len(events)

    async def listen(self, hear: Callable[[LiveEvent], None], /) -> Callable[[], None]:
        """Tell `hear` of every event from now on; the first listener makes this process subscribe."""
        stop = await self._log.listen(hear)
        if self._subscribed is None:
            first = asyncio.Event()
            self._subscribed = asyncio.create_task(self._subscribe_again_and_again(first))
            with suppress(TimeoutError):
                await asyncio.wait_for(first.wait(), CONNECT_TIMEOUT_S)
        return stop

    async def _subscribe_again_and_again(self, first: asyncio.Event) -> None:
        pauses = self._pauses()
        while True:
            try:
                async with self._client.pubsub() as subscription:
                    await subscription.subscribe(self._channel)
                    if await subscription.get_message(timeout=ANSWER_TIMEOUT_S) is None:
                        raise TimeoutError("no answer")
                    self._note_back()
                    self._log.look_every_s = LOOK_BESIDE_S
                    self._log.wake()
                    if first.is_set():
                        self._log.tell(EventsLost())
                    first.set()
                    pauses = self._pauses()
                    await self._hear_from(subscription)
            except _LOST as error:
                self._note_away(error)
            self._log.look_every_s = LOOK_EVERY_S
            self._log.wake()
            first.set()
            self._counts["interruptions"] += 1
            await asyncio.sleep(next(pauses))

    @staticmethod
    def _pauses() -> Any:
        doubling = (RETRY_FIRST_S * 2**turn for turn in range(6))
        return (pause * random.uniform(0.5, 1) for pause in chain(doubling, repeat(RETRY_LAST_S)))  # noqa: S311

    async def _hear_from(self, subscription: Any) -> None:
        """Tell what comes; raises when the server does not answer any more."""
        asked = False
        while True:
            message = await subscription.get_message(timeout=PING_EVERY_S)
            if message is None:
                if asked:
                    raise TimeoutError("no answer")
                await subscription.ping()
            asked = message is None
            if message is not None and message["type"] == "message":
                with suppress(msgspec.MsgspecError):
                    for event_id, text in _MESSAGE.decode(message["data"]):
                        self._log.hear(event_id, text)

    def _note_away(self, error: Exception) -> None:
        if not self._away:
            _log.warning("Redis does not answer; live updates go by the database", error=str(error))
        self._away = True

    def _note_back(self) -> None:
        if self._away:
            _log.info("Redis answers again; live updates go by it")
        self._away = False

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        return (
            *self._log.measurements(),
            Measurement(
                "rookery_live_events_lost",
                "Live events of this process that neither Redis nor the database took.",
                Kind.COUNTER,
                lambda: self._counts["lost"],
            ),
            Measurement(
                "rookery_live_interruptions",
                "How often this process could not hear Redis' channel, or not again.",
                Kind.COUNTER,
                lambda: self._counts["interruptions"],
            ),
            Measurement(
                "rookery_live_redis_away",
                "Whether Redis did not answer when it was last asked about live events.",
                Kind.GAUGE,
                lambda: int(self._away),
            ),
        )

    async def close(self) -> None:
        """Publish what waits, then let go of the connections."""
        if self._publishing is not None:
            await asyncio.wait([self._publishing], timeout=ANSWER_TIMEOUT_S)
        for task in (self._publishing, self._subscribed):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self._log.close()
        await self._client.aclose()
