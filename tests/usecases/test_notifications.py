"""Notifications: who is told of what, in which groups, page by page."""

import msgspec
import pytest

from rookery.domain.ids import UserId
from rookery.domain.notifications import SAMPLE_USERS, GroupView, NotificationKind, Policy, Treatment
from rookery.domain.timelines import PageRequest
from rookery.domain.users import User
from rookery.errors import NotFound
from rookery.ports import Write
from rookery.storage import users
from rookery.usecases import notifications
from rookery.usecases.administration import disable_user
from rookery.usecases.blocks import block
from rookery.usecases.favorites import mark_tweet_favorite, unmark_tweet_favorite
from rookery.usecases.follows import follow
from rookery.usecases.mutes import mute
from rookery.usecases.notifications import NotificationChoice
from rookery.usecases.retweets import retweet
from rookery.usecases.thread_mutes import mute_thread
from tests.world import World

NEWEST = PageRequest()


async def told(
    world: World, user: User, page: PageRequest = NEWEST, **choice: object
) -> list[tuple[NotificationKind, str]]:
    """Kind and sender of a page of notifications, newest first."""
    await world.settle()
    found = await notifications.page_notifications(
        world.services, user.id, NotificationChoice(**choice), page
    )
    return [(view.notification.kind, view.sender.user.username) for view in found.items]


async def groups(world: World, user: User, page: PageRequest = NEWEST, **choice: object) -> list[GroupView]:
    found = await notifications.page_groups(world.services, user.id, NotificationChoice(**choice), page)
    return found.items


async def crowd(world: World, like: User, count: int) -> list[UserId]:
    """Many users at once, without the slow care of a sign-up."""
    made = [
        msgspec.structs.replace(like, id=UserId(world.services.new_id()), username=f"fan{number}")
        for number in range(count)
    ]

    async def work(tx: Write) -> None:
        for user in made:
            await users.insert(tx, user)

    await world.services.db.write(work)
    return [user.id for user in made]


async def test_a_thousand_favorites_are_one_group_and_one_push(world: World):
    ada = await world.user("ada")
    tweet = await world.tweet(ada, "Popular")
    fans = await crowd(world, ada, 1_000)
    for fan in fans:
        await mark_tweet_favorite(world.services, fan, tweet.tweet.id)
    pushes = await world.rows("SELECT COUNT(*) FROM tasks WHERE kind = 'PushNotification'")
    assert pushes[0][0] == 1
    [group] = await groups(world, ada)
    assert (group.kind, group.count, len(group.senders)) == (NotificationKind.FAVORITE, 1_000, SAMPLE_USERS)
    assert group.senders[0].user.id == fans[-1]
    with world.counted() as count:
        await groups(world, ada)
    assert count.reads < 15
    page = await notifications.page_group_senders(world.services, ada.id, group.key, PageRequest(limit=40))
    assert [view.user.id for view in page.items] == fans[: -len(page.items) - 1 : -1]
    await unmark_tweet_favorite(world.services, fans[0], tweet.tweet.id)
    assert (await groups(world, ada))[0].count == 999


async def test_each_doing_is_told_once_and_nothing_of_oneself(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    tweet = await world.tweet(ada)
    for _ in range(2):
        await mark_tweet_favorite(world.services, bob.id, tweet.tweet.id)
        await retweet(world.services, bob.id, tweet.tweet.id)
        await world.follow(bob, ada)
        await mark_tweet_favorite(world.services, ada.id, tweet.tweet.id)
    await world.tweet(bob, "@ada @bob hello")
    kinds = [kind for kind, _ in await told(world, ada)]
    assert kinds == [
        NotificationKind.MENTION,
        NotificationKind.FOLLOW,
        NotificationKind.RETWEET,
        NotificationKind.FAVORITE,
    ]
    assert await told(world, bob) == []


async def test_a_bell_tells_of_tweets_and_not_of_answers_to_others(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await follow(world.services, ada.id, bob.id, notifies=True)
    other = await world.tweet(ada, "Hello")
    await world.tweet(bob, "To everybody")
    await world.tweet(bob, "@ada an answer", reply_to_id=other.tweet.id)
    assert await told(world, ada, kinds=(NotificationKind.TWEET,)) == [(NotificationKind.TWEET, "bob")]


async def test_the_blocked_the_muted_and_muted_threads_are_not_heard(world: World):
    ada, blocked, muted, other = [await world.user(name) for name in ("ada", "blocked", "muted", "other")]
    tweet = await world.tweet(ada)
    await mark_tweet_favorite(world.services, muted.id, tweet.tweet.id)
    await block(world.services, ada.id, blocked.id)
    await mute(world.services, ada.id, muted.id)
    await mute_thread(world.services, ada.id, tweet.tweet.id)
    for sender in (blocked, muted, other):
        await world.tweet(sender, "@ada hello")
        try:
            await world.tweet(sender, "@ada in this thread", reply_to_id=tweet.tweet.id)
        except NotFound:
            assert sender is blocked
    assert await told(world, ada) == [(NotificationKind.MENTION, "other")]


async def test_pages_go_on_behind_many_that_are_hidden(world: World):
    ada, shut_out, bob = [await world.user(name) for name in ("ada", "gone", "bob")]
    await world.tweet(bob, "@ada first")
    for number in range(100):
        await world.tweet(shut_out, f"@ada {number}")
    await disable_user(world.services, shut_out.id)
    await world.settle()
    page, seen = PageRequest(limit=2), []
    for _ in range(10):
        found = await notifications.page_notifications(world.services, ada.id, NotificationChoice(), page)
        seen += [view.sender.user.username for view in found.items]
        if found.oldest_id is None:
            break
        page = PageRequest(before=found.oldest_id, limit=2)
    assert seen == ["bob"]
    upwards, seen = PageRequest(after=1, limit=2, oldest=True), []
    await world.tweet(bob, "@ada last")
    for _ in range(10):
        found = await notifications.page_notifications(world.services, ada.id, NotificationChoice(), upwards)
        seen += [view.sender.user.username for view in found.items]
        if found.newest_id is None:
            break
        upwards = PageRequest(after=found.newest_id, limit=2, oldest=True)
    assert seen == ["bob", "bob"]


async def test_groups_of_one_sender_are_found_wherever_they_stand(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    first = await world.tweet(ada)
    await mark_tweet_favorite(world.services, bob.id, first.tweet.id)
    fans = await crowd(world, ada, SAMPLE_USERS + 1)
    for fan in fans:
        await mark_tweet_favorite(world.services, fan, first.tweet.id)
    for number in range(3):
        tweet = await world.tweet(ada, f"More {number}")
        await mark_tweet_favorite(world.services, fans[0], tweet.tweet.id)
    [group] = await groups(world, ada, PageRequest(limit=2), from_id=bob.id)
    assert group.tweet is not None
    assert group.tweet.tweet.id == first.tweet.id
    assert len(await groups(world, ada, from_id=fans[0])) == 4


@pytest.mark.parametrize("key", ["ungrouped-1", f"ungrouped-{'9' * 40}", "favorite-1-2", "", "ungrouped-x"])
async def test_a_group_that_is_not_there_is_not_found(world: World, key: str):
    ada = await world.user("ada")
    with pytest.raises(NotFound):
        await notifications.get_group(world.services, ada.id, key)
    await notifications.dismiss_group(world.services, ada.id, key)


async def test_strangers_wait_as_the_policy_says_until_they_are_let_in(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await notifications.change_policy(world.services, ada.id, Policy(not_following=Treatment.FILTER))
    tweet = await world.tweet(ada)
    await world.tweet(bob, "@ada hello")
    await mark_tweet_favorite(world.services, bob.id, tweet.tweet.id)
    assert await told(world, ada) == []
    assert await told(world, ada, with_filtered=True) == [
        (NotificationKind.FAVORITE, "bob"),
        (NotificationKind.MENTION, "bob"),
    ]
    page = await notifications.page_requests(world.services, ada.id, PageRequest())
    [request] = page.items
    assert (request.sender.user.username, request.count) == ("bob", 2)
    await notifications.accept_requests(world.services, ada.id, [request.id])
    assert len(await told(world, ada)) == 2
    assert [group.kind for group in await groups(world, ada)] == [
        NotificationKind.FAVORITE,
        NotificationKind.MENTION,
    ]
    await world.tweet(bob, "@ada me again")
    assert len(await told(world, ada)) == 3


async def test_clearing_leaves_nothing_and_later_ones_come(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    tweet = await world.tweet(ada)
    await mark_tweet_favorite(world.services, bob.id, tweet.tweet.id)
    await world.tweet(bob, "@ada hello")
    world.advance(seconds=1)
    await notifications.clear(world.services, ada.id)
    assert await told(world, ada) == []
    assert await groups(world, ada) == []
    await world.tweet(bob, "@ada again")
    assert len(await told(world, ada)) == 1


async def test_groups_are_found_behind_many_that_are_hidden(world: World):
    ada, shut_out, bob = [await world.user(name) for name in ("ada", "gone", "bob")]
    for number in range(3):
        await world.tweet(bob, f"@ada early {number}")
    for number in range(60):
        await world.tweet(shut_out, f"@ada {number}")
    await disable_user(world.services, shut_out.id)
    found = await notifications.page_groups(
        world.services, ada.id, NotificationChoice(), PageRequest(limit=10)
    )
    assert len(found.items) == 3
    assert found.oldest_id is None
