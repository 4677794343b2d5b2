"""Favoriting tweets."""

import asyncio

import pytest

from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Visibility
from rookery.errors import Forbidden, NotFound
from rookery.usecases.blocks import block
from rookery.usecases.favorites import mark_tweet_favorite, unmark_tweet_favorite
from rookery.usecases.reactions import favorited_by
from rookery.usecases.retweets import retweet
from rookery.usecases.timelines import favorites_timeline
from rookery.usecases.tweets import delete_tweet, get_tweet
from tests.world import World, ids


async def test_favoriting_twice_counts_once(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    tweet_id = (await world.tweet(ada)).tweet.id
    for _ in range(2):
        view = await mark_tweet_favorite(world.services, bob.id, tweet_id)
        assert (view.counts.favorites, view.marks.favorited) == (1, True)
    assert await get_tweet(world.services, bob.id, tweet_id) == view
    for _ in range(2):
        view = await unmark_tweet_favorite(world.services, bob.id, tweet_id)
        assert (view.counts.favorites, view.marks.favorited) == (0, False)
    assert await get_tweet(world.services, bob.id, tweet_id) == view


async def test_many_favorites_at_once_are_all_counted(world: World):
    ada = await world.user("ada")
    tweet_id = (await world.tweet(ada)).tweet.id
    fans = [await world.user(f"fan{number}") for number in range(20)]
    await asyncio.gather(*[mark_tweet_favorite(world.services, fan.id, tweet_id) for fan in [*fans, *fans]])
    assert (await get_tweet(world.services, None, tweet_id)).counts.favorites == 20
    await asyncio.gather(
        *[unmark_tweet_favorite(world.services, fan.id, tweet_id) for fan in [*fans[5:], *fans[5:]]]
    )
    assert (await get_tweet(world.services, None, tweet_id)).counts.favorites == 5


async def test_favoriting_a_retweet_favorites_the_tweet(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    original = await world.tweet(ada)
    shared = await retweet(world.services, bob.id, original.tweet.id)
    view = await mark_tweet_favorite(world.services, ada.id, shared.tweet.id)
    assert view.tweet.id == shared.tweet.id
    assert view.retweet_of is not None
    assert (view.retweet_of.counts.favorites, view.retweet_of.marks.favorited) == (1, True)
    assert (await get_tweet(world.services, ada.id, original.tweet.id)).marks.favorited


async def test_only_what_one_sees_and_whom_one_does_not_block_can_be_favorited(world: World):
    ada, bob, cyd = await world.user("ada"), await world.user("bob"), await world.user("cyd")
    hidden = await world.tweet(ada, visibility=Visibility.FOLLOWERS)
    open_one = await world.tweet(ada)
    with pytest.raises(NotFound):
        await mark_tweet_favorite(world.services, bob.id, hidden.tweet.id)
    await block(world.services, bob.id, ada.id)
    with pytest.raises(Forbidden):
        await mark_tweet_favorite(world.services, bob.id, open_one.tweet.id)
    await block(world.services, ada.id, cyd.id)
    with pytest.raises(NotFound):
        await mark_tweet_favorite(world.services, cyd.id, open_one.tweet.id)
    assert not await world.rows("SELECT tweet_id FROM favorites")


async def test_favoriting_takes_few_statements(world: World):
    ada = await world.user("ada")
    tweet_id = (await world.tweet(ada)).tweet.id
    await mark_tweet_favorite(world.services, ada.id, tweet_id)
    await unmark_tweet_favorite(world.services, ada.id, tweet_id)
    with world.counted() as count:
        await mark_tweet_favorite(world.services, ada.id, tweet_id)
    assert (count.reads, count.writes) == (2, 2)


async def test_favorites_come_in_the_order_in_which_they_were_made(world: World):
    ada = await world.user("ada")
    first, second, third = await world.tweets(ada, 3)
    for view in (third, first, second):
        await mark_tweet_favorite(world.services, ada.id, view.tweet.id)
    page = await favorites_timeline(world.services, ada.id, PageRequest())
    assert ids(page.items) == ids([second, first, third])
    await delete_tweet(world.services, ada.id, first.tweet.id)
    page = await favorites_timeline(world.services, ada.id, PageRequest())
    assert ids(page.items) == ids([second, third])


async def test_only_the_author_meets_those_they_block_among_the_favorites(world: World):
    ada, bob, cyd = await world.user("ada"), await world.user("bob"), await world.user("cyd")
    tweet_id = (await world.tweet(ada)).tweet.id
    for fan in (bob, cyd):
        await mark_tweet_favorite(world.services, fan.id, tweet_id)
    await block(world.services, ada.id, bob.id)
    await block(world.services, cyd.id, bob.id)
    of_ada = await favorited_by(world.services, ada.id, tweet_id, PageRequest())
    of_cyd = await favorited_by(world.services, cyd.id, tweet_id, PageRequest())
    assert [view.user.username for view in of_ada.items] == ["cyd", "bob"]
    assert [view.user.username for view in of_cyd.items] == ["cyd"]
