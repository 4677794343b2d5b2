"""Keys of personal data: what older versions kept plain, keys that are missing, and one key after the other."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import pytest

from rookery.app import open_database
from rookery.domain.ids import UserId
from rookery.engines.vault import new_key
from rookery.errors import Conflict, Invalid, Misconfigured
from rookery.ports import Write
from rookery.settings import Settings
from rookery.sql import Sql
from rookery.storage import migrate as migrating
from rookery.storage import people
from rookery.usecases import keys, sign_up, two_factor
from rookery.usecases.administration import list_everybody
from scripts import schema
from tests.conftest import Databases
from tests.world import RealClock, World, open_world

OpenWorld = Callable[..., Awaitable[World]]


async def run(world: World, text: str) -> None:
    async def work(tx: Write) -> None:
        await tx.run(Sql(text, text, ()))

    await world.services.db.write(work)


def world_with(database_url: str, secret_keys: str) -> AbstractAsyncContextManager[World]:
    # Clocks that stood still would give worlds that come one after the other the same ids.
    return open_world(Settings(database_url=database_url, secret_keys=secret_keys), RealClock())


async def email_of(world: World, user_id: UserId) -> str | None:
    async with world.services.db.read() as tx:
        return await people.email_of(world.services, tx, user_id)


async def owner(world: World, email: str) -> int | None:
    async with world.services.db.read() as tx:
        return await people.id_by_email(world.services, tx, email)


async def keys_of(world: World, table: str) -> set[str]:
    return {row[0] for row in await world.rows(f"SELECT key_id FROM {table}")}


async def test_the_database_does_not_tell_who_somebody_is(world: World):
    ada = await sign_up.sign_up(
        world.services,
        username="ada",
        email="Ada@Example.org",
        password="correct horse battery",
        born_on="1990-05-06",
        reason="I love rooks",
    )
    secret = (await two_factor.begin(world.services, ada)).secret
    for table in ("people", "email_hashes", "two_factor"):
        for row in await world.rows(f"SELECT * FROM {table}"):
            kept = " ".join(bytes(value).hex() if isinstance(value, bytes) else str(value) for value in row)
            for private in ("example", "1990", "rooks", secret, b"example".hex()):
                assert private not in kept.lower()
    async with world.services.db.read() as tx:
        person = await people.get(world.services, tx, ada.id)
    assert person is not None
    assert (person.email, person.born_on, person.sign_up_reason) == (
        "Ada@Example.org",
        "1990-05-06",
        "I love rooks",
    )
    assert await owner(world, " aDA@example.ORG") == ada.id


async def test_what_an_older_version_kept_plain_is_encrypted_at_the_start(
    open_worlds: OpenWorld, databases: Databases
):
    url = await databases.fresh()
    world = await open_worlds(database_url=url)
    users = [await world.user(f"user{number}") for number in range(keys.BATCH_ROWS + 5)]
    empty = await sign_up.create_user(world.services, username="empty", email="", password=None)
    await run(world, "DELETE FROM email_hashes")
    await run(
        world,
        "UPDATE people SET key_id = '', sign_up_reason = 'why', born_on = '1990-05-06', "
        "email = 'P' || user_id || '@example.org', email_key = 'p' || user_id || '@example.org'",
    )
    await run(world, f"UPDATE people SET email = '', email_key = NULL WHERE user_id = {empty.id}")
    ada = users[0].id
    assert await email_of(world, ada) == f"P{ada}@example.org"
    later = await asyncio.gather(open_worlds(database_url=url), open_worlds(database_url=url))
    for world in later:
        assert await email_of(world, ada) == f"P{ada}@example.org"
        assert await owner(world, f"p{ada}@example.org") == ada
    assert await world.rows("SELECT 1 FROM people WHERE email LIKE '%@%' OR born_on LIKE '1990%'") == []
    assert await world.rows("SELECT 1 FROM people WHERE email_key IS NOT NULL OR key_id = ''") == []
    assert len(await world.rows("SELECT 1 FROM email_hashes")) == len(users)
    assert await email_of(world, empty.id) is None


async def test_a_database_of_the_first_version_goes_on(
    open_worlds: OpenWorld, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
):
    first = {1: migrating.migrations()[1]}
    async with AsyncExitStack() as closing:
        database = await open_database(empty_database_url)
        closing.push_async_callback(database.close)
        with monkeypatch.context() as patch:
            patch.setattr(migrating, "migrations", lambda: first)
            await migrating.migrate(database)

        async def join(tx: Write) -> None:
            for text in (
                (
                    "INSERT INTO users VALUES (7, 'ada', 'ada', '', '', '[]', FALSE, FALSE, TRUE, TRUE, FALSE, 0, "
                    "FALSE, NULL, 'pending', 'user', 1, 1, 0)"
                ),
                "INSERT INTO user_counts VALUES (7, 0, 0, 0, NULL)",
                (
                    "INSERT INTO people VALUES (7, 'Ada@example.org', 'ada@example.org', NULL, '1990-05-06', 'Rooks!', "
                    "NULL, NULL, NULL)"
                ),
            ):
                await tx.run(Sql(text, text, ()))

        await database.write(join)
    world = await open_worlds(database_url=empty_database_url)
    assert await owner(world, "ada@EXAMPLE.org") == 7
    [waiting] = await sign_up.list_waiting(world.services)
    assert (waiting.email, waiting.reason) == ("Ada@example.org", "Rooks!")
    with pytest.raises(Conflict):
        await sign_up.create_user(world.services, username="other", email="ada@example.org", password=None)
    async with world.services.db.read() as tx:
        person = await people.get(world.services, tx, UserId(7))
    assert person is not None
    assert person.born_on == "1990-05-06"


@pytest.mark.parametrize("other", ["wrong", "missing"])
async def test_a_database_whose_key_is_not_here_is_refused_with_a_sentence(
    open_worlds: OpenWorld, databases: Databases, other: str
):
    url = await databases.fresh()
    world = await open_worlds(database_url=url, secret_keys=new_key())
    await world.user("ada")
    key_id = world.services.vault.key_id
    if other == "wrong":
        with pytest.raises(Misconfigured, match=f"secret key {key_id}, and secret_keys does not hold it"):
            await open_worlds(database_url=url, secret_keys=new_key())
    else:
        with pytest.raises(Misconfigured, match="there is no file /nowhere/keys"):
            await open_worlds(database_url=url, secret_key_file="/nowhere/keys")


async def test_of_two_machines_that_begin_at_once_with_other_keys_one_is_refused(
    open_worlds: OpenWorld, databases: Databases
):
    url = await databases.fresh()
    outcomes = await asyncio.gather(
        *(open_worlds(database_url=url, secret_keys=new_key()) for _ in range(3)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes].count(World) == 1
    assert all(isinstance(outcome, World | Misconfigured) for outcome in outcomes)


async def test_a_database_is_moved_to_a_new_key_and_the_old_one_is_needed_no_more(database_url: str):
    old, new = new_key(), new_key()
    async with world_with(database_url, old) as before:
        ada = await before.user("ada")
        secret = (await two_factor.begin(before.services, ada)).secret
    async with world_with(database_url, f"{new},{old}") as between:
        bob = await between.user("bob")
        [first, second] = await keys.key_uses(between.services)
        assert (first.encrypts, first.rows, second.encrypts, second.rows) == (False, 2, True, 1)
        assert await keys.rotate(between.services) == 2
        assert await keys.rotate(between.services) == 0
        [only] = await keys.key_uses(between.services)
        assert (only.encrypts, only.rows) == (True, 3)
    async with world_with(database_url, new) as after:
        assert await owner(after, "ada@example.org") == ada.id
        assert await email_of(after, bob.id) == "bob@example.org"
        assert (await two_factor.enrollment(after.services, ada)).secret == secret
    with pytest.raises(Misconfigured):
        async with world_with(database_url, old):
            pass


async def test_nothing_is_rotated_while_a_process_encrypts_with_the_old_key(database_url: str):
    old, new = new_key(), new_key()
    async with AsyncExitStack() as closing:
        other = await closing.enter_async_context(world_with(database_url, f"{old},{new}"))
        await other.user("ada")
        async with world_with(database_url, f"{new},{old}") as world:
            with pytest.raises(Conflict, match="encrypts with another key"):
                await keys.rotate(world.services)
            assert await keys_of(world, "people") == {other.services.vault.key_id}
            await closing.aclose()
            assert await keys.rotate(world.services) == 1


async def test_keys_are_exchanged_under_load(database_url: str):
    old, new = new_key(), new_key()
    async with world_with(database_url, old) as before:
        users = [await before.user(f"user{number}") for number in range(60)]
    expected: dict[int, str] = {user.id: f"{user.username}@example.org" for user in users}
    done = asyncio.Event()

    async def live(world: World, prefix: str) -> None:
        number = 0
        while not done.is_set() or number < 20:
            number += 1
            user = await world.user(f"{prefix}{number}")
            expected[user.id] = f"{prefix}{number}@example.org"
            # Those of the other half are left to the exchange alone.
            moving = users[number % (len(users) // 2)].id
            await move(world, moving, f"{prefix}m{number}@example.org")
            assert await email_of(world, moving) is not None

    async def move(world: World, user_id: UserId, email: str) -> None:
        async def work(tx: Write) -> None:
            assert await people.set_email(world.services, tx, user_id, email=email)
            expected[user_id] = email

        await world.services.db.write(work)

    both = f"{new},{old}"
    async with world_with(database_url, both) as here, world_with(database_url, both) as there:
        async with asyncio.TaskGroup() as group:
            group.create_task(live(here, "h"))
            group.create_task(live(there, "t"))
            assert await keys.rotate(here.services) > 0
            done.set()
        assert await keys.rotate(here.services) == 0
        assert await keys_of(here, "people") == {here.services.vault.key_id}
    async with world_with(database_url, new) as after:
        for user_id, email in expected.items():
            assert await email_of(after, user_id) == email
            assert await owner(after, email) == user_id
        assert {user.email for user in await list_everybody(after.services)} == set(expected.values())


async def test_an_address_is_given_once_while_keys_are_exchanged(
    open_worlds: OpenWorld, databases: Databases
):
    url, old, new = await databases.fresh(), new_key(), new_key()
    worlds = [await open_worlds(database_url=url, secret_keys=old)]
    worlds.append(await open_worlds(database_url=url, secret_keys=f"{old},{new}"))
    worlds.append(await open_worlds(database_url=url, secret_keys=f"{new},{old}"))

    async def join(world: World, number: int) -> bool:
        try:
            await sign_up.create_user(
                world.services, username=f"ada{number}", email="Ada@example.org", password=None
            )
        except (Conflict, Invalid):
            return False
        return True

    for round_ in range(5):
        outcomes = await asyncio.gather(
            *(join(world, 10 * round_ + number) for number, world in enumerate(worlds))
        )
        assert sum(outcomes) == (0 if round_ else 1)


def test_every_table_with_encrypted_columns_takes_part_in_an_exchange():
    by_key = {column.table for column in schema.sqlite_columns() if column.name == "key_id"}
    sealed = {table.name for table in keys.SEALED_TABLES}
    assert by_key - {"vault_keys", "nodes", "email_hashes"} == sealed
