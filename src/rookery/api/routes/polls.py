"""Polls: https://docs.joinmastodon.org/methods/polls/. A poll's id is its status's."""

import msgspec

from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.statuses import Poll
from rookery.api.presenting import poll_entity
from rookery.domain.ids import TweetId
from rookery.usecases import polls


class PollId(msgspec.Struct, frozen=True, kw_only=True):
    """Which poll."""

    id: int


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What is chosen in which poll, by the options' places from 0."""

    id: int
    choices: tuple[int, ...] = ()


@endpoint("GET", "/api/v1/polls/{id}", access=Access.ANYONE, scope="read:statuses")
async def show(call: Call, which: PollId) -> Json[Poll]:
    """Return a poll."""
    view = await polls.get_poll(call.services, call.viewer_or_none, TweetId(which.id))
    return Json.of(poll_entity(view, signed_in=call.viewer_or_none is not None))


@endpoint("POST", "/api/v1/polls/{id}/votes", scope="write:statuses")
async def vote(call: Call, chosen: Choices) -> Json[Poll]:
    """Choose in a poll."""
    view = await polls.vote(call.services, call.viewer, TweetId(chosen.id), chosen.choices)
    return Json.of(poll_entity(view, signed_in=True))
