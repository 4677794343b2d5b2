"""Periodic work that keeps tables small."""

from rookery import tasks
from rookery.usecases.mutes import mute
from rookery.usecases.upkeep import sweep_expired
from tests.world import World


async def test_what_has_expired_is_dropped_and_the_rest_stays(world: World):
    ada, bob, cyd = await world.user("ada"), await world.user("bob"), await world.user("cyd")
    await world.tweet(ada, "First", idempotency_key="first")
    await mute(world.services, ada.id, bob.id, duration_s=60)
    await mute(world.services, ada.id, cyd.id)
    world.advance(seconds=3_601)
    await world.tweet(ada, "Second", idempotency_key="second")
    await sweep_expired(world.services, tasks.SweepExpired())
    assert [row[0] for row in await world.rows("SELECT key FROM idempotency_keys")] == ["second"]
    assert [row[0] for row in await world.rows("SELECT target_id FROM mutes")] == [cyd.id]
