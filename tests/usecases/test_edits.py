"""Edits: who may read what a tweet said before."""

import asyncio

import pytest

from rookery.domain.polls import PollDraft
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


async def test_edits_at_once_follow_each_other_and_none_is_lost(world: World):
    ada = await world.user("ada")
    tweet = await world.tweet(ada, "first #birds")
    texts = [f"number {number} #tag{number}" for number in range(6)]
    await asyncio.gather(*[edit_tweet(world.services, ada.id, tweet.tweet.id, text=text) for text in texts])
    said = await versions(world, ada, tweet.tweet.id)
    assert said[0] == "first #birds"
    assert sorted(said[1:]) == texts
    [(kept,)] = await world.rows("SELECT h.name FROM hashtag_tweets t JOIN hashtags h ON h.id = t.hashtag_id")
    assert f"#{kept}" in said[-1]


async def test_polls_changed_and_removed_at_once_leave_a_tweet_that_takes_another(world: World):
    ada = await world.user("ada")
    poll = PollDraft(("rook", "crow"), 300)
    other = PollDraft(("rook", "crow", "jay"), 300)
    for number in range(4):
        tweet_id = (await world.tweet(ada, "Which?", poll=poll)).tweet.id
        await asyncio.gather(
            edit_tweet(world.services, ada.id, tweet_id, text="Which?", poll=other),
            edit_tweet(world.services, ada.id, tweet_id, text=f"Never mind {number}"),
        )
        again = await edit_tweet(world.services, ada.id, tweet_id, text="Which now?", poll=poll)
        assert again.poll is not None
        assert again.poll.votes == (0, 0)
