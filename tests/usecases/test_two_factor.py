"""Two-factor sign-in: the step after the password, codes that are good once, and the day on which the device is lost."""

import asyncio

import pytest
from pyotp.totp import TOTP

from rookery.domain.users import User, UserState
from rookery.entrance import SignedIn, Visitor
from rookery.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from rookery.usecases import administration, sign_in, two_factor
from rookery.usecases.sign_in import SecondStep
from tests.world import World

PASSWORD = "correct horse battery"
HERE = Visitor("192.0.2.1", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")


class Phone:
    """An authenticator app that has taken a secret over."""

    def __init__(self, world: World, secret: str) -> None:
        self._world = world
        self._totp = TOTP(secret)

    def code(self, *, steps: int = 0) -> str:
        """Return the code that is shown now, or some steps from now."""
        return self._totp.generate_otp(self._world.now_ms // 30_000 + steps)

    def next_code(self) -> str:
        """Wait until another code is shown."""
        self._world.advance(seconds=30)
        return self.code()


@pytest.fixture
async def ada(world: World) -> User:
    return await world.user("ada", password=PASSWORD)


async def turned_on(world: World, user: User) -> tuple[Phone, list[str]]:
    phone = Phone(world, (await two_factor.begin(world.services, user)).secret)
    codes = await two_factor.turn_on(world.services, user.id, code=phone.code(), session="")
    return phone, codes


async def enter(world: World, login: str = "ada") -> SignedIn | SecondStep:
    return await sign_in.sign_in(world.services, login=login, password=PASSWORD, visitor=HERE)


async def ticket(world: World, login: str = "ada") -> str:
    entered = await enter(world, login)
    assert isinstance(entered, SecondStep)
    return entered.ticket


async def finish(world: World, ticket: str, code: str) -> SignedIn:
    return await two_factor.finish_sign_in(world.services, ticket=ticket, code=code, visitor=HERE)


async def test_the_password_alone_begins_no_session(world: World, ada: User):
    phone, _ = await turned_on(world, ada)
    owed = await ticket(world)
    assert await world.rows("SELECT * FROM sessions") == []
    assert await sign_in.session_user(world.services, owed) is None
    signed_in = await finish(world, owed, phone.next_code())
    assert await sign_in.session_user(world.services, signed_in.session) == ada
    with pytest.raises(NotFound):
        await finish(world, owed, phone.next_code())


async def test_it_is_on_only_once_a_code_has_come_back(world: World, ada: User):
    begun = await two_factor.begin(world.services, ada)
    assert isinstance(await enter(world), SignedIn)
    again = await two_factor.begin(world.services, ada)
    assert again.secret != begun.secret
    assert (await two_factor.enrollment(world.services, ada)).secret == again.secret
    with pytest.raises(Invalid):
        await two_factor.turn_on(world.services, ada.id, code=Phone(world, begun.secret).code(), session="")
    assert (await two_factor.protection(world.services, ada.id)).since_ms is None
    phone = Phone(world, again.secret)
    assert len(await two_factor.turn_on(world.services, ada.id, code=phone.code(), session="")) == 10
    protection = await two_factor.protection(world.services, ada.id)
    assert (protection.since_ms, protection.recovery_codes) == (world.now_ms, 10)
    with pytest.raises(Conflict):
        await two_factor.begin(world.services, ada)
    with pytest.raises(NotFound):
        await two_factor.enrollment(world.services, ada)
    with pytest.raises(NotFound):
        await two_factor.turn_on(world.services, ada.id, code=phone.next_code(), session="")


async def test_turning_it_on_ends_other_sessions(world: World, ada: User):
    entered = [await enter(world) for _ in range(2)]
    here, elsewhere = [signed_in.session for signed_in in entered if isinstance(signed_in, SignedIn)]
    phone = Phone(world, (await two_factor.begin(world.services, ada)).secret)
    await two_factor.turn_on(world.services, ada.id, code=phone.code(), session=here)
    assert await sign_in.session_user(world.services, here) == ada
    assert await sign_in.session_user(world.services, elsewhere) is None


async def test_a_code_is_good_once_and_so_are_those_before_it(world: World, ada: User):
    phone, _ = await turned_on(world, ada)
    with pytest.raises(Invalid):
        await finish(world, await ticket(world), phone.code())
    world.advance(seconds=60)
    await finish(world, await ticket(world), phone.code())
    for steps in (0, -1):
        with pytest.raises(Invalid):
            await finish(world, await ticket(world), phone.code(steps=steps))
    await finish(world, await ticket(world), phone.code(steps=1))


async def test_one_code_sent_many_times_at_once_lets_in_once(world: World, ada: User):
    phone, _ = await turned_on(world, ada)
    tickets = [await ticket(world) for _ in range(5)]
    code = phone.next_code()
    outcomes = await asyncio.gather(*(finish(world, owed, code) for owed in tickets), return_exceptions=True)
    assert sum(isinstance(outcome, SignedIn) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Invalid) for outcome in outcomes) == 4


async def test_a_clock_may_be_a_step_off_but_not_two(world: World, ada: User):
    phone, _ = await turned_on(world, ada)
    world.advance(seconds=300)
    for steps, fits in ((2, False), (-2, False), (-1, True), (1, True)):
        owed = await ticket(world)
        if fits:
            await finish(world, owed, phone.code(steps=steps))
        else:
            with pytest.raises(Invalid):
                await finish(world, owed, phone.code(steps=steps))


async def test_ten_wrong_codes_lock_the_second_step_and_a_right_password_does_not_open_it(
    world: World, ada: User
):
    phone, codes = await turned_on(world, ada)
    for number in range(10):
        with pytest.raises(Invalid):
            await finish(world, await ticket(world), f"{number:06}")
    owed = await ticket(world)
    for code in (phone.next_code(), codes[0]):
        with pytest.raises(TooMany):
            await finish(world, owed, code)
    with pytest.raises(TooMany):
        await two_factor.turn_off(world.services, ada.id, code=codes[0])
    world.advance(seconds=901)
    await finish(world, await ticket(world), phone.code())


async def test_many_guesses_at_once_do_not_get_past_the_limit(world: World, ada: User):
    await turned_on(world, ada)
    owed = await ticket(world)
    outcomes = await asyncio.gather(
        *(finish(world, owed, f"{number:06}") for number in range(25)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Invalid) for outcome in outcomes) == 10
    assert sum(isinstance(outcome, TooMany) for outcome in outcomes) == 15


async def test_success_forgets_wrong_codes(world: World, ada: User):
    phone, _ = await turned_on(world, ada)
    for _ in range(3):
        for _ in range(9):
            with pytest.raises(Invalid):
                await finish(world, await ticket(world), "wrong")
        await finish(world, await ticket(world), phone.next_code())


async def test_a_recovery_code_stands_in_for_the_device_once(world: World, ada: User):
    _, codes = await turned_on(world, ada)
    await finish(world, await ticket(world), codes[3].upper().replace("-", " "))
    with pytest.raises(Invalid):
        await finish(world, await ticket(world), codes[3])
    assert (await two_factor.protection(world.services, ada.id)).recovery_codes == 9
    kept = await world.rows("SELECT code_hash FROM recovery_codes")
    assert not any(code.encode() in bytes(row[0]) for row in kept for code in codes)


async def test_new_recovery_codes_replace_the_former(world: World, ada: User):
    with pytest.raises(NotFound):
        await two_factor.renew_recovery_codes(world.services, ada.id)
    _, former = await turned_on(world, ada)
    codes = await two_factor.renew_recovery_codes(world.services, ada.id)
    assert len(codes) == 10
    with pytest.raises(Invalid):
        await finish(world, await ticket(world), former[0])
    await finish(world, await ticket(world), codes[0])


async def test_nobodys_codes_work_for_somebody_else(world: World, ada: User):
    _, adas = await turned_on(world, ada)
    bobs_phone, bobs = await turned_on(world, await world.user("bob", password=PASSWORD))
    for code in (bobs_phone.next_code(), bobs[0]):
        with pytest.raises(Invalid):
            await finish(world, await ticket(world), code)
    await finish(world, await ticket(world, "bob"), bobs[0])
    await finish(world, await ticket(world), adas[0])


async def test_turning_it_off_takes_a_code(world: World, ada: User):
    phone, _ = await turned_on(world, ada)
    with pytest.raises(Invalid):
        await two_factor.turn_off(world.services, ada.id, code="wrong")
    await two_factor.turn_off(world.services, ada.id, code=phone.next_code())
    assert isinstance(await enter(world), SignedIn)
    assert await world.rows("SELECT * FROM recovery_codes") == []
    with pytest.raises(NotFound):
        await two_factor.turn_off(world.services, ada.id, code=phone.next_code())


async def test_a_ticket_is_good_for_ten_minutes_and_for_nobody_else(world: World, ada: User):
    phone, codes = await turned_on(world, ada)
    owed = await ticket(world)
    assert await two_factor.owed(world.services, owed) is not None
    for other in ("", "made up"):
        assert await two_factor.owed(world.services, other) is None
        with pytest.raises(NotFound):
            await finish(world, other, codes[0])
    world.advance(seconds=600)
    assert await two_factor.owed(world.services, owed) is None
    with pytest.raises(NotFound):
        await finish(world, owed, phone.code())


async def test_a_new_password_ends_the_sign_ins_of_the_old_one(world: World, ada: User):
    phone, _ = await turned_on(world, ada)
    owed = await ticket(world)
    await sign_in.set_password(world.services, ada.id, password="another good one")
    with pytest.raises(NotFound):
        await finish(world, owed, phone.next_code())
    entered = await sign_in.sign_in(world.services, login="ada", password="another good one", visitor=HERE)
    assert isinstance(entered, SecondStep)


async def test_who_is_shut_out_between_the_steps_stays_out(world: World, ada: User):
    phone, _ = await turned_on(world, ada)
    owed = await ticket(world)
    await administration.disable_user(world.services, ada.id)
    with pytest.raises(Forbidden):
        await finish(world, owed, phone.next_code())
    with pytest.raises(Forbidden):
        await enter(world)
    assert UserState.DISABLED.value == (await world.rows("SELECT state FROM users"))[0][0]
    assert await world.rows("SELECT * FROM sessions") == []


async def test_an_administrator_leaves_nothing_but_the_password(world: World, ada: User):
    phone, _ = await turned_on(world, ada)
    signed_in = await finish(world, await ticket(world), phone.next_code())
    await two_factor.reset(world.services, ada.id)
    assert await sign_in.session_user(world.services, signed_in.session) is None
    assert isinstance(await enter(world), SignedIn)
    await two_factor.reset(world.services, ada.id)


async def test_sessions_are_listed_by_browser_and_ended_one_by_one(world: World, ada: User):
    first = await enter(world)
    world.advance(seconds=5)
    second = await sign_in.sign_in(
        world.services, login="ada", password=PASSWORD, visitor=Visitor("192.0.2.2")
    )
    assert isinstance(first, SignedIn)
    assert isinstance(second, SignedIn)
    newest, oldest = await sign_in.open_sessions(world.services, ada.id, session=first.session)
    assert (newest.browser, newest.is_here) == ("An unknown browser", False)
    assert (oldest.browser, oldest.is_here, oldest.since_ms) == (
        "Firefox on Linux",
        True,
        world.now_ms - 5_000,
    )
    bob = await world.user("bob")
    await sign_in.end_session(world.services, bob.id, newest.name)
    assert await sign_in.session_user(world.services, second.session) == ada
    for name in (newest.name, newest.name, "", "no hash"):
        await sign_in.end_session(world.services, ada.id, name)
    assert await sign_in.session_user(world.services, second.session) is None
    assert await sign_in.session_user(world.services, first.session) == ada
