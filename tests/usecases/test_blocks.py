"""Blocking."""

import pytest

from rookery.domain.timelines import PageRequest
from rookery.errors import NotFound
from rookery.storage import hot_users, users
from rookery.usecases.blocks import block, page_blocked, unblock
from rookery.usecases.follows import follow, list_relations
from rookery.usecases.timelines import generate_timeline, public_timeline
from tests.world import NOBODY, World, ids


async def test_blocking_ends_follows_in_both_directions(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(ada, bob)
    await world.follow(bob, ada)
    async with world.services.db.read() as tx:
        before = [(await hot_users.home_stamp(tx, user.id)).version for user in (ada, bob)]
    relation = await block(world.services, ada.id, bob.id)
    assert relation.blocking
    assert not relation.following
    assert not relation.followed_by
    async with world.services.db.read() as tx:
        for user in (ada, bob):
            counts = await users.counts(tx, user.id)
            assert (counts.followers, counts.following) == (0, 0)
        assert [(await hot_users.home_stamp(tx, user.id)).version for user in (ada, bob)] == [
            one + 1 for one in before
        ]


async def test_blocking_ends_requests_in_both_directions(world: World):
    ada, bob = await world.user("ada", locked=True), await world.user("bob", locked=True)
    await follow(world.services, ada.id, bob.id)
    await follow(world.services, bob.id, ada.id)
    await block(world.services, ada.id, bob.id)
    assert await world.rows("SELECT * FROM follow_requests") == []


async def test_blocking_twice_is_once_and_can_be_taken_back(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    for _ in range(2):
        await block(world.services, ada.id, bob.id)
    assert len(await world.rows("SELECT * FROM blocks")) == 1
    [(_, seen_by_bob)] = await list_relations(world.services, bob.id, [ada.id])
    assert seen_by_bob.blocked_by
    for _ in range(2):
        assert not (await unblock(world.services, ada.id, bob.id)).blocking
    assert await world.rows("SELECT * FROM blocks") == []


async def test_nobody_blocks_themselves_or_the_absent(world: World):
    ada = await world.user("ada")
    assert not (await block(world.services, ada.id, ada.id)).blocking
    with pytest.raises(NotFound):
        await block(world.services, ada.id, NOBODY)


async def test_the_two_see_nothing_of_each_other_on_timelines(world: World):
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    await world.follow(cy, ada, bob)
    by_ada, by_bob = await world.tweet(ada), await world.tweet(bob)
    await block(world.services, ada.id, bob.id)
    page = PageRequest()
    assert ids((await public_timeline(world.services, ada.id, page)).items) == [by_ada.tweet.id]
    assert ids((await public_timeline(world.services, bob.id, page)).items) == [by_bob.tweet.id]
    assert len((await generate_timeline(world.services, cy.id, page)).items) == 2


async def test_the_blocked_are_listed_latest_first(world: World):
    ada, bob, cy, dee = [await world.user(name) for name in ("ada", "bob", "cy", "dee")]
    for target in (bob, cy, dee):
        await block(world.services, ada.id, target.id)
    first = await page_blocked(world.services, ada.id, PageRequest(limit=2))
    assert [view.user.username for view in first.items] == ["dee", "cy"]
    assert first.oldest_id is not None
    rest = await page_blocked(world.services, ada.id, PageRequest(before=first.oldest_id, limit=2))
    assert [view.user.username for view in rest.items] == ["bob"]
    assert rest.oldest_id is None
