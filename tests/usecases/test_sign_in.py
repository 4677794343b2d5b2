"""Signing in with a browser, and what keeps guessers out."""

import asyncio

import pytest

from rookery.domain.tokens import hash_of
from rookery.domain.users import User, UserState
from rookery.entrance import SignedIn, Visitor
from rookery.errors import Forbidden, Invalid, InvalidFields, RookeryError, TooMany
from rookery.ports import Write
from rookery.storage import people, users
from rookery.usecases import sign_in
from rookery.usecases.tokens import find_token
from tests.world import World

PASSWORD = "correct horse battery"


async def enter(world: World, login: str = "ada", password: str = PASSWORD, address: str = "192.0.2.1"):
    entered = await sign_in.sign_in(
        world.services, login=login, password=password, visitor=Visitor(address, "Mozilla/5.0")
    )
    assert isinstance(entered, SignedIn)
    return entered


@pytest.fixture
async def ada(world: World) -> User:
    return await world.user("Ada", email="ada@example.org", password=PASSWORD)


async def test_one_signs_in_with_name_or_address(world: World, ada: User):
    for login in ("Ada", "aDA", "ada@example.org", " ADA@EXAMPLE.ORG "):
        session = (await enter(world, login)).session
        assert await sign_in.session_user(world.services, session) == ada
    async with world.services.db.read() as tx:
        person = await people.get(world.services, tx, ada.id)
    assert person is not None
    assert person.last_login_ms == world.now_ms


@pytest.mark.usefixtures("ada")
async def test_sessions_are_kept_as_hashes(world: World):
    session = (await enter(world)).session
    [(kept,)] = await world.rows("SELECT session_hash FROM sessions")
    assert bytes(kept) == hash_of(session)


@pytest.mark.usefixtures("ada")
async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(world: World):
    answers: set[str] = set()
    for login in ("ada", "ada@example.org", "nobody", "nobody@example.org", ""):
        with pytest.raises(Invalid) as error:
            await enter(world, login, "wrong password")
        answers.add(error.value.message)
    assert len(answers) == 1


async def test_who_has_no_password_cannot_sign_in(world: World):
    await world.user("bot")
    for password in ("", "nobody's password"):
        with pytest.raises(Invalid):
            await enter(world, "bot", password)


@pytest.mark.usefixtures("ada")
async def test_ten_failures_lock_an_account_for_a_quarter_of_an_hour(world: World):
    for number in range(10):
        with pytest.raises(Invalid):
            await enter(world, password="wrong", address=f"192.0.2.{number}")
    for login in ("ada", "ada@example.org"):
        with pytest.raises(TooMany) as error:
            await enter(world, login, address="198.51.100.7")
        assert error.value.retry_at_ms is not None
        assert error.value.retry_at_ms > world.now_ms
    world.advance(seconds=901)
    await enter(world)


@pytest.mark.usefixtures("ada")
async def test_unknown_names_are_locked_alike(world: World):
    for _ in range(10):
        with pytest.raises(Invalid):
            await enter(world, "nobody", "wrong")
    with pytest.raises(TooMany):
        await enter(world, "NOBODY", "wrong", "198.51.100.7")


@pytest.mark.usefixtures("ada")
async def test_thirty_failures_lock_an_address_whatever_the_names(world: World):
    for number in range(30):
        with pytest.raises(Invalid):
            await enter(world, f"nobody{number}", "wrong")
    with pytest.raises(TooMany):
        await enter(world)
    await enter(world, address="192.0.2.2")


@pytest.mark.usefixtures("ada")
async def test_an_ipv6_subscriber_counts_as_one_address(world: World):
    for number in range(30):
        with pytest.raises(Invalid):
            await enter(world, f"nobody{number}", "wrong", f"2001:db8:1:2::{number:x}")
    with pytest.raises(TooMany):
        await enter(world, address="2001:db8:1:2:ffff::1")
    await enter(world, address="2001:db8:1:3::1")


@pytest.mark.usefixtures("ada")
async def test_success_forgets_the_accounts_failures(world: World):
    for _ in range(3):
        for _ in range(9):
            with pytest.raises(Invalid):
                await enter(world, password="wrong")
        await enter(world)


@pytest.mark.usefixtures("ada")
async def test_many_guesses_at_once_do_not_get_past_the_limit(world: World):
    outcomes = await asyncio.gather(
        *(enter(world, password=f"guess {number}") for number in range(25)), return_exceptions=True
    )
    looked_at = [outcome for outcome in outcomes if isinstance(outcome, Invalid)]
    assert len(looked_at) == 10
    assert all(isinstance(outcome, RookeryError) for outcome in outcomes)


async def test_who_is_not_let_in_learns_so_only_with_the_right_password(world: World, ada: User):
    for state in (UserState.DISABLED, UserState.PENDING, UserState.UNCONFIRMED):
        await set_state(world, ada, UserState.ACTIVE)
        session = (await enter(world)).session
        await set_state(world, ada, state)
        with pytest.raises(Invalid):
            await enter(world, password="wrong")
        with pytest.raises(Forbidden):
            await enter(world)
        assert await sign_in.session_user(world.services, session) is None


async def set_state(world: World, user: User, state: UserState) -> None:
    async def work(tx: Write) -> None:
        await users.touch(tx, user.id, now_ms=world.now_ms)
        await users.update_state(tx, user.id, state)

    await world.services.db.write(work)


@pytest.mark.usefixtures("ada")
async def test_sessions_end_after_a_month_and_by_signing_out(world: World):
    first, second = (await enter(world)).session, (await enter(world)).session
    await sign_in.sign_out(world.services, first)
    await sign_in.sign_out(world.services, first)
    assert await sign_in.session_user(world.services, first) is None
    assert await sign_in.session_user(world.services, second) is not None
    world.advance(days=30)
    assert await sign_in.session_user(world.services, second) is None
    assert await sign_in.session_user(world.services, "") is None


async def test_a_new_password_ends_the_other_sessions(world: World, ada: User):
    here, elsewhere = (await enter(world)).session, (await enter(world)).session
    with pytest.raises(Invalid):
        await sign_in.change_password(
            world.services, ada.id, current="wrong", wanted="another good one", session=here
        )
    with pytest.raises(InvalidFields):
        await sign_in.change_password(world.services, ada.id, current=PASSWORD, wanted="short", session=here)
    await sign_in.change_password(
        world.services, ada.id, current=PASSWORD, wanted="another good one", session=here
    )
    assert await sign_in.session_user(world.services, here) is not None
    assert await sign_in.session_user(world.services, elsewhere) is None
    with pytest.raises(Invalid):
        await enter(world)
    await enter(world, password="another good one")


async def test_an_administrators_new_password_ends_every_session_and_token(world: World, ada: User):
    session = (await enter(world)).session
    token = await world.token(ada)
    bobs = await world.token(await world.user("bob"))
    await sign_in.change_password(
        world.services, ada.id, current=PASSWORD, wanted="my own new one", session=session
    )
    assert await find_token(world.services, token) is not None
    await sign_in.set_password(world.services, ada.id, password="another good one")
    assert await sign_in.session_user(world.services, session) is None
    assert await find_token(world.services, token) is None
    assert await find_token(world.services, bobs) is not None
    await enter(world, password="another good one")


async def test_guessing_the_password_from_inside_is_counted_too(world: World, ada: User):
    for _ in range(10):
        with pytest.raises(Invalid):
            await sign_in.require_password(world.services, ada.id, "wrong")
    with pytest.raises(TooMany):
        await sign_in.require_password(world.services, ada.id, PASSWORD)
