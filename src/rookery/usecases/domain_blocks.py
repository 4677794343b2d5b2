"""Servers that somebody wants to see nothing of: kept for them and for those they move on to, for there are no others here."""

import re
from typing import Final

from rookery.domain.ids import UserId
from rookery.domain.timelines import Page, PageRequest, paged
from rookery.errors import Invalid
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import domain_blocks

DOMAIN_BLOCKS_MAX: Final = 2_000
DOMAIN_CHARS_MAX: Final = 253
_DOMAIN: Final = re.compile(
    r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+"
)


async def block_domain(services: Services, viewer_id: UserId, domain: str) -> None:
    """Block a server. Doing it twice is doing it once. Raises Invalid for what is no other server's name."""
    name = _checked(domain)
    if name == services.instance.domain.casefold():
        raise Invalid("Domain is this server's own; block people one by one", field="domain")

    async def work(tx: Write) -> None:
        is_new = await domain_blocks.insert(tx, viewer_id, name, new_id=services.new_id())
        if is_new and await domain_blocks.count(tx, viewer_id) > DOMAIN_BLOCKS_MAX:
            raise Invalid(f"You can block {DOMAIN_BLOCKS_MAX} domains", field="domain")

    await services.db.write(work)


async def unblock_domain(services: Services, viewer_id: UserId, domain: str) -> None:
    """Take the block of a server back. What was not blocked stays so."""
    name = _checked(domain)

    async def work(tx: Write) -> None:
        await domain_blocks.delete(tx, viewer_id, name)

    await services.db.write(work)


async def page_domains(services: Services, viewer_id: UserId, page: PageRequest) -> Page[str]:
    """Return the servers that the viewer blocks, the latest first."""
    async with services.db.read() as tx:
        rows = await domain_blocks.page(tx, viewer_id, page)
    return paged(page, [row[1] for row in rows], [row[0] for row in rows])


def _checked(domain: str) -> str:
    """Return the name as it is kept: in small letters, and those beyond ASCII as IDNA writes them."""
    name = domain.strip().rstrip(".").casefold()
    if not name.isascii() and len(name) <= DOMAIN_CHARS_MAX:
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            name = ""
    if len(name) > DOMAIN_CHARS_MAX or not _DOMAIN.fullmatch(name):
        raise Invalid("Domain is not a valid domain name", field="domain")
    return name
