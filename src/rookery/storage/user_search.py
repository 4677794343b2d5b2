"""Finding users in the directory."""

from rookery.domain.ids import UserId
from rookery.ports import Read
from rookery.sql import sql

_NEWEST_DISCOVERABLE = sql("""
    SELECT u.id FROM users u WHERE u.discoverable AND u.state = 'active'
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = :viewer_id AND b.target_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM blocks d WHERE d.user_id = u.id AND d.target_id = :viewer_id)
    AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.user_id = :viewer_id AND m.target_id = u.id
        AND (m.until_ms IS NULL OR m.until_ms > :now_ms))
    ORDER BY u.id DESC LIMIT :limit OFFSET :skip
""")
_LATEST_AUTHORS = sql("""
    SELECT u.id FROM users u
    JOIN (
        SELECT author_id, MAX(id) AS latest_id FROM (
            SELECT id, author_id FROM tweets WHERE visibility = 0 AND retweet_of_id IS NULL
            ORDER BY id DESC LIMIT :tweets) t
        GROUP BY author_id) a ON a.author_id = u.id
    WHERE u.discoverable AND u.state = 'active'
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = :viewer_id AND b.target_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM blocks d WHERE d.user_id = u.id AND d.target_id = :viewer_id)
    AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.user_id = :viewer_id AND m.target_id = u.id
        AND (m.until_ms IS NULL OR m.until_ms > :now_ms))
    ORDER BY a.latest_id DESC LIMIT :limit OFFSET :skip
""")


async def newest_discoverable(
    tx: Read, *, viewer_id: UserId, now_ms: int, limit: int, skip: int
) -> list[UserId]:
    """Return users who want to be found, the newest first, without those the viewer blocks, mutes or is blocked by."""
    rows = await tx.all(_NEWEST_DISCOVERABLE, viewer_id=viewer_id, now_ms=now_ms, limit=limit, skip=skip)
    return [row[0] for row in rows]


async def latest_authors(
    tx: Read, *, viewer_id: UserId, now_ms: int, tweets: int, limit: int, skip: int
) -> list[UserId]:
    """Return users who want to be found and wrote one of that many latest public tweets, the latest first."""
    rows = await tx.all(
        _LATEST_AUTHORS, viewer_id=viewer_id, now_ms=now_ms, tweets=tweets, limit=limit, skip=skip
    )
    return [row[0] for row in rows]
