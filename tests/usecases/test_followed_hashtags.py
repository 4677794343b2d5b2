"""Hashtags that people follow, which bring strangers' tweets home, and those that they show on their profiles."""

import pytest

from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Visibility
from rookery.domain.users import User
from rookery.errors import Invalid, NotFound
from rookery.usecases import followed_hashtags
from rookery.usecases.blocks import block
from rookery.usecases.deletion import delete_user
from rookery.usecases.followed_hashtags import (
    feature_hashtag,
    follow_hashtag,
    list_featured,
    page_followed,
    suggest_featured,
    unfeature,
    unfeature_hashtag,
    unfollow_hashtag,
)
from rookery.usecases.hashtags import hashtag_histories
from rookery.usecases.mutes import mute
from rookery.usecases.retweets import retweet
from rookery.usecases.timelines import generate_timeline
from rookery.usecases.tweets import delete_tweet
from tests.world import World, ids


async def home(world: World, viewer: User) -> list[int]:
    """Return home as it is once everything begun is done, and check that a kept one is the same."""
    await world.settle()
    first = ids((await generate_timeline(world.services, viewer.id, PageRequest())).items)
    await world.settle()
    assert ids((await generate_timeline(world.services, viewer.id, PageRequest())).items) == first
    return first


async def test_a_followed_hashtag_brings_strangers_public_tweets_home_and_nothing_else(world: World):
    ada, bob, eve = [await world.user(name) for name in ("ada", "bob", "eve")]
    await world.follow(ada, bob)
    older = await world.tweet(eve, "Old #Rooks")
    assert await home(world, ada) == []
    await follow_hashtag(world.services, ada.id, "ROOKS")
    await follow_hashtag(world.services, ada.id, "rooks")
    assert await home(world, ada) == ids([older])
    both = await world.tweet(bob, "#rooks by somebody followed")
    answer = await world.tweet(eve, "#rooks #crows", reply_to_id=older.tweet.id)
    await world.tweet(eve, "#crows only")
    for visibility in (Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.DIRECT):
        await world.tweet(eve, "#rooks", visibility=visibility)
    await retweet(world.services, eve.id, both.tweet.id)
    assert await home(world, ada) == ids([answer, both, older])
    await delete_tweet(world.services, eve.id, answer.tweet.id)
    assert await home(world, ada) == ids([both, older])
    await unfollow_hashtag(world.services, ada.id, "rooks")
    await unfollow_hashtag(world.services, ada.id, "rooks")
    assert await home(world, ada) == ids([both])


async def test_blocks_mutes_and_departures_act_on_what_hashtags_bring(world: World):
    ada, bob, cleo, dan, eve = [await world.user(name) for name in ("ada", "bob", "cleo", "dan", "eve")]
    await follow_hashtag(world.services, ada.id, "rooks")
    posted = [await world.tweet(by, "#rooks") for by in (bob, cleo, dan, eve)]
    await block(world.services, ada.id, bob.id)
    await mute(world.services, ada.id, cleo.id)
    await block(world.services, dan.id, ada.id)
    assert await home(world, ada) == ids(posted[3:])
    await delete_user(world.services, eve.id)
    assert await home(world, ada) == []


async def test_home_pages_exactly_through_followed_hashtags_in_both_directions(world: World):
    ada, bob, eve = [await world.user(name) for name in ("ada", "bob", "eve")]
    await world.follow(ada, bob)
    for name in ("rooks", "crows"):
        await follow_hashtag(world.services, ada.id, name)
    expected: list[int] = []
    for number in range(40):
        world.advance(seconds=60 * number)
        text = ("#rooks", "#crows #rooks", "#crows", "nothing")[number % 4]
        by = eve if number % 3 else bob
        view = await world.tweet(by, f"{text} {number}")
        if by is bob or text != "nothing":
            expected.insert(0, view.tweet.id)
    await home(world, ada)
    for limit in (3, 20):
        down: list[int] = []
        request = PageRequest(limit=limit)
        while page := (await generate_timeline(world.services, ada.id, request)).items:
            down += ids(page)
            request = PageRequest(before=down[-1], limit=limit)
        assert down == expected
        up: list[int] = []
        request = PageRequest(limit=limit, oldest=True)
        while page := (await generate_timeline(world.services, ada.id, request)).items:
            up = ids(page) + up
            request = PageRequest(after=up[0], limit=limit, oldest=True)
        assert up == expected


async def test_followed_hashtags_are_bounded_and_paged(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(followed_hashtags, "FOLLOWED_MAX", 3)
    ada = await world.user("ada")
    for name in ("one", "two", "three"):
        await follow_hashtag(world.services, ada.id, name)
    await follow_hashtag(world.services, ada.id, "Two")
    with pytest.raises(Invalid, match="3 hashtags"):
        await follow_hashtag(world.services, ada.id, "four")
    with pytest.raises(NotFound):
        await follow_hashtag(world.services, ada.id, "not a hashtag")
    newest = await page_followed(world.services, ada.id, PageRequest(limit=2))
    assert newest.items == ["three", "two"]
    assert newest.oldest_id is not None
    assert (await page_followed(world.services, ada.id, PageRequest(before=newest.oldest_id))).items == [
        "one"
    ]


async def test_a_hashtags_history_counts_public_uses_day_by_day(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.tweets(ada, 2, "#rooks")
    world.advance(days=2)
    for by in (ada, ada, bob):
        await world.tweet(by, "#Rooks")
    await world.tweet(ada, "#rooks", visibility=Visibility.UNLISTED)
    histories = await hashtag_histories(world.services, ["rooks", "crows"])
    assert [(day.uses, day.authors) for day in histories["rooks"]] == [(3, 2), (0, 0), (2, 1)] + [(0, 0)] * 4
    assert {(day.uses, day.authors) for day in histories["crows"]} == {(0, 0)}
    with world.counted() as count:
        await hashtag_histories(world.services, [f"name{number}" for number in range(50)])
    assert count.reads == 7


async def test_featured_hashtags_show_how_their_owner_uses_them(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    for visibility in (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.DIRECT):
        await world.tweet(ada, "#rooks", visibility=visibility)
    last_ms = world.now_ms
    await world.tweet(bob, "#rooks")
    made = await feature_hashtag(world.services, ada.id, "#Rooks")
    assert await feature_hashtag(world.services, ada.id, "rooks") == made
    assert (made.name, made.uses, made.last_used_ms) == ("rooks", 2, last_ms)
    unused = await feature_hashtag(world.services, ada.id, "crows")
    assert (unused.uses, unused.last_used_ms) == (0, None)
    assert await list_featured(world.services, ada.id) == [made, unused]
    with pytest.raises(NotFound):
        await unfeature(world.services, bob.id, made.id)
    await unfeature(world.services, ada.id, made.id)
    await unfeature_hashtag(world.services, ada.id, "crows")
    await unfeature_hashtag(world.services, ada.id, "crows")
    assert await list_featured(world.services, ada.id) == []


async def test_at_most_ten_hashtags_are_featured_and_the_most_used_others_suggested(world: World):
    ada = await world.user("ada")
    for name, uses in (("rooks", 3), ("crows", 2), ("ravens", 1)):
        await world.tweets(ada, uses, f"#{name}")
    assert await suggest_featured(world.services, ada.id) == ["rooks", "crows", "ravens"]
    await feature_hashtag(world.services, ada.id, "rooks")
    assert await suggest_featured(world.services, ada.id) == ["crows", "ravens"]
    for number in range(9):
        await feature_hashtag(world.services, ada.id, f"tag{number}")
    with pytest.raises(Invalid, match="maximum number of hashtags"):
        await feature_hashtag(world.services, ada.id, "onemore")
    with pytest.raises(Invalid, match="not a hashtag"):
        await feature_hashtag(world.services, ada.id, "two words")
