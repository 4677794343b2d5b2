"""Who asks to follow whom: locked users decide for themselves who may."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import paging

_INSERT = sql("""
    INSERT INTO follow_requests (follower_id, followee_id, id, shows_retweets, notifies, languages)
    VALUES (:follower_id, :followee_id, :id, :shows_retweets, :notifies, :languages)
    ON CONFLICT DO NOTHING
""")


async def insert(
    tx: Write,
    follower_id: UserId,
    followee_id: UserId,
    *,
    new_id: int,
    shows_retweets: bool,
    notifies: bool,
    languages: Sequence[str],
) -> bool:
    """Enter a request; False when it is there already."""
    return bool(
        await tx.run(
            _INSERT,
            follower_id=follower_id,
            followee_id=followee_id,
            id=new_id,
            shows_retweets=shows_retweets,
            notifies=notifies,
            languages=" ".join(languages),
        )
    )


_UPDATE = sql("""
    UPDATE follow_requests SET shows_retweets = :shows_retweets, notifies = :notifies, languages = :languages
    WHERE follower_id = :follower_id AND followee_id = :followee_id
""")


async def update(
    tx: Write,
    follower_id: UserId,
    followee_id: UserId,
    *,
    shows_retweets: bool,
    notifies: bool,
    languages: Sequence[str],
) -> None:
    """Change what the follow will show once it is accepted."""
    await tx.run(
        _UPDATE,
        follower_id=follower_id,
        followee_id=followee_id,
        shows_retweets=shows_retweets,
        notifies=notifies,
        languages=" ".join(languages),
    )


_TAKE = sql("""
    DELETE FROM follow_requests WHERE follower_id = :follower_id AND followee_id = :followee_id
    RETURNING shows_retweets, notifies, languages
""")


async def take(tx: Write, follower_id: UserId, followee_id: UserId) -> Row | None:
    """Remove a request and return its (shows_retweets, notifies, languages), or None when there was none."""
    return await tx.one(_TAKE, follower_id=follower_id, followee_id=followee_id)


_PAGE = sql("""
    SELECT r.id, r.follower_id FROM follow_requests r
    JOIN users u ON u.id = r.follower_id AND u.state = 'active'
    WHERE r.followee_id = :user_id AND r.id < :before AND r.id > :after
    ORDER BY r.id DESC LIMIT :limit
""")
_PAGE_OLDEST = sql("""
    SELECT r.id, r.follower_id FROM follow_requests r
    JOIN users u ON u.id = r.follower_id AND u.state = 'active'
    WHERE r.followee_id = :user_id AND r.id < :before AND r.id > :after
    ORDER BY r.id LIMIT :limit
""")


async def page(tx: Read, user_id: UserId, page: PageRequest) -> Sequence[Row]:
    """Return (request id, follower id) of those who ask to follow this user, newest first."""
    return await paging.page(tx, _PAGE, _PAGE_OLDEST, page, user_id=user_id)


_COUNT = sql("""
    SELECT COUNT(*) FROM follow_requests r
    JOIN users u ON u.id = r.follower_id AND u.state = 'active'
    WHERE r.followee_id = :user_id
""")


async def count(tx: Read, user_id: UserId) -> int:
    """Return how many ask to follow this user."""
    row = await tx.one(_COUNT, user_id=user_id)
    return row[0] if row else 0
