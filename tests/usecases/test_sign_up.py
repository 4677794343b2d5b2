"""Signing up: who may, under which name, and what comes before being let in."""

from datetime import datetime

import pytest

from rookery.domain.users import UserState
from rookery.entrance import SignedIn, Visitor
from rookery.errors import Conflict, Forbidden, InvalidFields, NotFound
from rookery.services import Services
from rookery.usecases import sign_in, sign_up
from tests.conftest import OpenWorld
from tests.world import NOBODY, World

PASSWORD = "correct horse battery"


async def join(services: Services, username: str = "ada", **more: str):
    given = {
        "username": username,
        "email": f"{username}@example.org",
        "password": PASSWORD,
        "born_on": "1990-05-04",
        "reason": "",
    }
    return await sign_up.sign_up(services, **{**given, **more})


def problems(error: pytest.ExceptionInfo[InvalidFields]) -> set[tuple[str, str]]:
    return {(field, kind) for field, kind, _ in error.value.problems}


async def test_a_new_user_is_active_at_once_where_nothing_else_is_asked(world: World):
    user = await join(world.services)
    assert user.state is UserState.ACTIVE
    signed_in = await sign_in.sign_in(
        world.services, login="ada", password=PASSWORD, visitor=Visitor("192.0.2.1")
    )
    assert isinstance(signed_in, SignedIn)
    assert signed_in.user.id == user.id


async def test_everything_that_is_wrong_is_named_at_once(world: World):
    with pytest.raises(InvalidFields) as error:
        await join(world.services, "a d", email="nowhere", password="short", born_on="yesterday")
    assert problems(error) == {
        ("username", "invalid"),
        ("email", "invalid"),
        ("password", "too_short"),
        ("date_of_birth", "invalid"),
    }
    assert await world.rows("SELECT * FROM users") == []


async def test_a_name_that_looks_like_the_service_is_reserved(world: World):
    with pytest.raises(InvalidFields) as error:
        await join(world.services, "Admin", email="x@example.org")
    assert problems(error) == {("username", "reserved")}


async def test_an_administrator_may_give_a_reserved_name(world: World):
    user = await sign_up.create_user(world.services, username="admin", email="", password=None, role="admin")
    assert user.role == "admin"


async def test_names_and_addresses_are_taken_whatever_their_case(world: World):
    await join(world.services, "Ada", email="Ada@Example.org")
    with pytest.raises(InvalidFields) as error:
        await join(world.services, "aDA", email="aDA@eXample.org")
    assert problems(error) == {("username", "taken"), ("email", "taken")}
    with pytest.raises(Conflict) as conflict:
        await sign_up.create_user(world.services, username="ADA", email="", password=None)
    assert conflict.value.field == "username"
    with pytest.raises(Conflict) as conflict:
        await sign_up.create_user(world.services, username="b", email="ADA@EXAMPLE.ORG", password=None)
    assert conflict.value.field == "email"
    assert len(await world.rows("SELECT * FROM users")) == 1


async def test_several_users_may_have_no_address(world: World):
    for name in ("ada", "bob"):
        await sign_up.create_user(world.services, username=name, email="", password=None)
    assert len(await world.rows("SELECT * FROM people WHERE email = ''")) == 2


async def test_who_is_too_young_comes_back_on_the_birthday(world: World):
    for today, is_let_in in (("2026-06-14", False), ("2026-06-15", True)):
        world.clock.now_ms = int(datetime.fromisoformat(f"{today}T12:00:00+00:00").timestamp() * 1000)
        if is_let_in:
            assert (await join(world.services, born_on="2010-06-15")).state is UserState.ACTIVE
        else:
            with pytest.raises(InvalidFields) as error:
                await join(world.services, born_on="2010-06-15")
            assert problems(error) == {("date_of_birth", "below_limit")}


async def test_no_date_is_asked_where_there_is_no_minimum_age(open_worlds: OpenWorld):
    world = await open_worlds(minimum_age_years=0)
    assert (await join(world.services, born_on="")).state is UserState.ACTIVE


async def test_a_password_is_kept_as_argon2id_and_nowhere_in_clear(world: World):
    await join(world.services)
    [(stored,)] = await world.rows("SELECT password_hash FROM people")
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


async def test_nobody_signs_up_where_registrations_are_closed(open_worlds: OpenWorld):
    world = await open_worlds(registrations="closed")
    with pytest.raises(Forbidden):
        await join(world.services)
    assert await world.rows("SELECT * FROM users") == []


async def test_an_administrator_lets_people_in_one_by_one(open_worlds: OpenWorld):
    world = await open_worlds(registrations="approval")
    ada = await join(world.services, "ada", reason="I like birds")
    bob = await join(world.services, "bob", reason="Me too")
    assert ada.state is UserState.PENDING
    waiting = await sign_up.list_waiting(world.services)
    assert [(each.username, each.reason, each.code) for each in waiting] == [
        ("ada", "I like birds", ""),
        ("bob", "Me too", ""),
    ]
    with pytest.raises(Forbidden):
        await sign_in.sign_in(world.services, login="ada", password=PASSWORD, visitor=Visitor("192.0.2.1"))
    approved = await sign_up.approve_user(world.services, ada.id)
    assert approved.state is UserState.ACTIVE
    assert approved.changed_ms > ada.changed_ms
    await sign_in.sign_in(world.services, login="ada", password=PASSWORD, visitor=Visitor("192.0.2.1"))
    await sign_up.reject_user(world.services, bob.id)
    assert await sign_up.list_waiting(world.services) == []
    assert len(await world.rows("SELECT * FROM people")) == 1
    await join(world.services, "bob", reason="Again")


async def test_only_who_waits_can_be_approved_or_rejected(world: World):
    ada = await join(world.services)
    for decide in (sign_up.approve_user, sign_up.reject_user):
        with pytest.raises(Conflict):
            await decide(world.services, ada.id)
        with pytest.raises(NotFound):
            await decide(world.services, NOBODY)
    assert len(await world.rows("SELECT * FROM users")) == 1


async def test_a_code_confirms_the_address_once_it_is_opened(open_worlds: OpenWorld):
    world = await open_worlds(email_confirmation="on")
    ada = await join(world.services)
    assert ada.state is UserState.UNCONFIRMED
    assert not await sign_up.is_confirmed(world.services, ada.id)
    [first] = await sign_up.list_waiting(world.services)
    [second] = await sign_up.list_waiting(world.services)
    code = first.code
    assert second.code != code
    for _ in range(2):
        assert (await sign_up.confirm_email(world.services, code)).state is UserState.ACTIVE
    assert await sign_up.is_confirmed(world.services, ada.id)
    assert await sign_up.list_waiting(world.services) == []
    with pytest.raises(NotFound):
        await sign_up.confirm_email(world.services, "guess")


async def test_codes_end_after_a_week(open_worlds: OpenWorld):
    world = await open_worlds(email_confirmation="on")
    await join(world.services)
    [waiting] = await sign_up.list_waiting(world.services)
    world.advance(days=8)
    with pytest.raises(NotFound):
        await sign_up.confirm_email(world.services, waiting.code)


async def test_who_has_confirmed_still_waits_for_approval(open_worlds: OpenWorld):
    world = await open_worlds(email_confirmation="on", registrations="approval")
    await join(world.services, reason="Birds")
    [waiting] = await sign_up.list_waiting(world.services)
    user = await sign_up.confirm_email(world.services, waiting.code)
    assert user.state is UserState.PENDING


async def test_another_address_makes_earlier_codes_worthless(open_worlds: OpenWorld):
    world = await open_worlds(email_confirmation="on")
    ada = await join(world.services)
    await join(world.services, "bob")
    [code, _] = [each.code for each in await sign_up.list_waiting(world.services)]
    with pytest.raises(InvalidFields):
        await sign_up.ask_for_confirmation(world.services, ada.id, email="BOB@example.org")
    with pytest.raises(InvalidFields):
        await sign_up.ask_for_confirmation(world.services, ada.id, email="nowhere")
    await sign_up.ask_for_confirmation(world.services, ada.id, email="new@example.org")
    with pytest.raises(NotFound):
        await sign_up.confirm_email(world.services, code)
    assert {each.email for each in await sign_up.list_waiting(world.services)} == {
        "new@example.org",
        "bob@example.org",
    }


async def test_there_is_nothing_to_confirm_for_the_active(world: World):
    ada = await join(world.services)
    with pytest.raises(Forbidden):
        await sign_up.ask_for_confirmation(world.services, ada.id)
