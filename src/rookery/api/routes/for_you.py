"""Why statuses stand where they do on For you: an extension of Rookery's (docs/for-you.md)."""

from collections.abc import Mapping
from typing import Final

import msgspec

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.rankings import RankingReason, StatusWhy
from rookery.api.timestamps import timestamp
from rookery.domain.for_you import Reason, Source, reasons, terms
from rookery.domain.ids import TweetId
from rookery.usecases import for_you

_SOURCES: Final[Mapping[Source, tuple[str, str]]] = {
    Source.HOME: ("home", "It is on your home"),
    Source.CIRCLE: ("circle", "People you follow liked or boosted it"),
    Source.TREND: ("trend", "It is trending"),
}
_MINUTES_PER_HOUR: Final = 60
_HOURS_PER_DAY: Final = 24


class ById(msgspec.Struct, frozen=True, kw_only=True):
    """Which status."""

    id: int


@endpoint("GET", "/api/v1/statuses/{id}/why", scope="read:statuses")
async def why(call: Call, which: ById) -> Json[StatusWhy]:
    """Tell in plain words why a status stands where it does on the caller's For you."""
    found = await for_you.explain_place(call.services, call.viewer, TweetId(which.id))
    if found.facts is None:
        said = "It was not ranked: it shows by its time"
        return Json.of(StatusWhy(str(which.id), None, said, None, None, None, []))
    source, said = _SOURCES[found.facts.source]
    return Json.of(
        StatusWhy(
            status_id=str(which.id),
            source=source,
            text=said,
            place=found.place + 1,
            score=terms(found.facts).score,
            ranked_at=timestamp(found.ranked_ms),
            reasons=[
                RankingReason(reason.term, _said(reason, found.facts.source), reason.factor)
                for reason in reasons(found.facts)
            ],
        )
    )


def _said(reason: Reason, source: Source) -> str:
    count = reason.count
    said = {
        "recency": f"It is {_age(count)} old",
        "affinity": "You like, boost or answer what its author or booster writes",
        "closeness": "Its author follows you",
        "circle": f"{_counted(count, 'person you follow', 'people you follow')} liked or boosted it",
        "attention": f"Likes, and boosts and quotes counted twice, come to {count}",
        "talk": f"It has {_counted(count, 'reply', 'replies')}",
        "media": "It shows a photo, a video or audio",
        "reach": "It was found by the likes and boosts of people you follow, not on your home",
        "repeats": f"You were shown it {_counted(count, 'time', 'times')} before",
        "variety": f"{_counted(count, 'post', 'posts')} by the same person above it",
    }
    if reason.term == "reach" and source is Source.TREND:
        return "It was found among trends, not on your home"
    return said[reason.term]


def _age(minutes: int) -> str:
    hours = minutes // _MINUTES_PER_HOUR
    if not hours:
        return _counted(minutes, "minute", "minutes")
    if hours < 2 * _HOURS_PER_DAY:
        return _counted(hours, "hour", "hours")
    return _counted(hours // _HOURS_PER_DAY, "day", "days")


def _counted(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
