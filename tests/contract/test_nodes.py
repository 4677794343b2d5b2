"""Node numbers: a process that loses its own goes on under another, and ids that clash are never acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from rookery.domain.ids import Snowflake
from rookery.errors import Unavailable
from rookery.ports import Write
from rookery.sql import Sql
from rookery.usecases.tweets import get_tweet
from tests.world import World

OpenWorld = Callable[..., Awaitable[World]]
PATIENCE_S = 30


@pytest.fixture
async def hasty(open_worlds: OpenWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world that renews its lease all the time."""
    monkeypatch.setattr("rookery.app.NODE_RENEW_S", 0.02)
    return await open_worlds()


async def run(world: World, text: str) -> None:
    async def work(tx: Write) -> None:
        await tx.run(Sql(text, text, ()))

    await world.services.db.write(work)


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await is_so():  # noqa: ASYNC110  a few looks
            await asyncio.sleep(0.02)


async def test_a_process_whose_number_was_taken_goes_on_under_another(hasty: World):
    taken = hasty.services.new_id.node
    before = hasty.services.new_id()
    await run(hasty, "UPDATE nodes SET owner = 'another', lease_until_ms = 9000000000000")

    async def has_moved() -> bool:
        return hasty.services.new_id.node != taken

    await until(has_moved)
    assert hasty.services.new_id() > before
    rows = await hasty.rows("SELECT node FROM nodes WHERE owner = 'another'")
    assert [row[0] for row in rows] == [taken]


async def test_the_lease_is_renewed_again_after_whatever_went_wrong(hasty: World):
    await run(hasty, "ALTER TABLE nodes RENAME TO mislaid")
    await asyncio.sleep(0.1)
    await run(hasty, "ALTER TABLE mislaid RENAME TO nodes")
    await run(hasty, "UPDATE nodes SET lease_until_ms = 0")

    async def is_renewed() -> bool:
        return bool(await hasty.rows("SELECT 1 FROM nodes WHERE lease_until_ms > 0"))

    await until(is_renewed)


async def test_a_tweet_whose_id_is_taken_is_not_acknowledged(world: World):
    ada = await world.user("ada")
    world.advance(seconds=1)
    services = world.services
    world.services = replace(services, new_id=Snowflake(7, world.clock))
    first = await world.tweet(ada, "the first")
    world.services = replace(services, new_id=Snowflake(7, world.clock))
    with pytest.raises(Unavailable, match="id was taken"):
        await world.tweet(ada, "the second")
    assert (await get_tweet(services, ada.id, first.tweet.id)).tweet.text == "the first"
