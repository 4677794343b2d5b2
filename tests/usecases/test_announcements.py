"""Announcements."""

import asyncio

import pytest

from rookery.domain.announcements import REACTION_KINDS_MAX
from rookery.domain.users import User
from rookery.errors import Invalid, NotFound
from rookery.usecases.announcements import (
    Change,
    change_announcement,
    dismiss_announcement,
    list_kept,
    list_shown,
    publish,
    react,
    remove_announcement,
    take_reaction_back,
)
from rookery.usecases.deletion import delete_user
from tests.world import World

EMOJI = "👍❤🎉😀😎🚀🐦🌍🍎"


async def texts(world: World, user: User, *, with_dismissed: bool = False) -> list[str]:
    shown = await list_shown(world.services, user.id, with_dismissed=with_dismissed)
    return [view.announcement.text for view in shown]


async def test_an_announcement_is_shown_from_its_time_to_its_end(world: World):
    ada = await world.user("ada")
    await publish(world.services, Change(text="Now"))
    later = Change(text="Later", publish_ms=world.now_ms + 60_000, ends_ms=world.now_ms + 120_000)
    await publish(world.services, later)
    assert await texts(world, ada) == ["Now"]
    world.advance(seconds=60)
    await world.settle()
    assert await texts(world, ada) == ["Later", "Now"]
    world.advance(seconds=60)
    await world.settle()
    assert await texts(world, ada) == ["Now"]
    assert len(await list_kept(world.services)) == 2


async def test_a_dismissed_announcement_is_shown_on_demand_only_and_to_others(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    made = await publish(world.services, Change(text="News"))
    for _ in range(2):
        await dismiss_announcement(world.services, ada.id, made.id)
    assert await texts(world, ada) == []
    assert await texts(world, ada, with_dismissed=True) == ["News"]
    assert await texts(world, bob) == ["News"]
    with pytest.raises(NotFound):
        await dismiss_announcement(world.services, ada.id, 1)


async def test_reactions_are_counted_once_for_each_person(world: World):
    users = [await world.user(f"user{number}") for number in range(6)]
    made = await publish(world.services, Change(text="News"))
    await asyncio.gather(*[react(world.services, user.id, made.id, "🎉") for user in users * 2])
    [view] = await list_shown(world.services, users[0].id)
    assert [(each.name, each.count, each.mine) for each in view.reactions] == [("🎉", 6, True)]
    await asyncio.gather(
        *[take_reaction_back(world.services, user.id, made.id, "🎉") for user in users[1:] * 2]
    )
    [view] = await list_shown(world.services, users[1].id)
    assert [(each.name, each.count, each.mine) for each in view.reactions] == [("🎉", 1, False)]
    await take_reaction_back(world.services, users[0].id, made.id, "🎉")
    assert not (await list_shown(world.services, users[1].id))[0].reactions


async def test_only_emoji_and_only_so_many_kinds_of_them_are_reactions(world: World):
    users = [await world.user(f"user{number}") for number in range(2)]
    made = await publish(world.services, Change(text="News"))
    for name in ("", "no", "1", "👍👍", "👍" * 40):
        with pytest.raises(Invalid):
            await react(world.services, users[0].id, made.id, name)
    results = await asyncio.gather(
        *[react(world.services, users[0].id, made.id, name) for name in EMOJI], return_exceptions=True
    )
    assert sum(isinstance(result, Invalid) for result in results) == len(EMOJI) - REACTION_KINDS_MAX
    [view] = await list_shown(world.services, users[0].id)
    assert len(view.reactions) == REACTION_KINDS_MAX
    await react(world.services, users[1].id, made.id, view.reactions[0].name)


async def test_an_announcement_that_was_changed_says_the_new_thing(world: World):
    ada = await world.user("ada")
    made = await publish(world.services, Change(text="Tomorow", publish_ms=world.now_ms + 60_000))
    await change_announcement(world.services, made.id, Change(text="Tomorrow"))
    await change_announcement(world.services, made.id, Change(publish_ms=world.now_ms))
    assert await texts(world, ada) == ["Tomorrow"]
    world.advance(seconds=60)
    await world.settle()
    with pytest.raises(Invalid):
        await change_announcement(world.services, made.id, Change(ends_ms=1))
    with pytest.raises(NotFound):
        await change_announcement(world.services, 1, Change(text="Nothing"))


async def test_nothing_is_left_of_a_removed_announcement(world: World):
    ada = await world.user("ada")
    made = await publish(world.services, Change(text="News"))
    await react(world.services, ada.id, made.id, "🎉")
    await dismiss_announcement(world.services, ada.id, made.id)
    await remove_announcement(world.services, made.id)
    with pytest.raises(NotFound):
        await remove_announcement(world.services, made.id)
    await world.settle()
    for table in (
        "announcements",
        "announcement_dismissals",
        "announcement_reactions",
        "announcement_reaction_counts",
    ):
        assert not await world.rows(f"SELECT * FROM {table}")


async def test_the_reactions_of_somebody_who_leaves_are_taken_back(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    made = await publish(world.services, Change(text="News"))
    for user in (ada, bob):
        await react(world.services, user.id, made.id, "🎉")
    await dismiss_announcement(world.services, bob.id, made.id)
    await delete_user(world.services, bob.id)
    await world.settle()
    [view] = await list_shown(world.services, ada.id)
    assert [(each.name, each.count) for each in view.reactions] == [("🎉", 1)]
    assert not await world.rows("SELECT * FROM announcement_dismissals")


@pytest.mark.parametrize(
    "asked",
    [
        Change(text=" "),
        Change(text="x" * 5_001),
        Change(text="x", all_day=True),
        Change(text="x", starts_ms=2_000_000_000_000, ends_ms=1_999_999_999_999),
        Change(text="x", ends_ms=1),
    ],
)
async def test_what_cannot_be_announced_is_refused(world: World, asked: Change):
    with pytest.raises(Invalid):
        await publish(world.services, asked)
