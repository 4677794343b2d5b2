"""What lies close to a name, whatever the typo."""

import random

import pytest

from rookery.domain.search import names

NAMES = ("lovelace", "björn", "katherine", "ахматова", "οδυσσεας", "김민수", "さくらももこ", "अमिताभ")


def mistyped(chance: random.Random, name: str) -> str:
    place, letter = chance.randrange(len(name)), chance.choice(name)
    return chance.choice(
        (
            name[:place] + name[place + 1 :],
            name[:place] + letter + name[place:],
            name[:place] + letter + name[place + 1 :],
            name[: max(0, place - 1)]
            + name[place : place + 1]
            + name[max(0, place - 1) : place]
            + name[place + 1 :],
        )
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_single_typo_leads_back_to_the_name(name: str):
    chance = random.Random(3)
    [*known] = names.forms(name, "")
    form = max((one for one in known if not one.startswith("=")), key=len)
    for _ in range(200):
        wanted = mistyped(chance, form)
        if len(wanted) >= names.TYPO_CHARS_MIN:
            found = names.fit(wanted, form, names.neighbours(wanted))
            assert found is not None, wanted
            assert names.typos(wanted, form) <= 1, wanted


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("", "", 0),
        ("ab", "ba", 1),
        ("abc", "", 3),
        ("abcd", "acbd", 1),
        ("kitten", "sitting", 3),
        ("ca", "abc", 3),
    ],
)
def test_typos_are_counted_by_the_letter(one: str, other: str, count: int):
    assert names.typos(one, other) == names.typos(other, one) == count


def test_a_name_is_kept_by_each_word_and_by_all_that_follows_it():
    assert {form for form in names.forms("ana_m", "Ana María González") if not form.startswith("=")} == {
        *("ana_m", "anam", "ana", "m"),
        *("anamariagonzalez", "mariagonzalez", "gonzalez", "maria"),
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("katherine", "catharine"),
        ("schwarzenegger", "schwarseneger"),
        ("johannsen", "johanson"),
        ("wagner", "vagner"),
    ],
)
def test_names_that_sound_alike_have_the_same_mark(one: str, other: str):
    assert names.sound(one) == names.sound(other) != ""


def test_nothing_is_close_to_a_short_or_an_endless_name():
    assert names.neighbours("ada") == frozenset()
    assert names.neighbours("a" * 31) == frozenset()
    assert names.sounds_near("lovel") == []
