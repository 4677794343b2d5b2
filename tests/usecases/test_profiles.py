"""Changing the own profile, finding users, and noting who was here."""

import pytest

from rookery.domain.profiles import ProfileChanges
from rookery.domain.tweets import Visibility
from rookery.domain.users import User, UserState
from rookery.errors import Invalid, NotFound
from rookery.usecases.authorizations import authorized_apps
from rookery.usecases.deletion import delete_user
from rookery.usecases.presence import Presence
from rookery.usecases.profiles import change_profile, get_own_profile
from rookery.usecases.user_search import search_users
from rookery.usecases.users import get_user, list_users
from tests.world import NOBODY, World


async def test_what_is_not_said_stays(world: World):
    ada = await world.user("ada", bio="Hello", locked=True)
    view, _ = await change_profile(world.services, ada.id, ProfileChanges(display_name="Ada"))
    assert (view.user.display_name, view.user.bio, view.user.locked) == ("Ada", "Hello", True)
    assert view.user.changed_ms > ada.changed_ms


async def test_every_change_moves_the_stamp_that_caches_go_by(world: World):
    ada = await world.user("ada")
    stamps: list[int] = []
    for name in ("one", "two", "three"):
        view, _ = await change_profile(world.services, ada.id, ProfileChanges(display_name=name))
        assert (await get_user(world.services, None, ada.id)).user.display_name == name
        stamps.append(view.user.changed_ms)
    assert stamps == sorted(set(stamps))


async def test_defaults_for_posting_are_used_and_direct_is_none(world: World):
    ada = await world.user("ada")
    changes = ProfileChanges(
        default_visibility=Visibility.UNLISTED, default_sensitive=True, default_language="de"
    )
    await change_profile(world.services, ada.id, changes)
    tweet = (await world.tweet(ada)).tweet
    assert (tweet.visibility, tweet.sensitive, tweet.language) == (Visibility.UNLISTED, True, "de")
    with pytest.raises(Invalid, match="direct"):
        await change_profile(world.services, ada.id, ProfileChanges(default_visibility=Visibility.DIRECT))
    view, _ = await change_profile(world.services, ada.id, ProfileChanges(default_language=""))
    assert view.user.default_language is None


async def test_a_refused_change_changes_nothing(world: World):
    ada = await world.user("ada")
    with pytest.raises(Invalid, match="Display name is too long") as refusal:
        await change_profile(world.services, ada.id, ProfileChanges(bio="new", display_name="x" * 31))
    assert refusal.value.field == "display_name"
    view, _ = await get_own_profile(world.services, ada.id)
    assert view.user == ada


async def test_nobody_changes_the_profile_of_somebody_who_left(world: World):
    ada = await world.user("ada")
    await delete_user(world.services, ada.id)
    for user_id in (ada.id, NOBODY):
        with pytest.raises(NotFound):
            await change_profile(world.services, user_id, ProfileChanges(bio="still here"))


async def test_lists_and_searches_leave_out_the_inactive(world: World):
    ada = await world.user("ada")
    states = (UserState.PENDING, UserState.UNCONFIRMED, UserState.DISABLED)
    hidden: list[User] = [
        await world.user(f"adam{number}", state=state) for number, state in enumerate(states)
    ]
    found = await list_users(world.services, ada.id, [*[user.id for user in hidden], ada.id, ada.id])
    assert [view.user.username for view in found] == ["ada"]
    assert [view.user.username for view in await search_users(world.services, ada.id, "ad", limit=10)] == [
        "ada"
    ]


async def test_showing_a_list_of_users_takes_two_queries_at_most(world: World):
    users = [await world.user(f"user{number}") for number in range(30)]
    with world.counted() as count:
        await list_users(world.services, None, [user.id for user in users])
    assert count.reads <= 2
    with world.counted() as count:
        await list_users(world.services, None, [user.id for user in users])
    assert count.reads == 1


async def test_being_here_with_a_token_is_written_once_an_hour(world: World):
    ada = await world.user("ada")
    await world.token(ada)
    [(token_id,)] = await world.rows("SELECT id FROM tokens")
    presence = Presence(world.services)

    async def seen() -> tuple[int | None, int | None]:
        presence.note_use(token_id, ada.id)
        await world.settle()
        [row] = await world.rows("SELECT last_seen_ms, last_used_ms FROM people, tokens")
        return row[0], row[1]

    begin_ms = world.now_ms
    assert await seen() == (begin_ms, begin_ms)
    world.advance(seconds=3599)
    assert await seen() == (begin_ms, begin_ms)
    world.advance(seconds=1)
    assert await seen() == (world.now_ms, world.now_ms)


async def test_the_settings_tell_when_an_app_was_last_used(api: World):
    ada = await api.user("ada")
    client = await api.client(ada)
    [unused] = await authorized_apps(api.services, ada.id)
    api.advance(days=1)
    await client.get("/api/v1/preferences")
    await api.settle()
    [used] = await authorized_apps(api.services, ada.id)
    assert (unused.last_used_ms, used.last_used_ms) == (None, api.now_ms)


async def test_calling_the_api_is_being_seen(api: World):
    ada = await api.user("ada")
    client = await api.client(ada)
    await client.get("/api/v1/preferences")
    await api.settle()
    [row] = await api.rows(f"SELECT last_seen_ms FROM people WHERE user_id = {ada.id}")
    assert row[0] == api.now_ms
