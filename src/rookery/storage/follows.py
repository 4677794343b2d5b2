"""Who follows whom."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import paging

_INSERT = sql("""
    INSERT INTO follows (follower_id, followee_id, id, shows_retweets, notifies, languages)
    VALUES (:follower_id, :followee_id, :id, :shows_retweets, :notifies, :languages)
    ON CONFLICT DO NOTHING
""")


async def insert(
    tx: Write,
    follower_id: UserId,
    followee_id: UserId,
    *,
    new_id: int,
    shows_retweets: bool = True,
    notifies: bool = False,
    languages: Sequence[str] = (),
) -> bool:
    """Enter a follow; False when it is there already."""
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
    UPDATE follows SET shows_retweets = :shows_retweets, notifies = :notifies, languages = :languages
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
    """Change what a follow shows."""
    await tx.run(
        _UPDATE,
        follower_id=follower_id,
        followee_id=followee_id,
        shows_retweets=shows_retweets,
        notifies=notifies,
        languages=" ".join(languages),
    )


_DELETE = sql("DELETE FROM follows WHERE follower_id = :follower_id AND followee_id = :followee_id")


async def delete(tx: Write, follower_id: UserId, followee_id: UserId) -> bool:
    """Remove a follow; False when there was none."""
    return bool(await tx.run(_DELETE, follower_id=follower_id, followee_id=followee_id))


_EXISTS = sql("SELECT 1 FROM follows WHERE follower_id = :follower_id AND followee_id = :followee_id")


async def exists(tx: Read, follower_id: UserId, followee_id: UserId) -> bool:
    """Tell whether the one follows the other."""
    return await tx.one(_EXISTS, follower_id=follower_id, followee_id=followee_id) is not None


_FOLLOWERS_SLICE = sql("""
    SELECT id, follower_id FROM follows WHERE followee_id = :followee_id AND id > :after
    ORDER BY id LIMIT :limit
""")


async def followers_slice(tx: Read, followee_id: UserId, *, after: int, limit: int) -> Sequence[Row]:
    """Return (follow id, follower id), oldest first, from behind a follow's id: for fan-out."""
    return await tx.all(_FOLLOWERS_SLICE, followee_id=followee_id, after=after, limit=limit)


_HAS_BELLS = sql("SELECT 1 FROM follows WHERE followee_id = :followee_id AND notifies LIMIT 1")


async def has_bells(tx: Read, followee_id: UserId) -> bool:
    """Tell whether anybody wants to be told of this user's tweets."""
    return await tx.one(_HAS_BELLS, followee_id=followee_id) is not None


_BELLS_SLICE = sql("""
    SELECT id, follower_id FROM follows WHERE followee_id = :followee_id AND notifies AND id > :after
    ORDER BY id LIMIT :limit
""")


async def bells_slice(tx: Read, followee_id: UserId, *, after: int, limit: int) -> Sequence[Row]:
    """Return (follow id, follower id) of those who want to be told of this user's tweets, oldest first."""
    return await tx.all(_BELLS_SLICE, followee_id=followee_id, after=after, limit=limit)


_FOLLOWERS_PAGE = sql("""
    SELECT f.id, f.follower_id FROM follows f
    JOIN users u ON u.id = f.follower_id AND u.state = 'active'
    WHERE f.followee_id = :user_id AND f.id < :before AND f.id > :after
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = :viewer_id AND b.target_id = f.follower_id)
    AND NOT EXISTS (SELECT 1 FROM blocks d WHERE d.user_id = f.follower_id AND d.target_id = :viewer_id)
    AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.user_id = :viewer_id AND m.target_id = f.follower_id
        AND (m.until_ms IS NULL OR m.until_ms > :now_ms))
    ORDER BY f.id DESC LIMIT :limit
""")
_FOLLOWERS_PAGE_OLDEST = sql("""
    SELECT f.id, f.follower_id FROM follows f
    JOIN users u ON u.id = f.follower_id AND u.state = 'active'
    WHERE f.followee_id = :user_id AND f.id < :before AND f.id > :after
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = :viewer_id AND b.target_id = f.follower_id)
    AND NOT EXISTS (SELECT 1 FROM blocks d WHERE d.user_id = f.follower_id AND d.target_id = :viewer_id)
    AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.user_id = :viewer_id AND m.target_id = f.follower_id
        AND (m.until_ms IS NULL OR m.until_ms > :now_ms))
    ORDER BY f.id LIMIT :limit
""")


async def followers_page(
    tx: Read, user_id: UserId, page: PageRequest, *, viewer_id: UserId, now_ms: int
) -> Sequence[Row]:
    """Return (follow id, follower id), newest first, without those whom the viewer blocks, mutes or is blocked by."""
    return await paging.page(
        tx, _FOLLOWERS_PAGE, _FOLLOWERS_PAGE_OLDEST, page, user_id=user_id, viewer_id=viewer_id, now_ms=now_ms
    )


_FOLLOWING_PAGE = sql("""
    SELECT f.id, f.followee_id FROM follows f
    JOIN users u ON u.id = f.followee_id AND u.state = 'active'
    WHERE f.follower_id = :user_id AND f.id < :before AND f.id > :after
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = :viewer_id AND b.target_id = f.followee_id)
    AND NOT EXISTS (SELECT 1 FROM blocks d WHERE d.user_id = f.followee_id AND d.target_id = :viewer_id)
    AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.user_id = :viewer_id AND m.target_id = f.followee_id
        AND (m.until_ms IS NULL OR m.until_ms > :now_ms))
    ORDER BY f.id DESC LIMIT :limit
""")
_FOLLOWING_PAGE_OLDEST = sql("""
    SELECT f.id, f.followee_id FROM follows f
    JOIN users u ON u.id = f.followee_id AND u.state = 'active'
    WHERE f.follower_id = :user_id AND f.id < :before AND f.id > :after
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = :viewer_id AND b.target_id = f.followee_id)
    AND NOT EXISTS (SELECT 1 FROM blocks d WHERE d.user_id = f.followee_id AND d.target_id = :viewer_id)
    AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.user_id = :viewer_id AND m.target_id = f.followee_id
        AND (m.until_ms IS NULL OR m.until_ms > :now_ms))
    ORDER BY f.id LIMIT :limit
""")


async def following_page(
    tx: Read, user_id: UserId, page: PageRequest, *, viewer_id: UserId, now_ms: int
) -> Sequence[Row]:
    """Return (follow id, followee id), newest first, without those whom the viewer blocks, mutes or is blocked by."""
    return await paging.page(
        tx, _FOLLOWING_PAGE, _FOLLOWING_PAGE_OLDEST, page, user_id=user_id, viewer_id=viewer_id, now_ms=now_ms
    )


_FAMILIAR_FOLLOWERS = sql("""
    SELECT followee_id, follower_id FROM (
        SELECT g.followee_id, g.follower_id,
            ROW_NUMBER() OVER (PARTITION BY g.followee_id ORDER BY g.id DESC) AS place
        FROM follows f
        JOIN follows g ON g.follower_id = f.followee_id AND g.followee_id = ANY(:user_ids)
        JOIN users u ON u.id = g.follower_id AND u.state = 'active'
        WHERE f.follower_id = :viewer_id) familiar
    WHERE place <= :limit ORDER BY followee_id, place
""")


async def familiar_followers(
    tx: Read, viewer_id: UserId, user_ids: Sequence[UserId], *, limit: int
) -> dict[UserId, list[UserId]]:
    """Return so many followers of each of these users whom the viewer follows, the latest to follow first."""
    found: dict[UserId, list[UserId]] = {}
    for user_id, follower_id in await tx.all(
        _FAMILIAR_FOLLOWERS, viewer_id=viewer_id, user_ids=user_ids, limit=limit
    ):
        found.setdefault(user_id, []).append(follower_id)
    return found
