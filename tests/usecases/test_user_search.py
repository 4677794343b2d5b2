# ruff: noqa: RUF001  the letters of many languages look like those of others
"""Searching people: who is found by which spelling, in which order, and by whom."""

from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest

from rookery import tasks
from rookery.domain.profiles import ProfileChanges
from rookery.domain.users import User
from rookery.ports import Write
from rookery.usecases import user_search
from rookery.usecases.deletion import delete_user
from rookery.usecases.profiles import change_profile
from rookery.usecases.user_search import index_users, search_users
from scripts import reference
from tests.world import World

PEOPLE = {
    "ada": "Ada Lovelace",
    "ada_fan": "",
    "adam": "Adam Smith",
    "jsmith": "John Smith",
    "kathy": "Katherine Johnson",
    "arnold": "Arnold Schwarzenegger",
    "zoe": "Zoë Müller-Lüdenscheidt",
    "maria": "Ana María González",
    "odysseas": "Οδυσσέας Ελύτης",
    "anna_a": "Анна Ахматова",
    "yamada": "山田太郎",
    "minsu": "김민수",
    "sherlock_holmes": "Detective 🔎 of Baker Street",
    "birdwatcher1987": "",
    "o_neil": "Shaquille O’Neal",
}
JUDGED: Mapping[str, list[str]] = {
    # As they are written, whatever the case and the accents.
    "ada": ["ada", "ada_fan", "adam"],
    "@ADA": ["ada", "ada_fan", "adam"],
    "lovelace": ["ada"],
    "Ada Lovelace": ["ada"],
    "adalovelace": ["ada"],
    "Lovelace, Ada": ["ada"],
    "smith": ["adam", "jsmith"],
    "smith j": ["jsmith", "adam"],
    "muller": ["zoe"],
    "Zoe": ["zoe"],
    "GONZALEZ ana": ["maria"],
    "maría gonz": ["maria"],
    "ελυτης": ["odysseas"],
    "АХМАТОВА": ["anna_a"],
    "太郎": ["yamada"],
    "山田": ["yamada"],
    "민수": ["minsu"],
    "김ㅁ": ["minsu"],
    "ada_": ["ada_fan", "ada", "adam"],
    "sherlock": ["sherlock_holmes"],
    "sherlockholmes": ["sherlock_holmes"],
    "baker street": ["sherlock_holmes"],
    "birdw": ["birdwatcher1987"],
    "oneal": ["o_neil"],
    # One typo: a letter wrong, missing, too many, two in the wrong order.
    "lovelase": ["ada"],
    "lovelce": ["ada"],
    "lovellace": ["ada"],
    "lovealce": ["ada"],
    "Ada Lovelcae": ["ada"],
    "jhon smith": ["jsmith"],
    "sherlok_holmes": ["sherlock_holmes"],
    "birdwacher": ["birdwatcher1987"],
    "ахмотова": ["anna_a"],
    "οδυσεας": ["odysseas"],
    "민슈": ["minsu"],
    # Two, in a long name.
    "Shwarzeneger": ["arnold"],
    "Catherine Jonson": ["kathy"],
    "ludenshiedt": ["zoe"],
    # Too far, too short, or nothing at all.
    "xda": [],
    "lvlc": [],
    "smoth": ["adam", "jsmith"],
    "smxxh": [],
    "zzz": [],
    "北京": [],
    "🔎": [],
    "%": [],
    "_": [],
    "": [],
    "@": [],
    "' OR 1=1 --": [],
    "ada@elsewhere.example": [],
}


async def people(world: World) -> dict[str, User]:
    found: dict[str, User] = {}
    for username, display_name in PEOPLE.items():
        found[username] = await world.user(username)
        changes = ProfileChanges(display_name=display_name)
        await change_profile(world.services, found[username].id, changes)
    return found


async def find(world: World, viewer: User, text: str, *, limit: int = 20, **more: object) -> list[str]:
    found = await search_users(world.services, viewer.id, text, limit=limit, **more)  # pyright: ignore[reportArgumentType]
    return [view.user.username for view in found]


async def test_a_judged_set_of_searches_finds_whom_people_mean(world: World):
    viewer = await world.user("viewer")
    await people(world)
    found = {text: await find(world, viewer, text) for text in JUDGED}
    assert found == JUDGED


async def test_the_name_itself_comes_first_then_the_followed_then_the_well_known(world: World):
    viewer = await world.user("viewer")
    known = await people(world)
    for name in ("adamant", "adastra"):
        known[name] = await world.user(name)
    await world.follow(viewer, known["adamant"])
    await world.follow(known["zoe"], known["adastra"])
    assert await find(world, viewer, "ada") == ["ada", "adamant", "ada_fan", "adastra", "adam"]
    assert await find(world, viewer, "ada", followed=True) == ["adamant"]


async def test_who_is_called_exactly_so_comes_before_a_followed_name_that_begins_so(world: World):
    viewer = await world.user("viewer")
    for username, display_name in (("m1", "Marie Curie"), ("m2", "Marie Curies"), ("m3", "Marie Curie")):
        user = await world.user(username)
        await change_profile(world.services, user.id, ProfileChanges(display_name=display_name))
        if username != "m1":
            await world.follow(viewer, user)
    assert await find(world, viewer, "marie curie") == ["m3", "m1", "m2"]
    assert await find(world, viewer, "curie") == ["m3", "m2", "m1"]


async def test_a_typo_never_comes_before_a_name_that_is_right(world: World):
    viewer, right, near = [await world.user(name) for name in ("viewer", "marlene", "marlena")]
    await world.follow(viewer, near)
    await world.follow(right, near)
    assert await find(world, viewer, "marlene") == ["marlene", "marlena"]
    assert await find(world, viewer, "marlene", limit=1) == ["marlene"]
    assert await find(world, viewer, "marlene", limit=1, skip=1) == ["marlena"]
    assert await find(world, viewer, "marlene", followed=True) == ["marlena"]


async def test_among_very_many_of_a_name_those_whom_the_viewer_follows_are_found(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(user_search, "FOUND_MAX", 5)
    monkeypatch.setattr(user_search, "FOUND_NEAR_MAX", 5)
    viewer = await world.user("viewer")
    namesakes = [await world.user(f"sophie_{number:02}") for number in range(12)]
    await world.follow(viewer, namesakes[-1])
    assert (await find(world, viewer, "sophie"))[0] == "sophie_11"
    assert (await find(world, viewer, "sohpie"))[0] == "sophie_11"


async def test_who_does_not_want_to_be_discovered_is_found_by_the_user_name_alone(world: World):
    viewer, friend = await world.user("viewer"), await world.user("friend")
    hidden = await world.user("agatha")
    changes = ProfileChanges(display_name="Mary Westmacott", discoverable=False)
    await change_profile(world.services, hidden.id, changes)
    await world.follow(friend, hidden)
    for text in ("agatha", "agat"):
        assert await find(world, viewer, text) == ["agatha"]
    for text in ("westmacott", "agahta", "westmacot"):
        assert await find(world, viewer, text) == []
        assert await find(world, friend, text) == ["agatha"]


async def test_a_new_name_is_found_at_once_and_the_old_one_no_more(world: World):
    viewer, ada = await world.user("viewer"), await world.user("ada")
    for name in ("Countess Lovelace", "Byron"):
        await change_profile(world.services, ada.id, ProfileChanges(display_name=name))
        assert await find(world, viewer, name) == ["ada"]
    assert await find(world, viewer, "Lovelace") == []
    await delete_user(world.services, ada.id)
    assert await find(world, viewer, "Byron") == []
    await world.settle()
    world.advance(seconds=700)
    await world.settle()
    assert await world.rows(f"SELECT word FROM user_words WHERE user_id = {ada.id}") == []


async def test_users_from_before_the_forms_are_found_once_the_task_has_run(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(user_search, "INDEXED_AT_ONCE", 2)
    viewer = await world.user("viewer")
    for name in ("ada", "adam", "adele"):
        await world.user(name)
    await write(world, "DELETE FROM user_words")
    await write(world, "DELETE FROM search_state")
    assert await find(world, viewer, "ad") == []
    await index_users(world.services, tasks.IndexUsers())
    assert await find(world, viewer, "ad") == ["ada", "adam", "adele"]
    kept = await world.rows("SELECT user_id, word FROM user_words ORDER BY word")
    await write(world, "UPDATE search_state SET norm_version = 'old'")
    await write(world, "UPDATE user_words SET word = 'old' WHERE word = 'adele'")
    await index_users(world.services, tasks.IndexUsers())
    assert [*map(tuple, await world.rows("SELECT user_id, word FROM user_words ORDER BY word"))] == [
        *map(tuple, kept)
    ]


async def write(world: World, text: str) -> None:
    from rookery.sql import Sql

    async def work(tx: Write) -> None:
        await tx.run(Sql(text, text, ()))

    await world.services.db.write(work)


async def test_postgres_goes_by_the_index_of_the_words(postgres_url: str):
    """Words that it has to look through one by one would take seconds among ten thousand people."""
    session = await asyncpg.connect(postgres_url)
    try:
        await session.execute(
            "INSERT INTO user_words (user_id, word) SELECT n, md5(CAST(n AS TEXT)) FROM generate_series(1, 20000) AS n"
        )
        await session.execute("ANALYZE user_words")
        values = {"beginnings": [f"{number:04x}" for number in range(400)], "end": "~", "each": 20}
        beginning = await explained(session, "_BEGINNING_WITH", values)
        values = {"first": "", "first_end": "~", "second": "a", "second_end": "b", "looked": 4_000}
        both = await explained(session, "_WITH_BOTH", values)
    finally:
        await session.close()
    assert "user_words_by_word" in beginning
    assert "user_words_pkey" not in beginning
    assert "Index Cond: ((user_id = w.user_id) AND (word >=" in both
    assert "Seq Scan" not in beginning + both


async def explained(session: Any, name: str, values: Mapping[str, object]) -> str:
    """Return how PostgreSQL goes about a statement."""
    statement = dict(reference.statements())[f"storage.user_words.{name}"]
    rows = await session.fetch(f"EXPLAIN {statement.postgres}", *[values[one] for one in statement.names])
    return "\n".join(row[0] for row in rows)


async def test_a_search_asks_the_database_a_bounded_number_of_questions(world: World):
    viewer = await world.user("viewer")
    await people(world)
    for text in ("ada", "Shwarzeneger", "smith john adam jim joe"):
        with world.counted() as count:
            await find(world, viewer, text)
        assert count.reads <= 10, text
