"""Periodic work that keeps tables small."""

import pytest

from rookery import tasks
from rookery.domain.ids import AppId, UserId
from rookery.domain.oauth import Authorization
from rookery.ports import Write
from rookery.storage import (
    authorization_codes,
    confirmations,
    passkeys,
    sessions,
    sign_in_failures,
    two_factor,
)
from rookery.storage import tasks as task_records
from rookery.usecases.mutes import mute
from rookery.usecases.upkeep import sweep_expired
from tests.world import World


async def enter(world: World, name: str, *, ends_ms: int) -> None:
    """Enter one of everything that expires."""
    user_id, key = UserId(1), name.encode()
    allowed = Authorization(
        app_id=AppId(1),
        user_id=user_id,
        redirect_uri=name,
        scopes=(),
        challenge=None,
        expires_ms=ends_ms - 86_400_000,
    )
    task_id = world.services.new_id()

    async def work(tx: Write) -> None:
        await authorization_codes.insert(tx, key, allowed)
        await confirmations.insert(tx, key, user_id, purpose=name, expires_ms=ends_ms)
        await sessions.insert(tx, key, user_id, browser="", now_ms=0, expires_ms=ends_ms)
        await two_factor.insert_step(tx, key, UserId(ends_ms), expires_ms=ends_ms)
        await passkeys.insert_challenge(
            tx, key, purpose=name, user_id=None, user_handle=None, expires_ms=ends_ms
        )
        await sign_in_failures.count(tx, name, now_ms=0, window_end_ms=ends_ms)
        await task_records.insert(tx, tasks.ClearDeletedTweet(1), new_id=task_id, run_at_ms=0)
        await task_records.fail(tx, task_id, now_ms=ends_ms - 30 * 86_400_000, error=name)

    await world.services.db.write(work)


async def left(world: World) -> list[list[str]]:
    """Return what is left in each table by name."""
    return [
        [row[0] for row in await world.rows(text)]
        for text in (
            "SELECT redirect_uri FROM authorization_codes",
            "SELECT purpose FROM confirmations",
            "SELECT CASE WHEN expires_ms > 2000000000000 THEN 'later' ELSE 'over' END FROM sessions",
            "SELECT CASE WHEN user_id > 2000000000000 THEN 'later' ELSE 'over' END FROM sign_in_steps",
            "SELECT purpose FROM passkey_challenges",
            "SELECT key FROM sign_in_failures",
            "SELECT error FROM tasks WHERE failed_ms IS NOT NULL",
        )
    ]


async def test_what_has_expired_is_dropped_in_pieces_and_the_rest_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("rookery.usecases.upkeep.SLICE_ROWS", 2)
    for number in range(5):
        await enter(world, f"over{number}", ends_ms=world.now_ms - 1)
    await enter(world, "later", ends_ms=3_000_000_000_000)
    await sweep_expired(world.services, tasks.SweepExpired())
    assert await left(world) == [["later"]] * 7


async def test_old_keys_and_mutes_are_dropped_and_the_rest_stays(world: World):
    ada, bob, cyd = await world.user("ada"), await world.user("bob"), await world.user("cyd")
    await world.tweet(ada, "First", idempotency_key="first")
    await mute(world.services, ada.id, bob.id, duration_s=60)
    await mute(world.services, ada.id, cyd.id)
    world.advance(seconds=3_601)
    await world.tweet(ada, "Second", idempotency_key="second")
    await sweep_expired(world.services, tasks.SweepExpired())
    assert [row[0] for row in await world.rows("SELECT key FROM idempotency_keys")] == ["second"]
    assert [row[0] for row in await world.rows("SELECT target_id FROM mutes")] == [cyd.id]


async def test_notifications_of_half_a_year_ago_are_dropped_with_their_groups(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("rookery.usecases.upkeep.SLICE_ROWS", 2)
    ada = await world.user("ada")
    for number in range(3):
        fan = await world.user(f"fan{number}")
        await world.tweet(fan, "@ada hello")
        await world.follow(fan, ada)
    world.advance(days=181)
    await world.tweet(await world.user("late"), "@ada hello")
    await sweep_expired(world.services, tasks.SweepExpired())
    assert [row[0] for row in await world.rows("SELECT kind FROM notifications")] == ["mention"]
    assert await world.rows("SELECT * FROM notification_groups") == []
