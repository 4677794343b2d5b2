"""Blocks of whole servers: https://docs.joinmastodon.org/methods/domain_blocks/."""

from typing import Final

import msgspec

from rookery.api.accounts import links
from rookery.api.endpoints import Call, Json, Nothing, endpoint
from rookery.api.paging import Paging, page_of
from rookery.usecases import domain_blocks

PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 200


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """Which server."""

    domain: str


@endpoint("GET", "/api/v1/domain_blocks", scope="read:blocks")
async def index(call: Call, paging: Paging) -> Json[list[str]]:
    """Return the servers that the viewer blocks, the latest first."""
    asked = page_of(paging, default=PAGE_DEFAULT, limit_max=PAGE_MAX)
    page = await domain_blocks.page_domains(call.services, call.viewer, asked)
    return Json.of(page.items, headers=links(call, "/api/v1/domain_blocks", paging, page))


@endpoint("POST", "/api/v1/domain_blocks", scope="write:blocks")
async def create(call: Call, wanted: Domain) -> Json[Nothing]:
    """Block a server. The list is kept; nothing comes from other servers here anyway."""
    await domain_blocks.block_domain(call.services, call.viewer, wanted.domain)
    return Json(b"{}")


@endpoint("DELETE", "/api/v1/domain_blocks", scope="write:blocks")
async def destroy(call: Call, which: Domain) -> Json[Nothing]:
    """Take the block of a server back."""
    await domain_blocks.unblock_domain(call.services, call.viewer, which.domain)
    return Json(b"{}")
