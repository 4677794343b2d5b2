"""Lists: who may be on them, what their timelines show, and what exclusive ones keep off home."""

import pytest

from rookery.domain.ids import TweetId
from rookery.domain.lists import Replies, UserList
from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Visibility
from rookery.domain.users import User
from rookery.domain.visibility import TweetView
from rookery.errors import Invalid, NotFound
from rookery.usecases import lists
from rookery.usecases.blocks import block
from rookery.usecases.follows import follow, remove_follower, unfollow
from rookery.usecases.mutes import mute
from rookery.usecases.retweets import retweet
from rookery.usecases.timelines import generate_timeline, list_timeline
from rookery.usecases.tweets import delete_tweet
from tests.world import NOBODY, World, ids


async def make(
    world: World,
    owner: User,
    *members: User,
    title: str = "Birds",
    replies: Replies = Replies.LIST,
    exclusive: bool = False,
) -> UserList:
    """Make a list of people whom its owner follows."""
    of = await lists.make_list(world.services, owner.id, title=title, replies=replies, exclusive=exclusive)
    if members:
        await lists.add_members(world.services, owner.id, of.id, [member.id for member in members])
    return of


async def shown(world: World, of: UserList) -> list[TweetView]:
    return (await list_timeline(world.services, of.user_id, of.id, PageRequest())).items


async def home(world: World, viewer: User) -> list[int]:
    """Return home as it is once everything begun is done, and check that a kept one is the same."""
    await world.settle()
    first = ids((await generate_timeline(world.services, viewer.id, PageRequest())).items)
    await world.settle()
    assert ids((await generate_timeline(world.services, viewer.id, PageRequest())).items) == first
    return first


async def on(world: World, of: UserList) -> list[str]:
    page = await lists.page_members(world.services, of.user_id, of.id, PageRequest())
    return [view.user.username for view in page.items]


@pytest.fixture
async def birds(world: World) -> list[User]:
    """Ada, who follows bob and cleo; eve is a stranger."""
    ada, bob, cleo, eve = [await world.user(name) for name in ("ada", "bob", "cleo", "eve")]
    await world.follow(ada, bob, cleo)
    return [ada, bob, cleo, eve]


async def test_a_list_is_made_changed_and_removed_by_its_owner_only(world: World, birds: list[User]):
    ada, bob, _, eve = birds
    of = await make(world, ada, bob, title="  Birds ")
    assert of.title == "Birds"
    changed = await lists.change_list(world.services, ada.id, of.id, title="Rooks", replies=Replies.NONE)
    assert (changed.title, changed.replies, changed.exclusive) == ("Rooks", Replies.NONE, False)
    assert await lists.list_lists(world.services, ada.id) == [changed]
    assert await lists.lists_with(world.services, ada.id, bob.id) == [changed]
    for refused in (
        lists.get_list(world.services, eve.id, of.id),
        lists.change_list(world.services, eve.id, of.id, title="Mine"),
        lists.remove_list(world.services, eve.id, of.id),
        lists.add_members(world.services, eve.id, of.id, [eve.id]),
        lists.remove_members(world.services, eve.id, of.id, [bob.id]),
        lists.page_members(world.services, eve.id, of.id, PageRequest()),
        list_timeline(world.services, eve.id, of.id, PageRequest()),
    ):
        with pytest.raises(NotFound):
            await refused
    await lists.remove_list(world.services, ada.id, of.id)
    assert await lists.list_lists(world.services, ada.id) == []
    assert await world.rows("SELECT 1 FROM list_members") == []


@pytest.mark.parametrize("title", ["", "   ", "x" * 256])
async def test_a_list_needs_a_title_that_fits(world: World, title: str):
    ada = await world.user("ada")
    with pytest.raises(Invalid) as refused:
        await make(world, ada, title=title)
    assert refused.value.field == "title"


async def test_lists_and_their_members_are_bounded(
    world: World, birds: list[User], monkeypatch: pytest.MonkeyPatch
):
    ada, bob, cleo, _ = birds
    monkeypatch.setattr(lists, "LISTS_MAX", 2)
    monkeypatch.setattr(lists, "MEMBERS_MAX", 1)
    of = await make(world, ada, bob)
    await make(world, ada)
    with pytest.raises(Invalid, match="2 lists"):
        await make(world, ada)
    with pytest.raises(Invalid, match="1 people"):
        await lists.add_members(world.services, ada.id, of.id, [cleo.id])


async def test_only_the_followed_and_oneself_can_be_put_on_a_list_and_only_once(
    world: World, birds: list[User]
):
    ada, bob, cleo, eve = birds
    of = await make(world, ada, bob, ada)
    for stranger in (eve.id, NOBODY):
        with pytest.raises(NotFound):
            await lists.add_members(world.services, ada.id, of.id, [cleo.id, stranger])
    assert await on(world, of) == ["ada", "bob"]
    with pytest.raises(lists.OnListAlready):
        await lists.add_members(world.services, ada.id, of.id, [cleo.id, bob.id])
    assert await on(world, of) == ["ada", "bob"]
    await lists.remove_members(world.services, ada.id, of.id, [bob.id, eve.id])
    assert await on(world, of) == ["ada"]


async def test_whoever_is_followed_no_longer_leaves_the_lists(world: World, birds: list[User]):
    ada, bob, cleo, eve = birds
    await world.follow(ada, eve)
    first, second = await make(world, ada, bob, cleo, eve), await make(world, ada, bob)
    await unfollow(world.services, ada.id, bob.id)
    assert (await on(world, first), await on(world, second)) == (["eve", "cleo"], [])
    await block(world.services, ada.id, cleo.id)
    assert await on(world, first) == ["eve"]
    await remove_follower(world.services, eve.id, ada.id)
    assert await on(world, first) == []


async def test_members_are_paged_in_both_directions(world: World, birds: list[User]):
    ada, bob, cleo, _ = birds
    of = await make(world, ada, bob, cleo, ada)
    newest = await lists.page_members(world.services, ada.id, of.id, PageRequest(limit=2))
    assert [view.user.username for view in newest.items] == ["ada", "cleo"]
    assert newest.oldest_id is not None
    older = await lists.page_members(world.services, ada.id, of.id, PageRequest(before=newest.oldest_id))
    assert [view.user.username for view in older.items] == ["bob"]
    assert older.newest_id is not None
    newer = await lists.page_members(
        world.services, ada.id, of.id, PageRequest(after=older.newest_id, limit=1, oldest=True)
    )
    assert [view.user.username for view in newer.items] == ["cleo"]


async def test_a_lists_timeline_pages_exactly_in_both_directions(world: World, birds: list[User]):
    ada, bob, cleo, _ = birds
    of = await make(world, ada, bob)
    expected: list[int] = []
    for number in range(12):
        world.advance(days=number)
        expected = ids([await world.tweet(bob)]) + expected
        await world.tweet(cleo)
    await delete_tweet(world.services, bob.id, TweetId(expected.pop(5)))
    for limit in (3, 40):
        down: list[int] = []
        request = PageRequest(limit=limit)
        while page := (await list_timeline(world.services, ada.id, of.id, request)).items:
            down += ids(page)
            request = PageRequest(before=down[-1], limit=limit)
        assert down == expected
        up: list[int] = []
        request = PageRequest(limit=limit, oldest=True)
        while page := (await list_timeline(world.services, ada.id, of.id, request)).items:
            up = ids(page) + up
            request = PageRequest(after=up[0], limit=limit, oldest=True)
        assert up == expected


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        (Replies.NONE, {"self", "owner"}),
        (Replies.LIST, {"self", "owner", "member"}),
        (Replies.FOLLOWED, {"self", "owner", "member", "followed"}),
    ],
)
async def test_a_list_shows_the_replies_that_its_policy_names(
    world: World, birds: list[User], replies: Replies, expected: set[str]
):
    ada, bob, cleo, eve = birds
    dan = await world.user("dan")
    await world.follow(ada, dan)
    of = await make(world, ada, bob, dan, replies=replies)
    said = {"self": bob, "owner": ada, "member": dan, "followed": cleo, "stranger": eve}
    answers: dict[int, str] = {}
    for kind, other in said.items():
        asked = await world.tweet(other)
        answers[(await world.tweet(bob, "yes", reply_to_id=asked.tweet.id)).tweet.id] = kind
    assert {answers[found] for found in ids(await shown(world, of)) if found in answers} == expected
    await mute(world.services, ada.id, dan.id)
    still = {answers[found] for found in ids(await shown(world, of)) if found in answers}
    assert still == expected - {"member"}


async def test_a_list_keeps_to_the_rules_of_home(world: World, birds: list[User]):
    ada, bob, cleo, eve = birds
    of = await make(world, ada, bob, cleo)
    theirs = await world.tweet(eve)
    english = await world.tweet(bob, language="en")
    private = await world.tweet(bob, visibility=Visibility.FOLLOWERS, language="tr")
    await world.tweet(bob, "@eve", visibility=Visibility.DIRECT)
    first = await retweet(world.services, bob.id, theirs.tweet.id)
    world.advance(seconds=1)
    await retweet(world.services, cleo.id, theirs.tweet.id)
    assert ids(await shown(world, of)) == ids([first, private, english])
    await follow(world.services, ada.id, bob.id, shows_retweets=False, languages=["tr"])
    found = await shown(world, of)
    assert [view.author.user.username for view in found] == ["cleo", "bob"]
    await mute(world.services, ada.id, eve.id)
    assert ids(await shown(world, of)) == ids([private])
    await block(world.services, bob.id, ada.id)
    assert await shown(world, of) == []


async def test_an_exclusive_list_keeps_its_members_off_home_while_it_is_one(world: World, birds: list[User]):
    ada, bob, cleo, eve = birds
    of = await make(world, ada, bob, ada, exclusive=True)
    await make(world, ada, bob, cleo)
    theirs = await world.tweet(eve)
    own, bobs, cleos = [await world.tweet(by) for by in (ada, bob, cleo)]
    wrapped = await retweet(world.services, bob.id, theirs.tweet.id)
    world.advance(seconds=1)
    again = await retweet(world.services, cleo.id, bobs.tweet.id)
    assert await home(world, ada) == ids([again, cleos, own])
    assert await home(world, cleo) == ids([again, cleos])
    assert ids(await shown(world, of)) == ids([wrapped, bobs, own])
    await lists.change_list(world.services, ada.id, of.id, exclusive=False)
    everything = ids([wrapped, cleos, bobs, own])
    assert await home(world, ada) == everything
    await lists.change_list(world.services, ada.id, of.id, exclusive=True)
    assert await home(world, ada) == ids([again, cleos, own])
    await lists.remove_list(world.services, ada.id, of.id)
    assert await home(world, ada) == everything


async def test_home_goes_on_below_many_tweets_of_those_on_an_exclusive_list(world: World, birds: list[User]):
    ada, bob, cleo, _ = birds
    far = await world.tweets(cleo, 3)
    await make(world, ada, bob, exclusive=True)
    await world.tweets(bob, 60)
    assert await home(world, ada) == ids(far)[::-1]


async def test_homes_of_those_without_exclusive_lists_and_hashtags_ask_for_neither(
    world: World, birds: list[User]
):
    ada, bob, _, _ = birds
    await make(world, ada, bob)
    await world.tweet(bob)
    await home(world, ada)
    with world.counted() as count:
        await generate_timeline(world.services, ada.id, PageRequest())
    assert not any("list_members" in text or "hashtag_tweets" in text for text in count.texts)
