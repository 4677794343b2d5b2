"""The home timeline: what belongs on it, in which order, to which depth, however it is made."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from rookery.domain.lists import Replies
from rookery.domain.timelines import Page, PageRequest
from rookery.domain.tweets import Visibility
from rookery.domain.users import User
from rookery.domain.visibility import TweetView
from rookery.usecases.blocks import block
from rookery.usecases.deletion import delete_user
from rookery.usecases.followed_hashtags import follow_hashtag, unfollow_hashtag
from rookery.usecases.follows import follow, list_relations, unfollow
from rookery.usecases.lists import (
    add_members,
    change_list,
    list_lists,
    lists_with,
    make_list,
    remove_members,
)
from rookery.usecases.mutes import mute, unmute
from rookery.usecases.retweets import retweet, unretweet
from rookery.usecases.timelines import generate_timeline
from rookery.usecases.tweets import delete_tweet
from tests.world import World, ids

OpenWorld = Callable[..., Awaitable[World]]


@pytest.fixture(params=["redis or memory", "memory"])
def with_timelines(request: pytest.FixtureRequest, open_worlds: OpenWorld) -> OpenWorld:
    """Opens worlds that keep home timelines where the engine usually has them, and in memory."""

    async def opened(**settings: Any) -> World:
        if request.param == "memory":
            settings["redis_url"] = ""
        return await open_worlds(**settings)

    return opened


async def home(world: World, viewer: User, **page: Any) -> list[TweetView]:
    """Return a page of home, after everything that was begun is done."""
    await world.settle()
    return (await generate_timeline(world.services, viewer.id, PageRequest(**page))).items


async def kept_home(world: World, viewer: User, **page: Any) -> list[TweetView]:
    """Return a page of a home that is kept: the first read builds it."""
    await home(world, viewer)
    return await home(world, viewer, **page)


async def walk(world: World, viewer: User, *, limit: int, upward: bool = False) -> list[int]:
    """Page through the whole home, down by `before` or up by `after`; return the ids newest first."""
    found: list[int] = []
    page = PageRequest(limit=limit, oldest=upward)
    for _ in range(200):
        answer: Page[TweetView] = await generate_timeline(world.services, viewer.id, page)
        place = answer.newest_id if upward else answer.oldest_id
        if place is None:
            return found
        found = ids(answer.items) + found if upward else found + ids(answer.items)
        page = (
            PageRequest(after=place, limit=limit, oldest=True)
            if upward
            else PageRequest(before=place, limit=limit)
        )
    raise AssertionError("the home does not end")


async def test_home_shows_own_tweets_and_those_of_the_followed_newest_first(with_timelines: OpenWorld):
    world = await with_timelines()
    ada, bob, eve = [await world.user(name) for name in ("ada", "bob", "eve")]
    await world.follow(ada, bob)
    first = await world.tweet(bob)
    await world.tweet(eve)
    own = await world.tweet(ada)
    assert ids(await home(world, ada)) == ids([own, first])
    last = await world.tweet(bob)
    assert ids(await home(world, ada)) == ids([last, own, first])


async def test_paging_meets_every_tweet_once_in_both_directions_beyond_what_is_kept(
    with_timelines: OpenWorld,
):
    world = await with_timelines(timeline_entries_max=20)
    ada, bob, cleo = [await world.user(name) for name in ("ada", "bob", "cleo")]
    await world.follow(ada, bob, cleo)
    written: list[TweetView] = []
    for _ in range(30):
        written += await world.tweets(bob, 1) + await world.tweets(cleo, 1)
    expected = ids(written)[::-1]
    await home(world, ada)
    later = await world.tweets(bob, 7)
    expected = ids(later)[::-1] + expected
    await world.settle()
    for limit in (7, 20, 40):
        assert await walk(world, ada, limit=limit) == expected
        assert await walk(world, ada, limit=limit, upward=True) == expected


async def test_a_follow_shows_older_tweets_at_once_and_an_unfollow_hides_them(with_timelines: OpenWorld):
    world = await with_timelines()
    ada, bob = await world.user("ada"), await world.user("bob")
    older = await world.tweet(bob)
    assert await kept_home(world, ada) == []
    await follow(world.services, ada.id, bob.id)
    assert ids((await generate_timeline(world.services, ada.id, PageRequest())).items) == ids([older])
    assert ids(await kept_home(world, ada)) == ids([older])
    await unfollow(world.services, ada.id, bob.id)
    assert (await generate_timeline(world.services, ada.id, PageRequest())).items == []


async def test_a_home_that_is_built_while_tweets_arrive_misses_none(with_timelines: OpenWorld):
    world = await with_timelines()
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(ada, bob)
    before = await world.tweet(bob)
    await generate_timeline(world.services, ada.id, PageRequest())
    during = await world.tweet(bob)
    await world.settle()
    after = await world.tweet(bob)
    assert ids(await home(world, ada)) == ids([after, during, before])


async def test_crossing_the_hot_limit_up_and_down_loses_repeats_and_reorders_nothing(
    with_timelines: OpenWorld,
):
    world = await with_timelines(hot_user_followers=2)
    ada, bob, eve, star = [await world.user(name) for name in ("ada", "bob", "eve", "star")]
    quiet = await world.user("quiet")
    await world.follow(ada, star, quiet)
    written = await world.tweets(star, 3)
    await kept_home(world, ada)
    for fan in (bob, eve):
        await world.follow(fan, star)
        written += await world.tweets(star, 3)
        written += await world.tweets(quiet, 1)
        await world.settle()
    for fan in (bob, eve):
        await unfollow(world.services, fan.id, star.id)
        written += await world.tweets(star, 3)
        await world.settle()
    assert ids(await home(world, ada, limit=40)) == ids(written)[::-1]
    assert await walk(world, ada, limit=4) == ids(written)[::-1]
    assert await walk(world, ada, limit=4, upward=True) == ids(written)[::-1]


async def test_a_hot_users_tweets_are_not_delivered_one_by_one(world: World):
    world.services = msgspec_replace(world, hot_user_followers=1)
    star, ada, bob = [await world.user(name) for name in ("star", "ada", "bob")]
    await world.follow(ada, star)
    await world.follow(bob, star)
    await world.settle()
    await world.tweet(star)
    assert await world.rows("SELECT 1 FROM tasks WHERE kind = 'FanOutTweet'") == []


def msgspec_replace(world: World, **limits: Any) -> Any:
    """Return the world's services with other limits."""
    from dataclasses import replace

    return replace(world.services, limits=msgspec.structs.replace(world.services.limits, **limits))


async def test_fan_out_reaches_every_follower_slice_by_slice(open_worlds: OpenWorld):
    world = await open_worlds(redis_url="")
    services = msgspec_replace(world, fan_out_slice_followers=3)
    world.running.worker._services = services
    author = await world.user("author")
    fans = [await world.user(f"fan{number}") for number in range(10)]
    for fan in fans:
        await world.follow(fan, author)
        await kept_home(world, fan)
    tweet = await world.tweet(author)
    await world.settle()
    slices = await world.rows("SELECT 1 FROM deliveries")
    assert len(slices) == 4
    for fan in fans:
        assert ids(await home(world, fan)) == ids([tweet])


async def test_two_processes_on_one_database_show_each_others_tweets(open_worlds: OpenWorld):
    one = await open_worlds(redis_url="")
    two = await open_worlds(database_url=one.settings.database_url, redis_url="")
    ada, bob = await one.user("ada"), await one.user("bob")
    await one.follow(ada, bob)
    first = await one.tweet(bob)
    assert ids(await kept_home(two, ada)) == ids([first])
    assert ids(await kept_home(one, ada)) == ids([first])
    one.advance(seconds=1)
    second = await one.tweet(bob)
    await one.settle()
    two.advance(seconds=2)
    assert ids(await home(two, ada)) == ids([second, first])
    third = await two.tweet(bob)
    await two.settle()
    one.advance(seconds=2)
    assert ids(await home(one, ada)) == ids([third, second, first])
    await unfollow(two.services, ada.id, bob.id)
    assert await home(one, ada) == []


async def test_blocks_and_mutes_act_at_once_on_authors_and_on_what_others_retweet(with_timelines: OpenWorld):
    world = await with_timelines()
    ada, bob, eve = [await world.user(name) for name in ("ada", "bob", "eve")]
    await world.follow(ada, bob)
    theirs = await world.tweet(eve)
    own = await world.tweet(bob)
    wrapper = await retweet(world.services, bob.id, theirs.tweet.id)
    assert ids(await kept_home(world, ada)) == ids([wrapper, own])
    await mute(world.services, ada.id, eve.id)
    assert ids(await home(world, ada)) == ids([own])
    await unmute(world.services, ada.id, eve.id)
    assert ids(await home(world, ada)) == ids([wrapper, own])
    await mute(world.services, ada.id, bob.id, duration_s=60)
    assert await home(world, ada) == []
    world.advance(seconds=61)
    assert ids(await home(world, ada)) == ids([wrapper, own])
    await block(world.services, eve.id, ada.id)
    assert ids(await home(world, ada)) == ids([own])
    await block(world.services, bob.id, ada.id)
    assert await home(world, ada) == []


async def test_replies_show_when_both_sides_are_followed(with_timelines: OpenWorld):
    world = await with_timelines()
    ada, bob, cleo, eve = [await world.user(name) for name in ("ada", "bob", "cleo", "eve")]
    await world.follow(ada, bob, cleo)
    asked = [await world.tweet(by) for by in (bob, cleo, eve, ada)]
    answers = [await world.tweet(bob, "@x", reply_to_id=view.tweet.id) for view in asked]
    shown = ids(await kept_home(world, ada))
    assert ids([answers[0], answers[1], answers[3]]) == sorted(set(shown) & set(ids(answers)))


async def test_retweets_show_the_tweet_once_and_can_be_turned_off_for_one_followee(with_timelines: OpenWorld):
    world = await with_timelines()
    ada, bob, cleo, eve = [await world.user(name) for name in ("ada", "bob", "cleo", "eve")]
    await world.follow(ada, bob, cleo)
    theirs = await world.tweet(eve)
    first = await retweet(world.services, bob.id, theirs.tweet.id)
    world.advance(seconds=1)
    await retweet(world.services, cleo.id, theirs.tweet.id)
    assert ids(await kept_home(world, ada)) == ids([first])
    await follow(world.services, ada.id, bob.id, shows_retweets=False)
    shown = await home(world, ada)
    assert [view.author.user.username for view in shown] == ["cleo"]
    await unretweet(world.services, cleo.id, theirs.tweet.id)
    assert await home(world, ada) == []


async def test_paging_is_exact_in_both_directions_when_tweets_are_retweeted_again_and_again(
    with_timelines: OpenWorld,
):
    world = await with_timelines(timeline_entries_max=20)
    ada, bob, cleo, eve = [await world.user(name) for name in ("ada", "bob", "cleo", "eve")]
    await world.follow(ada, bob, cleo)
    expected: list[int] = []
    for _ in range(8):
        theirs, known = await world.tweet(eve), await world.tweet(bob)
        first = await retweet(world.services, bob.id, theirs.tweet.id)
        world.advance(seconds=1)
        await retweet(world.services, cleo.id, theirs.tweet.id)
        await retweet(world.services, cleo.id, known.tweet.id)
        expected = ids([first, known]) + expected
    far = await world.tweets(cleo, 45)
    again = await retweet(world.services, bob.id, far[0].tweet.id)
    expected = ids([again]) + ids(far)[::-1] + expected
    await kept_home(world, ada)
    for limit in (3, 20, 40):
        assert await walk(world, ada, limit=limit) == expected
        assert await walk(world, ada, limit=limit, upward=True) == expected


async def test_a_follow_for_some_languages_hides_the_others_at_once(with_timelines: OpenWorld):
    world = await with_timelines()
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(ada, bob)
    english = await world.tweet(bob, language="en")
    turkish = await world.tweet(bob, language="tr")
    assert ids(await kept_home(world, ada)) == ids([turkish, english])
    await follow(world.services, ada.id, bob.id, languages=["tr"])
    assert ids(await home(world, ada)) == ids([turkish])
    await follow(world.services, ada.id, bob.id, languages=[])
    assert ids(await home(world, ada)) == ids([turkish, english])


@pytest.mark.parametrize("walked_max", [1, 256])
async def test_few_and_many_hot_users_are_merged_alike(
    with_timelines: OpenWorld, walked_max: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("rookery.storage.hot_users.WALKED_MAX", walked_max)
    world = await with_timelines(hot_user_followers=0)
    ada, *stars = [await world.user(name) for name in ("ada", "one", "two", "three", "other")]
    await world.follow(ada, *stars[:3])
    await world.follow(stars[0], stars[3])
    written = [await world.tweet(star) for star in stars]
    assert await world.rows("SELECT 1 FROM tasks WHERE kind = 'FanOutTweet'") == []
    assert ids(await kept_home(world, ada)) == ids(written[:3])[::-1]


async def test_homes_without_hot_users_take_one_statement_for_version_and_hot_users(world: World):
    ada = await world.user("ada")
    await kept_home(world, ada)
    with world.counted() as count:
        await generate_timeline(world.services, ada.id, PageRequest())
    assert sum("hot_users" in text for text in count.texts) == 1


async def test_many_homes_at_once_do_not_wait_for_each_others_sessions(
    postgres_url: str, open_worlds: OpenWorld, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("rookery.engines.memory.CATCH_UP_EVERY_MS", 0)
    world = await open_worlds(database_url=postgres_url, redis_url="")
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(ada, bob)
    tweet = await world.tweet(bob)
    await kept_home(world, ada)
    async with asyncio.timeout(120):
        pages = await asyncio.gather(
            *[generate_timeline(world.services, ada.id, PageRequest()) for _ in range(50)]
        )
    assert [ids(page.items) for page in pages] == [ids([tweet])] * 50


async def test_direct_and_followers_tweets_reach_only_whom_they_are_for(with_timelines: OpenWorld):
    world = await with_timelines()
    ada, bob, cleo = [await world.user(name) for name in ("ada", "bob", "cleo")]
    await world.follow(ada, bob)
    await world.follow(cleo, bob)
    private = await world.tweet(bob, "for followers", visibility=Visibility.FOLLOWERS)
    direct = await world.tweet(bob, "@ada only you", visibility=Visibility.DIRECT)
    assert ids(await kept_home(world, ada)) == ids([direct, private])
    assert ids(await kept_home(world, cleo)) == ids([private])


async def test_deleted_tweets_and_users_are_gone_at_once(with_timelines: OpenWorld):
    world = await with_timelines()
    ada, bob, cleo = [await world.user(name) for name in ("ada", "bob", "cleo")]
    await world.follow(ada, bob, cleo)
    gone, stays, other = [await world.tweet(by) for by in (bob, bob, cleo)]
    assert ids(await kept_home(world, ada)) == ids([other, stays, gone])
    await delete_tweet(world.services, bob.id, gone.tweet.id)
    assert ids((await generate_timeline(world.services, ada.id, PageRequest())).items) == ids([other, stays])
    await delete_user(world.services, bob.id)
    assert ids((await generate_timeline(world.services, ada.id, PageRequest())).items) == ids([other])


async def test_whoever_returns_after_a_long_absence_finds_a_whole_home(with_timelines: OpenWorld):
    world = await with_timelines(inactive_after_days=10)
    ada, bob, cleo = [await world.user(name) for name in ("ada", "bob", "cleo")]
    await world.follow(ada, bob)
    written = await world.tweets(bob, 3)
    await kept_home(world, ada)
    world.advance(days=11)
    await kept_home(world, cleo)
    written += await world.tweets(bob, 3)
    await world.settle()
    assert ids((await generate_timeline(world.services, ada.id, PageRequest())).items) == ids(written)[::-1]
    assert ids(await home(world, ada)) == ids(written)[::-1]


async def test_a_page_that_rules_empty_is_filled_from_further_down(with_timelines: OpenWorld):
    world = await with_timelines()
    ada, bob, cleo = [await world.user(name) for name in ("ada", "bob", "cleo")]
    await world.follow(ada, bob, cleo)
    far = await world.tweets(bob, 5)
    await world.tweets(cleo, 100)
    await mute(world.services, ada.id, cleo.id)
    assert ids(await kept_home(world, ada, limit=20)) == ids(far)[::-1]


async def test_a_home_page_takes_a_fixed_number_of_statements(open_worlds: OpenWorld):
    world = await open_worlds(redis_url="")
    ada = await world.user("ada")
    counts: list[int] = []
    for followees in (1, 10):
        for number in range(followees):
            bird = await world.user(f"bird{followees}x{number}")
            await world.follow(ada, bird)
            await world.tweets(bird, 3)
        await kept_home(world, ada)
        with world.counted() as count:
            await generate_timeline(world.services, ada.id, PageRequest())
        counts.append(count.reads + count.writes)
    assert counts[0] == counts[1] <= 5


HASHTAGS = ("rooks", "crows", "ravens", "jays")


async def turn_hashtag(world: World, who: User, name: str, *, follows: bool) -> None:
    """Let somebody follow a hashtag or not."""
    await (follow_hashtag if follows else unfollow_hashtag)(world.services, who.id, name)


async def turn_list(world: World, who: User, whom: User, *, exclusive: bool) -> None:
    """Let somebody whom the owner follows onto a list, or off it, and the list be exclusive or not."""
    [of] = await list_lists(world.services, who.id) or [
        await make_list(world.services, who.id, title="Birds", replies=Replies.LIST, exclusive=exclusive)
    ]
    await change_list(world.services, who.id, of.id, exclusive=exclusive)
    if await lists_with(world.services, who.id, whom.id):
        await remove_members(world.services, who.id, of.id, [whom.id])
    elif (await list_relations(world.services, who.id, [whom.id]))[0][1].following:
        await add_members(world.services, who.id, of.id, [whom.id])


async def change_follows(world: World, chance: random.Random, who: User, whom: User) -> None:
    """Let somebody change what makes their home."""
    match chance.randrange(6):
        case 0 | 1 | 2:
            await follow(world.services, who.id, whom.id)
        case 3:
            await unfollow(world.services, who.id, whom.id)
        case 4:
            await turn_hashtag(world, who, chance.choice(HASHTAGS), follows=chance.random() < 0.7)
        case _:
            await turn_list(world, who, whom, exclusive=chance.random() < 0.6)


async def live_at_random(world: World, chance: random.Random, birds: list[User]) -> None:
    """Let people tweet, answer, retweet, read and change what makes their homes."""
    known: list[TweetView] = []
    for _ in range(150):
        world.advance(ms=chance.randrange(100_000))
        who, whom = chance.sample(birds, 2)
        match chance.randrange(9):
            case 0 | 1 | 2 | 3:
                await change_follows(world, chance, who, whom)
            case 4 if known:
                seen = chance.choice(known)
                if seen.tweet.retweet_of_id is None:
                    await retweet(world.services, who.id, seen.tweet.id)
            case 5 if known:
                answered = chance.choice(known).tweet.id
                known.append(await world.tweet(who, f"No. {len(known)}", reply_to_id=answered))
            case 6:
                await home(world, who)
            case _:
                text = f"No. {len(known)} #{chance.choice(HASHTAGS)}"
                known.append(await world.tweet(who, text))
    await world.settle()


@pytest.mark.parametrize("seed", range(3))
async def test_push_pull_and_hybrid_make_the_same_home(open_worlds: OpenWorld, seed: int):
    hybrid = await open_worlds(hot_user_followers=3, timeline_entries_max=30)
    birds = [await hybrid.user(f"bird{number}") for number in range(8)]
    await live_at_random(hybrid, random.Random(seed), birds)
    assert await hybrid.rows("SELECT 1 FROM users WHERE exclusive_lists > 0 AND followed_hashtags > 0")
    pages: dict[str, list[list[int]]] = {}
    for strategy in ("hybrid", "push", "pull"):
        world = hybrid
        if strategy != "hybrid":
            world = await open_worlds(
                database_url=hybrid.settings.database_url, redis_url="", timeline_strategy=strategy
            )
            world.clock.now_ms = hybrid.now_ms
        pages[strategy] = [await walk(world, bird, limit=6) for bird in birds]
        assert [await walk(world, bird, limit=5, upward=True) for bird in birds] == pages[strategy]
    assert pages["hybrid"] == pages["pull"]
    assert pages["push"] == pages["pull"]
