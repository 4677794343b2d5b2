"""Passkeys, proved by a device in software: what lets somebody in, and everything that must not."""

import json

import pytest
from pyotp.totp import TOTP

from rookery.domain.users import User
from rookery.entrance import SignedIn, Visitor
from rookery.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from rookery.usecases import administration, passkeys, sign_in, two_factor
from rookery.usecases.sign_in import SecondStep
from tests.authenticator import Authenticator, encoded
from tests.conftest import OpenWorld
from tests.world import World

PASSWORD = "correct horse battery"
ORIGIN = "https://birds.example"
HERE = Visitor("192.0.2.1")


@pytest.fixture
async def world(open_worlds: OpenWorld) -> World:
    return await open_worlds(base_url=ORIGIN)


@pytest.fixture
async def ada(world: World) -> User:
    return await world.user("ada", password=PASSWORD)


@pytest.fixture
def device() -> Authenticator:
    return Authenticator(ORIGIN)


async def register(world: World, user: User, device: Authenticator, name: str = "Phone") -> None:
    question = await passkeys.ask_for_registration(world.services, user)
    await passkeys.register(world.services, user.id, answer=device.create(question), name=name)


async def enter(world: World, device: Authenticator, **lies: bytes) -> SignedIn:
    question = await passkeys.ask_for_sign_in(world.services)
    return await passkeys.sign_in(world.services, answer=device.get(question, **lies), visitor=HERE)


async def test_a_passkey_signs_in_by_itself(world: World, ada: User, device: Authenticator):
    await register(world, ada, device)
    world.advance(seconds=7)
    signed_in = await enter(world, device)
    assert signed_in.user == ada
    assert await sign_in.session_user(world.services, signed_in.session) == ada
    [listed] = await passkeys.list_passkeys(world.services, ada.id)
    assert (listed.name, listed.since_ms, listed.last_used_ms) == (
        "Phone",
        world.now_ms - 7_000,
        world.now_ms,
    )
    await enter(world, device)


async def test_what_a_device_is_asked(world: World, ada: User, device: Authenticator):
    question = json.loads(await passkeys.ask_for_registration(world.services, ada))
    assert question["rp"] == {"id": "birds.example", "name": "Rookery"}
    assert question["user"]["name"] == "ada"
    assert question["attestation"] == "none"
    selection = question["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")
    await register(world, ada, device)
    again = json.loads(await passkeys.ask_for_registration(world.services, ada))
    assert [key["id"] for key in again["excludeCredentials"]] == [encoded(device.keys[0].credential_id)]
    assert again["user"]["id"] == encoded(device.keys[0].user_handle)
    assert again["challenge"] != question["challenge"]
    asked = json.loads(await passkeys.ask_for_sign_in(world.services))
    assert (asked["rpId"], asked["userVerification"]) == ("birds.example", "required")
    assert not asked.get("allowCredentials")


async def test_two_factor_sign_in_is_satisfied_by_a_passkey_alone(
    world: World, ada: User, device: Authenticator
):
    await register(world, ada, device)
    await turn_on(world, ada)
    assert (await enter(world, device)).user == ada


async def turn_on(world: World, user: User) -> None:
    begun = await two_factor.begin(world.services, user)
    code = TOTP(begun.secret).generate_otp(world.now_ms // 30_000)
    await two_factor.turn_on(world.services, user.id, code=code, session="")


async def owed(world: World, login: str = "ada") -> str:
    entered = await sign_in.sign_in(world.services, login=login, password=PASSWORD, visitor=HERE)
    assert isinstance(entered, SecondStep)
    return entered.ticket


async def finish(world: World, device: Authenticator, ticket: str, question: str | None = None) -> SignedIn:
    question = question or await passkeys.ask_for_second_step(world.services, ticket)
    return await passkeys.finish_sign_in(
        world.services, ticket=ticket, answer=device.get(question), visitor=HERE
    )


async def test_a_passkey_is_a_second_factor(world: World, ada: User, device: Authenticator):
    await register(world, ada, device)
    await turn_on(world, ada)
    ticket = await owed(world)
    state = await two_factor.owed(world.services, ticket)
    assert state is not None
    assert state.has_passkeys
    question = json.loads(await passkeys.ask_for_second_step(world.services, ticket))
    assert question["allowCredentials"] == [
        {
            "id": encoded(device.keys[0].credential_id),
            "type": "public-key",
            "transports": ["hybrid", "internal"],
        }
    ]
    device.verifies = False
    assert (await finish(world, device, ticket)).user == ada
    with pytest.raises(NotFound):
        await finish(world, device, ticket)


async def test_who_has_no_passkey_is_asked_for_none(world: World, ada: User):
    await turn_on(world, ada)
    ticket = await owed(world)
    state = await two_factor.owed(world.services, ticket)
    assert state is not None
    assert not state.has_passkeys
    with pytest.raises(NotFound):
        await passkeys.ask_for_second_step(world.services, ticket)
    with pytest.raises(NotFound):
        await passkeys.ask_for_second_step(world.services, "made up")


async def test_somebody_elses_passkey_is_no_second_factor(world: World, ada: User):
    adas, bobs = Authenticator(ORIGIN), Authenticator(ORIGIN)
    bob = await world.user("bob", password=PASSWORD)
    await register(world, ada, adas)
    await register(world, bob, bobs)
    await turn_on(world, ada)
    await turn_on(world, bob)
    ticket = await owed(world)
    question = await passkeys.ask_for_second_step(world.services, ticket)
    answer = bobs.get(question, key=bobs.keys[0])
    with pytest.raises(Invalid):
        await passkeys.finish_sign_in(world.services, ticket=ticket, answer=answer, visitor=HERE)
    bobs_question = await passkeys.ask_for_second_step(world.services, await owed(world, "bob"))
    with pytest.raises(Invalid):
        await passkeys.finish_sign_in(
            world.services, ticket=ticket, answer=bobs.get(bobs_question), visitor=HERE
        )
    assert await world.rows("SELECT * FROM sessions") == []


async def test_a_challenge_is_good_once_and_not_for_long(world: World, ada: User, device: Authenticator):
    await register(world, ada, device)
    question = await passkeys.ask_for_sign_in(world.services)
    await passkeys.sign_in(world.services, answer=device.get(question), visitor=HERE)
    with pytest.raises(Invalid, match="took too long, or was done already"):
        await passkeys.sign_in(world.services, answer=device.get(question), visitor=HERE)
    old = await passkeys.ask_for_sign_in(world.services)
    world.advance(ms=passkeys.CHALLENGE_LIFE_MS)
    with pytest.raises(Invalid, match="took too long"):
        await passkeys.sign_in(world.services, answer=device.get(old), visitor=HERE)
    with pytest.raises(Invalid):
        await enter(world, device, challenge=b"made up")


async def test_a_failed_answer_spends_its_challenge(world: World, ada: User, device: Authenticator):
    await register(world, ada, device)
    question = await passkeys.ask_for_sign_in(world.services)
    device.verifies = False
    with pytest.raises(Invalid):
        await passkeys.sign_in(world.services, answer=device.get(question), visitor=HERE)
    device.verifies = True
    with pytest.raises(Invalid, match="done already"):
        await passkeys.sign_in(world.services, answer=device.get(question), visitor=HERE)


async def test_a_challenge_serves_only_what_it_was_made_for(world: World, ada: User, device: Authenticator):
    await register(world, ada, device)
    await turn_on(world, ada)
    ticket = await owed(world)
    second = await passkeys.ask_for_second_step(world.services, ticket)
    with pytest.raises(Invalid):
        await passkeys.sign_in(world.services, answer=device.get(second), visitor=HERE)
    alone = await passkeys.ask_for_sign_in(world.services)
    with pytest.raises(Invalid):
        await finish(world, device, ticket, alone)
    bob = await world.user("bob")
    question = await passkeys.ask_for_registration(world.services, ada)
    with pytest.raises(Invalid):
        await passkeys.register(
            world.services, bob.id, answer=Authenticator(ORIGIN).create(question), name="Stolen"
        )


async def test_a_passkey_without_finger_or_pin_does_not_sign_in_alone(
    world: World, ada: User, device: Authenticator
):
    await register(world, ada, device)
    device.verifies = False
    with pytest.raises(Invalid):
        await enter(world, device)
    question = await passkeys.ask_for_registration(world.services, ada)
    answer = Authenticator(ORIGIN, verifies=False).create(question)
    with pytest.raises(Invalid):
        await passkeys.register(world.services, ada.id, answer=answer, name="")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://birds.example", "https://birds.example:444"]
)
async def test_answers_from_other_sites_prove_nothing(
    world: World, ada: User, device: Authenticator, origin: str
):
    await register(world, ada, device)
    device.origin = origin
    with pytest.raises(Invalid):
        await enter(world, device)
    question = await passkeys.ask_for_registration(world.services, ada)
    with pytest.raises(Invalid):
        await passkeys.register(
            world.services, ada.id, answer=Authenticator(origin).create(question), name=""
        )


async def test_keys_for_other_sites_and_forged_signatures_prove_nothing(
    world: World, ada: User, device: Authenticator
):
    await register(world, ada, device)
    mallory = Authenticator(ORIGIN)
    await register(world, await world.user("mallory"), mallory)
    forged = mallory.keys[0]
    forged.credential_id, forged.user_handle = device.keys[0].credential_id, device.keys[0].user_handle
    with pytest.raises(Invalid):
        await enter(world, mallory)
    question = await passkeys.ask_for_sign_in(world.services)
    device.keys[0].rp_id = "evil.example"
    with pytest.raises(Invalid):
        await passkeys.sign_in(world.services, answer=device.get(question, key=device.keys[0]), visitor=HERE)


async def test_the_user_a_device_names_must_be_the_keys_own(world: World, ada: User, device: Authenticator):
    await register(world, ada, device)
    device.keys[0].user_handle = b"somebody else"
    with pytest.raises(Invalid, match="not known here"):
        await enter(world, device)


async def test_a_copied_key_is_noticed_where_devices_count(world: World, ada: User, device: Authenticator):
    await register(world, ada, device)
    await enter(world, device)
    await enter(world, device)
    device.keys[0].uses = 0
    with pytest.raises(Invalid):
        await enter(world, device)


async def test_devices_that_do_not_count_are_fine(world: World, ada: User, device: Authenticator):
    device.counts = False
    await register(world, ada, device)
    for _ in range(3):
        await enter(world, device)


async def test_several_passkeys_have_names_and_are_removed_one_by_one(world: World, ada: User):
    phone, laptop = Authenticator(ORIGIN), Authenticator(ORIGIN)
    await register(world, ada, phone, "Phone")
    await register(world, ada, laptop, "  ")
    listed = await passkeys.list_passkeys(world.services, ada.id)
    assert [key.name for key in listed] == ["Phone", "Passkey"]
    await passkeys.remove(world.services, (await world.user("bob")).id, listed[0].id)
    await enter(world, phone)
    for _ in range(2):
        await passkeys.remove(world.services, ada.id, listed[0].id)
    with pytest.raises(Invalid, match="not known here"):
        await enter(world, phone)
    assert (await enter(world, laptop)).user == ada


async def test_a_key_is_registered_once(world: World, ada: User, device: Authenticator):
    await register(world, ada, device)
    other = Authenticator(ORIGIN)
    question = await passkeys.ask_for_registration(world.services, await world.user("mallory"))
    answer = json.loads(other.create(question))
    question = await passkeys.ask_for_registration(world.services, ada)
    answer["id"] = answer["rawId"] = encoded(device.keys[0].credential_id)
    with pytest.raises(Invalid):
        await passkeys.register(world.services, ada.id, answer=json.dumps(answer), name="")


async def test_there_is_room_for_twenty_passkeys(world: World, ada: User):
    for number in range(20):
        await register(world, ada, Authenticator(ORIGIN), f"Key {number}")
    with pytest.raises(Conflict, match="20 passkeys"):
        await passkeys.ask_for_registration(world.services, ada)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "null",
        "x" * 200_000,
        '{"a":' + "[" * 50_000,
        "\ud800",
        '{"rawId": "a", "response": {"clientDataJSON": "e30"}}',
    ],
)
async def test_what_is_no_answer_is_refused(world: World, ada: User, answer: str):
    with pytest.raises(Invalid):
        await passkeys.register(world.services, ada.id, answer=answer, name="")
    with pytest.raises(Invalid):
        await passkeys.sign_in(world.services, answer=answer, visitor=HERE)


async def test_many_wrong_answers_lock_an_address(world: World, ada: User, device: Authenticator):
    await register(world, ada, device)
    for _ in range(30):
        with pytest.raises(Invalid):
            await enter(world, device, challenge=b"made up")
    with pytest.raises(TooMany):
        await enter(world, device)
    world.advance(seconds=901)
    await enter(world, device)


async def test_who_is_shut_out_stays_out(world: World, ada: User, device: Authenticator):
    await register(world, ada, device)
    await administration.disable_user(world.services, ada.id)
    with pytest.raises(Forbidden):
        await enter(world, device)


async def test_an_administrator_takes_passkeys_away_with_the_second_factor(
    world: World, ada: User, device: Authenticator
):
    await register(world, ada, device)
    await two_factor.reset(world.services, ada.id)
    assert await passkeys.list_passkeys(world.services, ada.id) == []
    with pytest.raises(Invalid):
        await enter(world, device)


async def test_spent_and_expired_challenges_leave_nothing_behind(
    world: World, ada: User, device: Authenticator
):
    from rookery import tasks
    from rookery.usecases.upkeep import sweep_expired

    await register(world, ada, device)
    await enter(world, device)
    assert await world.rows("SELECT * FROM passkey_challenges") == []
    await passkeys.ask_for_sign_in(world.services)
    await turn_on(world, ada)
    await owed(world)
    world.advance(days=1)
    await sweep_expired(world.services, tasks.SweepExpired())
    for table in ("passkey_challenges", "sign_in_steps"):
        assert await world.rows(f"SELECT * FROM {table}") == []


@pytest.mark.parametrize(
    ("base_url", "said"),
    [
        ("http://127.0.0.1:8000", "need a domain"),
        ("https://[2001:db8::1]", "need a domain"),
        ("http://birds.example", "encrypted connection"),
        ("http://localhost:8000", ""),
        ("http://birds.localhost", ""),
        ("https://birds.example:8443", ""),
    ],
)
async def test_passkeys_need_a_domain_and_encryption_or_this_machine(
    open_worlds: OpenWorld, base_url: str, said: str
):
    world = await open_worlds(base_url=base_url)
    ada = await world.user("ada")
    assert said in passkeys.obstacle(world.services)
    assert bool(said) == bool(passkeys.obstacle(world.services))
    if said:
        with pytest.raises(Invalid, match=said):
            await passkeys.ask_for_registration(world.services, ada)
    else:
        device = Authenticator(base_url)
        await register(world, ada, device)
        assert (await enter(world, device)).user == ada


async def test_people_are_written_to_whenever_how_they_sign_in_changes(open_worlds: OpenWorld):
    world = await open_worlds(
        base_url=ORIGIN, smtp_url="smtp://127.0.0.1:9", email_from="rookery@example.org"
    )
    ada = await world.user("ada", password=PASSWORD)
    await register(world, ada, Authenticator(ORIGIN), "Phone")
    [key] = await passkeys.list_passkeys(world.services, ada.id)
    for _ in range(2):
        await passkeys.remove(world.services, ada.id, key.id)
    await turn_on(world, ada)
    await two_factor.reset(world.services, ada.id)
    letters = [
        json.loads(row[0]) for row in await world.rows("SELECT payload FROM tasks WHERE kind = 'SendEmail'")
    ]
    assert {letter["kind"] for letter in letters} == {"two_factor_changed"}
    assert {letter["user_id"] for letter in letters} == {ada.id}
    assert sorted(letter["detail"] for letter in letters) == [
        "a passkey was removed",
        "a second factor is asked for from now on",
        "an administrator has left nothing but the password",
        'the passkey "Phone" signs in from now on',
    ]
