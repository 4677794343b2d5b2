"""What the parts of a running service count about themselves, read when somebody asks."""

from collections.abc import Callable
from enum import Enum

import msgspec


class Kind(Enum):
    """How a number behaves over time."""

    COUNTER = "counter"
    """It only grows, from 0 at the start of the process."""
    GAUGE = "gauge"
    """It goes up and down."""


class Measurement(msgspec.Struct, frozen=True):
    """A number with a name, a sentence, and the function that reads it now."""

    name: str
    sentence: str
    kind: Kind
    read: Callable[[], float]
