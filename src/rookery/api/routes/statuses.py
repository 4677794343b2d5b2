"""Statuses: https://docs.joinmastodon.org/methods/statuses/."""

from typing import Any, Final, Literal

import msgspec

from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.statuses import DeletedStatus, Status
from rookery.domain.ids import TweetId
from rookery.domain.tweets import Place, Visibility
from rookery.domain.visibility import TweetView
from rookery.errors import Invalid
from rookery.usecases import tweets

STATUSES_AT_ONCE_MAX: Final = 40
"""How many statuses one request may name."""

VisibilityWord = Literal["public", "unlisted", "private", "direct"]
_VISIBILITIES: Final[dict[str, Visibility]] = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.FOLLOWERS,
    "direct": Visibility.DIRECT,
}


class NewLocation(msgspec.Struct, frozen=True, kw_only=True):
    """Where a status is written: an extension of Rookery's."""

    latitude: float | None = None
    longitude: float | None = None
    name: str | None = None


class NewStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What a client posts."""

    status: str | None = None
    in_reply_to_id: int | None = None
    visibility: VisibilityWord | Literal[""] | None = None
    sensitive: bool | None = None
    spoiler_text: str | None = None
    language: str | None = None
    location: NewLocation | None = None
    media_ids: list[str] | None = None
    poll: dict[str, Any] | None = None
    scheduled_at: str | None = None
    quoted_status_id: str | None = None


class StatusId(msgspec.Struct, frozen=True, kw_only=True):
    """Which status."""

    id: int


class StatusIds(msgspec.Struct, frozen=True, kw_only=True):
    """Which statuses."""

    id: list[int] = []


@endpoint("POST", "/api/v1/statuses", scope="write:statuses")
async def create(call: Call, new: NewStatus) -> Json[Status]:
    """Post a status. With an `Idempotency-Key` that was used in the last hour, return the status it made."""
    _refuse_what_is_missing(new)
    location = new.location
    view = await tweets.post_tweet(
        call.services,
        call.viewer,
        text=new.status or "",
        spoiler=new.spoiler_text or "",
        visibility=_VISIBILITIES[new.visibility] if new.visibility else None,
        sensitive=new.sensitive,
        language=new.language,
        reply_to_id=TweetId(new.in_reply_to_id) if new.in_reply_to_id is not None else None,
        place=Place(location.latitude, location.longitude, location.name) if location else None,
        app_id=call.credentials.app_id if call.credentials else None,
        idempotency_key=call.header("idempotency-key"),
    )
    return shown(call, view)


def _refuse_what_is_missing(new: NewStatus) -> None:
    """Refuse what this instance cannot do, so that no part of a post is silently left out."""
    for field, value, sentence in (
        ("media_ids", new.media_ids, "Photos and videos are not available on this instance yet"),
        ("poll", new.poll, "Polls are not available on this instance yet"),
        ("scheduled_at", new.scheduled_at, "Posting later is not available on this instance yet"),
        ("quoted_status_id", new.quoted_status_id, "Quoting posts is not available on this instance yet"),
    ):
        if value:
            raise Invalid(sentence, field=field)


@endpoint("GET", "/api/v1/statuses", access=Access.ANYONE, scope="read:statuses")
async def index(call: Call, wanted: StatusIds) -> Json[list[Status]]:
    """Return several statuses; those that are not there for the caller are left out."""
    ids = list(dict.fromkeys(TweetId(each) for each in wanted.id[:STATUSES_AT_ONCE_MAX]))
    views = await tweets.get_tweets(call.services, call.viewer_or_none, ids)
    return Json(call.present.statuses(views, signed_in=call.viewer_or_none is not None))


@endpoint("GET", "/api/v1/statuses/{id}", access=Access.ANYONE, scope="read:statuses")
async def show(call: Call, wanted: StatusId) -> Json[Status]:
    """Return a status."""
    return shown(call, await tweets.get_tweet(call.services, call.viewer_or_none, TweetId(wanted.id)))


@endpoint("DELETE", "/api/v1/statuses/{id}", scope="write:statuses")
async def destroy(call: Call, wanted: StatusId) -> Json[DeletedStatus]:
    """Delete an own status for good; the answer carries its text, for those who want to write it anew."""
    view = await tweets.delete_tweet(call.services, call.viewer, TweetId(wanted.id))
    body = call.present.status(view, signed_in=True)
    text = msgspec.json.encode((view.retweet_of or view).tweet.text)
    return Json(b"".join((body.removesuffix(b"}"), b',"text":', text, b"}")))


def shown(call: Call, view: TweetView) -> Json[Status]:
    """Answer a status."""
    return Json(call.present.status(view, signed_in=call.viewer_or_none is not None))
