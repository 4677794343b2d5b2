"""Muting: https://docs.joinmastodon.org/methods/mutes/."""

import msgspec

from rookery.api.accounts import AccountId, account_page_of, links, relationship
from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.accounts import MutedAccount
from rookery.api.entities.relationships import Relationship
from rookery.api.paging import Paging
from rookery.api.presenting import Presenter
from rookery.api.timestamps import timestamp
from rookery.domain.ids import UserId
from rookery.domain.users import MutedView
from rookery.usecases import mutes


class Mute(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to mute, whether notifications too, and for how many seconds (0: for good)."""

    id: UserId
    notifications: bool = True
    duration: int = 0


@endpoint("GET", "/api/v1/mutes", scope="read:mutes")
async def index(call: Call, paging: Paging) -> Json[list[MutedAccount]]:
    """Return those whom the viewer mutes, the latest first, and until when."""
    page = await mutes.page_muted(call.services, call.viewer, account_page_of(paging))
    return Json.of(
        [_muted(call.present, muted) for muted in page.items],
        headers=links(call, "/api/v1/mutes", paging, page),
    )


@endpoint("POST", "/api/v1/accounts/{id}/mute", scope="write:mutes")
async def mute(call: Call, asked: Mute) -> Json[Relationship]:
    """Mute an account, for good or for a while."""
    relation = await mutes.mute(
        call.services,
        call.viewer,
        asked.id,
        hides_notifications=asked.notifications,
        duration_s=asked.duration,
    )
    return Json.of(relationship(asked.id, relation))


@endpoint("POST", "/api/v1/accounts/{id}/unmute", scope="write:mutes")
async def unmute(call: Call, asked: AccountId) -> Json[Relationship]:
    """Take a mute back."""
    return Json.of(relationship(asked.id, await mutes.unmute(call.services, call.viewer, asked.id)))


def _muted(present: Presenter, muted: MutedView) -> MutedAccount:
    until_ms = muted.until_ms
    return MutedAccount(
        **msgspec.structs.asdict(present.account_entity(muted.view)),
        mute_expires_at=timestamp(until_ms) if until_ms is not None else None,
    )
