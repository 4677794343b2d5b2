"""Whom users recommend on their profiles."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import paging

_INSERT = sql("""
    INSERT INTO endorsements (user_id, target_id, id) VALUES (:user_id, :target_id, :id) ON CONFLICT DO NOTHING
""")


async def insert(tx: Write, user_id: UserId, target_id: UserId, *, new_id: int) -> bool:
    """Enter an endorsement; False when it is there already."""
    return bool(await tx.run(_INSERT, user_id=user_id, target_id=target_id, id=new_id))


_DELETE = sql("DELETE FROM endorsements WHERE user_id = :user_id AND target_id = :target_id")


async def delete(tx: Write, user_id: UserId, target_id: UserId) -> bool:
    """Remove an endorsement; False when there was none."""
    return bool(await tx.run(_DELETE, user_id=user_id, target_id=target_id))


_COUNT = sql("SELECT COUNT(*) FROM endorsements WHERE user_id = :user_id")


async def count(tx: Read, user_id: UserId) -> int:
    """Return how many somebody endorses."""
    row = await tx.one(_COUNT, user_id=user_id)
    return row[0] if row else 0


_PAGE = sql("""
    SELECT e.id, e.target_id FROM endorsements e
    JOIN users u ON u.id = e.target_id AND u.state = 'active'
    WHERE e.user_id = :user_id AND e.id < :before AND e.id > :after
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = :viewer_id AND b.target_id = e.target_id)
    AND NOT EXISTS (SELECT 1 FROM blocks d WHERE d.user_id = e.target_id AND d.target_id = :viewer_id)
    ORDER BY e.id DESC LIMIT :limit
""")
_PAGE_OLDEST = sql("""
    SELECT e.id, e.target_id FROM endorsements e
    JOIN users u ON u.id = e.target_id AND u.state = 'active'
    WHERE e.user_id = :user_id AND e.id < :before AND e.id > :after
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = :viewer_id AND b.target_id = e.target_id)
    AND NOT EXISTS (SELECT 1 FROM blocks d WHERE d.user_id = e.target_id AND d.target_id = :viewer_id)
    ORDER BY e.id LIMIT :limit
""")


async def page(tx: Read, user_id: UserId, page: PageRequest, *, viewer_id: UserId) -> Sequence[Row]:
    """Return (endorsement id, user id), newest first, without those whom the viewer blocks or is blocked by."""
    return await paging.page(tx, _PAGE, _PAGE_OLDEST, page, user_id=user_id, viewer_id=viewer_id)
