"""Which passwords are accepted."""

from rookery.domain.limits import Limits
from rookery.domain.sign_up import Problem


def password_problems(password: str, *, username: str, email: str, limits: Limits) -> list[Problem]:
    """Return what speaks against a password for this user."""
    if not password:
        return [Problem("password", "blank", "can't be blank")]
    if len(password) < limits.password_chars_min:
        return [
            Problem(
                "password", "too_short", f"is too short (minimum is {limits.password_chars_min} characters)"
            )
        ]
    if len(password) > limits.password_chars_max:
        return [
            Problem(
                "password", "too_long", f"is too long (maximum is {limits.password_chars_max} characters)"
            )
        ]
    if password.casefold() in {username.casefold(), email.casefold(), email.partition("@")[0].casefold()}:
        return [Problem("password", "invalid", "must differ from the user name and the e-mail address")]
    if len(set(password)) == 1:
        return [Problem("password", "invalid", "must not be one character repeated")]
    return []
