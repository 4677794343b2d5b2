"""From an error to HTTP: the one place that knows both. The shape is Mastodon's `{"error": sentence}`."""

from typing import Final

import msgspec

from rookery import errors

STATUS: Final[dict[type[errors.RookeryError], int]] = {
    errors.BadRequest: 400,
    errors.Unauthorized: 401,
    errors.Refused: 400,
    errors.UnknownApp: 401,
    errors.ForeignToken: 403,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.Invalid: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
SENTENCES: Final = {
    "This post has already been taken": "Status has already been taken",
    "A retweet cannot be pinned": "A boost cannot be pinned",
    "You must be already following the person you want to endorse": (
        "You must be already following the account you want to endorse"
    ),
}
"""Sentences that speak of a thing by our name for it, as Mastodon says them."""
RETRY_AFTER_S: Final = 2
"""What a client is told to wait when the service is busy."""


class ErrorDetail(msgspec.Struct, frozen=True):
    """What is wrong with one field."""

    error: str
    description: str


class Error(msgspec.Struct, frozen=True, omit_defaults=True):
    """Every failure's body."""

    error: str
    error_description: str | None = None
    details: dict[str, list[ErrorDetail]] | None = None


def status_of(error: errors.RookeryError) -> int:
    """Return the HTTP status for an error."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def body_of(error: errors.RookeryError) -> bytes:
    """Return the JSON for an error."""
    sentence = writable(SENTENCES.get(error.message, error.message))
    if isinstance(error, errors.Refused):
        return msgspec.json.encode(Error(error.reason, error_description=sentence))
    if isinstance(error, errors.Invalid) and not sentence.startswith("Validation failed"):
        sentence = f"Validation failed: {sentence}"
    details = _details(error) if isinstance(error, errors.InvalidFields) else None
    return msgspec.json.encode(Error(sentence, details=details))


def _details(error: errors.InvalidFields) -> dict[str, list[ErrorDetail]]:
    details: dict[str, list[ErrorDetail]] = {}
    for field, kind, sentence in error.problems:
        details.setdefault(writable(field), []).append(ErrorDetail(f"ERR_{kind.upper()}", writable(sentence)))
    return details


def writable(sentence: str) -> str:
    """Return the sentence with a question mark for whatever UTF-8 cannot say: bytes of a client that were no text."""
    return sentence if sentence.isascii() else sentence.encode("utf-8", "replace").decode()
