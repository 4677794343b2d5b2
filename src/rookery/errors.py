"""What can go wrong, in our words. The table from error to HTTP status lives in `api/errors.py`."""

from collections.abc import Sequence
from typing import ClassVar


class RookeryError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        """Take a sentence for the client (default: the class's docstring) and the field it speaks of."""
        self.message = message or (type(self).__doc__ or "").strip()
        self.field = field
        super().__init__(self.message)


class NotFound(RookeryError):
    """Record not found"""

    code = "not_found"


class Unauthorized(RookeryError):
    """The access token is invalid"""

    code = "unauthorized"


class Forbidden(RookeryError):
    """This action is not allowed"""

    code = "forbidden"


class Conflict(RookeryError):
    """This conflicts with what is already there"""

    code = "conflict"


class Invalid(RookeryError):
    """Validation failed"""

    code = "invalid"


class InvalidFields(Invalid):
    """Validation failed"""

    def __init__(self, problems: Sequence[tuple[str, str, str]]) -> None:
        """Take what is wrong: field, kind of fault (`taken`, `blank`, …) and a sentence without its subject."""
        self.problems = tuple(problems)
        names = [field.replace("_", " ").capitalize() for field, _, _ in problems]
        super().__init__(
            ", ".join(f"{name} {sentence}" for name, (_, _, sentence) in zip(names, problems, strict=True)),
            field=problems[0][0],
        )


class BadRequest(RookeryError):
    """The request cannot be read"""

    code = "bad_request"


class Refused(RookeryError):
    """The authorization server refuses this request"""

    code = "refused"

    def __init__(self, reason: str, message: str) -> None:
        """Take one of the reasons that RFC 6749 names (`invalid_grant`, `invalid_scope`, …) and a sentence."""
        super().__init__(message)
        self.reason = reason


class UnknownApp(Refused):
    """The app is unknown or its secret is wrong"""

    code = "unknown_app"

    def __init__(self) -> None:
        """Say nothing of which of the two it was."""
        super().__init__(
            "invalid_client", "Client authentication failed: the app is unknown or its secret is wrong"
        )


class ForeignToken(Refused):
    """This token belongs to another app"""

    code = "foreign_token"

    def __init__(self) -> None:
        """Say that it is another's: who holds a token knows that it works."""
        super().__init__("unauthorized_client", "This token belongs to another app")


class TooLarge(RookeryError):
    """The request is too large"""

    code = "too_large"


class TooMany(RookeryError):
    """Too many requests"""

    code = "too_many"

    def __init__(
        self, message: str | None = None, *, retry_at_ms: int | None = None, requests_max: int | None = None
    ) -> None:
        """Take the sentence, the time (ms, UTC) at which trying again makes sense, and how many are allowed."""
        super().__init__(message)
        self.retry_at_ms = retry_at_ms
        self.requests_max = requests_max


class Unavailable(RookeryError):
    """The service is busy or a part of it is down; try again soon"""

    code = "unavailable"


class Unreadable(RookeryError):
    """A value in the database cannot be read with the secret keys that this process has"""

    code = "unreadable"


class Misconfigured(RookeryError):
    """The settings or the database do not fit this program"""

    code = "misconfigured"
