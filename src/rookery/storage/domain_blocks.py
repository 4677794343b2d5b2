"""Which servers users want to see nothing of."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import paging

_INSERT = sql("""
    INSERT INTO domain_blocks (user_id, domain, id) VALUES (:user_id, :domain, :id) ON CONFLICT DO NOTHING
""")


async def insert(tx: Write, user_id: UserId, domain: str, *, new_id: int) -> bool:
    """Enter a domain; False when it is there already."""
    return bool(await tx.run(_INSERT, user_id=user_id, domain=domain, id=new_id))


_DELETE = sql("DELETE FROM domain_blocks WHERE user_id = :user_id AND domain = :domain")


async def delete(tx: Write, user_id: UserId, domain: str) -> bool:
    """Remove a domain; False when it was not there."""
    return bool(await tx.run(_DELETE, user_id=user_id, domain=domain))


_COUNT = sql("SELECT COUNT(*) FROM domain_blocks WHERE user_id = :user_id")


async def count(tx: Read, user_id: UserId) -> int:
    """Return how many domains a user blocks."""
    row = await tx.one(_COUNT, user_id=user_id)
    return row[0] if row else 0


_PAGE = sql("""
    SELECT id, domain FROM domain_blocks WHERE user_id = :user_id AND id < :before AND id > :after
    ORDER BY id DESC LIMIT :limit
""")
_PAGE_OLDEST = sql("""
    SELECT id, domain FROM domain_blocks WHERE user_id = :user_id AND id < :before AND id > :after
    ORDER BY id LIMIT :limit
""")


async def page(tx: Read, user_id: UserId, page: PageRequest) -> Sequence[Row]:
    """Return (block id, domain), newest first."""
    return await paging.page(tx, _PAGE, _PAGE_OLDEST, page, user_id=user_id)
