"""Muting, for good and for a while."""

import pytest

from rookery.domain.timelines import PageRequest
from rookery.errors import Invalid, NotFound
from rookery.ports import Write
from rookery.storage import mutes
from rookery.usecases.follows import list_relations
from rookery.usecases.mutes import mute, page_muted, unmute
from rookery.usecases.timelines import generate_timeline
from tests.world import NOBODY, World, ids


async def test_muting_hides_tweets_and_keeps_the_follow(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(ada, bob)
    tweet = await world.tweet(bob)
    relation = await mute(world.services, ada.id, bob.id)
    assert (relation.muting, relation.muting_notifications, relation.mute_until_ms) == (True, True, None)
    assert relation.following
    assert (await generate_timeline(world.services, ada.id, PageRequest())).items == []
    assert not (await unmute(world.services, ada.id, bob.id)).muting
    assert ids((await generate_timeline(world.services, ada.id, PageRequest())).items) == [tweet.tweet.id]


async def test_a_timed_mute_ends_everywhere_by_itself(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(ada, bob)
    tweet = await world.tweet(bob)
    relation = await mute(world.services, ada.id, bob.id, duration_s=60)
    assert relation.mute_until_ms == world.now_ms + 60_000
    [muted] = (await page_muted(world.services, ada.id, PageRequest())).items
    assert (muted.view.user.username, muted.until_ms) == ("bob", world.now_ms + 60_000)
    world.advance(ms=59_999)
    assert (await generate_timeline(world.services, ada.id, PageRequest())).items == []
    world.advance(ms=1)
    assert ids((await generate_timeline(world.services, ada.id, PageRequest())).items) == [tweet.tweet.id]
    assert (await page_muted(world.services, ada.id, PageRequest())).items == []
    [(_, relation)] = await list_relations(world.services, ada.id, [bob.id])
    assert (relation.muting, relation.muting_notifications, relation.mute_until_ms) == (False, False, None)


async def test_muting_again_changes_what_was_chosen(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await mute(world.services, ada.id, bob.id, duration_s=60)
    relation = await mute(world.services, ada.id, bob.id, hides_notifications=False)
    assert (relation.muting, relation.muting_notifications, relation.mute_until_ms) == (True, False, None)
    assert len(await world.rows("SELECT * FROM mutes")) == 1


async def test_nobody_mutes_themselves_the_absent_or_backwards_in_time(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    assert not (await mute(world.services, ada.id, ada.id)).muting
    with pytest.raises(NotFound):
        await mute(world.services, ada.id, NOBODY)
    for duration_s in (-1, 2**62):
        with pytest.raises(Invalid, match="duration"):
            await mute(world.services, ada.id, bob.id, duration_s=duration_s)


async def test_expired_mutes_are_swept_in_bounded_pieces(world: World):
    ada = await world.user("ada")
    for number in range(3):
        target = await world.user(f"user{number}")
        await mute(world.services, ada.id, target.id, duration_s=number + 1)
    lasting = await world.user("lasting")
    await mute(world.services, ada.id, lasting.id)
    world.advance(seconds=4)

    async def sweep(tx: Write) -> int:
        return await mutes.delete_expired(tx, before_ms=world.now_ms, limit=2)

    assert await world.services.db.write(sweep) == 2
    assert await world.services.db.write(sweep) == 1
    assert await world.services.db.write(sweep) == 0
    assert [row[0] for row in await world.rows("SELECT target_id FROM mutes")] == [lasting.id]
