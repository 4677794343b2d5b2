"""Processes are killed while clients post: whatever was acknowledged is there afterwards, in every home timeline."""

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path

import apsw
import asyncpg
import httpx
import pytest

from rookery.settings import Settings
from tests.processes import Process, run
from tests.servers import Postgres
from tests.world import RealClock, open_world

NAMES = ("ada", "bob", "cy", "dora")
POSTING_S = 0.7
"""How long clients post between two kills."""
TWEETS_MIN = 30
"""How many tweets are posted before the first disaster and after the last."""
PATIENCE_S = 60
PAUSE_S = 0.02
"""How long a client rests after a post: what counts is when it posts, not how much."""


@pytest.fixture
def own_database_url(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> str:
    """A database that keeps what it acknowledged; PostgreSQL's server belongs to the test alone."""
    if engine == "sqlite":
        return f"sqlite:///{tmp_path}/rookery.db"
    server: Postgres = request.getfixturevalue("own_postgres")
    return server.url()


async def people(database_url: str) -> dict[str, str]:
    """Make users who all follow each other; return their tokens."""
    async with open_world(Settings(database_url=database_url), RealClock()) as world:
        users = [await world.user(name) for name in NAMES]
        for user in users:
            await world.follow(user, *[other for other in users if other is not user])
        tokens = {user.username: await world.token(user) for user in users}
        await world.settle()
    return tokens


class Posting:
    """Clients that post one tweet after the other and remember what was acknowledged."""

    def __init__(self, tokens: dict[str, str], addresses: list[str]) -> None:
        self._tokens = tokens
        self._addresses = addresses
        self._numbers = itertools.count()
        self.acknowledged: dict[str, str] = {}
        """The text by the id."""
        self.failures = 0

    async def until(self, over: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as clients:
            for name, address in itertools.product(self._tokens, self._addresses):
                clients.create_task(self._post(name, address, over))

    async def has_gone_on(self) -> None:
        """Wait until a good number of further tweets were acknowledged."""
        enough = len(self.acknowledged) + TWEETS_MIN
        async with asyncio.timeout(PATIENCE_S):
            while len(self.acknowledged) < enough:  # noqa: ASYNC110  a few looks a second
                await asyncio.sleep(PAUSE_S)

    async def _post(self, name: str, address: str, over: asyncio.Event) -> None:
        headers = {"Authorization": f"Bearer {self._tokens[name]}"}
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=PATIENCE_S) as client:
            while not over.is_set():
                text = f"{name} says {next(self._numbers)}"
                try:
                    answer = await client.post("/api/v1/statuses", data={"status": text})
                except httpx.TransportError:
                    self.failures += 1
                    await asyncio.sleep(PAUSE_S)
                    continue
                await asyncio.sleep(PAUSE_S)
                if answer.status_code == 200:
                    self.acknowledged[answer.json()["id"]] = text
                else:
                    assert answer.status_code == 503, answer.text
                    self.failures += 1


async def check_all_is_there(posting: Posting, tokens: dict[str, str], address: str) -> None:
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE_S) as client:
        for name, token in tokens.items():
            found = await home(client, token)
            missing = [
                text for tweet_id, text in posting.acknowledged.items() if text not in found.get(tweet_id, "")
            ]
            assert len(set(found.values())) == len(found), "a tweet was posted twice"
            assert not missing, f"{name}'s home lacks {len(missing)} tweets, among them {missing[:3]}"


async def home(client: httpx.AsyncClient, token: str) -> dict[str, str]:
    """Page through the whole home timeline; return the contents by their ids."""
    found: dict[str, str] = {}
    url: str | None = "/api/v1/timelines/home?limit=40"
    while url:
        answer = await client.get(url, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.text
        page = {tweet["id"]: tweet["content"] for tweet in answer.json()}
        assert not found.keys() & page.keys(), "a page repeats what an earlier one showed"
        assert list(page) == sorted(page, key=int, reverse=True)
        found |= page
        url = answer.links.get("next", {}).get("url") if page else None
    return found


async def post_while(posting: Posting, *disasters: Callable[[], None]) -> None:
    """Let clients post, and let a disaster happen every now and then."""
    over = asyncio.Event()
    clients = asyncio.create_task(posting.until(over))
    await posting.has_gone_on()
    for disaster in disasters:
        await asyncio.to_thread(disaster)
        await asyncio.sleep(POSTING_S)
    await posting.has_gone_on()
    over.set()
    await clients


async def test_whatever_was_acknowledged_survives_kills_of_every_process(
    own_database_url: str, tmp_path: Path
):
    tokens = await people(own_database_url)
    settings = {"database_url": own_database_url, "rate_limits": "off"}
    with Process(tmp_path, **settings) as one, Process(tmp_path, **settings) as two:
        posting = Posting(tokens, [one.url, two.url])
        await post_while(posting, one.kill, two.kill, one.start, two.start)
        assert posting.failures, "the kills went unnoticed"
        one.kill()
        two.kill()
        one.start()
        await check_all_is_there(posting, tokens, one.url)


async def test_whatever_was_acknowledged_survives_a_crash_of_postgres(own_postgres: Postgres, tmp_path: Path):
    tokens = await people(own_postgres.url())
    with Process(tmp_path, database_url=own_postgres.url(), rate_limits="off") as server:
        posting = Posting(tokens, [server.url])
        await post_while(posting, own_postgres.kill, own_postgres.start)
        await check_all_is_there(posting, tokens, server.url)
        assert "Traceback" not in server.log.read_text()


async def test_two_processes_on_one_database_show_each_others_tweets(own_database_url: str, tmp_path: Path):
    tokens = await people(own_database_url)
    settings = {"database_url": own_database_url, "rate_limits": "off"}
    with Process(tmp_path, **settings) as one, Process(tmp_path, **settings) as two:
        async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
            for address in (one.url, two.url):
                await client.get(
                    f"{address}/api/v1/timelines/home", headers={"Authorization": f"Bearer {tokens['bob']}"}
                )
        posting = Posting(tokens, [one.url, two.url])
        await post_while(posting)
        await asyncio.sleep(1)
        await check_all_is_there(posting, tokens, one.url)
        await check_all_is_there(posting, tokens, two.url)
        assert not posting.failures


async def test_a_database_that_is_too_new_is_refused_with_a_sentence(own_database_url: str, tmp_path: Path):
    await people(own_database_url)
    newer = "INSERT INTO schema_version (version) VALUES (9999)"
    if own_database_url.startswith("sqlite"):
        apsw.Connection(own_database_url.removeprefix("sqlite:///")).execute(newer)
    else:
        session = await asyncpg.connect(own_database_url)
        await session.execute(newer)
        await session.close()
    ended = await asyncio.to_thread(run, tmp_path, "serve", "--port", "0", database_url=own_database_url)
    assert ended.returncode == 1
    assert "schema version 9999" in ended.stderr
    assert "run a newer Rookery" in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
