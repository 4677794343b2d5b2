"""Edits: who may read what a tweet said before."""

import pytest

from rookery.domain.tweets import Visibility
from rookery.domain.users import User
from rookery.errors import NotFound
from rookery.usecases.edits import edit_tweet, list_versions
from tests.world import World


async def versions(world: World, viewer: User, tweet_id: int) -> list[str]:
    _, found = await list_versions(world.services, viewer.id, tweet_id)
    return [version.text for version in found]


async def test_whoever_is_mentioned_later_does_not_read_what_was_said_before(world: World):
    ada, bob, cy = [await world.user(name) for name in ("ada", "Bob", "cy")]
    tweet = await world.tweet(ada, "@bob about cy", visibility=Visibility.DIRECT)
    tweet_id = tweet.tweet.id
    await edit_tweet(world.services, ada.id, tweet_id, text="@bob @cy hello")
    assert await versions(world, ada, tweet_id) == ["@bob about cy", "@bob @cy hello"]
    assert await versions(world, bob, tweet_id) == ["@bob about cy", "@bob @cy hello"]
    assert await versions(world, cy, tweet_id) == ["@bob @cy hello"]
    await edit_tweet(world.services, ada.id, tweet_id, text="@cy hello")
    with pytest.raises(NotFound):
        await versions(world, bob, tweet_id)


async def test_followers_read_every_version_and_the_mentioned_theirs(world: World):
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    await world.follow(bob, ada)
    tweet = await world.tweet(ada, "among us", visibility=Visibility.FOLLOWERS)
    tweet_id = tweet.tweet.id
    await edit_tweet(world.services, ada.id, tweet_id, text="among us and @cy")
    assert await versions(world, bob, tweet_id) == ["among us", "among us and @cy"]
    assert await versions(world, cy, tweet_id) == ["among us and @cy"]
