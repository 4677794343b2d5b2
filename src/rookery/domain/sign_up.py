"""Who may sign up under which name: rules on user names, e-mail addresses and dates of birth."""

import re
from datetime import date
from typing import Final, NamedTuple

from rookery.domain.limits import Limits

EMAIL_CHARS_MAX: Final = 254
"""RFC 5321's limit on a path, less its brackets."""
REASON_CHARS_MAX: Final = 1_000
AGE_YEARS_MAX: Final = 130

RESERVED_NAMES: Final = frozenset(
    (
        "abuse", "account", "accounts", "admin", "administrator", "api", "auth", "contact", "everyone", "help",
        "home", "hostmaster", "info", "instance", "mod", "moderator", "moderators", "mods", "noreply", "nobody",
        "oauth", "official", "owner", "postmaster", "privacy", "root", "rookery", "security", "settings", "staff",
        "static", "support", "system", "webmaster", "www",
    )
)  # fmt: skip
"""Names that others could take for the service itself; only an administrator gives them away."""

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_USERNAME: Final = re.compile(r"[A-Za-z0-9_]+")
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+"
)
"""What HTML's `<input type="email">` accepts, with at least one dot in the host."""


class Problem(NamedTuple):
    """What is wrong with one field: its name, the kind of fault, and a sentence without its subject."""

    field: str
    kind: str
    """`blank`, `invalid`, `too_short`, `too_long`, `taken`, `reserved`, `accepted` or `below_limit`."""
    sentence: str


def username_problems(username: str, limits: Limits) -> list[Problem]:
    """Return what speaks against a user name's form."""
    if not username:
        return [Problem("username", "blank", "can't be blank")]
    problems: list[Problem] = []
    if not _USERNAME.fullmatch(username):
        problems.append(Problem("username", "invalid", "must contain only letters, numbers and underscores"))
    if len(username) > limits.username_chars_max:
        problems.append(
            Problem(
                "username", "too_long", f"is too long (maximum is {limits.username_chars_max} characters)"
            )
        )
    return problems


def is_reserved(username: str) -> bool:
    """Tell whether the name looks like the service's own, underscores or not."""
    return username.casefold().replace("_", "") in RESERVED_NAMES


def email_key(email: str) -> str | None:
    """Return the form under which an address is unique and found; None for no address."""
    return email.strip().casefold() or None


def email_problems(email: str) -> list[Problem]:
    """Return what speaks against an e-mail address's form."""
    if not email:
        return [Problem("email", "blank", "can't be blank")]
    if len(email) > EMAIL_CHARS_MAX or not _EMAIL.fullmatch(email) or ".." in email.partition("@")[0]:
        return [Problem("email", "invalid", "is not a valid e-mail address")]
    return []


def reason_problems(reason: str, *, required: bool) -> list[Problem]:
    """Return what speaks against the reason for which somebody wants to join."""
    if required and not reason:
        return [Problem("reason", "blank", "can't be blank")]
    if len(reason) > REASON_CHARS_MAX:
        return [Problem("reason", "too_long", f"is too long (maximum is {REASON_CHARS_MAX} characters)")]
    return []


def birth_problems(born_on: str, *, today: date, minimum_age_years: int) -> list[Problem]:
    """Return what speaks against a date of birth (ISO 8601)."""
    if not born_on:
        return [Problem("date_of_birth", "blank", "can't be blank")] if minimum_age_years else []
    try:
        born = date.fromisoformat(born_on if _DATE.fullmatch(born_on) else "")
    except ValueError:
        return [Problem("date_of_birth", "invalid", "is not a date (write YYYY-MM-DD)")]
    if born > today or today.year - born.year > AGE_YEARS_MAX:
        return [Problem("date_of_birth", "invalid", "is not a possible date of birth")]
    if age_years(born, today=today) < minimum_age_years:
        return [
            Problem("date_of_birth", "below_limit", f"is below the age limit of {minimum_age_years} years")
        ]
    return []


def age_years(born: date, *, today: date) -> int:
    """Return full years of age; who is born on 29 February ages on 1 March in common years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
