"""What many processes share through Redis: kept home timelines and counters. A lost Redis costs speed, never data.

A kept timeline is one string: the server's run, the version and the floor (8 bytes each), then ids as they came, 8
bytes each. Delivering is an `APPEND` to those that exist, reading sorts what is nearly sorted, and a timeline of 800
tweets takes 7 kB. The run's mark makes timelines that a restarted or promoted server brings back from a snapshot,
with deliveries missing, count as not kept.

One server, or one that a proxy or Sentinel name stands for: scripts touch many keys, which Redis Cluster refuses.
"""

import hashlib
import re
import struct
import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, cast

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from rookery.domain.ids import TweetId, UserId
from rookery.domain.measurements import Kind, Measurement
from rookery.engines.memory import MemoryCounters
from rookery.errors import Misconfigured, Unavailable
from rookery.ports import BUILD_MS_MAX, KeptTimeline

ANSWER_TIMEOUT_S: Final = 2.0
CONNECT_TIMEOUT_S: Final = 1.0
AWAY_S: Final = 1.0
"""How long nothing is asked of a server that did not answer, so that a lost one does not hold up every reader."""
DELIVERIES_PER_SCRIPT: Final = 1_000
"""How many timelines one script touches, which bounds how long others wait for the server (about 1 ms)."""
TRIM_SLACK_IDS: Final = 200

_ID_BYTES: Final = 8
_MARK_BYTES: Final = 8
_HEADER: Final = struct.Struct("<8sqq")
_UNDER_CONSTRUCTION: Final = -1
"""The floor of a timeline that is being built."""
_UNDER_CONSTRUCTION_PACKED: Final = struct.pack("<q", _UNDER_CONSTRUCTION)
_RUN: Final = re.compile(rb"^run_id:(\w+)", re.MULTILINE)
_LOST: Final = (RedisError, OSError, TimeoutError)


class _Script:
    """A Lua text and the name that Redis gives it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


_DELIVER: Final = _Script("""
local long = {}
for _, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 and redis.call('APPEND', key, ARGV[1]) > tonumber(ARGV[2]) then
    long[#long + 1] = key
  end
end
return long
""")
_READ: Final = _Script("""
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 17, 24) ~= ARGV[2] then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return held
""")
_EXPECT: Final = _Script("""
if redis.call('GETRANGE', KEYS[1], 0, 15) == string.sub(ARGV[1], 1, 16) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
""")
_KEEP: Final = _Script("""
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, #ARGV[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2] .. string.sub(held, #ARGV[1] + 1), 'PX', ARGV[3])
end
""")
_TRIM: Final = _Script("""
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, #ARGV[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2] .. string.sub(held, #ARGV[1] + 1), 'KEEPTTL')
end
""")
_COUNT: Final = _Script("""
local held = redis.call('HMGET', KEYS[1], 'count', 'end_ms')
if held[1] and tonumber(held[2]) > tonumber(ARGV[1]) then
  return {redis.call('HINCRBY', KEYS[1], 'count', 1), held[2]}
end
redis.call('HSET', KEYS[1], 'count', 1, 'end_ms', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {1, ARGV[2]}
""")

_log = structlog.get_logger(__name__)


class _Away(Exception):  # noqa: N818  a state, told between this module's functions only
    """The server does not answer."""


class _Server:
    """A pool of connections that knows which run of the server it reaches and leaves a lost one alone for a while."""

    def __init__(self, url: str, *, used_for: str) -> None:
        self._used_for = used_for
        self._away_until_s = 0.0
        self.failures = 0
        self.run = b""
        """The mark of the server's run that was reached last: each restart and each promoted replica has another."""
        try:
            self._client: Any = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
                url,
                protocol=2,
                socket_timeout=ANSWER_TIMEOUT_S,
                socket_connect_timeout=CONNECT_TIMEOUT_S,
                retry=Retry(NoBackoff(), 1),
                redis_connect_func=self._greet,
            )
        except ValueError as error:
            raise Misconfigured(f"redis_url is wrong: {error}") from error

    async def _greet(self, connection: Any) -> None:
        """Begin a connection; before its first answer, `run` is that of the server behind it."""
        await connection.on_connect()
        await connection.send_command("INFO", "server")
        match = _RUN.search(await connection.read_response())
        self.run = hashlib.sha256(match[1] if match else b"").digest()[:_MARK_BYTES]

    async def ask(self, *command: Any) -> Any:
        """Send a command and return its answer; raises _Away when there is none."""
        if time.monotonic() < self._away_until_s:
            raise _Away
        try:
            answer = await self._client.execute_command(*command)
        except NoScriptError:
            raise
        except _LOST as error:
            if not self._away_until_s:
                _log.warning("Redis does not answer", used_for=self._used_for, error=str(error))
            self.failures += 1
            self._away_until_s = time.monotonic() + AWAY_S
            raise _Away from error
        if self._away_until_s:
            self._away_until_s = 0.0
            _log.info("Redis answers again", used_for=self._used_for)
        return answer

    async def run_script(self, script: _Script, keys: Sequence[bytes], *arguments: Any) -> Any:
        """Run a script on the server, handing it over where it is not known yet."""
        try:
            return await self.ask("EVALSHA", script.sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return await self.ask("EVAL", script.text, len(keys), *keys, *arguments)

    async def close(self) -> None:
        await self._client.aclose()


class _Held(NamedTuple):
    """A timeline as it lies in Redis, its ids sorted, oldest first."""

    run: bytes
    version: int
    floor: int
    ids: list[TweetId]


def _unpack(packed: bytes) -> _Held:
    run, version, floor = _HEADER.unpack_from(packed)
    ids = array("q")
    ids.frombytes(memoryview(packed)[_HEADER.size :])
    ascending = sorted(set(ids)) if len(set(ids)) < len(ids) else sorted(ids)
    # What was delivered late may lie below the floor, where the records answer.
    return _Held(run, version, floor, cast("list[TweetId]", ascending[bisect_left(ascending, floor) :]))


def _pack(run: bytes, version: int, floor: int, ids: Sequence[TweetId]) -> bytes:
    return _HEADER.pack(run, version, floor) + array("q", ids).tobytes()


def _key(user_id: UserId) -> bytes:
    return b"rookery:home:%d" % user_id


class RedisTimelines:
    """The `HomeTimelines` port for any number of processes. While Redis is away nothing is kept, and readers pull."""

    def __init__(self, url: str, *, entries_max: int, inactive_after_ms: int) -> None:
        """Take a `redis://` or `rediss://` URL and the bounds; connects when first asked."""
        self._server = _Server(url, used_for="home timelines")
        self._entries_max = entries_max
        self._inactive_after_ms = inactive_after_ms
        self._delivered = 0

    async def page(
        self, user_id: UserId, *, version: int, before: int, after: int, limit: int, oldest: bool
    ) -> KeptTimeline | None:
        """Return kept ids in the asked order, or None; reading keeps a timeline that is built for longer."""
        try:
            packed = await self._server.run_script(
                _READ, [_key(user_id)], self._inactive_after_ms, _UNDER_CONSTRUCTION_PACKED
            )
        except _Away:
            return None
        if not packed:
            return None
        held = _unpack(packed)
        if held.run != self._server.run or held.version != version or held.floor == _UNDER_CONSTRUCTION:
            return None
        ids = held.ids
        low, high = bisect_right(ids, after), bisect_left(ids, before)
        if oldest:
            return KeptTimeline(ids[low : min(high, low + limit)], held.floor)
        return KeptTimeline(ids[max(low, high - limit) : high][::-1], held.floor)

    async def expect(self, user_id: UserId, *, version: int) -> bool:
        """Begin an empty timeline that takes deliveries; False also while Redis is away."""
        try:
            if not self._server.run:
                await self._server.ask("PING")
            empty = _pack(self._server.run, version, _UNDER_CONSTRUCTION, [])
            return bool(await self._server.run_script(_EXPECT, [_key(user_id)], empty, BUILD_MS_MAX))
        except _Away:
            return False

    async def keep(self, user_id: UserId, *, version: int, ids: Sequence[TweetId], floor: int) -> None:
        """Join the ids with what was delivered since `expect`."""
        run = self._server.run
        expected = _pack(run, version, _UNDER_CONSTRUCTION, [])
        kept = _pack(run, version, floor, ids[::-1])
        try:
            await self._server.run_script(_KEEP, [_key(user_id)], expected, kept, self._inactive_after_ms)
        except _Away:
            return

    async def deliver(self, tweet_id: TweetId, user_ids: Sequence[UserId]) -> None:
        """Add a tweet to the timelines that are kept; raises Unavailable when Redis is away, so that it is retried."""
        bytes_max = _HEADER.size + _ID_BYTES * (self._entries_max + TRIM_SLACK_IDS)
        packed = array("q", [tweet_id]).tobytes()
        try:
            for start in range(0, len(user_ids), DELIVERIES_PER_SCRIPT):
                keys = [_key(user_id) for user_id in user_ids[start : start + DELIVERIES_PER_SCRIPT]]
                for key in await self._server.run_script(_DELIVER, keys, packed, bytes_max):
                    await self._trim(key)
            self._delivered += len(user_ids)
        except _Away as error:
            raise Unavailable("the server that keeps home timelines cannot be reached") from error

    async def _trim(self, key: bytes) -> None:
        packed = await self._server.ask("GET", key)
        if not packed:
            return
        held = _unpack(packed)
        if held.floor == _UNDER_CONSTRUCTION:
            return
        ids = held.ids[-self._entries_max :]
        floor = ids[0] if len(ids) < len(held.ids) else held.floor
        await self._server.run_script(_TRIM, [key], packed, _pack(held.run, held.version, floor, ids))

    def measurements(self) -> Sequence[Measurement]:
        """Return how much was delivered from here, and how often Redis was away."""
        return (
            Measurement(
                "rookery_deliveries",
                "Receivers of tweets delivered here.",
                Kind.COUNTER,
                lambda: self._delivered,
            ),
            Measurement(
                "rookery_redis_failures",
                "Questions about home timelines that Redis left unanswered.",
                Kind.COUNTER,
                lambda: self._server.failures,
            ),
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._server.close()


class RedisCounters:
    """The `Counters` port for any number of processes. While Redis is away each process counts for itself."""

    def __init__(self, url: str) -> None:
        """Take a `redis://` or `rediss://` URL; connects when first asked."""
        self._server = _Server(url, used_for="rate limits")
        self._own = MemoryCounters()

    async def add(self, key: str, *, window_ms: int, now_ms: int) -> tuple[int, int]:
        """Count one more; windows are aligned to the clock."""
        end_ms = now_ms - now_ms % window_ms + window_ms
        try:
            count, held_end_ms = await self._server.run_script(
                _COUNT, [_counter_key(key)], now_ms, end_ms, end_ms - now_ms
            )
        except _Away:
            return await self._own.add(key, window_ms=window_ms, now_ms=now_ms)
        return int(count), int(held_end_ms)

    async def reset(self, key: str) -> None:
        """Forget a counter."""
        await self._own.reset(key)
        try:
            await self._server.ask("DEL", _counter_key(key))
        except _Away:
            return

    async def close(self) -> None:
        """Let go of the connections."""
        await self._server.close()


def _counter_key(key: str) -> bytes:
    return b"rookery:count:" + key.encode()
