"""Statuses: https://docs.joinmastodon.org/methods/statuses/."""

from typing import Final, Literal

import msgspec

from rookery.api.accounts import account_page_of, accounts
from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.accounts import Account
from rookery.api.entities.scheduled_statuses import ScheduledStatus
from rookery.api.entities.statuses import Context, DeletedStatus, Quote, Status, StatusEdit, StatusSource
from rookery.api.paging import Paging, page_of
from rookery.api.presenting import QUOTE_POLICY_BY_WORD, QUOTE_STATES, VISIBILITY_BY_WORD
from rookery.api.routes.scheduled_statuses import scheduled_entity, time_of
from rookery.api.routes.timelines import statuses
from rookery.api.timestamps import timestamp
from rookery.domain import text
from rookery.domain.composing import Manuscript
from rookery.domain.ids import TweetId
from rookery.domain.marks import shown_tweet
from rookery.domain.media import MediaChange, MediaId, focus_of
from rookery.domain.polls import PollDraft
from rookery.domain.quotes import QuotePolicy
from rookery.domain.tweets import Place, Visibility
from rookery.domain.visibility import TweetView
from rookery.errors import Invalid
from rookery.usecases import (
    edits,
    filters,
    pins,
    quotes,
    reactions,
    retweets,
    scheduled_tweets,
    thread_mutes,
    timelines,
    tweets,
)

STATUSES_AT_ONCE_MAX: Final = 40
"""How many statuses one request may name."""

QuotePolicyWord = Literal["public", "followers", "nobody"]
VisibilityWord = Literal["public", "unlisted", "private", "direct"]


class NewLocation(msgspec.Struct, frozen=True, kw_only=True):
    """Where a status is written: an extension of Rookery's."""

    latitude: float | None = None
    longitude: float | None = None
    name: str | None = None


class NewPoll(msgspec.Struct, frozen=True, kw_only=True):
    """A poll that goes with a status."""

    options: tuple[str, ...] = ()
    expires_in: int = 0
    multiple: bool = False
    hide_totals: bool = False


class StatusText(msgspec.Struct, frozen=True, kw_only=True):
    """What a status is written from."""

    status: str | None = None
    in_reply_to_id: int | None = None
    visibility: VisibilityWord | Literal[""] | None = None
    sensitive: bool | None = None
    spoiler_text: str | None = None
    language: str | None = None
    location: NewLocation | None = None
    media_ids: tuple[int, ...] | None = None
    poll: NewPoll | None = None
    quoted_status_id: int | None = None
    quote_approval_policy: QuotePolicyWord | Literal[""] | None = None


class NewStatus(StatusText, frozen=True, kw_only=True):
    """What a client posts."""

    scheduled_at: str | None = None
    draft_id: int | None = None
    """A draft that is thrown away once this is kept: an extension of Rookery's."""


class MediaAttributes(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a file from now on."""

    id: int
    description: str | None = None
    focus: str | None = None


class ChangedStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Which status, and what it shall say."""

    id: int
    status: str | None = None
    sensitive: bool | None = None
    spoiler_text: str | None = None
    language: str | None = None
    poll: NewPoll | None = None
    media_ids: tuple[int, ...] | None = None
    media_attributes: tuple[MediaAttributes, ...] | None = None
    quote_approval_policy: QuotePolicyWord | Literal[""] | None = None


class StatusId(msgspec.Struct, frozen=True, kw_only=True):
    """Which status."""

    id: int


class DeletedStatusId(StatusId, frozen=True, kw_only=True):
    """Which status, and whether what it shows goes at once."""

    delete_media: bool = False


class StatusPaging(Paging, frozen=True, kw_only=True):
    """Which part of a list that belongs to a status."""

    id: int


class Reblog(msgspec.Struct, frozen=True, kw_only=True):
    """Which status, and for whom the reblog is."""

    id: int
    visibility: VisibilityWord | Literal[""] | None = None


class QuotingStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Which status, and which one quotes it."""

    id: int
    quoting_id: int


class InteractionPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Which status, and who may quote it."""

    id: int
    quote_approval_policy: QuotePolicyWord


class StatusIds(msgspec.Struct, frozen=True, kw_only=True):
    """Which statuses."""

    id: tuple[int, ...] = ()


@endpoint("POST", "/api/v1/statuses", scope="write:statuses")
async def create(call: Call, new: NewStatus) -> Json[Status | ScheduledStatus]:
    """Post a status, now or later. With an `Idempotency-Key` that was used in the last hour, return the status it made."""
    manuscript = manuscript_of(call, new)
    if new.scheduled_at:
        waiting = await scheduled_tweets.schedule_tweet(
            call.services,
            call.viewer,
            manuscript,
            post_at_ms=time_of(new.scheduled_at),
            idempotency_key=call.header("idempotency-key"),
            draft_id=new.draft_id,
        )
        return Json(msgspec.json.encode(scheduled_entity(call, waiting)))
    view = await tweets.post_tweet(
        call.services,
        call.viewer,
        manuscript,
        idempotency_key=call.header("idempotency-key"),
        draft_id=new.draft_id,
    )
    return Json(shown(call, view).body)


def manuscript_of(call: Call, written: StatusText) -> Manuscript:
    """Return what a client has sent in the words of this house."""
    location = written.location
    return Manuscript(
        text=written.status or "",
        spoiler=written.spoiler_text or "",
        visibility=VISIBILITY_BY_WORD[written.visibility] if written.visibility else None,
        sensitive=written.sensitive,
        language=written.language,
        reply_to_id=TweetId(written.in_reply_to_id) if written.in_reply_to_id is not None else None,
        place=Place(location.latitude, location.longitude, location.name) if location else None,
        poll=_poll(written.poll),
        media_ids=tuple(MediaId(each) for each in written.media_ids or ()),
        quoted_id=TweetId(written.quoted_status_id) if written.quoted_status_id is not None else None,
        quote_policy=_quote_policy(written.quote_approval_policy),
        app_id=call.credentials.app_id if call.credentials else None,
    )


def _poll(new: NewPoll | None) -> PollDraft | None:
    if new is None:
        return None
    return PollDraft(new.options, new.expires_in, new.multiple, new.hide_totals)


def _quote_policy(word: str | None) -> QuotePolicy | None:
    return QUOTE_POLICY_BY_WORD[word] if word else None


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
async def destroy(call: Call, wanted: DeletedStatusId) -> Json[DeletedStatus]:
    """Delete an own status for good; the answer carries its text, for those who want to write it anew.

    Unless `delete_media` says otherwise, what it shows may be attached to another one for a day.
    """
    view = await tweets.delete_tweet(
        call.services, call.viewer, TweetId(wanted.id), keeps_media=not wanted.delete_media
    )
    body = call.present.status(view, signed_in=True)
    written = msgspec.json.encode(shown_tweet(view).tweet.text)
    return Json(b"".join((body.removesuffix(b"}"), b',"text":', written, b"}")))


@endpoint("GET", "/api/v1/statuses/{id}/context", access=Access.ANYONE, scope="read:statuses")
async def context(call: Call, wanted: StatusId) -> Json[Context]:
    """Return a status's conversation; signed out a part of it."""
    thread = await tweets.get_thread(call.services, call.viewer_or_none, TweetId(wanted.id))
    signed_in = call.viewer_or_none is not None
    ancestors = call.present.statuses(thread.ancestors, signed_in=signed_in)
    descendants = call.present.statuses(thread.descendants, signed_in=signed_in)
    return Json(b'{"ancestors":%b,"descendants":%b}' % (ancestors, descendants))


@endpoint("GET", "/api/v1/statuses/{id}/source", scope="read:statuses")
async def source(call: Call, wanted: StatusId) -> Json[StatusSource]:
    """Return a status's text as it was written."""
    view = await tweets.get_tweet(call.services, call.viewer, TweetId(wanted.id))
    tweet = shown_tweet(view).tweet
    return Json.of(StatusSource(str(view.tweet.id), tweet.text, tweet.spoiler))


@endpoint("GET", "/api/v1/statuses/{id}/history", access=Access.ANYONE, scope="read:statuses")
async def history(call: Call, wanted: StatusId) -> Json[list[StatusEdit]]:
    """Return what a status has said, the first version first."""
    view, versions = await edits.list_versions(call.services, call.viewer_or_none, TweetId(wanted.id))
    account = call.present.account_entity(view.author)
    return Json.of(
        [
            StatusEdit(
                content=text.to_html(version.text, view.tweet.mentions, call.services.instance.base_url),
                spoiler_text=version.spoiler,
                sensitive=version.sensitive,
                created_at=timestamp(version.written_ms),
                account=account,
                media_attachments=[call.present.media_entity(one) for one in version.media],
                emojis=[],
                quote=_shallow_quote(view),
            )
            for version in versions
        ]
    )


def _shallow_quote(view: TweetView) -> Quote | None:
    if view.quoted is None:
        return None
    shown = view.quoted.view
    return Quote(
        state=QUOTE_STATES[view.quoted.standing],
        quoted_status_id=str(shown.tweet.id) if shown is not None else None,
    )


@endpoint("PUT", "/api/v1/statuses/{id}", scope="write:statuses")
async def update(call: Call, wanted: ChangedStatus) -> Json[Status]:
    """Change what an own status says."""
    view = await edits.edit_tweet(
        call.services,
        call.viewer,
        TweetId(wanted.id),
        text=wanted.status or "",
        spoiler=wanted.spoiler_text or "",
        sensitive=wanted.sensitive,
        language=wanted.language,
        poll=_poll(wanted.poll),
        media_ids=tuple(MediaId(each) for each in wanted.media_ids or ()),
        media_changes=[
            MediaChange(
                media_id=MediaId(each.id),
                description=each.description,
                focus=focus_of(each.focus) if each.focus else None,
            )
            for each in wanted.media_attributes or ()
        ],
        quote_policy=_quote_policy(wanted.quote_approval_policy),
    )
    return shown(call, view)


@endpoint("POST", "/api/v1/statuses/{id}/reblog", scope="write:statuses")
async def reblog(call: Call, wanted: Reblog) -> Json[Status]:
    """Reblog a status and return the reblog; doing it twice is doing it once."""
    visibility = VISIBILITY_BY_WORD[wanted.visibility] if wanted.visibility else None
    if visibility is Visibility.DIRECT:
        raise Invalid("Visibility of a reblog cannot be direct", field="visibility")
    view = await retweets.retweet(call.services, call.viewer, TweetId(wanted.id), visibility=visibility)
    return await marked(call, view)


@endpoint("POST", "/api/v1/statuses/{id}/unreblog", scope="write:statuses")
async def unreblog(call: Call, wanted: StatusId) -> Json[Status]:
    """Take a reblog back and return the status."""
    return await marked(call, await retweets.unretweet(call.services, call.viewer, TweetId(wanted.id)))


@endpoint("GET", "/api/v1/statuses/{id}/reblogged_by", access=Access.ANYONE, scope="read:accounts")
async def reblogged_by(call: Call, wanted: StatusPaging) -> Json[list[Account]]:
    """Return who reblogged a status, the latest first."""
    page = await reactions.retweeted_by(
        call.services, call.viewer_or_none, TweetId(wanted.id), account_page_of(wanted)
    )
    return accounts(call, "/api/v1/statuses/{id}/reblogged_by", wanted, page)


@endpoint("POST", "/api/v1/statuses/{id}/pin", scope="write:accounts")
async def pin(call: Call, wanted: StatusId) -> Json[Status]:
    """Keep an own status on top of the profile; doing it twice is doing it once."""
    return shown(call, await pins.pin_tweet(call.services, call.viewer, TweetId(wanted.id)))


@endpoint("POST", "/api/v1/statuses/{id}/unpin", scope="write:accounts")
async def unpin(call: Call, wanted: StatusId) -> Json[Status]:
    """Take a status from the top of the profile."""
    return shown(call, await pins.unpin_tweet(call.services, call.viewer, TweetId(wanted.id)))


@endpoint("POST", "/api/v1/statuses/{id}/mute", scope="write:mutes")
async def mute(call: Call, wanted: StatusId) -> Json[Status]:
    """Hear no more of the conversation that a status is part of."""
    return await marked(call, await thread_mutes.mute_thread(call.services, call.viewer, TweetId(wanted.id)))


@endpoint("POST", "/api/v1/statuses/{id}/unmute", scope="write:mutes")
async def unmute(call: Call, wanted: StatusId) -> Json[Status]:
    """Hear of the conversation again."""
    return await marked(
        call, await thread_mutes.unmute_thread(call.services, call.viewer, TweetId(wanted.id))
    )


@endpoint("PUT", "/api/v1/statuses/{id}/interaction_policy", scope="write:statuses")
async def interaction_policy(call: Call, wanted: InteractionPolicy) -> Json[Status]:
    """Say who may quote an own status from now on."""
    policy = QUOTE_POLICY_BY_WORD[wanted.quote_approval_policy]
    return await marked(
        call, await quotes.change_quote_policy(call.services, call.viewer, TweetId(wanted.id), policy)
    )


@endpoint("GET", "/api/v1/statuses/{id}/quotes", access=Access.ANYONE, scope="read:statuses")
async def quoted_by(call: Call, wanted: StatusPaging) -> Json[list[Status]]:
    """Return the statuses that quote a status, the latest first."""
    page = await timelines.quotes_timeline(
        call.services, call.viewer_or_none, TweetId(wanted.id), page_of(wanted)
    )
    return statuses(call, "/api/v1/statuses/{id}/quotes", wanted, page)


@endpoint("POST", "/api/v1/statuses/{id}/quotes/{quoting_id}/revoke", scope="write:statuses")
async def revoke_quote(call: Call, wanted: QuotingStatus) -> Json[Status]:
    """Take an own status out of another that quotes it, for good."""
    view = await quotes.revoke_quote(
        call.services, call.viewer, TweetId(wanted.id), TweetId(wanted.quoting_id)
    )
    return await marked(call, view)


def shown(call: Call, view: TweetView) -> Json[Status]:
    """Answer a status."""
    return Json(call.present.status(view, signed_in=call.viewer_or_none is not None))


async def marked(call: Call, view: TweetView) -> Json[Status]:
    """Answer a status with which the viewer has done something, and what their filters find in it."""
    return shown(call, await filters.with_matches(call.services, call.viewer, view))
