"""Following: requests of the locked, counts, limits, lists of followers."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from rookery.domain.ids import UserId
from rookery.domain.limits import Limits
from rookery.domain.timelines import Page, PageRequest
from rookery.domain.users import Relation, User, UserCounts, UserState, UserView
from rookery.errors import Forbidden, Invalid, NotFound
from rookery.storage import hot_users, users
from rookery.usecases.blocks import block
from rookery.usecases.follow_requests import (
    accept_follow_request,
    page_follow_requests,
    reject_follow_request,
)
from rookery.usecases.follows import (
    follow,
    list_familiar_followers,
    list_relations,
    page_followers,
    page_following,
    remove_follower,
    unfollow,
)
from rookery.usecases.mutes import mute
from rookery.usecases.timelines import generate_timeline
from tests.world import NOBODY, World, ids

OpenWorld = Callable[..., Awaitable[World]]


async def counts(world: World, user: User) -> UserCounts:
    async with world.services.db.read() as tx:
        return await users.counts(tx, user.id)


async def home_version(world: World, user: User) -> int:
    async with world.services.db.read() as tx:
        return (await hot_users.home_stamp(tx, user.id)).version


def names(page: Page[UserView]) -> list[str]:
    return [view.user.username for view in page.items]


async def test_following_counts_for_both_and_twice_is_once(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    before = await home_version(world, ada)
    first = await follow(world.services, ada.id, bob.id)
    assert first.following
    assert first.shows_retweets
    assert not first.notifies
    assert await follow(world.services, ada.id, bob.id) == first
    assert (await counts(world, ada)).following == 1
    assert (await counts(world, bob)).followers == 1
    assert (await counts(world, bob)).following == 0
    assert await home_version(world, ada) == before + 1


async def test_following_again_changes_only_the_options_given(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await follow(world.services, ada.id, bob.id, shows_retweets=False, languages=["en", "de", "en"])
    relation = await follow(world.services, ada.id, bob.id, notifies=True)
    assert (relation.shows_retweets, relation.notifies, relation.languages) == (False, True, ("en", "de"))
    relation = await follow(world.services, ada.id, bob.id, shows_retweets=True, languages=[])
    assert (relation.shows_retweets, relation.notifies, relation.languages) == (True, True, ())


async def test_a_language_that_is_none_is_refused(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    with pytest.raises(Invalid, match="must be a code of ISO 639"):
        await follow(world.services, ada.id, bob.id, languages=["klingon language"])
    assert (await counts(world, ada)).following == 0


async def test_nobody_follows_themselves_the_absent_or_the_disabled(world: World):
    ada = await world.user("ada")
    disabled = await world.user("bob", state=UserState.DISABLED)
    for target in (ada.id, NOBODY, disabled.id):
        with pytest.raises(NotFound):
            await follow(world.services, ada.id, target)


async def test_a_block_in_either_direction_forbids_following(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await block(world.services, ada.id, bob.id)
    for viewer, target in ((ada, bob), (bob, ada)):
        with pytest.raises(Forbidden):
            await follow(world.services, viewer.id, target.id)


async def test_unfollowing_takes_the_counts_back_once(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(ada, bob)
    before = await home_version(world, ada)
    for _ in range(2):
        assert not (await unfollow(world.services, ada.id, bob.id)).following
    assert (await counts(world, ada)).following == 0
    assert (await counts(world, bob)).followers == 0
    assert await home_version(world, ada) == before + 1


async def test_a_locked_user_is_asked_and_accepts(world: World):
    ada, bob = await world.user("ada"), await world.user("bob", locked=True)
    asked = await follow(
        world.services, ada.id, bob.id, shows_retweets=False, notifies=True, languages=["en"]
    )
    assert asked.requested
    assert not asked.following
    assert (await follow(world.services, ada.id, bob.id)).requested
    assert (await counts(world, bob)).followers == 0
    assert names(await page_follow_requests(world.services, bob.id, PageRequest())) == ["ada"]
    accepted = await accept_follow_request(world.services, bob.id, ada.id)
    assert accepted.followed_by
    assert not accepted.requested_by
    [(_, relation)] = await list_relations(world.services, ada.id, [bob.id])
    assert relation.following
    assert (relation.shows_retweets, relation.notifies, relation.languages) == (False, True, ("en",))
    assert (await counts(world, bob)).followers == 1
    assert (await counts(world, ada)).following == 1
    assert names(await page_follow_requests(world.services, bob.id, PageRequest())) == []
    with pytest.raises(NotFound):
        await accept_follow_request(world.services, bob.id, ada.id)


async def test_a_rejected_or_withdrawn_request_leaves_nothing(world: World):
    ada, bob = await world.user("ada"), await world.user("bob", locked=True)
    await follow(world.services, ada.id, bob.id)
    assert not (await reject_follow_request(world.services, bob.id, ada.id)).requested_by
    with pytest.raises(NotFound):
        await reject_follow_request(world.services, bob.id, ada.id)
    await follow(world.services, ada.id, bob.id)
    assert not (await unfollow(world.services, ada.id, bob.id)).requested
    assert await world.rows("SELECT * FROM follow_requests") == []
    assert (await counts(world, bob)).followers == 0


async def test_a_follower_can_be_removed(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(ada, bob)
    for _ in range(2):
        assert not (await remove_follower(world.services, bob.id, ada.id)).followed_by
    assert (await counts(world, ada)).following == 0
    assert (await counts(world, bob)).followers == 0


async def test_removing_a_follower_leaves_their_request(world: World):
    ada, bob = await world.user("ada"), await world.user("bob", locked=True)
    await follow(world.services, ada.id, bob.id)
    assert (await remove_follower(world.services, bob.id, ada.id)).requested_by


async def test_home_shows_a_new_followee_at_once_and_a_lost_one_no_longer(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    tweet = await world.tweet(bob)
    await generate_timeline(world.services, ada.id, PageRequest())
    await world.settle()
    await world.follow(ada, bob)
    page = await generate_timeline(world.services, ada.id, PageRequest())
    assert ids(page.items) == [tweet.tweet.id]
    await unfollow(world.services, ada.id, bob.id)
    assert (await generate_timeline(world.services, ada.id, PageRequest())).items == []


async def test_one_may_follow_only_so_many(open_worlds: OpenWorld):
    world = await open_worlds()

    world.services = replace(world.services, limits=Limits(follows_max=2))
    ada, *others = [await world.user(name) for name in ("ada", "bob", "cy", "dee", "eve")]
    await world.follow(ada, *others[:2])
    with pytest.raises(Invalid, match="cannot follow more than 2 people"):
        await world.follow(ada, others[2])
    await follow(world.services, ada.id, others[0].id, notifies=True)
    assert (await counts(world, ada)).following == 2
    for other in others[:3]:
        await world.follow(other, ada)
    await world.follow(ada, others[2])
    with pytest.raises(Invalid, match="cannot follow more than 3 people"):
        await world.follow(ada, others[3])


async def test_who_gains_too_many_followers_becomes_hot(open_worlds: OpenWorld):
    world = await open_worlds(hot_user_followers=1)
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    await world.follow(ada, cy)
    assert await world.rows("SELECT user_id FROM hot_users") == []
    await world.follow(bob, cy)
    assert [row[0] for row in await world.rows("SELECT user_id FROM hot_users")] == [cy.id]


async def test_followers_are_paged_exactly_in_both_directions(world: World):
    ada = await world.user("ada")
    followers = [await world.user(f"user{number}") for number in range(7)]
    for follower in followers:
        await world.follow(follower, ada)
    newest_first = [f"user{number}" for number in reversed(range(7))]
    seen: list[str] = []
    request = PageRequest(limit=3)
    pages: list[Page[UserView]] = []
    while True:
        page = await page_followers(world.services, None, ada.id, request)
        pages.append(page)
        seen += names(page)
        if page.oldest_id is None:
            break
        request = PageRequest(before=page.oldest_id, limit=3)
    assert seen == newest_first
    assert [len(page.items) for page in pages] == [3, 3, 1]
    last = pages[-1]
    assert last.newest_id is not None
    back = await page_followers(
        world.services, None, ada.id, PageRequest(after=last.newest_id, limit=3, oldest=True)
    )
    assert names(back) == newest_first[3:6]
    assert back.oldest_id is not None


async def test_lists_of_follows_leave_out_the_blocked_the_muted_and_the_inactive(world: World):
    ada, bob, cy, dee, eve = [await world.user(name) for name in ("ada", "bob", "cy", "dee", "eve")]
    for other in (bob, cy, dee, eve):
        await world.follow(other, ada)
        await world.follow(ada, other)
    viewer = await world.user("viewer")
    await block(world.services, viewer.id, bob.id)
    await block(world.services, cy.id, viewer.id)
    await mute(world.services, viewer.id, dee.id, duration_s=60)
    request = PageRequest()
    assert names(await page_followers(world.services, viewer.id, ada.id, request)) == ["eve"]
    assert names(await page_following(world.services, viewer.id, ada.id, request)) == ["eve"]
    world.advance(seconds=60)
    assert names(await page_followers(world.services, viewer.id, ada.id, request)) == ["eve", "dee"]
    assert len(names(await page_followers(world.services, None, ada.id, request))) == 4
    await mute(world.services, ada.id, eve.id)
    assert "eve" in names(await page_following(world.services, ada.id, ada.id, request))


async def test_hidden_follows_are_shown_to_their_owner_alone(world: World):
    ada, bob = await world.user("ada", hides_follows=True), await world.user("bob")
    await world.follow(bob, ada)
    request = PageRequest()
    assert names(await page_followers(world.services, ada.id, ada.id, request)) == ["bob"]
    for viewer_id in (None, bob.id):
        assert names(await page_followers(world.services, viewer_id, ada.id, request)) == []
        assert names(await page_following(world.services, viewer_id, ada.id, request)) == []


async def test_whom_one_is_blocked_by_shows_no_follows(world: World):
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    await world.follow(cy, ada)
    await block(world.services, ada.id, bob.id)
    assert names(await page_followers(world.services, bob.id, ada.id, PageRequest())) == []


async def test_relations_come_in_the_order_asked_without_the_unknown(world: World):
    ada, bob, cy = [await world.user(name) for name in ("ada", "bob", "cy")]
    await world.follow(ada, cy)
    await world.follow(bob, ada)
    found = await list_relations(world.services, ada.id, [cy.id, NOBODY, bob.id, cy.id])
    assert [user_id for user_id, _ in found] == [cy.id, bob.id]
    assert found[0][1].following
    assert not found[0][1].followed_by
    assert found[1][1].followed_by
    assert not found[1][1].following


async def test_familiar_followers_are_those_the_viewer_follows(world: World):
    ada, bob, cy, dee = [await world.user(name) for name in ("ada", "bob", "cy", "dee")]
    hidden = await world.user("hidden", hides_follows=True)
    await world.follow(ada, bob, cy)
    await world.follow(bob, dee, hidden)
    hostile = await world.user("hostile")
    await world.follow(bob, hostile)
    await block(world.services, hostile.id, ada.id)
    asked = [dee.id, hidden.id, UserId(7), hostile.id]
    found = await list_familiar_followers(world.services, ada.id, asked)
    assert [(user_id, [view.user.username for view in views]) for user_id, views in found] == [
        (dee.id, ["bob"]),
        (hidden.id, []),
        (hostile.id, []),
    ]


async def test_familiar_followers_take_the_same_queries_for_one_user_and_for_many(world: World):
    ada, *others = [await world.user(name) for name in ("ada", "bob", "cy", "dee", "eve")]
    await world.follow(ada, *others)
    for other in others:
        await world.follow(other, *[followed for followed in others if followed is not other])
    await list_familiar_followers(world.services, ada.id, [user.id for user in others])
    reads: list[int] = []
    for asked in (others[:1], others):
        with world.counted() as count:
            found = await list_familiar_followers(world.services, ada.id, [user.id for user in asked])
        assert [[view.user.username for view in views] for _, views in found] == [
            [other.username for other in reversed(others) if other is not user] for user in asked
        ]
        reads.append(count.reads)
    assert reads[0] == reads[1]


async def test_familiar_followers_are_told_of_so_many_users_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("rookery.usecases.follows.FAMILIAR_USERS_MAX", 2)
    users_there = [(await world.user(name)).id for name in ("ada", "bob", "cy")]
    found = await list_familiar_followers(world.services, users_there[0], users_there)
    assert [user_id for user_id, _ in found] == users_there[:2]


async def test_two_who_follow_each_other_at_once_both_do(world: World):
    pairs = [(await world.user(f"a{number}"), await world.user(f"b{number}")) for number in range(5)]
    await asyncio.gather(
        *[
            follow(world.services, one.id, other.id)
            for first, second in pairs
            for one, other in ((first, second), (second, first))
        ]
    )
    for user in [user for pair in pairs for user in pair]:
        found = await counts(world, user)
        assert (found.followers, found.following) == (1, 1)


async def test_nobody_follows_whoever_blocks_them_at_the_same_time(world: World):
    ada = await world.user("ada")
    others = [await world.user(f"user{number}") for number in range(8)]
    outcomes = await asyncio.gather(
        *[follow(world.services, ada.id, other.id) for other in others],
        *[block(world.services, other.id, ada.id) for other in others],
        return_exceptions=True,
    )
    assert all(isinstance(outcome, Forbidden | Relation) for outcome in outcomes)
    assert await world.rows("SELECT * FROM follows") == []
    assert (await counts(world, ada)).following == 0
