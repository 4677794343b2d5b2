"""What each kind of request costs the serving process, against the floor of the same HTTP server."""

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rookery.app import running
from rookery.bench import load, towns
from rookery.bench.processes import Measured, free_port, started
from rookery.bench.report import Report, Section
from rookery.domain.ids import TweetId, UserId
from rookery.services import Services
from rookery.settings import Settings
from rookery.sql import Sql
from rookery.usecases import tokens

USERS: Final = 300
FOLLOWS: Final = 2_518
"""Users and follows of the comparison with other servers in docs/performance.md."""
TWEETS: Final = 2_000
WARM_UP_S: Final = 1.0
HOUR_MS: Final = 3_600_000

Requests = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Town:
    """The database that is served, and who lives there."""

    database_url: str
    users: Sequence[UserId]
    tokens: Sequence[str]
    tweets: Sequence[TweetId]
    bytes_per_tweet: float


async def build_town(folder: Path) -> Town:
    """Make 300 users of whom one has 299 followers, 2,518 follows and 2,000 tweets."""
    database_url = f"sqlite:///{folder}/serving.db"
    async with running(Settings(database_url=database_url, media_url=f"file:///{folder}/media")) as run:
        services = run.services
        chance = random.Random(1)
        users = await towns.add_users(services, USERS)
        pairs = {(user, users[0]) for user in users[1:]}
        while len(pairs) < FOLLOWS:
            follower, followee = chance.sample(users, 2)
            pairs.add((follower, followee))
        await towns.add_follows(services, sorted(pairs))
        secrets = [
            await tokens.create_token(services, user, scopes="read write follow push", app_name="bench")
            for user in users
        ]
        before = await _bytes_used(services)
        tweets = await towns.add_tweets(
            services, chance.choices(users, k=TWEETS), spread_ms=24 * HOUR_MS, deliver=False
        )
        bytes_per_tweet = (await _bytes_used(services) - before) / TWEETS
    return Town(database_url, users, secrets, tweets, bytes_per_tweet)


async def _bytes_used(services: Services) -> int:
    used = Sql("", "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()", ())
    async with services.db.read() as tx:
        row = await tx.one(used)
    return row[0] if row else 0


async def measure(report: Report, folder: Path, *, seconds: float) -> None:
    """Serve the town and ask for everything in turn."""
    town = await build_town(folder)
    section = report.section(
        f"Requests ({load.CONNECTIONS} connections, one serving process, SQLite)",
        "request",
        "CPU µs",
        "times floor",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "bytes",
    )
    port = free_port()
    command = [sys.executable, "-m", "rookery", "serve", "--port", str(port)]
    environment = {
        "ROOKERY_DATABASE_URL": town.database_url,
        "ROOKERY_RATE_LIMITS": "off",
        "ROOKERY_CONFIG": os.devnull,
    }
    async with started(command, port=port, environment=environment, log=folder / "serve.log") as server:
        await asyncio.sleep(1.0)
        idle_mb = server.memory_mb()
        start_s = server.start_s
        length = await _length_of_home(server, town)
        floor_us = await _measure_floor(section, folder, length, seconds)
        for name, requests in _kinds(town).items():
            await _one(section, server, name, requests, seconds=seconds, floor_us=floor_us)
        busy_mb = server.memory_mb()
        mixed = await _post_while_reading(server, town, seconds)
    section.notes.append(
        f"{USERS} users, {FOLLOWS:,} follows, {TWEETS:,} tweets. CPU is the user and system time of the serving process "
        "and its children per request; a post includes its deliveries."
    )
    figures = report.section("The process", "figure", "value", "unit")
    figures.add("start to first answer", start_s, "s")
    figures.add("memory when idle", idle_mb, "MB")
    figures.add("memory after this load", busy_mb, "MB")
    figures.add("disk per tweet, with indexes", town.bytes_per_tweet, "bytes")
    figures.add("posting p50 while home is read at half its maximum", mixed.percentile_ms(0.5), "ms")
    figures.add("posting p99 while home is read at half its maximum", mixed.percentile_ms(0.99), "ms")


async def _measure_floor(section: Section, folder: Path, length: int, seconds: float) -> float:
    port = free_port()
    command = [sys.executable, "-m", "rookery.bench.floor", str(port), str(length)]
    async with started(command, port=port, log=folder / "floor.log") as server:
        return await _one(
            section,
            server,
            "floor: the same bytes from memory",
            lambda: _FLOOR,
            seconds=seconds,
            floor_us=None,
        )


_FLOOR: Final = load.request("GET", "/")


def _kinds(town: Town) -> dict[str, Requests]:
    chance = random.Random(2)

    def home() -> bytes:
        return load.request("GET", "/api/v1/timelines/home", chance.choice(town.tokens))

    def own_home() -> bytes:
        return load.request("GET", "/api/v1/timelines/home", town.tokens[7])

    def public() -> bytes:
        return load.request("GET", "/api/v1/timelines/public", chance.choice(town.tokens))

    def user() -> bytes:
        path = f"/api/v1/accounts/{chance.choice(town.users)}/statuses"
        return load.request("GET", path, chance.choice(town.tokens))

    def tweet() -> bytes:
        return load.request(
            "GET", f"/api/v1/statuses/{chance.choice(town.tweets)}", chance.choice(town.tokens)
        )

    def favorite() -> bytes:
        path = f"/api/v1/statuses/{chance.choice(town.tweets)}/favourite"
        return load.request("POST", path, chance.choice(town.tokens), b"{}")

    return {
        "home of 20, rotating users": home,
        "home of 20, one user": own_home,
        "public timeline": public,
        "a user's tweets": user,
        "one tweet": tweet,
        "favorite": favorite,
        "post by anybody, with deliveries": lambda: _post(chance.choice(town.tokens), chance),
        "post to 299 followers, with deliveries": lambda: _post(town.tokens[0], chance),
    }


def _post(token: str, chance: random.Random) -> bytes:
    return load.request(
        "POST", "/api/v1/statuses", token, json.dumps({"status": towns.sentence(chance)}).encode()
    )


async def _length_of_home(server: Measured, town: Town) -> int:
    chance = iter(town.tokens)
    result = await load.run(
        server.port,
        lambda: load.request("GET", "/api/v1/timelines/home", next(chance, town.tokens[0])),
        seconds=WARM_UP_S,
        connections=1,
    )
    return result.bytes // result.requests


async def _one(
    section: Section,
    server: Measured,
    name: str,
    requests: Requests,
    *,
    seconds: float,
    floor_us: float | None,
) -> float:
    await load.run(server.port, requests, seconds=WARM_UP_S)
    await _settled(server)
    cpu_s = server.cpu_s()
    result = await load.run(server.port, requests, seconds=seconds)
    await _settled(server)
    cpu_us = (server.cpu_s() - cpu_s) / result.requests * 1e6
    if result.failures:
        section.notes.append(f"{name}: {result.failures} of {result.requests} requests failed")
    section.add(
        name,
        cpu_us,
        cpu_us / (floor_us or cpu_us),
        result.per_second,
        result.percentile_ms(0.5),
        result.percentile_ms(0.99),
        result.bytes // result.requests,
    )
    return cpu_us


async def _settled(server: Measured) -> None:
    """Wait until the server has finished what the requests left it to do."""
    deadline = time.perf_counter() + 10
    cpu_s = server.cpu_s()
    while time.perf_counter() < deadline:
        await asyncio.sleep(0.25)
        now_s = server.cpu_s()
        if now_s - cpu_s <= 0.01:
            return
        cpu_s = now_s


async def _post_while_reading(server: Measured, town: Town, seconds: float) -> load.Load:
    kinds = _kinds(town)
    home = kinds["home of 20, rotating users"]
    most = await load.run(server.port, home, seconds=seconds)
    chance = random.Random(3)
    _, posting = await asyncio.gather(
        load.run(server.port, home, seconds=seconds, per_second=most.per_second / 2),
        load.run(
            server.port, lambda: _post(chance.choice(town.tokens), chance), seconds=seconds, connections=4
        ),
    )
    return posting
