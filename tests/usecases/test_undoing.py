"""Whoever has lost sight of a tweet can still take back what they did with it, and learns nothing new by that."""

import pytest

from rookery.domain.ids import TweetId
from rookery.domain.tweets import TweetCounts, Visibility
from rookery.domain.users import User
from rookery.domain.visibility import TweetView
from rookery.errors import NotFound
from rookery.usecases.blocks import block
from rookery.usecases.bookmarks import bookmark_tweet, unbookmark_tweet
from rookery.usecases.favorites import mark_tweet_favorite, unmark_tweet_favorite
from rookery.usecases.follows import unfollow
from rookery.usecases.retweets import retweet, unretweet
from rookery.usecases.thread_mutes import mute_thread, unmute_thread
from rookery.usecases.tweets import delete_tweet, get_tweet
from tests.world import World

DONE_AND_UNDONE = (
    (mark_tweet_favorite, unmark_tweet_favorite, "favorites", "favorited"),
    (bookmark_tweet, unbookmark_tweet, "bookmarks", "bookmarked"),
    (mute_thread, unmute_thread, "thread_mutes", "thread_muted"),
)


async def strangers(world: World) -> tuple[User, User]:
    return await world.user("ada", bio="Birds"), await world.user("bob")


def is_withheld(view: TweetView) -> bool:
    tweet = view.tweet
    return (tweet.text, tweet.spoiler, tweet.mentions, tweet.place) == ("", "", (), None)


async def test_who_was_blocked_takes_their_marks_back_once(world: World):
    ada, bob = await strangers(world)
    view = await world.tweet(ada, "Secret @bob", spoiler="Hush")
    for do, _, _, _ in DONE_AND_UNDONE:
        await do(world.services, bob.id, view.tweet.id)
    await mark_tweet_favorite(world.services, ada.id, view.tweet.id)
    await block(world.services, ada.id, bob.id)
    for _, undo, table, mark in DONE_AND_UNDONE:
        answer = await undo(world.services, bob.id, view.tweet.id)
        assert is_withheld(answer), table
        assert answer.counts == TweetCounts(), table
        assert not getattr(answer.marks, mark), table
        assert await world.rows(f"SELECT 1 FROM {table} WHERE user_id = {bob.id}") == []
        with pytest.raises(NotFound):
            await undo(world.services, bob.id, view.tweet.id)
    seen = await get_tweet(world.services, ada.id, view.tweet.id)
    assert (seen.tweet.text, seen.counts.favorites) == ("Secret @bob", 1)


async def test_who_follows_no_more_takes_their_marks_back(world: World):
    ada, bob = await strangers(world)
    await world.follow(bob, ada)
    view = await world.tweet(ada, "Secret", visibility=Visibility.FOLLOWERS)
    await bookmark_tweet(world.services, bob.id, view.tweet.id)
    await unfollow(world.services, bob.id, ada.id)
    assert is_withheld(await unbookmark_tweet(world.services, bob.id, view.tweet.id))


async def test_who_was_blocked_takes_their_retweet_back_by_either_id(world: World):
    ada, bob = await strangers(world)
    views = await world.tweets(ada, 2)
    made = [await retweet(world.services, bob.id, view.tweet.id) for view in views]
    await block(world.services, ada.id, bob.id)
    for view, id_ in zip(views, (views[0].tweet.id, made[1].tweet.id), strict=True):
        answer = await unretweet(world.services, bob.id, id_)
        assert answer.tweet.id == view.tweet.id
        assert is_withheld(answer)
        assert not answer.marks.retweeted
        with pytest.raises(NotFound):
            await unretweet(world.services, bob.id, id_)
        assert (await get_tweet(world.services, ada.id, view.tweet.id)).counts.retweets == 0


async def test_an_own_retweet_of_what_one_sees_no_more_can_be_deleted(world: World):
    ada, bob = await strangers(world)
    original = await world.tweet(ada, "Secret")
    made = await retweet(world.services, bob.id, original.tweet.id)
    await block(world.services, ada.id, bob.id)
    with pytest.raises(NotFound):
        await delete_tweet(world.services, ada.id, made.tweet.id)
    answer = await delete_tweet(world.services, bob.id, made.tweet.id)
    assert answer.retweet_of is not None
    assert is_withheld(answer.retweet_of)
    assert await world.rows(f"SELECT id FROM tweets WHERE author_id = {bob.id}") == []
    assert (await get_tweet(world.services, ada.id, original.tweet.id)).counts.retweets == 0


async def test_what_is_neither_seen_nor_marked_is_not_found(world: World):
    ada, bob = await strangers(world)
    hidden = await world.tweet(ada, "Secret", visibility=Visibility.DIRECT)
    for tweet_id in (hidden.tweet.id, TweetId(7)):
        for undo in (unmark_tweet_favorite, unbookmark_tweet, unmute_thread, unretweet, delete_tweet):
            with pytest.raises(NotFound):
                await undo(world.services, bob.id, tweet_id)
