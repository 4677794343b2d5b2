"""Notes, endorsements, suggestions, collections, and blocked servers."""

import pytest

from rookery.domain.timelines import PageRequest
from rookery.domain.users import User
from rookery.errors import Forbidden, Invalid, NotFound
from rookery.usecases import collections, domain_blocks, endorsements, notes, suggestions
from rookery.usecases.blocks import block, unblock
from rookery.usecases.collections import CollectionChange
from rookery.usecases.follows import list_relations, unfollow
from rookery.usecases.mutes import mute
from rookery.usecases.suggestions import Why
from tests.world import NOBODY, World


async def suggested(world: World, to: User) -> list[str]:
    found = await suggestions.list_suggestions(world.services, to.id, limit=40)
    return [one.view.user.username for one in found]


async def endorsed(world: World, by: User, viewer: User | None) -> list[str]:
    page = await endorsements.page_endorsed(
        world.services, viewer.id if viewer else None, by.id, PageRequest()
    )
    return [view.user.username for view in page.items]


async def test_a_note_is_for_its_writer_alone_and_an_empty_one_is_none(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    relation = await notes.note_user(world.services, ada.id, bob.id, " met in Kyiv ")
    assert relation.note == "met in Kyiv"
    [(_, theirs)] = await list_relations(world.services, bob.id, [ada.id])
    assert theirs.note == ""
    await notes.note_user(world.services, ada.id, bob.id, "met in Lviv")
    [(_, relation)] = await list_relations(world.services, ada.id, [bob.id])
    assert relation.note == "met in Lviv"
    for _ in range(2):
        assert (await notes.note_user(world.services, ada.id, bob.id, "")).note == ""
    assert await world.rows("SELECT user_id FROM notes") == []


async def test_notes_are_bounded_and_need_somebody(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    assert (await notes.note_user(world.services, ada.id, bob.id, "x" * 2_000)).note
    with pytest.raises(Invalid, match="2000"):
        await notes.note_user(world.services, ada.id, bob.id, "x" * 2_001)
    with pytest.raises(NotFound):
        await notes.note_user(world.services, ada.id, NOBODY, "who?")


async def test_only_the_followed_are_endorsed_and_unfollowing_takes_it_back(world: World):
    ada, bob, cyd = [await world.user(name) for name in ("ada", "bob", "cyd")]
    with pytest.raises(Invalid):
        await endorsements.endorse(world.services, ada.id, bob.id)
    await world.follow(ada, bob, cyd)
    for _ in range(2):
        assert (await endorsements.endorse(world.services, ada.id, bob.id)).endorsed
    await endorsements.endorse(world.services, ada.id, cyd.id)
    assert await endorsed(world, ada, None) == ["cyd", "bob"]
    assert not (await unfollow(world.services, ada.id, bob.id)).endorsed
    assert await endorsed(world, ada, ada) == ["cyd"]
    for _ in range(2):
        assert not (await endorsements.unendorse(world.services, ada.id, cyd.id)).endorsed
    assert await endorsed(world, ada, ada) == []


async def test_endorsements_show_nobody_to_whom_they_are_apart_from(world: World):
    ada, bob, cyd = [await world.user(name) for name in ("ada", "bob", "cyd")]
    await world.follow(ada, bob)
    await endorsements.endorse(world.services, ada.id, bob.id)
    await block(world.services, bob.id, cyd.id)
    assert await endorsed(world, ada, cyd) == []
    await unblock(world.services, bob.id, cyd.id)
    assert await endorsed(world, ada, cyd) == ["bob"]
    await block(world.services, ada.id, cyd.id)
    assert await endorsed(world, ada, cyd) == []
    await block(world.services, bob.id, ada.id)
    assert await endorsed(world, ada, ada) == []


async def test_those_whom_most_friends_follow_are_suggested_first(world: World):
    ada, bob, cyd = [await world.user(name) for name in ("ada", "bob", "cyd")]
    near, nearer = [await world.user(name, discoverable=True) for name in ("near", "nearer")]
    hidden = await world.user("hidden", discoverable=False)
    await world.follow(ada, bob, cyd)
    await world.follow(bob, near, nearer, hidden, ada)
    await world.follow(cyd, nearer)
    assert await suggested(world, ada) == ["nearer", "near"]
    await world.follow(ada, nearer)
    assert await suggested(world, ada) == ["near"]
    found = await suggestions.list_suggestions(world.services, ada.id, limit=1)
    assert found[0].reasons == (Why.FRIENDS_OF_FRIENDS,)


async def test_authors_with_many_followers_are_suggested_after_friends_of_friends(world: World):
    ada, bob, fan = [await world.user(name) for name in ("ada", "bob", "fan")]
    star, near = [await world.user(name, discoverable=True) for name in ("star", "near")]
    quiet = await world.user("quiet", discoverable=True)
    await world.follow(fan, star, quiet)
    await world.follow(bob, star)
    await world.follow(ada, fan)
    await world.follow(fan, near)
    await world.tweet(star, "Hello, everybody")
    found = await suggestions.list_suggestions(world.services, bob.id, limit=40)
    assert [(one.view.user.username, one.reasons) for one in found] == []
    assert set(await suggested(world, ada)) == {"near", "star", "quiet"}
    found = await suggestions.list_suggestions(world.services, ada.id, limit=40)
    by_name = {one.view.user.username: one.reasons for one in found}
    assert by_name["star"] == (Why.FRIENDS_OF_FRIENDS, Why.MOST_FOLLOWED)
    stranger = await world.user("stranger")
    assert await suggested(world, stranger) == ["star"]


async def test_whom_the_viewer_is_apart_from_or_dismissed_is_not_suggested(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(ada, bob)
    names = ["blocked", "blocker", "muted", "dismissed", "left"]
    others = {name: await world.user(name, discoverable=True) for name in names}
    await world.follow(bob, *others.values())
    assert set(await suggested(world, ada)) == set(names)
    await block(world.services, ada.id, others["blocked"].id)
    await block(world.services, others["blocker"].id, ada.id)
    await mute(world.services, ada.id, others["muted"].id)
    for _ in range(2):
        await suggestions.dismiss_suggestion(world.services, ada.id, others["dismissed"].id)
    assert await suggested(world, ada) == ["left"]
    await suggestions.dismiss_suggestion(world.services, ada.id, NOBODY)
    assert len(await world.rows("SELECT target_id FROM dismissed_suggestions")) == 1


async def test_friends_who_hide_their_follows_give_nothing_away(world: World):
    ada, bob = await world.user("ada"), await world.user("bob", hides_follows=True)
    secret = await world.user("secret", discoverable=True)
    await world.follow(ada, bob)
    await world.follow(bob, secret)
    assert await suggested(world, ada) == []


async def test_only_the_latest_dismissals_are_remembered(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(suggestions, "DISMISSED_MAX", 2)
    ada = await world.user("ada")
    others = [await world.user(f"other{number}") for number in range(3)]
    for other in others:
        await suggestions.dismiss_suggestion(world.services, ada.id, other.id)
    rows = await world.rows("SELECT target_id FROM dismissed_suggestions")
    assert {row[0] for row in rows} == {others[1].id, others[2].id}


async def test_a_collection_shows_people_until_they_take_themselves_out(world: World):
    ada = await world.user("ada")
    bob, cyd = [await world.user(name, discoverable=True) for name in ("bob", "cyd")]
    made = await collections.make_collection(
        world.services,
        ada.id,
        CollectionChange(name=" Birds ", hashtag="#Birds", discoverable=True),
        user_ids=[bob.id],
    )
    collection_id = made.collection.id
    assert (made.collection.name, made.collection.hashtag) == ("Birds", "Birds")
    item = await collections.add_user(world.services, ada.id, collection_id, cyd.id)
    seen = await collections.get_collection(world.services, None, collection_id)
    assert [view.user.username for view in seen.users] == ["ada", "bob", "cyd"]
    with pytest.raises(NotFound):
        await collections.leave_collection(world.services, bob.id, collection_id, item.id)
    await collections.leave_collection(world.services, cyd.id, collection_id, item.id)
    seen = await collections.get_collection(world.services, None, collection_id)
    assert [one.user_id for one in seen.items] == [bob.id]
    with pytest.raises(NotFound):
        await collections.remove_user(world.services, ada.id, collection_id, item.id)
    with pytest.raises(Forbidden):
        await collections.add_user(world.services, ada.id, collection_id, cyd.id)
    await collections.remove_user(world.services, ada.id, collection_id, seen.items[0].id)
    await collections.add_user(world.services, ada.id, collection_id, bob.id)


async def test_nobody_is_collected_who_does_not_want_to_be_found_or_is_apart(world: World):
    ada = await world.user("ada")
    shy = await world.user("shy", discoverable=False)
    bob, cyd = [await world.user(name, discoverable=True) for name in ("bob", "cyd")]
    made = await collections.make_collection(
        world.services, ada.id, CollectionChange(name="Birds"), user_ids=[bob.id]
    )
    await block(world.services, ada.id, cyd.id)
    for refused in (shy, cyd):
        with pytest.raises(Forbidden):
            await collections.add_user(world.services, ada.id, made.collection.id, refused.id)
    await block(world.services, bob.id, ada.id)
    with pytest.raises(NotFound):
        await collections.add_user(world.services, ada.id, made.collection.id, bob.id)
    assert (await collections.get_collection(world.services, None, made.collection.id)).items == ()
    with pytest.raises(NotFound):
        await collections.get_collection(world.services, cyd.id, made.collection.id)


async def test_collections_are_their_makers_alone_to_change_and_bounded(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    made = await collections.make_collection(world.services, ada.id, CollectionChange(name="Birds"))
    collection_id = made.collection.id
    with pytest.raises(Forbidden):
        await collections.change_collection(
            world.services, bob.id, collection_id, CollectionChange(name="Mine")
        )
    with pytest.raises(Forbidden):
        await collections.remove_collection(world.services, bob.id, collection_id)
    for wrong in ({"name": ""}, {"name": "x" * 41}, {"description": "x" * 101}, {"hashtag": "no tag"}):
        with pytest.raises(Invalid):
            await collections.change_collection(
                world.services, ada.id, collection_id, CollectionChange(**wrong)
            )
    for number in range(collections.COLLECTIONS_MAX - 1):
        await collections.make_collection(world.services, ada.id, CollectionChange(name=f"Number {number}"))
    with pytest.raises(Invalid, match="10 collections"):
        await collections.make_collection(world.services, ada.id, CollectionChange(name="One more"))
    assert await collections.list_collections(world.services, bob.id, ada.id, limit=40) == []
    own = await collections.list_collections(world.services, ada.id, ada.id, limit=2, skip=9)
    assert [view.collection.name for view in own] == ["Birds"]
    await collections.remove_collection(world.services, ada.id, collection_id)
    with pytest.raises(NotFound):
        await collections.get_collection(world.services, ada.id, collection_id)


async def test_only_oneself_is_told_who_collects_one(world: World):
    ada, bob = await world.user("ada"), await world.user("bob", discoverable=True)
    made = await collections.make_collection(
        world.services, ada.id, CollectionChange(name="Birds"), user_ids=[bob.id]
    )
    found = await collections.list_collections_with(world.services, bob.id, bob.id, limit=40)
    assert [view.collection.id for view in found] == [made.collection.id]
    with pytest.raises(Forbidden):
        await collections.list_collections_with(world.services, ada.id, bob.id, limit=40)


async def test_blocked_servers_are_kept_in_one_spelling(world: World):
    ada = await world.user("ada")
    for domain in ("Spam.Example", "spam.example.", "bücher.example"):
        await domain_blocks.block_domain(world.services, ada.id, domain)
    page = await domain_blocks.page_domains(world.services, ada.id, PageRequest())
    assert page.items == ["xn--bcher-kva.example", "spam.example"]
    for domain in (
        "",
        "spam",
        "http://spam.example",
        "a b.example",
        "x" * 300,
        world.services.instance.domain,
    ):
        with pytest.raises(Invalid):
            await domain_blocks.block_domain(world.services, ada.id, domain)
    for _ in range(2):
        await domain_blocks.unblock_domain(world.services, ada.id, "spam.EXAMPLE")
    page = await domain_blocks.page_domains(world.services, ada.id, PageRequest())
    assert page.items == ["xn--bcher-kva.example"]
