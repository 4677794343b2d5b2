"""Polls: who may vote, what is counted, and who hears of the end."""

import asyncio

import msgspec
import pytest

from rookery.domain import live
from rookery.domain.notifications import NotificationKind
from rookery.domain.polls import DURATION_S_MIN, PollDraft
from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Visibility
from rookery.domain.users import User
from rookery.domain.visibility import TweetView
from rookery.errors import Invalid, NotFound
from rookery.usecases import deletion, notifications, polls, tweets
from rookery.usecases.edits import edit_tweet
from rookery.usecases.retweets import retweet
from rookery.usecases.timelines import public_timeline
from tests.world import World

TWO = PollDraft(("rook", "crow"), DURATION_S_MIN)


async def ask(world: World, by: User, poll: PollDraft = TWO, **more: object) -> TweetView:
    return await world.tweet(by, "Which?", poll=poll, **more)


def votes(view: TweetView) -> tuple[int, ...]:
    assert view.poll is not None
    return view.poll.votes


async def test_a_vote_is_counted_once(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    asked = await ask(world, ada)
    assert votes(asked) == (0, 0)
    voted = await polls.vote(world.services, bob.id, asked.tweet.id, [1, 1])
    assert votes(voted) == (0, 1)
    with pytest.raises(Invalid, match="already voted"):
        await polls.vote(world.services, bob.id, asked.tweet.id, [0])
    page = await public_timeline(world.services, bob.id, PageRequest())
    assert page.items[0].poll == voted.poll
    assert voted.poll is not None
    assert (voted.poll.voters, voted.poll.own, voted.poll.ended) == (1, (1,), False)


async def test_many_who_vote_at_once_are_each_counted_once(world: World):
    ada = await world.user("ada")
    voters = [await world.user(f"voter{number}") for number in range(12)]
    asked = await ask(world, ada, PollDraft(("a", "b", "c"), DURATION_S_MIN, multiple=True))

    async def twice(number: int, voter: User) -> None:
        attempts = [polls.vote(world.services, voter.id, asked.tweet.id, [number % 3, 2]) for _ in range(2)]
        results = await asyncio.gather(*attempts, return_exceptions=True)
        assert sum(isinstance(result, Invalid) for result in results) == 1

    await asyncio.gather(*[twice(number, voter) for number, voter in enumerate(voters)])
    view = await polls.get_poll(world.services, ada.id, asked.tweet.id)
    assert votes(view) == (4, 4, 12)
    assert view.poll is not None
    assert view.poll.voters == 12


async def test_what_cannot_be_chosen_is_refused(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    asked = await ask(world, ada)
    for choices in ([], [2], [-1], [0, 1]):
        with pytest.raises(Invalid):
            await polls.vote(world.services, bob.id, asked.tweet.id, choices)
    with pytest.raises(Invalid, match="your own"):
        await polls.vote(world.services, ada.id, asked.tweet.id, [0])
    plain = await world.tweet(ada)
    with pytest.raises(NotFound):
        await polls.vote(world.services, bob.id, plain.tweet.id, [0])
    private = await ask(world, ada, visibility=Visibility.FOLLOWERS)
    with pytest.raises(NotFound):
        await polls.vote(world.services, bob.id, private.tweet.id, [0])
    world.advance(seconds=DURATION_S_MIN)
    with pytest.raises(Invalid, match="ended"):
        await polls.vote(world.services, bob.id, asked.tweet.id, [0])


@pytest.mark.parametrize(
    "poll",
    [
        PollDraft(("one",), 300),
        PollDraft(("same", " same "), 300),
        PollDraft(("a", " "), 300),
        PollDraft(("a", "b", "c", "d", "e"), 300),
        PollDraft(("a", "b" * 51), 300),
        PollDraft(("a", "b"), 299),
        PollDraft(("a", "b"), 3_000_000),
    ],
)
async def test_what_is_no_poll_is_refused(world: World, poll: PollDraft):
    with pytest.raises(Invalid):
        await ask(world, await world.user("ada"), poll)


async def test_the_author_and_the_voters_hear_of_the_end_once(world: World):
    ada, bob, cleo = [await world.user(name) for name in ("ada", "bob", "cleo")]
    asked = await ask(world, ada)
    await polls.vote(world.services, bob.id, asked.tweet.id, [0])
    await world.settle()
    world.advance(seconds=DURATION_S_MIN)
    await world.settle()
    await world.settle()
    for user, told in ((ada, 1), (bob, 1), (cleo, 0)):
        page = await notifications.page_notifications(
            world.services, user.id, notifications.ALL, PageRequest()
        )
        kinds = [view.notification.kind for view in page.items]
        assert kinds == [NotificationKind.POLL] * told


async def test_a_poll_stays_when_an_edit_asks_the_same_and_shows_in_retweets(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    asked = await ask(world, ada)
    await polls.vote(world.services, bob.id, asked.tweet.id, [0])
    edited = await edit_tweet(world.services, ada.id, asked.tweet.id, text="Which one?", poll=TWO)
    assert votes(edited) == (1, 0)
    shown = await retweet(world.services, bob.id, asked.tweet.id)
    assert shown.retweet_of is not None
    assert votes(shown.retweet_of) == (1, 0)


async def test_an_edit_moves_no_end_unless_other_things_can_be_chosen_or_it_is_meant(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    asked = await ask(world, ada)
    await polls.vote(world.services, bob.id, asked.tweet.id, [0])
    assert asked.tweet.poll is not None
    ends_ms = asked.tweet.poll.ends_ms

    async def end_after(text: str, poll: PollDraft) -> tuple[int, bool, tuple[int, ...]]:
        edited = await edit_tweet(world.services, ada.id, asked.tweet.id, text=text, poll=poll)
        assert edited.tweet.poll is not None
        assert edited.poll is not None
        return edited.tweet.poll.ends_ms, edited.poll.ended, edited.poll.votes

    world.advance(seconds=60)
    assert await end_after("Which one?", TWO) == (ends_ms, False, (1, 0))
    longer = msgspec.structs.replace(TWO, duration_s=3_600)
    ends_ms, *_ = await end_after("Which one of them?", longer)
    assert ends_ms == world.clock.now_ms + 3_600_000
    world.advance(seconds=3_600)
    assert await end_after("Which was it?", longer) == (ends_ms, True, (1, 0))
    other = msgspec.structs.replace(longer, options=("rook", "owl"))
    assert await end_after("Which now?", other) == (world.clock.now_ms + 3_600_000, False, (0, 0))


async def test_an_edit_takes_a_poll_away_or_adds_one_that_begins_without_votes(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    asked = await ask(world, ada)
    await polls.vote(world.services, bob.id, asked.tweet.id, [0])
    assert (await edit_tweet(world.services, ada.id, asked.tweet.id, text="Never mind")).poll is None
    with pytest.raises(NotFound):
        await polls.vote(world.services, bob.id, asked.tweet.id, [0])
    again = await edit_tweet(world.services, ada.id, asked.tweet.id, text="Which?", poll=TWO)
    assert votes(again) == (0, 0)
    voted = await polls.vote(world.services, bob.id, asked.tweet.id, [1])
    assert votes(voted) == (0, 1)
    await world.settle()
    assert len(await world.rows("SELECT * FROM poll_votes")) == 1
    world.advance(seconds=DURATION_S_MIN)
    await world.settle()
    await world.settle()
    assert len(await world.rows("SELECT id FROM notifications WHERE kind = 'poll'")) == 2


async def test_votes_go_with_the_voter_and_with_the_tweet(world: World):
    ada, bob, cleo = [await world.user(name) for name in ("ada", "bob", "cleo")]
    asked = await ask(world, ada)
    for voter in (bob, cleo):
        await polls.vote(world.services, voter.id, asked.tweet.id, [0])
    await deletion.delete_user(world.services, bob.id)
    await world.settle()
    view = await polls.get_poll(world.services, cleo.id, asked.tweet.id)
    assert votes(view) == (1, 0)
    await tweets.delete_tweet(world.services, ada.id, asked.tweet.id)
    await world.settle()
    for table in ("polls", "poll_options", "poll_votes"):
        assert await world.rows(f"SELECT * FROM {table}") == []


async def test_an_edit_that_asks_something_else_lets_everybody_vote_anew(world: World):
    ada, bob, cleo = [await world.user(name) for name in ("ada", "bob", "cleo")]
    asked = await ask(world, ada)
    for voter in (bob, cleo):
        await polls.vote(world.services, voter.id, asked.tweet.id, [0])
    longer = PollDraft(TWO.options, 2 * DURATION_S_MIN)
    edited = await edit_tweet(world.services, ada.id, asked.tweet.id, text="Which?", poll=longer)
    assert votes(edited) == (2, 0)
    other = PollDraft(("rook", "crow", "jay"), 2 * DURATION_S_MIN, multiple=True)
    edited = await edit_tweet(world.services, ada.id, asked.tweet.id, text="Which?", poll=other)
    assert votes(edited) == (0, 0, 0)
    voted = await polls.vote(world.services, bob.id, asked.tweet.id, [0, 2])
    assert votes(voted) == (1, 0, 1)
    assert voted.poll is not None
    assert voted.poll.own == (0, 2)
    await world.settle()
    assert len(await world.rows("SELECT * FROM poll_votes")) == 2
    await deletion.delete_user(world.services, cleo.id)
    await world.settle()
    view = await polls.get_poll(world.services, ada.id, asked.tweet.id)
    assert votes(view) == (1, 0, 1)


async def test_a_poll_that_ends_otherwise_is_told_once_when_it_does(world: World):
    ada = await world.user("ada")
    asked = await ask(world, ada)
    longer = PollDraft(TWO.options, 2 * DURATION_S_MIN)
    await edit_tweet(world.services, ada.id, asked.tweet.id, text="Which?", poll=longer)
    for passed, told in ((1, 0), (2, 1), (3, 1)):
        world.clock.now_ms = asked.tweet.created_ms + passed * DURATION_S_MIN * 1000
        await world.settle()
        assert len(await world.rows("SELECT id FROM notifications")) == told


async def test_a_vote_rewrites_no_tweet_and_many_votes_are_told_at_once(world: World):
    ada = await world.user("ada")
    voters = [await world.user(f"voter{number}") for number in range(5)]
    asked = await ask(world, ada)
    await world.settle()
    heard: list[live.LiveEvent] = []
    twice = asyncio.Event()

    def hear(event: live.LiveEvent) -> None:
        if isinstance(event, live.TweetEdited):
            heard.append(event)
            if len(heard) == 2:
                twice.set()

    stop = await world.services.live.listen(hear)
    with world.counted() as count:
        for voter in voters:
            await polls.vote(world.services, voter.id, asked.tweet.id, [0])
    assert not any(text.startswith("UPDATE tweets") for text in count.texts)
    assert len(await world.rows("SELECT id FROM tasks WHERE kind = 'TellOfVotes'")) == 1
    for more in ([], [await world.user("late")]):
        for voter in more:
            await polls.vote(world.services, voter.id, asked.tweet.id, [1])
        world.advance(ms=polls.TELL_EVERY_MS)
        await world.settle()
    async with asyncio.timeout(120):
        await twice.wait()
    stop()
    assert len(heard) == 2


async def test_plain_pages_pay_nothing_for_polls(world: World):
    ada = await world.user("ada")
    await world.tweet(ada)
    await public_timeline(world.services, ada.id, PageRequest())
    with world.counted() as count:
        await public_timeline(world.services, ada.id, PageRequest())
    assert not any("poll" in text for text in count.texts)
