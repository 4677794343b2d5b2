"""Why a status stands where it does on For you: an extension of Rookery's."""

import msgspec


class RankingReason(msgspec.Struct, frozen=True):
    """One of the things that decided over a status's place."""

    name: str
    """The term of the formula: `recency`, `affinity`, `closeness`, `circle`, `attention`, `talk`, `media`, `reach`,
    `repeats` or `variety`."""
    text: str
    factor: float
    """By how much it multiplied the score: above 1 it raised the status, below 1 it lowered it."""


class StatusWhy(msgspec.Struct, frozen=True):
    """Why a status stands where it does on the caller's For you."""

    status_id: str
    source: str | None
    """`home`, `circle` (people whom the caller follows liked or boosted it) or `trend`; null: it is not ranked."""
    text: str
    place: int | None
    """From 1."""
    score: float | None
    ranked_at: str | None
    reasons: list[RankingReason]
    """The weightiest first."""
