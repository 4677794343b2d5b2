"""Looking after people: finding, listing, shutting out and letting back in."""

import pytest

from rookery.domain.timelines import PageRequest
from rookery.domain.users import UserState
from rookery.entrance import Visitor
from rookery.errors import Conflict, Forbidden, NotFound
from rookery.usecases import administration, sign_in, timelines
from tests.world import NOBODY, World

PASSWORD = "a good long one"


async def test_who_is_shut_out_is_not_seen_and_cannot_sign_in(world: World):
    ada, bob = await world.user("ada", password=PASSWORD), await world.user("bob")
    await world.follow(bob, ada)
    await world.tweet(ada)
    await world.settle()
    client = await world.client(ada)
    assert (await client.get("/api/v1/timelines/home")).status_code == 200

    await administration.disable_user(world.services, ada.id)

    assert (await client.get("/api/v1/timelines/home")).status_code == 403
    assert (await timelines.generate_timeline(world.services, bob.id, PageRequest())).items == []
    with pytest.raises(Forbidden):
        await sign_in.sign_in(world.services, login="ada", password=PASSWORD, visitor=Visitor("192.0.2.1"))


async def test_who_is_let_back_in_has_everything_again(world: World):
    ada, bob = await world.user("ada", password=PASSWORD), await world.user("bob")
    await world.follow(bob, ada)
    view = await world.tweet(ada)
    client = await world.client(ada)
    await world.settle()

    await administration.disable_user(world.services, ada.id)
    await administration.enable_user(world.services, ada.id)

    assert (await client.get("/api/v1/timelines/home")).status_code == 200
    [seen] = (await timelines.generate_timeline(world.services, bob.id, PageRequest())).items
    assert seen.tweet.id == view.tweet.id
    await sign_in.sign_in(world.services, login="ada", password=PASSWORD, visitor=Visitor("192.0.2.1"))


async def test_only_the_active_are_shut_out_and_only_the_shut_out_let_in(world: World):
    ada = await world.user("ada")
    with pytest.raises(Conflict):
        await administration.enable_user(world.services, ada.id)
    await administration.disable_user(world.services, ada.id)
    with pytest.raises(Conflict):
        await administration.disable_user(world.services, ada.id)
    with pytest.raises(NotFound):
        await administration.disable_user(world.services, NOBODY)


async def test_who_signed_up_first_is_made_an_administrator_and_one_no_more(world: World):
    ada = await world.user("ada")

    await administration.set_role(world.services, ada.id, admin=True)
    client = await world.client(ada)
    contact = (await client.get("/api/v2/instance")).json()["contact"]["account"]
    assert contact["username"] == "ada"

    await administration.set_role(world.services, ada.id, admin=False)
    [listed] = await administration.list_everybody(world.services)
    assert listed.role == "user"
    with pytest.raises(NotFound):
        await administration.set_role(world.services, NOBODY, admin=True)


async def test_users_are_found_by_name_and_listed_in_whatever_state(world: World):
    ada = await world.user("ada", state=UserState.DISABLED)
    bob = await world.user("bob")
    assert (await administration.named_user(world.services, "@Ada")).id == ada.id
    with pytest.raises(NotFound, match="carol"):
        await administration.named_user(world.services, "carol")
    listed = await administration.list_everybody(world.services)
    assert [(each.username, each.state.value) for each in listed] == [("ada", "disabled"), ("bob", "active")]
    assert await administration.list_everybody(world.services, after_id=bob.id) == []
