"""Apps act for users: codes, tokens, and their end."""

import asyncio
import base64
import hashlib

import pytest

from rookery.domain.oauth import OUT_OF_BAND, App
from rookery.domain.tokens import hash_of
from rookery.domain.users import User, UserState
from rookery.errors import Forbidden, Invalid, NotFound, Refused, UnknownApp
from rookery.ports import Write
from rookery.storage import tokens, users
from rookery.usecases import apps, authorizations
from rookery.usecases.tokens import create_token
from tests.world import NOBODY, World

VERIFIER = "a-verifier-that-only-the-app-knows-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "https://app.example/callback"


async def register(world: World, *uris: str, scopes: str = "read write follow push") -> tuple[App, str]:
    return await apps.register_app(
        world.services,
        name="Birdwatch",
        redirect_uris=uris or (CALLBACK, OUT_OF_BAND),
        scopes=scopes.split(),
        website="https://app.example",
    )


async def allow(world: World, user: User, app: App, **more: object) -> str:
    given = {"redirect_uri": CALLBACK, "scopes": ("read", "write"), "challenge": None}
    return await authorizations.authorize(world.services, user.id, app, **{**given, **more})  # type: ignore[arg-type]


async def exchange(world: World, app: App, code: str, *, redirect_uri: str = CALLBACK, verifier: str = ""):
    return await authorizations.exchange_code(
        world.services, app, code=code, redirect_uri=redirect_uri, verifier=verifier
    )


async def holder(world: World, secret: str) -> int | None:
    async with world.services.db.read() as tx:
        row = await tokens.find(tx, hash_of(secret))
    return row[2] if row is not None else None


async def test_a_code_becomes_a_token_with_what_was_allowed(world: World):
    ada = await world.user("ada")
    app, _ = await register(world)
    issued = await exchange(world, app, await allow(world, ada, app))
    assert issued.scopes == ("read", "write")
    assert await holder(world, issued.secret) == ada.id


async def test_secrets_codes_and_tokens_are_kept_as_hashes_only(world: World):
    ada = await world.user("ada")
    app, secret = await register(world)
    code = await allow(world, ada, app)
    issued = await exchange(world, app, code)
    kept = str(
        [
            *await world.rows("SELECT * FROM apps"),
            *await world.rows("SELECT * FROM authorization_codes"),
            *await world.rows("SELECT * FROM tokens"),
        ]
    )
    for hidden in (secret, code, issued.secret):
        assert hidden not in kept


async def test_a_replayed_code_ends_the_tokens_made_from_it(world: World):
    ada = await world.user("ada")
    app, _ = await register(world)
    code = await allow(world, ada, app)
    issued = await exchange(world, app, code)
    other = await exchange(world, app, await allow(world, ada, app))
    with pytest.raises(Refused) as error:
        await exchange(world, app, code)
    assert error.value.reason == "invalid_grant"
    assert await holder(world, issued.secret) is None
    assert await holder(world, other.secret) == ada.id


async def test_of_two_who_bring_a_code_at_once_at_most_one_gets_a_token(world: World):
    ada = await world.user("ada")
    app, _ = await register(world)
    code = await allow(world, ada, app)
    outcomes = await asyncio.gather(*(exchange(world, app, code) for _ in range(4)), return_exceptions=True)
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    assert len(await world.rows("SELECT * FROM tokens")) <= 1


async def test_codes_end_after_ten_minutes(world: World):
    ada = await world.user("ada")
    app, _ = await register(world)
    code = await allow(world, ada, app)
    world.advance(seconds=600)
    with pytest.raises(Refused):
        await exchange(world, app, code)


async def test_a_code_is_good_for_its_app_and_address_only(world: World):
    ada = await world.user("ada")
    app, _ = await register(world)
    other, _ = await register(world)
    code = await allow(world, ada, app)
    for attempt in (
        exchange(world, other, code),
        exchange(world, app, code, redirect_uri=OUT_OF_BAND),
        exchange(world, app, code, redirect_uri=""),
        exchange(world, app, "guess"),
    ):
        with pytest.raises(Refused) as error:
            await attempt
        assert error.value.reason == "invalid_grant"
    await exchange(world, app, code)


async def test_a_challenge_must_be_answered_with_its_verifier(world: World):
    ada = await world.user("ada")
    app, _ = await register(world)
    code = await allow(world, ada, app, challenge=CHALLENGE)
    for wrong in ("", CHALLENGE, VERIFIER + "x", "short", "ä" * 50):
        with pytest.raises(Refused):
            await exchange(world, app, code, verifier=wrong)
    assert (await exchange(world, app, code, verifier=VERIFIER)).secret


async def test_a_verifier_without_a_challenge_is_refused(world: World):
    ada = await world.user("ada")
    app, _ = await register(world)
    with pytest.raises(Refused):
        await exchange(world, app, await allow(world, ada, app), verifier=VERIFIER)


async def test_an_app_gets_no_more_than_it_registered_for(world: World):
    ada = await world.user("ada")
    app, _ = await register(world, scopes="read write:statuses")
    assert await allow(world, ada, app, scopes=("read:accounts", "write:statuses"))
    for scopes in (("write",), ("push",), ("write:accounts",), ("follow",)):
        with pytest.raises(Refused) as error:
            await allow(world, ada, app, scopes=scopes)
        assert error.value.reason == "invalid_scope"
        with pytest.raises(Refused):
            await authorizations.issue_app_token(world.services, app, scopes=scopes)


async def test_nobody_is_sent_to_an_address_that_is_not_registered(world: World):
    ada = await world.user("ada")
    app, _ = await register(world)
    for uri in (
        CALLBACK + "/",
        CALLBACK + "?x=1",
        "https://evil.example/",
        "",
        "HTTPS://app.example/callback",
    ):
        with pytest.raises(Refused):
            await allow(world, ada, app, redirect_uri=uri)


async def test_only_active_users_allow_anything_and_the_disabled_lose_their_codes(world: World):
    ada = await world.user("ada")
    app, _ = await register(world)
    code = await allow(world, ada, app)

    async def work(tx: Write) -> None:
        await users.touch(tx, ada.id, now_ms=world.now_ms)
        await users.update_state(tx, ada.id, UserState.DISABLED)

    await world.services.db.write(work)
    with pytest.raises(Forbidden):
        await allow(world, ada, app)
    with pytest.raises(Refused):
        await exchange(world, app, code)


async def test_an_app_proves_itself_with_its_secret(world: World):
    app, secret = await register(world)
    assert (
        await authorizations.authenticate_app(world.services, client_id=app.client_id, client_secret=secret)
        == app
    )
    for client_id, client_secret in (
        (app.client_id, ""),
        (app.client_id, secret + "x"),
        ("", ""),
        ("x", secret),
    ):
        with pytest.raises(UnknownApp):
            await authorizations.authenticate_app(
                world.services, client_id=client_id, client_secret=client_secret
            )


async def test_apps_end_their_own_tokens_and_no_others(world: World):
    ada = await world.user("ada")
    app, _ = await register(world)
    other, _ = await register(world)
    issued = await exchange(world, app, await allow(world, ada, app))
    with pytest.raises(Refused) as error:
        await authorizations.revoke_token(world.services, other, token=issued.secret)
    assert error.value.reason == "unauthorized_client"
    for _ in range(2):
        await authorizations.revoke_token(world.services, app, token=issued.secret)
    assert await holder(world, issued.secret) is None


async def test_a_user_sees_and_revokes_apps(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    app, _ = await register(world)
    kept = await exchange(world, app, await allow(world, bob, app))
    waiting = await allow(world, ada, app)
    for scopes in (("read",), ("read", "write")):
        await exchange(world, app, await allow(world, ada, app, scopes=scopes))
    [shown] = await authorizations.authorized_apps(world.services, ada.id)
    assert (shown.name, shown.scopes) == ("Birdwatch", ("read", "write"))
    await authorizations.revoke_app(world.services, ada.id, app.id)
    assert await authorizations.authorized_apps(world.services, ada.id) == []
    assert await holder(world, kept.secret) == bob.id
    with pytest.raises(Refused):
        await exchange(world, app, waiting)


async def test_tokens_without_a_browser_belong_to_an_app_that_no_browser_can_use(world: World):
    ada = await world.user("ada")
    for _ in range(2):
        secret = await create_token(world.services, ada.id, scopes="read write", app_name="Nest box")
        assert await holder(world, secret) == ada.id
    assert len(await world.rows("SELECT * FROM apps")) == 1
    app = await authorizations.find_app(world.services, "local:Nest box")
    assert app is not None
    with pytest.raises(Refused):
        await allow(world, ada, app, redirect_uri="")
    with pytest.raises(NotFound):
        await create_token(world.services, NOBODY, scopes="read", app_name="Nest box")


async def test_an_address_that_could_harm_is_not_registered(world: World):
    with pytest.raises(Invalid) as error:
        await register(world, CALLBACK, "javascript:alert(1)")
    assert error.value.field == "redirect_uris"
    assert await world.rows("SELECT * FROM apps") == []


async def test_a_program_on_the_users_device_may_choose_its_port(world: World):
    ada = await world.user("ada")
    app, _ = await register(world, "http://127.0.0.1/done?x=1")
    assert await allow(world, ada, app, redirect_uri="http://127.0.0.1:49152/done?x=1")
    for uri in (
        "http://127.0.0.1:49152/other?x=1",
        "http://192.0.2.1:80/done?x=1",
        "https://127.0.0.1:1/done?x=1",
    ):
        with pytest.raises(Refused):
            await allow(world, ada, app, redirect_uri=uri)


async def test_an_app_must_say_who_it_is(world: World):
    for name, website in (
        ("", ""),
        (" \u202e ", ""),
        ("x" * 61, ""),
        ("App", "javascript:1"),
        ("App", "nowhere"),
    ):
        with pytest.raises(Invalid):
            await apps.register_app(
                world.services, name=name, redirect_uris=[CALLBACK], scopes=["read"], website=website
            )


async def test_an_apps_name_cannot_turn_the_pages_text_around(world: World):
    app, _ = await apps.register_app(
        world.services, name="Bird\u202ewatch\n", redirect_uris=[CALLBACK], scopes=["read"], website=""
    )
    assert app.name == "Bird watch"
