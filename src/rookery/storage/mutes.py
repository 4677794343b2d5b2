"""Who mutes whom, and until when. A mute whose end has passed counts as none, whether it was swept or not."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import paging

_PUT = sql("""
    INSERT INTO mutes (user_id, target_id, id, hides_notifications, until_ms)
    VALUES (:user_id, :target_id, :id, :hides_notifications, :until_ms)
    ON CONFLICT (user_id, target_id) DO UPDATE SET
        hides_notifications = excluded.hides_notifications, until_ms = excluded.until_ms
""")


async def put(
    tx: Write,
    user_id: UserId,
    target_id: UserId,
    *,
    new_id: int,
    hides_notifications: bool,
    until_ms: int | None,
) -> None:
    """Enter a mute, or change the one that is there."""
    await tx.run(
        _PUT,
        user_id=user_id,
        target_id=target_id,
        id=new_id,
        hides_notifications=hides_notifications,
        until_ms=until_ms,
    )


_DELETE = sql("DELETE FROM mutes WHERE user_id = :user_id AND target_id = :target_id")


async def delete(tx: Write, user_id: UserId, target_id: UserId) -> bool:
    """Remove a mute; False when there was none."""
    return bool(await tx.run(_DELETE, user_id=user_id, target_id=target_id))


_PAGE = sql("""
    SELECT m.id, m.target_id, m.until_ms FROM mutes m
    JOIN users u ON u.id = m.target_id AND u.state = 'active'
    WHERE m.user_id = :user_id AND m.id < :before AND m.id > :after
    AND (m.until_ms IS NULL OR m.until_ms > :now_ms)
    ORDER BY m.id DESC LIMIT :limit
""")
_PAGE_OLDEST = sql("""
    SELECT m.id, m.target_id, m.until_ms FROM mutes m
    JOIN users u ON u.id = m.target_id AND u.state = 'active'
    WHERE m.user_id = :user_id AND m.id < :before AND m.id > :after
    AND (m.until_ms IS NULL OR m.until_ms > :now_ms)
    ORDER BY m.id LIMIT :limit
""")


async def page(tx: Read, user_id: UserId, page: PageRequest, *, now_ms: int) -> Sequence[Row]:
    """Return (mute id, muted user's id, end in ms or None) of the mutes in force, newest first."""
    return await paging.page(tx, _PAGE, _PAGE_OLDEST, page, user_id=user_id, now_ms=now_ms)


_DELETE_EXPIRED = sql("""
    DELETE FROM mutes WHERE (user_id, target_id) IN (
        SELECT user_id, target_id FROM mutes WHERE until_ms < :before_ms ORDER BY until_ms LIMIT :limit)
""")


async def delete_expired(tx: Write, *, before_ms: int, limit: int) -> int:
    """Remove mutes whose end has passed, the longest expired first; return how many."""
    return await tx.run(_DELETE_EXPIRED, before_ms=before_ms, limit=limit)
