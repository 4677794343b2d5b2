"""Who blocks whom."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import paging

_INSERT = sql("""
    INSERT INTO blocks (user_id, target_id, id) VALUES (:user_id, :target_id, :id) ON CONFLICT DO NOTHING
""")


async def insert(tx: Write, user_id: UserId, target_id: UserId, *, new_id: int) -> bool:
    """Enter a block; False when it is there already."""
    return bool(await tx.run(_INSERT, user_id=user_id, target_id=target_id, id=new_id))


_DELETE = sql("DELETE FROM blocks WHERE user_id = :user_id AND target_id = :target_id")


async def delete(tx: Write, user_id: UserId, target_id: UserId) -> bool:
    """Remove a block; False when there was none."""
    return bool(await tx.run(_DELETE, user_id=user_id, target_id=target_id))


_PAGE = sql("""
    SELECT b.id, b.target_id FROM blocks b
    JOIN users u ON u.id = b.target_id AND u.state = 'active'
    WHERE b.user_id = :user_id AND b.id < :before AND b.id > :after
    ORDER BY b.id DESC LIMIT :limit
""")
_PAGE_OLDEST = sql("""
    SELECT b.id, b.target_id FROM blocks b
    JOIN users u ON u.id = b.target_id AND u.state = 'active'
    WHERE b.user_id = :user_id AND b.id < :before AND b.id > :after
    ORDER BY b.id LIMIT :limit
""")


async def page(tx: Read, user_id: UserId, page: PageRequest) -> Sequence[Row]:
    """Return (block id, blocked user's id), newest first."""
    return await paging.page(tx, _PAGE, _PAGE_OLDEST, page, user_id=user_id)
