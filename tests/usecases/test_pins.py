"""Keeping own tweets on top of one's profile."""

import pytest

from rookery.domain.tweets import Visibility
from rookery.errors import Invalid, NotFound
from rookery.usecases.pins import pin_tweet, unpin_tweet
from rookery.usecases.retweets import retweet
from rookery.usecases.timelines import pinned_tweets
from tests.world import World, ids


async def test_pinned_tweets_come_last_pinned_first(world: World):
    ada = await world.user("ada")
    first, second = await world.tweets(ada, 2)
    for view in (second, first, second):
        assert (await pin_tweet(world.services, ada.id, view.tweet.id)).marks.pinned
    assert ids(await pinned_tweets(world.services, None, ada.id)) == ids([first, second])
    for _ in range(2):
        assert not (await unpin_tweet(world.services, ada.id, first.tweet.id)).marks.pinned
    assert ids(await pinned_tweets(world.services, None, ada.id)) == ids([second])


async def test_a_pin_shows_only_to_those_who_may_see_the_tweet(world: World):
    ada = await world.user("ada")
    view = await world.tweet(ada, visibility=Visibility.FOLLOWERS)
    await pin_tweet(world.services, ada.id, view.tweet.id)
    assert ids(await pinned_tweets(world.services, None, ada.id)) == []
    assert ids(await pinned_tweets(world.services, ada.id, ada.id)) == [view.tweet.id]


async def test_what_cannot_be_pinned_is_refused(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    theirs = await world.tweet(bob)
    direct = await world.tweet(ada, visibility=Visibility.DIRECT)
    shared = await retweet(world.services, ada.id, theirs.tweet.id)
    for view in (theirs, direct, shared):
        with pytest.raises(Invalid):
            await pin_tweet(world.services, ada.id, view.tweet.id)
    with pytest.raises(NotFound):
        await pin_tweet(world.services, bob.id, direct.tweet.id)
    assert not await world.rows("SELECT tweet_id FROM pins")


async def test_there_is_room_for_so_many_pins(world: World):
    ada = await world.user("ada")
    views = await world.tweets(ada, world.services.limits.pins_max + 1)
    for view in views[:-1]:
        await pin_tweet(world.services, ada.id, view.tweet.id)
    with pytest.raises(Invalid):
        await pin_tweet(world.services, ada.id, views[-1].tweet.id)
    await unpin_tweet(world.services, ada.id, views[0].tweet.id)
    assert (await pin_tweet(world.services, ada.id, views[-1].tweet.id)).marks.pinned
