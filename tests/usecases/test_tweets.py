"""Posting, reading and deleting tweets."""

import asyncio
from typing import Any

import pytest

from rookery.domain.composing import Manuscript
from rookery.domain.ids import TweetId
from rookery.domain.timelines import PageRequest, UserChoice
from rookery.domain.tweets import Place, Visibility
from rookery.domain.users import User, UserState
from rookery.errors import Invalid, NotFound
from rookery.ports import Write
from rookery.storage import removals, tweets
from rookery.usecases.bookmarks import bookmark_tweet
from rookery.usecases.deletion import delete_user
from rookery.usecases.favorites import mark_tweet_favorite
from rookery.usecases.pins import pin_tweet
from rookery.usecases.retweets import retweet
from rookery.usecases.timelines import generate_timeline, user_timeline
from rookery.usecases.tweets import SIGNED_OUT_THREAD, delete_tweet, get_thread, get_tweet
from tests.world import NOBODY, World, ids


async def count(world: World, table: str) -> int:
    return (await world.rows(f"SELECT COUNT(*) FROM {table}"))[0][0]


async def tweets_of(world: World, user: User) -> int:
    return (await world.rows(f"SELECT tweets FROM user_counts WHERE user_id = {user.id}"))[0][0]


async def home(world: World, user: User) -> list[int]:
    return ids((await generate_timeline(world.services, user.id, PageRequest())).items)


async def test_a_posted_tweet_is_there_for_everybody(world: World):
    ada = await world.user("ada")
    posted = await world.tweet(ada, "Hello #birds http://example.org/", place=Place(1.5, 2.5, "Nest"))
    seen = await get_tweet(world.services, None, posted.tweet.id)
    assert seen.tweet == posted.tweet
    assert seen.author.counts == posted.author.counts
    assert seen.author.counts.tweets == 1
    assert seen.author.counts.last_tweet_ms == world.now_ms


async def test_a_posted_tweet_is_on_its_authors_home_at_once(world: World):
    ada = await world.user("ada")
    assert await home(world, ada) == []
    await world.settle()
    posted = await world.tweet(ada)
    assert await home(world, ada) == [posted.tweet.id]


async def test_a_tweet_reaches_its_authors_followers(world: World):
    ada, bob, eve = await world.user("ada"), await world.user("bob"), await world.user("eve")
    await world.follow(bob, ada)
    for user in (bob, eve):
        await home(world, user)
    await world.settle()
    posted = await world.tweet(ada)
    await world.settle()
    assert await home(world, bob) == [posted.tweet.id]
    assert await home(world, eve) == []


@pytest.mark.parametrize("strategy", ["hybrid", "push", "pull"])
async def test_a_hot_authors_tweets_are_on_home_whatever_the_strategy(open_worlds: Any, strategy: str):
    world = await open_worlds(timeline_strategy=strategy, hot_user_followers=1)
    ada, bob, eve = await world.user("ada"), await world.user("bob"), await world.user("eve")
    await world.follow(bob, ada)
    await world.follow(eve, ada)
    for user in (ada, bob):
        await home(world, user)
    await world.settle()
    posted = await world.tweet(ada)
    await world.settle()
    assert await home(world, ada) == [posted.tweet.id]
    assert await home(world, bob) == [posted.tweet.id]


async def test_a_direct_tweet_reaches_only_those_it_addresses(world: World):
    ada, bob, eve = await world.user("ada"), await world.user("bob"), await world.user("eve")
    await world.follow(bob, ada)
    await world.follow(eve, ada)
    for user in (bob, eve):
        await home(world, user)
    await world.settle()
    posted = await world.tweet(ada, "@bob psst", visibility=Visibility.DIRECT)
    await world.settle()
    assert await home(world, bob) == [posted.tweet.id]
    assert await home(world, eve) == []
    assert (await get_tweet(world.services, bob.id, posted.tweet.id)).tweet == posted.tweet
    for viewer in (eve.id, None):
        with pytest.raises(NotFound):
            await get_tweet(world.services, viewer, posted.tweet.id)
    assert await tweets_of(world, ada) == 0


async def test_a_retry_with_the_same_key_returns_the_first_tweet(world: World):
    ada = await world.user("ada")
    views = await asyncio.gather(*[world.tweet(ada, "Once", idempotency_key="key") for _ in range(8)])
    assert len({view.tweet.id for view in views}) == 1
    assert await count(world, "tweets") == 1
    assert await tweets_of(world, ada) == 1


async def test_a_key_is_free_again_when_its_post_failed(world: World):
    ada = await world.user("ada")
    with pytest.raises(NotFound):
        await world.tweet(ada, "Reply", reply_to_id=TweetId(5), idempotency_key="key")
    assert await world.tweet(ada, "Tweet", idempotency_key="key")


async def test_an_overlong_key_is_refused(world: World):
    ada = await world.user("ada")
    with pytest.raises(Invalid):
        await world.tweet(ada, "Tweet", idempotency_key="k" * 256)


async def test_mentions_are_those_who_exist_and_do_not_block_the_author(world: World):
    from rookery.usecases.blocks import block

    ada, bob, cyd = await world.user("ada"), await world.user("Bob"), await world.user("cyd")
    await world.user("dan", state=UserState.PENDING.value)
    await block(world.services, cyd.id, ada.id)
    posted = await world.tweet(ada, "@BOB @cyd @dan @nobody @ada")
    assert [mention.username for mention in posted.tweet.mentions] == ["Bob", "ada"]
    assert sorted(row[0] for row in await world.rows("SELECT user_id FROM mentions")) == [ada.id, bob.id]


async def test_replies_are_counted_and_share_their_thread(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    root = await world.tweet(ada)
    reply = await world.tweet(bob, reply_to_id=root.tweet.id)
    last = await world.tweet(ada, reply_to_id=reply.tweet.id)
    await world.tweet(bob, "@ada psst", reply_to_id=root.tweet.id, visibility=Visibility.DIRECT)
    assert reply.tweet.reply_to_author_id == ada.id
    assert last.tweet.thread_id == reply.tweet.thread_id == root.tweet.id
    assert (await get_tweet(world.services, None, root.tweet.id)).counts.replies == 1


async def test_nobody_answers_what_they_may_not_see(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    hidden = await world.tweet(ada, visibility=Visibility.FOLLOWERS)
    with pytest.raises(NotFound):
        await world.tweet(bob, reply_to_id=hidden.tweet.id)
    assert await tweets_of(world, bob) == 0


async def test_an_answer_to_a_retweet_answers_the_tweet(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    original = await world.tweet(ada)
    shared = await retweet(world.services, bob.id, original.tweet.id)
    reply = await world.tweet(bob, reply_to_id=shared.tweet.id)
    assert reply.tweet.reply_to_id == original.tweet.id


async def test_nobody_posts_as_a_user_who_does_not_exist(world: World):
    from rookery.usecases.tweets import post_tweet

    with pytest.raises(NotFound):
        await post_tweet(world.services, NOBODY, Manuscript(text="Hello"))


async def test_deleting_leaves_nothing_but_the_answers(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    root = await world.tweet(bob)
    posted = await world.tweet(ada, "@bob #birds", reply_to_id=root.tweet.id)
    answer = await world.tweet(bob, reply_to_id=posted.tweet.id)
    await pin_tweet(world.services, ada.id, posted.tweet.id)
    for user in (ada, bob):
        await mark_tweet_favorite(world.services, user.id, posted.tweet.id)
        await bookmark_tweet(world.services, user.id, posted.tweet.id)
        await retweet(world.services, user.id, posted.tweet.id)
    await world.settle()
    deleted = await delete_tweet(world.services, ada.id, posted.tweet.id)
    assert deleted.tweet == posted.tweet
    await world.settle()
    for table in ("favorites", "bookmarks", "pins", "mentions", "hashtag_tweets"):
        assert await count(world, table) == 0, table
    assert [row[0] for row in await world.rows("SELECT id FROM tweets ORDER BY id")] == [
        root.tweet.id,
        answer.tweet.id,
    ]
    assert await count(world, "tweet_counts") == 1
    assert await tweets_of(world, ada) == 0
    assert await tweets_of(world, bob) == 2
    assert (await get_tweet(world.services, None, root.tweet.id)).counts.replies == 0
    assert (await get_tweet(world.services, None, answer.tweet.id)).tweet.reply_to_id == posted.tweet.id
    with pytest.raises(NotFound):
        await delete_tweet(world.services, ada.id, posted.tweet.id)


async def test_what_hangs_on_a_deleted_tweet_goes_slice_by_slice(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    from rookery.storage import removals

    monkeypatch.setattr(removals, "SLICE_ROWS", 2)
    ada = await world.user("ada")
    posted = await world.tweet(ada)
    fans = [await world.user(f"fan{number}") for number in range(5)]
    for fan in fans:
        await mark_tweet_favorite(world.services, fan.id, posted.tweet.id)
        await retweet(world.services, fan.id, posted.tweet.id)
    await delete_tweet(world.services, ada.id, posted.tweet.id)
    await world.settle()
    assert await count(world, "favorites") == 0
    assert await count(world, "tweets") == 0
    assert [await tweets_of(world, fan) for fan in fans] == [0] * 5


async def test_a_deleted_tweet_leaves_every_timeline_at_once(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(bob, ada)
    await home(world, bob)
    await world.settle()
    kept, gone = await world.tweet(ada), await world.tweet(ada)
    await world.settle()
    await delete_tweet(world.services, ada.id, gone.tweet.id)
    assert await home(world, bob) == [kept.tweet.id]


async def test_deleting_a_retweet_is_taking_it_back(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    original = await world.tweet(ada)
    shared = await retweet(world.services, bob.id, original.tweet.id)
    await delete_tweet(world.services, bob.id, shared.tweet.id)
    await world.settle()
    seen = await get_tweet(world.services, bob.id, original.tweet.id)
    assert (seen.counts.retweets, seen.marks.retweeted) == (0, False)


async def test_a_thread_reads_from_its_beginning_with_the_authors_own_words_first(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    root = await world.tweet(ada)
    from_bob = await world.tweet(bob, reply_to_id=root.tweet.id)
    below = await world.tweet(ada, reply_to_id=from_bob.tweet.id)
    goes_on = await world.tweet(ada, reply_to_id=root.tweet.id)
    thread = await get_thread(world.services, None, root.tweet.id)
    assert ids(thread.descendants) == [view.tweet.id for view in (goes_on, from_bob, below)]
    thread = await get_thread(world.services, ada.id, below.tweet.id)
    assert ids(thread.ancestors) == [root.tweet.id, from_bob.tweet.id]


async def test_a_thread_leaves_out_the_unseen_the_blocked_and_the_muted(world: World):
    from rookery.usecases.blocks import block
    from rookery.usecases.mutes import mute

    ada, bob, cyd, dan = [await world.user(name) for name in ("ada", "bob", "cyd", "dan")]
    root = await world.tweet(ada)
    secret = await world.tweet(ada, reply_to_id=root.tweet.id, visibility=Visibility.FOLLOWERS)
    by_bob = await world.tweet(bob, reply_to_id=root.tweet.id)
    by_cyd = await world.tweet(cyd, reply_to_id=root.tweet.id)
    by_dan = await world.tweet(dan, reply_to_id=by_cyd.tweet.id)
    await block(world.services, dan.id, bob.id)
    await mute(world.services, dan.id, cyd.id)
    thread = await get_thread(world.services, dan.id, root.tweet.id)
    assert ids(thread.descendants) == [by_dan.tweet.id]
    thread = await get_thread(world.services, ada.id, root.tweet.id)
    assert ids(thread.descendants) == [view.tweet.id for view in (secret, by_bob, by_cyd, by_dan)]


async def test_signed_out_a_thread_is_shown_in_part(world: World):
    ada = await world.user("ada")
    chain = [await world.tweet(ada)]
    for _ in range(45):
        chain.append(await world.tweet(ada, reply_to_id=chain[-1].tweet.id))
    above = (await get_thread(world.services, None, chain[-1].tweet.id)).ancestors
    assert ids(above) == ids(chain[-1 - SIGNED_OUT_THREAD.ancestors_max : -1])
    below = (await get_thread(world.services, None, chain[0].tweet.id)).descendants
    assert ids(below) == ids(chain[1 : 1 + SIGNED_OUT_THREAD.depth_max])
    for _ in range(70):
        await world.tweet(ada, reply_to_id=chain[0].tweet.id)
    below = (await get_thread(world.services, None, chain[0].tweet.id)).descendants
    assert len(below) == SIGNED_OUT_THREAD.descendants_max
    assert len((await get_thread(world.services, ada.id, chain[0].tweet.id)).descendants) == 115


async def test_the_queries_of_a_post_do_not_grow_with_its_mentions(world: World):
    ada = await world.user("ada")
    for number in range(10):
        await world.user(f"u{number}")
    await world.tweet(ada, "@u0 #a0")
    with world.counted() as few:
        await world.tweet(ada, "@u1 #a1")
    with world.counted() as many:
        await world.tweet(ada, " ".join(f"@u{number} #b{number}" for number in range(10)))
    assert many.reads == few.reads
    assert many.writes == few.writes


async def test_a_users_tweets_are_those_the_viewer_may_see(world: World):
    from rookery.usecases.blocks import block

    ada, bob, cyd = await world.user("ada"), await world.user("bob"), await world.user("cyd")
    await world.follow(bob, ada)
    open_one = await world.tweet(ada)
    quiet = await world.tweet(ada, visibility=Visibility.UNLISTED)
    followers = await world.tweet(ada, visibility=Visibility.FOLLOWERS)
    direct = await world.tweet(ada, "@cyd", visibility=Visibility.DIRECT)

    async def seen(viewer: User | None) -> list[int]:
        viewer_id = viewer.id if viewer else None
        return ids(
            (await user_timeline(world.services, viewer_id, ada.id, UserChoice(), PageRequest())).items
        )

    assert await seen(None) == ids([quiet, open_one])
    assert await seen(bob) == ids([followers, quiet, open_one])
    assert await seen(cyd) == ids([direct, quiet, open_one])
    assert await seen(ada) == ids([direct, followers, quiet, open_one])
    await block(world.services, ada.id, cyd.id)
    assert await seen(cyd) == []


async def test_a_users_tweets_page_in_both_directions(world: World):
    ada = await world.user("ada")
    views = await world.tweets(ada, 7)
    everything = ids(views)[::-1]
    page = PageRequest(limit=3)
    found: list[int] = []
    for _ in range(3):
        got = await user_timeline(world.services, None, ada.id, UserChoice(), page)
        found += ids(got.items)
        page = PageRequest(before=got.oldest_id or 0, limit=3)
    assert found == everything
    up = await user_timeline(
        world.services, None, ada.id, UserChoice(), PageRequest(after=everything[-1], limit=2, oldest=True)
    )
    assert ids(up.items) == everything[-3:-1]


async def test_a_users_tweets_leave_out_what_is_not_wanted(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    question = await world.tweet(bob)
    own = await world.tweet(ada, "Hello #rooks")
    answer = await world.tweet(ada, "Yes #rooks", reply_to_id=question.tweet.id)
    continued = await world.tweet(ada, reply_to_id=own.tweet.id)
    repeated = await retweet(world.services, ada.id, question.tweet.id)

    async def shown(page: PageRequest | None = None, **choice: Any) -> list[int]:
        page = page or PageRequest()
        return ids((await user_timeline(world.services, None, ada.id, UserChoice(**choice), page)).items)

    assert await shown() == ids([repeated, continued, answer, own])
    assert await shown(replies=False) == ids([repeated, continued, own])
    assert await shown(retweets=False) == ids([continued, answer, own])
    assert await shown(replies=False, retweets=False) == ids([continued, own])
    assert await shown(hashtag="rooks") == ids([answer, own])
    assert await shown(hashtag="rooks", replies=False) == ids([own])
    newest, oldest = PageRequest(limit=2), PageRequest(limit=2, oldest=True)
    assert await shown(newest, replies=False) == ids([repeated, continued])
    assert await shown(oldest, replies=False) == ids([continued, own])


async def test_whoever_answers_somebody_who_left_has_still_answered(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    question = await world.tweet(bob)
    answer = await world.tweet(ada, reply_to_id=question.tweet.id)
    await delete_user(world.services, bob.id)
    await world.settle()
    with_answers, without = [
        ids(
            (
                await user_timeline(
                    world.services, None, ada.id, UserChoice(replies=replies, retweets=False), PageRequest()
                )
            ).items
        )
        for replies in (True, False)
    ]
    assert (with_answers, without) == ([answer.tweet.id], [])


async def test_a_tweet_that_is_gone_gets_no_counts(world: World):
    async def work(tx: Write) -> bool:
        return await tweets.add_counts(tx, TweetId(NOBODY), favorites=1)

    assert not await world.services.db.write(work)
    assert await count(world, "tweet_counts") == 0


async def test_what_happens_while_a_tweet_is_deleted_leaves_nothing(world: World):
    ada = await world.user("ada")
    fans = [await world.user(f"fan{number}") for number in range(4)]
    for _ in range(4):
        posted = (await world.tweet(ada)).tweet.id
        await asyncio.gather(
            *[mark_tweet_favorite(world.services, fan.id, posted) for fan in fans],
            *[retweet(world.services, fan.id, posted) for fan in fans],
            delete_tweet(world.services, ada.id, posted),
            return_exceptions=True,
        )
    await world.settle()
    for table in ("tweets", "tweet_counts", "favorites"):
        assert await count(world, table) == 0, table
    assert [await tweets_of(world, fan) for fan in fans] == [0] * 4


async def test_a_retweet_that_was_taken_back_meanwhile_is_not_counted_twice(world: World):
    ada, bob, cyd = [await world.user(name) for name in ("ada", "bob", "cyd")]
    posted = (await world.tweet(ada)).tweet.id
    for user in (bob, cyd):
        await retweet(world.services, user.id, posted)
    await delete_tweet(world.services, ada.id, posted)
    outcomes = await asyncio.gather(
        *[
            world.services.db.write(lambda tx: removals.clear_slice(world.services, tx, posted))
            for _ in range(3)
        ]
    )
    assert outcomes == [False] * 3
    assert [await tweets_of(world, user) for user in (ada, bob, cyd)] == [0, 0, 0]


async def test_of_many_answers_a_thread_loads_no_more_than_it_shows(world: World):
    ada = await world.user("ada")
    root = await world.tweet(ada)
    first = await world.tweet(ada, reply_to_id=root.tweet.id)
    for parent in (root, first):
        for _ in range(5):
            await world.tweet(ada, reply_to_id=parent.tweet.id)
    async with world.services.db.read() as tx:
        for limit in (1, 3, 8, 20):
            rows = await tweets.descendants(tx, root.tweet.id, limit=limit, depth_max=9)
            assert len(rows) == min(limit, 11)
            assert all(row[1] == root.tweet.id for row in rows[:6])
