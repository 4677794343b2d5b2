"""The directory of those who want to be found: https://docs.joinmastodon.org/methods/directory/."""

from typing import Literal

from rookery.api.accounts import limit_and_skip
from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.accounts import Account
from rookery.api.paging import OffsetPaging
from rookery.usecases import users


class DirectoryPage(OffsetPaging, frozen=True, kw_only=True):
    """Which part of the directory, in which order."""

    order: Literal["active", "new"] = "active"
    local: bool = False
    """Leaves out other servers' accounts; there are none."""


@endpoint("GET", "/api/v1/directory", access=Access.ANYONE)
async def index(call: Call, asked: DirectoryPage) -> Json[list[Account]]:
    """Return accounts that want to be found: those who wrote lately, or the newest."""
    limit, skip = limit_and_skip(asked)
    found = await users.page_directory(
        call.services, call.viewer_or_none, newest=asked.order == "new", limit=limit, skip=skip
    )
    return Json(call.present.accounts(found))
