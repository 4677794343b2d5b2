"""The hub: who is told what at once, and who is not."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest

from rookery import audience
from rookery.domain import streams
from rookery.domain.filters import FilterAction, FilterContext
from rookery.domain.ids import TokenId, UserId
from rookery.domain.lists import Replies
from rookery.domain.live import AccessEnded, EventsLost, FollowsChanged, TweetPosted
from rookery.domain.polls import PollDraft
from rookery.domain.quotes import QuoteStanding
from rookery.domain.streams import News, NewsKind, Stream, StreamKind
from rookery.domain.tweets import Visibility
from rookery.domain.users import User
from rookery.storage import lists as list_records
from rookery.usecases import blocks, favorites, filters, follows, lists, mutes
from rookery.usecases.filters import FilterChange, KeywordChange
from rookery.usecases.followed_hashtags import follow_hashtag, unfollow_hashtag
from rookery.usecases.live import Hub
from rookery.usecases.retweets import retweet
from rookery.usecases.tokens import find_token
from rookery.usecases.tweets import delete_tweet
from tests.world import World

PATIENCE_S = 30.0
_tokens = itertools.count(1)


class Ear:
    """A connection that keeps what it is told."""

    def __init__(self, user: User) -> None:
        self.user_id = user.id
        self.token_id = TokenId(next(_tokens))
        self.told: asyncio.Queue[tuple[Stream, News]] = asyncio.Queue()
        self.ended = asyncio.Event()

    def tell(self, stream: Stream, news: News) -> None:
        self.told.put_nowait((stream, news))

    def end(self) -> None:
        self.ended.set()

    async def next(self) -> tuple[Stream, News]:
        return await asyncio.wait_for(self.told.get(), PATIENCE_S)

    async def text(self) -> str:
        """The text of the next tweet, or of what it retweets."""
        _, news = await self.next()
        assert news.kind is NewsKind.POSTED
        return (news.subject.retweet_of or news.subject).tweet.text

    async def texts(self, count: int) -> list[str]:
        """The texts of the next tweets."""
        return [await self.text() for _ in range(count)]


Open = Callable[..., Awaitable[Ear]]


@pytest.fixture
async def hub(world: World) -> AsyncGenerator[Hub]:
    hub = Hub(world.services, {})
    yield hub
    await hub.close()


@pytest.fixture
def listen(hub: Hub) -> Open:
    """Let somebody listen: `await listen(ada, streams.PUBLIC)`; to home when nothing is said."""

    async def opened(user: User, *wanted: Stream) -> Ear:
        ear = Ear(user)
        await hub.add(ear)
        for stream in wanted or (streams.HOME,):
            await hub.subscribe(ear, stream)
        return ear

    return opened


def hashtag(name: str) -> Stream:
    return Stream(StreamKind.HASHTAG, hashtag=name)


async def test_home_tells_of_oneself_and_the_followed_and_of_nobody_else(world: World, listen: Open):
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    await world.follow(bob, ada)
    of_bob, of_cy, of_ada = await listen(bob), await listen(cy), await listen(ada)
    await world.tweet(ada, "by ada")
    await world.tweet(cy, "by cy")
    await world.tweet(bob, "by bob")
    assert [await of_bob.text(), await of_bob.text()] == ["by ada", "by bob"]
    assert await of_cy.text() == "by cy"
    assert await of_ada.text() == "by ada"
    assert of_ada.told.empty()


async def test_following_and_unfollowing_count_from_the_next_tweet_on(world: World, listen: Open):
    ada, bob = await world.user("ada"), await world.user("bob")
    ear, of_ada = await listen(bob), await listen(ada)
    await world.tweet(ada, "too early")
    assert await of_ada.text() == "too early"
    await world.follow(bob, ada)
    await world.tweet(ada, "followed")
    assert await of_ada.text() == "followed"
    await follows.unfollow(world.services, bob.id, ada.id)
    await world.tweet(ada, "too late")
    await world.tweet(bob, "the end")
    assert [await ear.text(), await ear.text()] == ["followed", "the end"]


async def test_who_follows_too_many_to_keep_is_told_as_well(
    world: World, listen: Open, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(audience, "FOLLOWEES_INDEXED_MAX", 1)
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    await world.follow(bob, ada, cy)
    ear = await listen(bob)
    await world.tweet(ada, "by ada")
    await world.tweet(cy, "by cy")
    await world.tweet(bob, "by bob")
    assert [await ear.text() for _ in range(3)] == ["by ada", "by cy", "by bob"]


async def test_blocked_muted_and_private_are_never_told(world: World, listen: Open):
    ada, bob, cy, dora = [await world.user(name) for name in ("ada", "bob", "cy", "dora")]
    await world.follow(bob, ada)
    everywhere = (streams.HOME, streams.PUBLIC, hashtag("birds"))
    of_bob, of_cy, of_dora = [await listen(user, *everywhere) for user in (bob, cy, dora)]
    of_ada = await listen(ada)
    await mutes.mute(world.services, bob.id, ada.id)
    await blocks.block(world.services, ada.id, cy.id)
    await blocks.block(world.services, dora.id, ada.id)
    await world.tweet(ada, "public #birds")
    await world.tweet(ada, "private #birds", visibility=Visibility.FOLLOWERS)
    await world.tweet(ada, "direct #birds", visibility=Visibility.DIRECT)
    assert await of_ada.texts(3) == ["public #birds", "private #birds", "direct #birds"]
    await mutes.unmute(world.services, bob.id, ada.id)
    await world.tweet(ada, "unlisted #birds", visibility=Visibility.UNLISTED)
    end = await world.user("end")
    await world.tweet(end, "the end #birds")
    assert await of_bob.text() == "unlisted #birds"
    for ear in (of_bob, of_cy, of_dora):
        assert [await ear.text(), await ear.text()] == ["the end #birds"] * 2
        assert ear.told.empty()


async def test_answers_to_strangers_and_unwanted_retweets_stay_off_home(world: World, listen: Open):
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    await follows.follow(world.services, bob.id, ada.id, shows_retweets=False)
    ear = await listen(bob)
    original = await world.tweet(cy, "by cy")
    await world.tweet(ada, "to cy", reply_to_id=original.tweet.id)
    await retweet(world.services, ada.id, original.tweet.id)
    mine = await world.tweet(bob, "by bob")
    await world.tweet(ada, "to bob", reply_to_id=mine.tweet.id)
    assert [await ear.text(), await ear.text()] == ["by bob", "to bob"]


async def test_a_retweet_is_told_once_and_with_what_the_viewer_did(world: World, listen: Open):
    ada, bob, cy, dora = [await world.user(name) for name in ("ada", "bob", "cy", "dora")]
    await world.follow(bob, ada, dora)
    original = await world.tweet(cy, "by cy")
    await favorites.mark_tweet_favorite(world.services, bob.id, original.tweet.id)
    ear = await listen(bob)
    await retweet(world.services, ada.id, original.tweet.id)
    await retweet(world.services, dora.id, original.tweet.id)
    await world.tweet(bob, "the end")
    _, news = await ear.next()
    assert news.subject.author.user.username == "ada"
    assert news.subject.retweet_of.marks.favorited
    assert await ear.text() == "the end"


async def test_quotes_and_polls_are_told_to_many_with_a_fixed_number_of_queries(world: World, listen: Open):
    ada = await world.user("ada")
    quoted = await world.tweet(ada, "quoted")
    readers = [await world.user(f"reader{number}") for number in range(8)]
    ears = [await listen(reader) for reader in readers]
    for reader in readers:
        await world.follow(reader, ada)
    await mutes.mute(world.services, readers[0].id, (blocked := await world.user("cy")).id)
    await favorites.mark_tweet_favorite(world.services, readers[1].id, quoted.tweet.id)
    by_cy = await world.tweet(blocked, "by cy")
    await world.tweet(ada, "warming up")
    for ear in ears:
        assert await ear.text() == "warming up"
    counts: list[int] = []
    for wanted in ({}, {"quoted_id": quoted.tweet.id}, {"poll": PollDraft(("a", "b"), 300)}):
        with world.counted() as count:
            await world.tweet(ada, "news", **wanted)
            told = [(await ear.next())[1].subject for ear in ears]
        counts.append(count.reads)
        assert {view.tweet.text for view in told} == {"news"}
        if "quoted_id" in wanted:
            assert [view.quoted.view.marks.favorited for view in told[:3]] == [False, True, False]
            assert told[2] is told[3]
        if "poll" in wanted:
            assert {view.poll.own for view in told} == {()}
    assert max(counts) - min(counts) < len(readers)
    await world.tweet(ada, "of cy", quoted_id=by_cy.tweet.id)
    seen = [(await ear.next())[1].subject.quoted for ear in ears]
    assert (seen[0].standing, seen[0].view) == (QuoteStanding.MUTED, None)
    assert {one.standing for one in seen[1:]} == {QuoteStanding.ACCEPTED}


async def test_public_and_hashtag_streams_take_what_their_timelines_take(world: World, listen: Open):
    ada, bob = await world.user("ada"), await world.user("bob")
    public, birds = await listen(bob, streams.PUBLIC), await listen(bob, hashtag("birds"))
    first = await world.tweet(ada, "first #Birds")
    await world.tweet(bob, "an answer about #birds", reply_to_id=first.tweet.id)
    await world.tweet(ada, "unlisted #birds", visibility=Visibility.UNLISTED)
    await retweet(world.services, bob.id, first.tweet.id)
    await world.tweet(ada, "the end #birds")
    assert [await public.text(), await public.text()] == ["first #Birds", "the end #birds"]
    assert [await birds.text() for _ in range(3)] == [
        "first #Birds",
        "an answer about #birds",
        "the end #birds",
    ]


async def test_the_stream_of_media_tells_of_what_carries_some(world: World, listen: Open):
    ada = await world.user("ada")
    ear, of_ada = await listen(ada, streams.PUBLIC_MEDIA), await listen(ada)
    media_id = await world.photo(ada)
    await world.tweet(ada, "words")
    tweet = await world.tweet(ada, "a photo", media_ids=(media_id,))
    assert await of_ada.texts(2) == ["words", "a photo"]
    assert await ear.text() == "a photo"
    await delete_tweet(world.services, ada.id, tweet.tweet.id)
    assert (await ear.next())[1].kind is NewsKind.DELETED


async def test_home_tells_of_followed_hashtags(world: World, listen: Open):
    ada, bob = await world.user("ada"), await world.user("bob")
    ear = await listen(bob)
    await follow_hashtag(world.services, bob.id, "birds")
    await world.tweet(ada, "private #birds", visibility=Visibility.FOLLOWERS)
    await world.tweet(ada, "about #Birds")
    assert await ear.text() == "about #Birds"
    await unfollow_hashtag(world.services, bob.id, "birds")
    await world.tweet(ada, "later #birds")
    await world.tweet(bob, "the end")
    assert await ear.text() == "the end"


async def test_a_list_tells_of_its_members_and_an_exclusive_one_keeps_them_off_home(
    world: World, hub: Hub, listen: Open
):
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    await world.follow(bob, ada, cy)
    of = await lists.make_list(world.services, bob.id, title="Friends", replies=Replies.LIST, exclusive=True)
    await lists.add_members(world.services, bob.id, of.id, [ada.id])
    stream = Stream(StreamKind.LIST, list_id=of.id)
    assert await hub.may_listen(bob.id, stream)
    assert not await hub.may_listen(ada.id, stream)
    home, listed = await listen(bob), await listen(bob, stream)
    await world.tweet(ada, "by ada")
    await world.tweet(cy, "by cy")
    assert await home.text() == "by cy"
    await lists.remove_members(world.services, bob.id, of.id, [ada.id])
    await world.tweet(ada, "at home again")
    assert await listed.text() == "by ada"
    assert await home.text() == "at home again"
    assert listed.told.empty()


async def test_filters_hide_and_mark_what_is_told(world: World, listen: Open):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(bob, ada)
    ear = await listen(bob)
    for word, action in (("secret", FilterAction.HIDE), ("spoiler", FilterAction.WARN)):
        await make_filter(world, bob, word, action)
    await world.tweet(ada, "a secret")
    await world.tweet(ada, "a spoiler")
    assert [(await ear.next())[1].kind for _ in range(2)] == [NewsKind.FILTERS_CHANGED] * 2
    _, news = await ear.next()
    assert news.subject.tweet.text == "a spoiler"
    assert [match.filter.title for match in news.subject.filtered] == ["spoiler"]


async def make_filter(world: World, owner: User, word: str, action: FilterAction) -> None:
    """Make a filter of one word for home."""
    await filters.make_filter(
        world.services,
        owner.id,
        FilterChange(
            title=word,
            contexts=(FilterContext.HOME,),
            action=action,
            keywords=(KeywordChange(text=word, whole_word=True),),
        ),
    )


async def test_a_deleted_tweet_is_taken_back_wherever_it_was_told(world: World, listen: Open):
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    await world.follow(bob, ada)
    home, public = await listen(bob), await listen(cy, streams.PUBLIC, hashtag("birds"))
    tweet = await world.tweet(ada, "about #birds")
    direct = await world.tweet(ada, "quiet", visibility=Visibility.DIRECT)
    # Only what was told can be taken back.
    assert await home.texts(1) + await public.texts(2) == ["about #birds"] * 3
    await delete_tweet(world.services, ada.id, direct.tweet.id)
    await delete_tweet(world.services, ada.id, tweet.tweet.id)
    heard = [await home.next()] + [await public.next() for _ in range(2)]
    assert [(news.kind, news.subject) for _, news in heard] == [(NewsKind.DELETED, tweet.tweet.id)] * 3


async def test_a_reader_who_goes_and_returns_while_they_are_learnt_of_hinders_nobody(
    world: World, hub: Hub, listen: Open, monkeypatch: pytest.MonkeyPatch
):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(bob, ada)
    of = await lists.make_list(world.services, bob.id, title="Friends", replies=Replies.LIST, exclusive=False)
    await lists.add_members(world.services, bob.id, of.id, [ada.id])
    of_ada, gone, back = await listen(ada), Ear(bob), Ear(bob)
    member_ids = list_records.member_ids

    async def meanwhile(tx: Any, list_id: int) -> frozenset[UserId]:
        hub.remove(gone)
        await hub.add(back)
        return await member_ids(tx, list_id)

    monkeypatch.setattr(list_records, "member_ids", meanwhile)
    await hub.add(gone)
    await hub.subscribe(gone, Stream(StreamKind.LIST, list_id=of.id))
    hub.remove(back)
    await world.tweet(ada, "heard")
    assert await of_ada.text() == "heard"
    assert hub._index._by_author == {ada.id: {ada.id}}
    assert hub._index._by_member == {}


async def test_what_ends_access_closes_connections(world: World, hub: Hub, listen: Open):
    ada, bob = await world.user("ada"), await world.user("bob")
    one, other, of_bob = await listen(ada), await listen(ada), await listen(bob)

    async def announce(event: AccessEnded) -> None:
        async def work(tx: Any) -> None:
            await world.services.live.announce(tx, event)

        await world.services.db.write(work)

    await announce(AccessEnded(ada.id, one.token_id))
    await asyncio.wait_for(one.ended.wait(), PATIENCE_S)
    assert hub.connected == 2
    assert not other.ended.is_set()
    await announce(AccessEnded(ada.id))
    await asyncio.wait_for(other.ended.wait(), PATIENCE_S)
    # None of these connections has a token in the records: looking them up closes what is left.
    await hub.check_access()
    assert of_bob.ended.is_set()
    assert hub.connected == 0


async def test_what_was_missed_is_learnt_anew(world: World, hub: Hub, listen: Open):
    ada, bob = await world.user("ada"), await world.user("bob")
    token = await world.token(bob)
    ear = await listen(bob)
    ear.token_id = await token_id_of(world, token)
    silent = Hub(world.services, {})
    await world.follow(bob, ada)
    hub.hear(EventsLost())
    await world.tweet(ada, "heard")
    assert await ear.text() == "heard"
    await silent.close()


async def token_id_of(world: World, token: str) -> TokenId:
    found = await find_token(world.services, token)
    assert found is not None
    return found.token_id


async def test_nothing_is_kept_of_who_has_gone(world: World, hub: Hub, listen: Open):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(bob, ada)
    ear = await listen(bob, streams.HOME, streams.PUBLIC, hashtag("birds"))
    index: Any = hub._index
    assert index._by_author
    hub.remove(ear)
    assert not index.viewers
    assert not index._by_author
    assert not index._by_stream
    assert index._entries == 0
    await world.tweet(ada, "to nobody")
    hub.hear(FollowsChanged(UserId(bob.id)))
    await hub.settle()
    assert ear.told.empty()


async def test_one_event_costs_the_same_queries_for_one_viewer_and_for_many(
    world: World, hub: Hub, listen: Open
):
    ada = await world.user("ada")
    readers = [await world.user(f"reader{number}") for number in range(12)]
    for reader in readers:
        await world.follow(reader, ada)
    counts: list[int] = []
    for listening in (readers[:1], readers[1:]):
        ears = [await listen(reader) for reader in listening]
        tweet = await world.tweet(ada, "Hello")
        for ear in ears:
            await ear.text()
        with world.counted() as count:
            await hub._tell_tweet(hub_event(tweet.tweet.id, ada))
        counts.append(count.reads)
    assert counts[0] == counts[1]


def hub_event(tweet_id: Any, author: User) -> Any:
    return TweetPosted(tweet_id, author.id)
