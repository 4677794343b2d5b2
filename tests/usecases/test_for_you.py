"""For you: what comes first, whose tweets may come at all, and that paging through it neither repeats nor skips."""

from typing import Any

import pytest

from rookery import tasks
from rookery.domain.filters import FilterAction, FilterContext
from rookery.domain.for_you import Source
from rookery.domain.ids import TweetId
from rookery.domain.lists import Replies
from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Tweet, Visibility
from rookery.domain.users import User
from rookery.errors import NotFound
from rookery.ports import Write
from rookery.ranking import HOME_MAX
from rookery.sql import Sql
from rookery.storage import tweets as tweet_records
from rookery.usecases.blocks import block
from rookery.usecases.favorites import mark_tweet_favorite
from rookery.usecases.filters import FilterChange, KeywordChange, make_filter
from rookery.usecases.follows import follow, unfollow
from rookery.usecases.for_you import FRESH_MS, RankedPage, explain_place, ranked_timeline
from rookery.usecases.lists import add_members, make_list
from rookery.usecases.mutes import mute
from rookery.usecases.retweets import retweet
from rookery.usecases.trends import refresh_trends
from rookery.usecases.tweets import delete_tweet
from rookery.usecases.upkeep import sweep_expired
from tests.world import World, ids

HOUR_S = 3_600


async def page(world: World, viewer: User, ranking_id: int | None = None, **wanted: Any) -> RankedPage:
    """Return a page of For you."""
    return await ranked_timeline(world.services, viewer.id, PageRequest(**wanted), ranking_id=ranking_id)


async def for_you(world: World, viewer: User, **wanted: Any) -> list[int]:
    """Return the ids on a page of For you."""
    return ids((await page(world, viewer, **wanted)).page.items)


async def anew(world: World, viewer: User, **wanted: Any) -> list[int]:
    """Return the ids on the first page when another ranking is due."""
    world.advance(ms=FRESH_MS)
    return await for_you(world, viewer, **wanted)


async def walk(world: World, viewer: User, *, limit: int, before: int | None = None) -> list[int]:
    """Page down to the end by the tweets' ids alone, as most apps do; return the ids in order."""
    found: list[int] = []
    for _ in range(100):
        wanted = {"limit": limit} if before is None else {"limit": limit, "before": before}
        answer = (await page(world, viewer, **wanted)).page
        found += ids(answer.items)
        before = answer.oldest_id
        if before is None:
            return found
    raise AssertionError("For you does not end")


async def write(world: World, by: User, count: int) -> list[int]:
    """Enter plain tweets a second apart in one transaction, before anybody reads; return their ids, oldest first."""
    entered: list[int] = []

    async def work(tx: Write) -> None:
        for number in range(count):
            world.advance(seconds=1)
            tweet_id = TweetId(world.services.new_id())
            await tweet_records.insert(
                tx,
                Tweet(
                    id=tweet_id,
                    author_id=by.id,
                    text=f"Tweet {number}",
                    thread_id=tweet_id,
                    created_ms=world.now_ms,
                ),
            )
            entered.append(tweet_id)

    await world.services.db.write(work)
    return entered


async def post(world: World, by: User, count: int) -> list[int]:
    """Post tweets a second apart and have them delivered; return their ids, oldest first."""
    posted = ids(await world.tweets(by, count))
    await world.settle()
    return posted


async def people(world: World, *names: str) -> list[User]:
    return [await world.user(name) for name in names]


async def test_whom_the_reader_deals_with_comes_before_others(world: World):
    ada, bob, cyd = await people(world, "ada", "bob", "cyd")
    await world.follow(ada, bob, cyd)
    for view in await world.tweets(bob, 5):
        await mark_tweet_favorite(world.services, ada.id, view.tweet.id)
    world.advance(seconds=48 * HOUR_S)
    friends, others = [(await world.tweet(by, "Now")).tweet.id for by in (bob, cyd)]
    assert (await for_you(world, ada))[:2] == [friends, others]
    explained = await explain_place(world.services, ada.id, friends)
    assert explained.facts is not None
    assert (explained.place, explained.facts.source, explained.facts.interactions) == (0, Source.HOME, 5)


async def test_what_those_one_follows_like_comes_from_strangers_too_if_it_is_for_everybody(world: World):
    ada, bob, cyd = await people(world, "ada", "bob", "cyd")
    shy = await world.user("shy", discoverable=False)
    await world.follow(ada, bob)
    await follow(world.services, bob.id, cyd.id)
    liked = (await world.tweet(cyd, "Look")).tweet.id
    hidden = [
        await world.tweet(cyd, "For few", visibility=Visibility.FOLLOWERS),
        await world.tweet(cyd, "Quiet", visibility=Visibility.UNLISTED),
        await world.tweet(cyd, "Careful", sensitive=True),
        await world.tweet(cyd, "More of it", reply_to_id=liked),
        await world.tweet(shy, "Psst"),
        await world.tweet(ada, "Mine"),
    ]
    for tweet_id in (liked, *ids(hidden)):
        await mark_tweet_favorite(world.services, bob.id, tweet_id)
    assert await for_you(world, ada) == [liked]
    explained = await explain_place(world.services, ada.id, TweetId(liked))
    assert explained.facts is not None
    assert (explained.facts.source, explained.facts.circle) == (Source.CIRCLE, 1)
    await mute(world.services, ada.id, bob.id)
    assert liked not in await anew(world, ada), "the likes of somebody muted bring nothing"


async def test_trends_come_to_those_who_follow_nobody(world: World):
    ada, newcomer = await people(world, "ada", "newcomer")
    fans = [await world.user(f"fan{number}") for number in range(6)]
    for lurker in await people(world, "lurker1", "lurker2", "lurker3"):
        await world.follow(lurker, *fans)
    posted = (await world.tweet(ada, "Look")).tweet.id
    assert await for_you(world, newcomer) == []
    for fan in fans:
        await mark_tweet_favorite(world.services, fan.id, posted)
    await refresh_trends(world.services, tasks.RefreshTrends())
    assert await for_you(world, newcomer) == [posted]
    explained = await explain_place(world.services, newcomer.id, posted)
    assert explained.facts is not None
    assert explained.facts.source is Source.TREND


async def test_what_must_not_be_seen_leaves_a_ranking_at_once(world: World):
    ada, bob, cyd, dov, eve, fay = await people(world, "ada", "bob", "cyd", "dov", "eve", "fay")
    await world.follow(ada, bob, cyd, dov, eve, fay)
    posted = {
        user.username: await world.tweet(user, f"By {user.username}") for user in (bob, cyd, dov, eve, fay)
    }
    word = await world.tweet(bob, "About plovers")
    gone = await world.tweet(bob, "Oops")
    first = await for_you(world, ada)
    assert len(first) == 7
    await block(world.services, ada.id, bob.id)
    await mute(world.services, ada.id, cyd.id)
    await unfollow(world.services, ada.id, dov.id)
    of = await make_list(world.services, ada.id, title="Elsewhere", replies=Replies.LIST, exclusive=True)
    await add_members(world.services, ada.id, of.id, [eve.id])
    await delete_tweet(world.services, bob.id, gone.tweet.id)
    assert await for_you(world, ada) == [posted["fay"].tweet.id]
    assert await walk(world, ada, limit=2, before=first[0]) in ([], [posted["fay"].tweet.id])
    assert word.tweet.id not in await for_you(world, ada)


async def test_filters_work_on_a_ranking_that_is_there_already(world: World):
    ada, bob = await people(world, "ada", "bob")
    await world.follow(ada, bob)
    plain, hidden = [(await world.tweet(bob, text)).tweet.id for text in ("About gulls", "About plovers")]
    assert await for_you(world, ada) == [hidden, plain]
    await make_filter(
        world.services,
        ada.id,
        FilterChange(
            title="Birds",
            contexts=(FilterContext.HOME,),
            action=FilterAction.HIDE,
            keywords=(KeywordChange(text="plovers"),),
        ),
    )
    assert await for_you(world, ada) == [plain]


async def test_paging_neither_repeats_nor_skips_while_others_go_on_posting(world: World):
    ada, bob, cyd = await people(world, "ada", "bob", "cyd")
    await world.follow(ada, bob, cyd)
    before = await write(world, bob, HOME_MAX + 30) + await write(world, cyd, 20)
    first = await page(world, ada, limit=20)
    found = ids(first.page.items)
    last = first.page.oldest_id
    while last is not None:
        await post(world, cyd, 1)
        world.advance(seconds=20)
        answer = await page(world, ada, limit=20, before=last)
        found += ids(answer.page.items)
        last = answer.page.oldest_id
    assert len(found) == len(set(found))
    assert set(found) == set(before)
    by_time = found[HOME_MAX:]
    assert by_time == sorted(by_time, reverse=True), "behind the ranking's end it goes on by time"


async def test_each_device_goes_on_in_the_ranking_it_began_with(world: World):
    ada, bob, cyd = await people(world, "ada", "bob", "cyd")
    await world.follow(ada, bob, cyd)
    posted = await write(world, bob, 15) + await write(world, cyd, 15)
    first = await page(world, ada, limit=10)
    later = await post(world, bob, 5)
    world.advance(ms=FRESH_MS)
    other = await page(world, ada, limit=10)
    assert set(later) <= set(ids(other.page.items))
    last = first.page.oldest_id
    named = await page(world, ada, first.ranking_id, limit=40, before=last)
    by_ids_alone = await walk(world, ada, limit=7, before=last)
    assert ids(named.page.items) == by_ids_alone
    assert sorted(ids(first.page.items) + by_ids_alone) == sorted(posted)
    rest = await walk(world, ada, limit=7, before=other.page.oldest_id)
    assert sorted(ids(other.page.items) + rest) == sorted(posted + later)


async def test_a_ranking_is_shown_again_for_a_minute_and_until_somebody_is_followed(world: World):
    ada, bob, cyd = await people(world, "ada", "bob", "cyd")
    await world.follow(ada, bob)
    await world.tweets(bob, 3)
    first = await for_you(world, ada)
    newer = (await world.tweet(bob, "Newer")).tweet.id
    assert await for_you(world, ada) == first
    await follow(world.services, ada.id, cyd.id)
    assert newer in await for_you(world, ada)


async def test_what_was_given_makes_room_for_what_was_not(world: World):
    ada, bob, cyd = await people(world, "ada", "bob", "cyd")
    await world.follow(ada, bob, cyd)
    posted = set(await write(world, bob, 10) + await write(world, cyd, 10))
    first = await for_you(world, ada, limit=10)
    second = await anew(world, ada, limit=10)
    assert set(first) | set(second) == posted
    explained = await explain_place(world.services, ada.id, TweetId(first[0]))
    assert explained.facts is not None
    assert (explained.facts.times_given, explained.place >= 10) == (1, True)


async def test_what_came_since_is_asked_for_by_the_tweet_at_the_top(world: World):
    ada, bob = await people(world, "ada", "bob")
    await world.follow(ada, bob)
    await write(world, bob, 8)
    first = await for_you(world, ada, limit=4)
    rest = await for_you(world, ada, limit=4, before=first[-1])
    assert await for_you(world, ada, after=first[0]) == []
    assert await for_you(world, ada, after=rest[1]) == [*first, rest[0]]
    assert await for_you(world, ada, after=rest[1], limit=2) == first[:2]
    assert await for_you(world, ada, after=rest[1], limit=2, oldest=True) == [first[3], rest[0]]
    assert await for_you(world, ada, before=first[2], after=rest[2]) == [first[3], *rest[:2]]
    later = await post(world, bob, 3)
    world.advance(ms=FRESH_MS)
    news = await for_you(world, ada, after=first[0])
    assert sorted(news) == later
    assert await for_you(world, ada, after=news[0]) == []
    assert await for_you(world, ada, before=news[-1], after=first[0]) == []
    assert await for_you(world, ada, limit=2, before=first[1]) == first[2:4]


async def test_behind_the_end_one_can_turn_back(world: World):
    ada, bob = await people(world, "ada", "bob")
    await world.follow(ada, bob)
    posted = await write(world, bob, HOME_MAX + 12)
    whole = await walk(world, ada, limit=40)
    assert sorted(whole) == posted
    tail = whole[HOME_MAX:]
    assert await for_you(world, ada, limit=5, after=tail[-1], oldest=True) == tail[-6:-1]
    assert await for_you(world, ada, limit=5, after=tail[0], oldest=True) == whole[HOME_MAX - 5 : HOME_MAX]


async def test_nobody_fills_a_page_alone(world: World):
    ada, bob, cyd, dov = await people(world, "ada", "bob", "cyd", "dov")
    await world.follow(ada, bob, cyd, dov)
    await write(world, cyd, 4)
    world.advance(seconds=24 * HOUR_S)
    await write(world, bob, 12)
    await write(world, dov, 2)
    authors = [view.tweet.author_id for view in (await page(world, ada, limit=12)).page.items]
    assert all(len(set(authors[place : place + 3])) > 1 for place in range(10))


async def test_a_tweet_that_several_retweet_has_one_place(world: World):
    ada, bob, cyd, dov = await people(world, "ada", "bob", "cyd", "dov")
    await world.follow(ada, bob, cyd)
    posted = await world.tweet(dov, "Look")
    for by in (bob, cyd):
        await retweet(world.services, by.id, posted.tweet.id)
        await mark_tweet_favorite(world.services, by.id, posted.tweet.id)
    (view,) = (await page(world, ada)).page.items
    assert view.tweet.retweet_of_id == posted.tweet.id
    explained = await explain_place(world.services, ada.id, posted.tweet.id)
    assert explained.facts is not None
    assert (explained.facts.circle, explained.facts.reactions) == (2, 6)


async def test_where_nothing_can_be_ranked_home_is_newest_first(world: World):
    ada, bob = await people(world, "ada", "bob")
    own = await world.tweets(ada, 2)
    assert await for_you(world, ada) == ids(own)[::-1]
    assert world.services.rankings.empty == 1
    await world.follow(ada, bob)
    posted = await write(world, bob, 3)
    assert await for_you(world, ada) == posted[::-1]
    assert (world.services.rankings.made, world.services.rankings.failed) == (1, 0)
    broken = Sql("DROP TABLE ranking_facts", "DROP TABLE ranking_facts", ())

    async def work(tx: Write) -> None:
        await tx.run(broken)

    await world.services.db.write(work)
    assert await anew(world, ada) == [*posted[::-1], *ids(own)[::-1]]
    assert world.services.rankings.failed == 1


async def test_where_for_you_is_off_its_order_is_homes(open_worlds: Any):
    world = await open_worlds(for_you="off")
    ada, bob = await people(world, "ada", "bob")
    await world.follow(ada, bob)
    posted = await write(world, bob, 3)
    assert (await page(world, ada))[1] is None
    assert await for_you(world, ada) == posted[::-1]


async def test_only_what_one_may_see_is_explained(world: World):
    ada, bob = await people(world, "ada", "bob")
    hidden = await world.tweet(bob, "For few", visibility=Visibility.FOLLOWERS)
    with pytest.raises(NotFound):
        await explain_place(world.services, ada.id, hidden.tweet.id)
    seen = await world.tweet(bob, "For all")
    assert (await explain_place(world.services, ada.id, seen.tweet.id)).facts is None


async def test_a_ranking_costs_as_many_statements_whatever_there_is_to_rank(world: World):
    ada, bob, cyd, dov = await people(world, "ada", "bob", "cyd", "dov")
    await world.follow(ada, bob, cyd)
    await world.follow(bob, dov)
    (liked,) = await write(world, dov, 1)
    await mark_tweet_favorite(world.services, bob.id, TweetId(liked))
    counts: list[tuple[int, int, int]] = []
    for number in (3, 60):
        await write(world, bob, number)
        await write(world, cyd, number)
        await anew(world, ada)
        await world.settle()
        with world.counted() as making:
            await anew(world, ada)
        with world.counted() as again:
            await for_you(world, ada)
        counts.append((making.reads, making.writes, again.reads))
    assert counts[0] == counts[1]
    assert counts[0][1] == 4


async def test_rankings_are_forgotten_after_two_days(world: World):
    ada, bob = await people(world, "ada", "bob")
    await world.follow(ada, bob)
    await write(world, bob, 3)
    for _ in range(5):
        await anew(world, ada)
    for table in ("rankings", "ranking_facts"):
        assert len(await world.rows(f"SELECT 1 FROM {table}")) == 3
    world.advance(days=3)
    await sweep_expired(world.services, tasks.SweepExpired())
    for table in ("rankings", "ranking_facts"):
        assert not await world.rows(f"SELECT 1 FROM {table}")
