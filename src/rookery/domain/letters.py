"""What e-mails say: plain text, short, with a link that is written out."""

from enum import StrEnum
from typing import Final

import msgspec


class LetterKind(StrEnum):
    """Why somebody is written to."""

    CONFIRMATION = "confirmation"
    PASSWORD_RESET = "password_reset"  # noqa: S105  a reason, no password
    NEW_SIGN_IN = "new_sign_in"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  as above
    TWO_FACTOR_CHANGED = "two_factor_changed"
    EMAIL_CHANGE = "email_change"
    """To an address that is to replace the one before."""
    EMAIL_CHANGED = "email_changed"
    """To the address that was replaced."""


class Letter(msgspec.Struct, frozen=True):
    """An e-mail."""

    to: str
    subject: str
    text: str


_SUBJECTS: Final = {
    LetterKind.CONFIRMATION: "Confirm your e-mail address for {title}",
    LetterKind.PASSWORD_RESET: "A new password for {title}",
    LetterKind.NEW_SIGN_IN: "Somebody signed in to {title} as you",
    LetterKind.PASSWORD_CHANGED: "Your password on {title} was changed",
    LetterKind.EMAIL_CHANGE: "Confirm your new e-mail address for {title}",
    LetterKind.EMAIL_CHANGED: "Your e-mail address on {title} was changed",
    LetterKind.TWO_FACTOR_CHANGED: "Signing in to {title} has changed",
}
_TEXTS: Final = {
    LetterKind.CONFIRMATION: (
        "Hello {username},\n\n"
        "please open this link to confirm that this address is yours:\n\n{link}\n\n"
        "The link works for a week. If you did not sign up at {title}, there is nothing you have to do.\n"
    ),
    LetterKind.PASSWORD_RESET: (
        "Hello {username},\n\n"
        "somebody, hopefully you, has asked for a new password. Choose one here:\n\n{link}\n\n"
        "The link works once, within an hour. If it was not you, leave it: your password stays as it is.\n"
    ),
    LetterKind.NEW_SIGN_IN: (
        "Hello {username},\n\n"
        "somebody signed in as you from a place that you had not signed in from before:\n\n{detail}\n\n"
        "If that was you, all is well. If not, change your password and end that session:\n\n{link}\n"
    ),
    LetterKind.PASSWORD_CHANGED: (
        "Hello {username},\n\n"
        "your password was changed. If that was not you, ask for a new one at once:\n\n{link}\n"
    ),
    LetterKind.EMAIL_CHANGE: (
        "Hello {username},\n\n"
        "please open this link if letters from {title} are to come to this address from now on:\n\n{link}\n\n"
        "The link works for a day. If you did not ask for it, leave it: nothing changes.\n"
    ),
    LetterKind.EMAIL_CHANGED: (
        "Hello {username},\n\n"
        "letters from {title} go to another address from now on. If you did not ask for that, somebody knows your "
        "password: change it, and tell the administrator:\n\n{link}\n"
    ),
    LetterKind.TWO_FACTOR_CHANGED: (
        "Hello {username},\n\n"
        "how you sign in was changed: {detail}. If that was not you, change your password at once:\n\n{link}\n"
    ),
}


def write(kind: LetterKind, *, to: str, username: str, title: str, link: str, detail: str = "") -> Letter:
    """Return the e-mail. Whatever people have typed makes no lines of its own."""
    values = {"username": username, "title": _line(title), "link": link, "detail": _line(detail)}
    subject = _line(_SUBJECTS[kind].format(**values))
    return Letter(to, subject, _TEXTS[kind].format(**values))


def _line(text: str) -> str:
    return " ".join(text.split())
