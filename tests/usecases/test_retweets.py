"""Retweeting tweets."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Visibility
from rookery.errors import Forbidden, NotFound
from rookery.usecases.blocks import block
from rookery.usecases.reactions import retweeted_by
from rookery.usecases.retweets import retweet, unretweet
from rookery.usecases.timelines import generate_timeline
from rookery.usecases.tweets import get_tweet
from tests.world import World, ids


async def test_retweeting_twice_counts_once(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    original = await world.tweet(ada)
    first = await retweet(world.services, bob.id, original.tweet.id)
    again = await retweet(world.services, bob.id, first.tweet.id)
    assert again.tweet == first.tweet
    assert again.retweet_of is not None
    assert (again.retweet_of.counts.retweets, again.retweet_of.marks.retweeted) == (1, True)
    assert first.author.counts.tweets == 1
    for _ in range(2):
        view = await unretweet(world.services, bob.id, original.tweet.id)
        assert (view.tweet.id, view.counts.retweets, view.marks.retweeted) == (original.tweet.id, 0, False)
    assert [row[0] for row in await world.rows("SELECT tweets FROM user_counts ORDER BY user_id")] == [1, 0]


async def test_retweeting_at_once_from_two_devices_counts_once(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    original = await world.tweet(ada)
    made = await asyncio.gather(*[retweet(world.services, bob.id, original.tweet.id) for _ in range(8)])
    assert len({view.tweet.id for view in made}) == 1
    assert (await get_tweet(world.services, None, original.tweet.id)).counts.retweets == 1


async def test_a_retweet_reaches_the_followers_once_however_many_retweet(world: World):
    ada, bob, cyd, eve = [await world.user(name) for name in ("ada", "bob", "cyd", "eve")]
    await world.follow(eve, bob, cyd)
    await generate_timeline(world.services, eve.id, PageRequest())
    await world.settle()
    original = await world.tweet(ada)
    first = await retweet(world.services, bob.id, original.tweet.id)
    await retweet(world.services, cyd.id, original.tweet.id)
    await world.settle()
    assert ids((await generate_timeline(world.services, eve.id, PageRequest())).items) == [first.tweet.id]


async def test_only_what_everybody_sees_is_retweeted_and_ones_own(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(bob, ada)
    followers = await world.tweet(ada, visibility=Visibility.FOLLOWERS)
    direct = await world.tweet(ada, "@bob", visibility=Visibility.DIRECT)
    own = await retweet(world.services, ada.id, followers.tweet.id, visibility=Visibility.PUBLIC)
    assert own.tweet.visibility is Visibility.FOLLOWERS
    for viewer, view in ((bob, followers), (bob, direct), (ada, direct)):
        with pytest.raises(Forbidden):
            await retweet(world.services, viewer.id, view.tweet.id)
    eve = await world.user("eve")
    with pytest.raises(NotFound):
        await retweet(world.services, eve.id, followers.tweet.id)


async def test_nobody_retweets_whom_they_block(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    original = await world.tweet(ada)
    await block(world.services, bob.id, ada.id)
    with pytest.raises(Forbidden):
        await retweet(world.services, bob.id, original.tweet.id)


async def test_a_retweet_may_be_for_followers_only(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    original = await world.tweet(ada)
    shared = await retweet(world.services, bob.id, original.tweet.id, visibility=Visibility.FOLLOWERS)
    with pytest.raises(NotFound):
        await get_tweet(world.services, ada.id, shared.tweet.id)


async def test_who_retweeted_comes_latest_first(world: World):
    ada, bob, cyd = await world.user("ada"), await world.user("bob"), await world.user("cyd")
    original = await world.tweet(ada)
    for fan in (bob, cyd):
        await retweet(world.services, fan.id, original.tweet.id)
    page = await retweeted_by(world.services, None, original.tweet.id, PageRequest(limit=1))
    assert [view.user.username for view in page.items] == ["cyd"]
    page = await retweeted_by(
        world.services, None, original.tweet.id, PageRequest(before=page.oldest_id or 0)
    )
    assert [view.user.username for view in page.items] == ["bob"]
    assert page.oldest_id is None


async def test_readers_who_meet_a_retweet_at_once_all_see_it(
    open_worlds: Callable[..., Awaitable[World]],
):
    writer = await open_worlds()
    reader = await open_worlds(database_url=writer.settings.database_url)
    ada, bob = await writer.user("ada"), await writer.user("bob")
    for _ in range(5):
        tweet = await writer.tweet(ada)
        wrapper = await retweet(writer.services, bob.id, tweet.tweet.id)
        seen = await asyncio.gather(
            *[get_tweet(reader.services, ada.id, wrapper.tweet.id) for _ in range(12)]
        )
        assert {view.tweet.id for view in seen} == {wrapper.tweet.id}
