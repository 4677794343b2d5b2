"""Polls: what can be chosen, what was, and until when."""

from collections.abc import Sequence
from typing import Final

import msgspec

from rookery.errors import Invalid

OPTIONS_MIN: Final = 2
OPTIONS_MAX: Final = 4
OPTION_CHARS_MAX: Final = 50
DURATION_S_MIN: Final = 300
DURATION_S_MAX: Final = 2_629_746
"""A month."""


class PollDraft(msgspec.Struct, frozen=True):
    """A poll as its author asks for it."""

    options: tuple[str, ...]
    duration_s: int
    multiple: bool = False
    hides_totals: bool = False


class Poll(msgspec.Struct, frozen=True):
    """What a poll asks; it stays the same for as long as the tweet says the same."""

    options: tuple[str, ...]
    multiple: bool
    hides_totals: bool
    """Whether nobody is told the votes before the end."""
    ends_ms: int


class PollStanding(msgspec.Struct, frozen=True):
    """How a poll stands for a viewer."""

    votes: tuple[int, ...]
    """For each option."""
    voters: int
    own: tuple[int, ...]
    """The options that the viewer has chosen, by their place from 0."""
    ended: bool
    asked: bool = False
    """Whether it is the viewer's own, in which they have no vote."""


def options_of(draft: PollDraft) -> tuple[str, ...]:
    """Return what can be chosen: empty lines of a form are no option."""
    return tuple(option.strip() for option in draft.options if option.strip())


def check(draft: PollDraft) -> None:
    """Raise Invalid, naming the field, when there cannot be such a poll."""
    options = options_of(draft)
    if len(options) < OPTIONS_MIN:
        raise Invalid("Validation failed: Choices must have more than one item", field="poll")
    if len(options) > OPTIONS_MAX:
        raise Invalid(f"Validation failed: Choices can't contain more than {OPTIONS_MAX} items", field="poll")
    if any(len(option) > OPTION_CHARS_MAX for option in options):
        raise Invalid(
            f"Validation failed: Choices cannot be longer than {OPTION_CHARS_MAX} characters each",
            field="poll",
        )
    if len(set(options)) < len(options):
        raise Invalid("Validation failed: Choices contain duplicate items", field="poll")
    if draft.duration_s < DURATION_S_MIN:
        raise Invalid("Validation failed: Expires at is too soon", field="poll")
    if draft.duration_s > DURATION_S_MAX:
        raise Invalid("Validation failed: Expires at is too far into the future", field="poll")


def begin(draft: PollDraft, *, now_ms: int) -> Poll:
    """Return the poll that begins now."""
    return Poll(
        options=options_of(draft),
        multiple=draft.multiple,
        hides_totals=draft.hides_totals,
        ends_ms=now_ms + draft.duration_s * 1000,
    )


def go_on(before: Poll, draft: PollDraft, *, now_ms: int) -> Poll:
    """Return what an edited tweet asks from now on.

    Where the same can be chosen, what has ended stays ended, and the end of what goes on moves only by as long as the
    shortest poll lasts, or more: forms say how long from now, and can say no less.
    """
    after = begin(draft, now_ms=now_ms)
    if (after.options, after.multiple) != (before.options, before.multiple):
        return after
    moved_ms = abs(after.ends_ms - before.ends_ms)
    if before.ends_ms > now_ms and moved_ms >= DURATION_S_MIN * 1000:
        return after
    return msgspec.structs.replace(after, ends_ms=before.ends_ms)


def check_choices(poll: Poll, choices: Sequence[int]) -> None:
    """Raise Invalid when nobody can choose this way."""
    if not choices:
        raise Invalid("Validation failed: Choices can't be blank", field="choices")
    if any(not 0 <= choice < len(poll.options) for choice in choices):
        raise Invalid("The choice does not exist", field="choices")
    if len(choices) > 1 and not poll.multiple:
        raise Invalid("This poll allows one choice", field="choices")
