"""Direct conversations."""

import asyncio

import pytest

from rookery.domain.conversations import ConversationView
from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Visibility
from rookery.domain.users import User
from rookery.errors import NotFound
from rookery.usecases.blocks import block
from rookery.usecases.conversations import delete_conversation, list_conversations, mark_conversation
from rookery.usecases.edits import edit_tweet
from rookery.usecases.mutes import mute, unmute
from rookery.usecases.thread_mutes import mute_thread
from rookery.usecases.timelines import direct_timeline
from rookery.usecases.tweets import delete_tweet
from tests.world import World, ids


async def said(world: World, by: User, text: str, **more: object) -> int:
    """Write a direct tweet and return its id."""
    world.advance(seconds=1)
    view = await world.tweet(by, text, visibility=Visibility.DIRECT, **more)
    return view.tweet.id


async def conversations_of(world: World, user: User) -> list[ConversationView]:
    return (await list_conversations(world.services, user.id, PageRequest())).items


async def shown_to(world: World, user: User) -> list[tuple[set[str], str, bool]]:
    """Return with whom somebody has conversations, what was said last, and whether it is unread."""
    return [
        (
            {view.user.username for view in one.users},
            one.last_tweet.tweet.text,
            one.conversation.unread,
        )
        for one in await conversations_of(world, user)
    ]


async def test_a_direct_tweet_begins_a_conversation_of_all_who_take_part(world: World):
    ada, bob, cyd = await world.user("ada"), await world.user("bob"), await world.user("cyd")
    await said(world, ada, "@bob @cyd hello")
    await world.tweet(ada, "@bob in public")
    assert await shown_to(world, ada) == [({"bob", "cyd"}, "@bob @cyd hello", False)]
    assert await shown_to(world, bob) == [({"ada", "cyd"}, "@bob @cyd hello", True)]
    assert await shown_to(world, cyd) == [({"ada", "bob"}, "@bob @cyd hello", True)]


async def test_an_answer_is_the_same_conversation_and_another_circle_is_another_one(world: World):
    ada, bob, cyd = await world.user("ada"), await world.user("bob"), await world.user("cyd")
    first = await said(world, ada, "@bob hello")
    answer = await said(world, bob, "@ada hi", reply_to_id=first)
    assert await shown_to(world, ada) == [({"bob"}, "@ada hi", True)]
    assert await shown_to(world, bob) == [({"ada"}, "@ada hi", False)]
    await said(world, ada, "@bob @cyd come in", reply_to_id=answer)
    assert [who for who, _, _ in await shown_to(world, ada)] == [{"bob", "cyd"}, {"bob"}]
    assert [who for who, _, _ in await shown_to(world, cyd)] == [{"ada", "bob"}]


async def test_a_note_to_oneself_is_a_conversation_with_oneself(world: World):
    ada = await world.user("ada")
    await said(world, ada, "remember the milk")
    assert await shown_to(world, ada) == [({"ada"}, "remember the milk", False)]


async def test_what_is_read_is_unread_again_when_something_is_said_or_one_asks_for_it(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    first = await said(world, ada, "@bob one")
    [one] = await conversations_of(world, bob)
    for unread in (False, False, True, False):
        view = await mark_conversation(world.services, bob.id, one.conversation.id, unread=unread)
        assert view.conversation.unread is unread
    await said(world, ada, "@bob two", reply_to_id=first)
    assert await shown_to(world, bob) == [({"ada"}, "@bob two", True)]
    with pytest.raises(NotFound):
        await mark_conversation(world.services, ada.id, one.conversation.id, unread=True)


async def test_a_deleted_last_tweet_uncovers_what_was_said_before(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    first = await said(world, ada, "@bob one")
    second = await said(world, bob, "@ada two", reply_to_id=first)
    await delete_tweet(world.services, bob.id, second)
    for user in (ada, bob):
        assert [text for _, text, _ in await shown_to(world, user)] == ["@bob one"]
    await delete_tweet(world.services, ada.id, first)
    for user in (ada, bob):
        assert await shown_to(world, user) == []
    assert not await world.rows("SELECT id FROM conversations")
    assert not await world.rows("SELECT tweet_id FROM direct_tweets")


async def test_those_who_are_blocked_or_muted_are_not_heard(world: World):
    ada, bob, cyd = await world.user("ada"), await world.user("bob"), await world.user("cyd")
    await said(world, ada, "@bob one")
    await said(world, cyd, "@bob two")
    await mute(world.services, bob.id, ada.id)
    assert [who for who, _, _ in await shown_to(world, bob)] == [{"cyd"}]
    await block(world.services, bob.id, cyd.id)
    assert await shown_to(world, bob) == []
    await unmute(world.services, bob.id, ada.id)
    assert [who for who, _, _ in await shown_to(world, bob)] == [{"ada"}]


async def test_a_muted_thread_stays_read_and_notifies_nobody(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    first = await said(world, ada, "@bob one")
    [one] = await conversations_of(world, bob)
    await mark_conversation(world.services, bob.id, one.conversation.id, unread=False)
    await mute_thread(world.services, bob.id, first)
    before = len(await world.rows("SELECT id FROM notifications"))
    await said(world, ada, "@bob two", reply_to_id=first)
    assert await shown_to(world, bob) == [({"ada"}, "@bob two", False)]
    assert len(await world.rows("SELECT id FROM notifications")) == before


async def test_a_conversation_taken_off_the_list_comes_back_when_something_is_said(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    first = await said(world, ada, "@bob one")
    [one] = await conversations_of(world, bob)
    with pytest.raises(NotFound):
        await delete_conversation(world.services, ada.id, one.conversation.id)
    await delete_conversation(world.services, bob.id, one.conversation.id)
    with pytest.raises(NotFound):
        await delete_conversation(world.services, bob.id, one.conversation.id)
    assert await shown_to(world, bob) == []
    assert len(await shown_to(world, ada)) == 1
    await said(world, ada, "@bob two", reply_to_id=first)
    assert len(await shown_to(world, bob)) == 1


async def test_an_edit_that_addresses_somebody_else_moves_the_tweet(world: World):
    ada, bob, cyd = await world.user("ada"), await world.user("bob"), await world.user("cyd")
    tweet_id = await said(world, ada, "@bob hello")
    await edit_tweet(world.services, ada.id, tweet_id, text="@cyd hello")
    assert await shown_to(world, bob) == []
    assert await shown_to(world, cyd) == [({"ada"}, "@cyd hello", True)]
    assert await shown_to(world, ada) == [({"cyd"}, "@cyd hello", False)]


async def test_conversations_and_direct_tweets_are_paged_without_gaps(world: World):
    ada, bob, cyd = await world.user("ada"), await world.user("bob"), await world.user("cyd")
    written = [await said(world, (ada, cyd)[number % 2], f"@bob {number}") for number in range(8)]
    await mute(world.services, bob.id, cyd.id)
    newest_first = list(reversed(written[::2]))
    for limit in (1, 2, 3):
        seen: list[int] = []
        page = PageRequest(limit=limit)
        while part := await list_conversations(world.services, bob.id, page):
            seen += [one.last_tweet.tweet.id for one in part.items]
            if part.oldest_id is None or not part.items:
                break
            page = PageRequest(before=part.oldest_id, limit=limit)
        assert seen == newest_first
        upwards = await list_conversations(
            world.services, bob.id, PageRequest(after=written[0], limit=limit, oldest=True)
        )
        assert [one.last_tweet.tweet.id for one in upwards.items] == newest_first[:-1][-limit:]
    assert ids((await direct_timeline(world.services, bob.id, PageRequest())).items) == newest_first
    assert ids((await direct_timeline(world.services, ada.id, PageRequest())).items) == newest_first


async def test_many_answers_at_once_make_one_conversation_each(world: World):
    users = [await world.user(f"user{number}") for number in range(5)]
    names = " ".join(f"@{user.username}" for user in users)
    first = await said(world, users[0], names)
    await asyncio.gather(
        *[
            world.tweet(user, f"{names} me too", visibility=Visibility.DIRECT, reply_to_id=first)
            for user in users * 3
        ]
    )
    last = max(row[0] for row in await world.rows("SELECT id FROM tweets"))
    rows = await world.rows("SELECT user_id, last_tweet_id FROM conversations")
    assert sorted(tuple(row) for row in rows) == sorted((user.id, last) for user in users)
