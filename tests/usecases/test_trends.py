"""Trends: a month of made traffic is replayed, and what is news in it is found, and nothing else."""

import random
from collections.abc import Sequence
from typing import NamedTuple

import pytest

from rookery import tasks, trending
from rookery.domain.ids import TweetId
from rookery.domain.trends import DAY_MS, HOUR_MS, TrendKind
from rookery.domain.tweets import Place, Tweet, Visibility
from rookery.domain.users import User
from rookery.errors import NotFound
from rookery.ports import Write
from rookery.storage import hashtags
from rookery.storage import tweets as tweet_records
from rookery.usecases import trends
from rookery.usecases.blocks import block
from rookery.usecases.favorites import mark_tweet_favorite
from rookery.usecases.retweets import retweet
from rookery.usecases.trends import Where
from rookery.usecases.tweets import delete_tweet
from tests.world import World

EVERYBODY = Where()
BERLIN = Place(52.52, 13.405)


class Post(NamedTuple):
    """Somebody's tweet at a time of the replayed month."""

    at_ms: int
    by: User
    text: str
    language: str | None = None
    place: Place | None = None


async def replay(world: World, posts: Sequence[Post]) -> None:
    """Write tweets as posting would, many in one transaction, each at its time."""

    async def work(tx: Write) -> None:
        for post in sorted(posts, key=lambda post: post.at_ms):
            world.clock.now_ms = max(world.clock.now_ms, post.at_ms)
            tweet_id = TweetId(world.services.new_id())
            tweet = Tweet(
                id=tweet_id,
                author_id=post.by.id,
                text=post.text,
                language=post.language,
                place=post.place,
                thread_id=tweet_id,
                created_ms=world.now_ms,
            )
            await tweet_records.insert(tx, tweet)
            names = [word[1:] for word in post.text.split() if word.startswith("#")]
            await hashtags.insert(world.services, tx, tweet_id, post.by.id, names)
            await trending.keep_link(world.services, tx, tweet)
            await trending.note(world.services, tx, tweet, post.by.id)

    await world.services.db.write(work)


async def refreshed(world: World, where: Where = EVERYBODY) -> list[str]:
    """Let the task run, and return the hashtags that trend."""
    await trends.refresh_trends(world.services, tasks.RefreshTrends())
    return await trends.trending_hashtags(world.services, where, offset=0, limit=50)


async def people(world: World, prefix: str, count: int, *, followers: Sequence[User] = ()) -> list[User]:
    """Sign people up, each followed by these."""
    found = [await world.user(f"{prefix}{number}") for number in range(count)]
    for follower in followers:
        await world.follow(follower, *found)
    return found


def month(begin_ms: int, regulars: Sequence[User], aged_ring: Sequence[User]) -> list[list[Post]]:
    """Return thirty days of traffic, a list for each, without what happens in the end only."""
    chance = random.Random(5)
    days: list[list[Post]] = []
    risers = [2] * 20 + [3, 4, 6, 8, 11, 15, 21, 29, 40, 40]
    growers = [round(6 * 1.05**day) for day in range(30)]
    for day in range(30):
        start = begin_ms + day * DAY_MS
        posts: list[Post] = []

        def add(tag: str, users: Sequence[User], *, hour: float, hours: float, **more: object) -> None:
            for user in users:
                at_ms = int(start + (hour + chance.random() * hours) * HOUR_MS)  # noqa: B023
                posts.append(Post(at_ms, user, f"about #{tag}", **more))  # type: ignore[arg-type]  # noqa: B023

        add("goodmorning", chance.sample(regulars, 12 + chance.randrange(-3, 4)), hour=6, hours=2)
        if day % 7 == 5:
            add("caturday", chance.sample(regulars, 14), hour=10, hours=8)
        add("slowriser", regulars[: risers[day]], hour=8, hours=12)
        add("grower", regulars[: growers[day]], hour=8, hours=12)
        add("loud", [regulars[0]] * 40, hour=9, hours=10)
        if day == 20:
            add("quake", regulars[:15], hour=14, hours=1, language="de", place=BERLIN)
        if day == 24:
            add("pump", aged_ring, hour=14, hours=1)
        days.append(posts)
    return days


async def test_of_a_month_of_traffic_only_what_is_news_trends(world: World):
    world.clock.now_ms -= world.now_ms % DAY_MS
    begin_ms = world.now_ms
    lurkers = await people(world, "lurker", 3)
    regulars = await people(world, "regular", 40, followers=lurkers)
    aged_ring = await people(world, "aged", 12)
    for member in aged_ring[:4]:
        await world.follow(member, *[other for other in aged_ring if other is not member])
    found: list[set[str]] = []
    for day, posts in enumerate(month(begin_ms, regulars, aged_ring)):
        start, that_day = begin_ms + day * DAY_MS, set[str]()
        if day == 22:
            ring = await people(world, "ring", 20)
            for member in ring[:3]:
                await world.follow(member, *[other for other in ring if other is not member])
            posts += [Post(start + 15 * HOUR_MS, user, "buy #coin") for user in ring]
        for hour in (8, 15, 16, 21):
            until, since = start + hour * HOUR_MS, world.now_ms
            await replay(world, [post for post in posts if since <= post.at_ms < until])
            world.clock.now_ms = until
            that_day |= set(await refreshed(world))
            if (day, hour) == (20, 15):
                assert await refreshed(world, Where("de")) == ["quake"]
                assert await refreshed(world, Where("ja")) == []
                assert await refreshed(world, Where(latitude=52.3, longitude=13.1)) == ["quake"]
                assert await refreshed(world, Where(latitude=35.7, longitude=139.7)) == []
        await replay(world, [post for post in posts if post.at_ms >= world.now_ms])
        world.clock.now_ms = start + DAY_MS
        found.append(that_day)
    assert "quake" in found[20]
    assert not any("quake" in day for day in [*found[:20], *found[22:]])
    assert not any("slowriser" in day for day in found[8:24])
    assert any("slowriser" in day for day in found[24:])
    # A rhythm is news until it is known: the daily one for a day or two, the weekly one once.
    for tag, known_from in (
        ("goodmorning", 3),
        ("caturday", 8),
        ("grower", 3),
        ("loud", 0),
        ("coin", 0),
        ("pump", 0),
    ):
        assert not any(tag in day for day in found[known_from:]), tag


async def fresh_crowd(world: World, count: int = 6) -> list[User]:
    """Return people whom others follow."""
    return await people(world, "fan", count, followers=await people(world, "lurker", 3))


async def trending_ids(world: World, viewer: User | None = None) -> list[int]:
    await trends.refresh_trends(world.services, tasks.RefreshTrends())
    viewer_id = viewer.id if viewer is not None else None
    views = await trends.trending_tweets(world.services, viewer_id, EVERYBODY, offset=0, limit=20)
    return [view.tweet.id for view in views]


async def test_a_tweet_trends_by_those_who_favorite_and_share_it(world: World):
    ada, fans = await world.user("ada"), await fresh_crowd(world)
    posted = (await world.tweet(ada, "Look")).tweet.id
    hidden = (await world.tweet(ada, "For few", visibility=Visibility.UNLISTED)).tweet.id
    for fan in fans:
        for tweet_id in (posted, hidden):
            await mark_tweet_favorite(world.services, fan.id, tweet_id)
    for fan in fans[:3]:
        await retweet(world.services, fan.id, posted)
    assert await trending_ids(world) == [posted]
    await block(world.services, fans[0].id, ada.id)
    assert await trending_ids(world, fans[0]) == []
    assert await trending_ids(world, fans[1]) == [posted]
    world.advance(days=2)
    assert await trending_ids(world) == []


async def test_what_its_author_hides_or_deletes_does_not_trend(world: World):
    shy, ada = await world.user("shy", discoverable=False), await world.user("ada")
    fans = await fresh_crowd(world)
    quiet = (await world.tweet(shy, "Psst")).tweet.id
    gone = (await world.tweet(ada, "Oops")).tweet.id
    for fan in fans:
        for tweet_id in (quiet, gone):
            await mark_tweet_favorite(world.services, fan.id, tweet_id)
    assert await trending_ids(world) == [gone]
    await delete_tweet(world.services, ada.id, gone)
    await world.settle()
    assert await trending_ids(world) == []
    assert not await world.rows("SELECT 1 FROM trend_scores")


async def test_links_trend_with_their_days(world: World):
    for fan in await fresh_crowd(world):
        await world.tweet(fan, "https://example.org/news#part is out")
    await trends.refresh_trends(world.services, tasks.RefreshTrends())
    (link,) = await trends.trending_links(world.services, EVERYBODY, offset=0, limit=10)
    assert link.url == "https://example.org/news"
    assert [(day.uses, day.authors) for day in link.history] == [(6, 6), *[(0, 0)] * 6]


async def test_an_administrator_can_hide_a_trend_and_show_it_again(world: World):
    for fan in await fresh_crowd(world):
        await world.tweet(fan, "#Party tonight")
    assert await refreshed(world) == ["party"]
    await trends.hide_trend(world.services, "#party")
    assert await refreshed(world) == []
    (listed,) = await trends.list_trends(world.services, TrendKind.HASHTAG)
    assert (listed.name, listed.trend.hidden) == ("#party", True)
    await trends.show_trend(world.services, "party")
    assert await refreshed(world) == ["party"]
    with pytest.raises(NotFound):
        await trends.show_trend(world.services, "party")
    with pytest.raises(NotFound):
        await trends.hide_trend(world.services, "nothing")
