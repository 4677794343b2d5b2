"""Keeping tweets for later, and hearing no more of a conversation."""

import pytest

from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Visibility
from rookery.errors import NotFound
from rookery.usecases.bookmarks import bookmark_tweet, unbookmark_tweet
from rookery.usecases.thread_mutes import mute_thread, unmute_thread
from rookery.usecases.timelines import bookmarks_timeline
from rookery.usecases.tweets import get_tweet
from tests.world import World, ids


async def test_bookmarking_twice_is_bookmarking_once(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    view = await world.tweet(ada)
    for _ in range(2):
        assert (await bookmark_tweet(world.services, bob.id, view.tweet.id)).marks.bookmarked
    assert ids((await bookmarks_timeline(world.services, bob.id, PageRequest())).items) == [view.tweet.id]
    assert ids((await bookmarks_timeline(world.services, ada.id, PageRequest())).items) == []
    for _ in range(2):
        assert not (await unbookmark_tweet(world.services, bob.id, view.tweet.id)).marks.bookmarked
    assert ids((await bookmarks_timeline(world.services, bob.id, PageRequest())).items) == []


async def test_a_bookmark_of_what_is_hidden_now_is_not_shown(world: World):
    from rookery.usecases.follows import unfollow

    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(bob, ada)
    view = await world.tweet(ada, visibility=Visibility.FOLLOWERS)
    await bookmark_tweet(world.services, bob.id, view.tweet.id)
    await unfollow(world.services, bob.id, ada.id)
    assert ids((await bookmarks_timeline(world.services, bob.id, PageRequest())).items) == []
    with pytest.raises(NotFound):
        await bookmark_tweet(world.services, bob.id, view.tweet.id)


async def test_muting_a_thread_shows_on_all_of_it(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    root = await world.tweet(ada)
    reply = await world.tweet(bob, reply_to_id=root.tweet.id)
    for _ in range(2):
        assert (await mute_thread(world.services, ada.id, reply.tweet.id)).marks.thread_muted
    assert (await get_tweet(world.services, ada.id, root.tweet.id)).marks.thread_muted
    assert not (await get_tweet(world.services, bob.id, root.tweet.id)).marks.thread_muted
    assert (await world.tweet(ada, reply_to_id=reply.tweet.id)).marks.thread_muted
    for _ in range(2):
        assert not (await unmute_thread(world.services, ada.id, root.tweet.id)).marks.thread_muted
    assert not (await get_tweet(world.services, ada.id, reply.tweet.id)).marks.thread_muted
