"""Rules on names, addresses, passwords and ages."""

from datetime import date

import pytest

from rookery.domain.limits import Limits
from rookery.domain.passwords import password_problems
from rookery.domain.sign_up import birth_problems, email_problems, is_reserved, username_problems

LIMITS = Limits()


@pytest.mark.parametrize(
    "username", ["", "a" * 31, "a.b", "a-b", "ä", "a@b", "a\n", " a", "\uff41da", "a" * 10_000]
)
def test_other_names_than_letters_digits_and_underscores_are_refused(username: str):
    assert {problem.field for problem in username_problems(username, LIMITS)} == {"username"}


@pytest.mark.parametrize("username", ["a", "_", "Ada_Lovelace_1815", "0", "a" * 30])
def test_names_of_letters_digits_and_underscores_are_fine(username: str):
    assert username_problems(username, LIMITS) == []


def test_names_that_look_like_the_service_are_reserved():
    for name in ("admin", "Root", "support", "_support_", "ro_ot", "SECURITY"):
        assert is_reserved(name)
    for name in ("ada", "badminton", "rooted"):
        assert not is_reserved(name)


@pytest.mark.parametrize(
    "email",
    [
        "", "nowhere", "@example.org", "a@", "a@b", "a b@example.org", "a@example..org", "a..b@example.org",
        "a@-example.org", "a@example.org\n", "a@ex_ample.org", "a" * 65 + "@example.org", "a@" + "b." * 130 + "org",
    ],
)  # fmt: skip
def test_implausible_addresses_are_refused(email: str):
    assert {problem.field for problem in email_problems(email)} == {"email"}


@pytest.mark.parametrize("email", ["ada@example.org", "A.B+c@sub.example.co.uk", "o'hara@example.museum"])
def test_plausible_addresses_are_fine(email: str):
    assert email_problems(email) == []


@pytest.mark.parametrize(
    ("today", "born_on", "kind"),
    [
        ("2026-06-15", "2010-06-15", None),
        ("2026-06-15", "2010-06-16", "below_limit"),
        ("2028-02-28", "2012-02-29", "below_limit"),
        ("2028-02-29", "2012-02-29", None),
        ("2027-02-28", "2011-02-28", None),
        ("2026-06-15", "", "blank"),
        ("2026-06-15", "2090-01-01", "invalid"),
        ("2026-06-15", "1800-01-01", "invalid"),
        ("2026-06-15", "2001-02-29", "invalid"),
        ("2026-06-15", "20010101", "invalid"),
        ("2026-06-15", "2001-W01-1", "invalid"),
        ("2026-06-15", "1.2.1990", "invalid"),
    ],
)
def test_the_minimum_age_is_reached_on_the_birthday(today: str, born_on: str, kind: str | None):
    problems = birth_problems(born_on, today=date.fromisoformat(today), minimum_age_years=16)
    assert [problem.kind for problem in problems] == ([kind] if kind else [])


def test_who_is_born_on_a_leap_day_ages_on_the_first_of_march_in_common_years():
    for today, problems in ((date(2029, 2, 28), 1), (date(2029, 3, 1), 0)):
        assert len(birth_problems("2012-02-29", today=today, minimum_age_years=17)) == problems


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 257, "ADA_lovelace", "ada@EXAMPLE.org", "aaaaaaaaaaaa"]
)
def test_passwords_that_anybody_would_try_are_refused(password: str):
    assert password_problems(password, username="ada_lovelace", email="ada@example.org", limits=LIMITS)


def test_a_long_sentence_is_a_fine_password():
    assert not password_problems("eight ch", username="ada", email="", limits=LIMITS)
    assert not password_problems("ä" * 100 + "b", username="ada", email="", limits=LIMITS)
