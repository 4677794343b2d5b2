"""Whom somebody may want to follow, within bounds that hold however many follow whom."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.ports import Read, Row, Write
from rookery.sql import sql

_FRIENDS_OF_FRIENDS = sql("""
    SELECT u.id, s.friends, c.followers FROM (
        SELECT g.followee_id AS user_id, COUNT(*) AS friends FROM (
            SELECT f.followee_id, COALESCE((
                SELECT h.id FROM follows h WHERE h.follower_id = f.followee_id
                ORDER BY h.id DESC LIMIT 1 OFFSET :follows_of_friend), 0) AS above
            FROM (
                SELECT followee_id FROM follows WHERE follower_id = :viewer_id
                ORDER BY id DESC LIMIT :friends) f
            JOIN users o ON o.id = f.followee_id AND o.state = 'active' AND NOT o.hides_follows
        ) friend
        JOIN follows g ON g.follower_id = friend.followee_id AND g.id > friend.above
        GROUP BY g.followee_id) s
    JOIN users u ON u.id = s.user_id AND u.state = 'active' AND u.discoverable
    JOIN user_counts c ON c.user_id = u.id
    WHERE u.id <> :viewer_id
    AND NOT EXISTS (SELECT 1 FROM follows x WHERE x.follower_id = :viewer_id AND x.followee_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM follow_requests q WHERE q.follower_id = :viewer_id AND q.followee_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = :viewer_id AND b.target_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM blocks d WHERE d.user_id = u.id AND d.target_id = :viewer_id)
    AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.user_id = :viewer_id AND m.target_id = u.id)
    AND NOT EXISTS (
        SELECT 1 FROM dismissed_suggestions n WHERE n.user_id = :viewer_id AND n.target_id = u.id)
    ORDER BY s.friends DESC, c.followers, u.id DESC LIMIT :limit
""")


async def friends_of_friends(
    tx: Read, viewer_id: UserId, *, friends: int, follows_of_friend: int, limit: int
) -> list[UserId]:
    """Return whom the most of the viewer's latest friends follow, among each friend's latest follows.

    Friends who keep to themselves whom they follow are not asked.
    """
    rows: Sequence[Row] = await tx.all(
        _FRIENDS_OF_FRIENDS,
        viewer_id=viewer_id,
        friends=friends,
        follows_of_friend=follows_of_friend,
        limit=limit,
    )
    return [row[0] for row in rows]


_MOST_FOLLOWED = sql("""
    SELECT u.id FROM (
        SELECT DISTINCT author_id FROM (
            SELECT author_id FROM tweets WHERE visibility = 0 AND retweet_of_id IS NULL
            ORDER BY id DESC LIMIT :tweets) t) a
    JOIN users u ON u.id = a.author_id AND u.state = 'active' AND u.discoverable
    JOIN user_counts c ON c.user_id = u.id
    WHERE u.id <> :viewer_id
    AND NOT EXISTS (SELECT 1 FROM follows x WHERE x.follower_id = :viewer_id AND x.followee_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM follow_requests q WHERE q.follower_id = :viewer_id AND q.followee_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = :viewer_id AND b.target_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM blocks d WHERE d.user_id = u.id AND d.target_id = :viewer_id)
    AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.user_id = :viewer_id AND m.target_id = u.id)
    AND NOT EXISTS (
        SELECT 1 FROM dismissed_suggestions n WHERE n.user_id = :viewer_id AND n.target_id = u.id)
    ORDER BY c.followers DESC, u.id DESC LIMIT :limit
""")


async def most_followed(tx: Read, viewer_id: UserId, *, tweets: int, limit: int) -> list[UserId]:
    """Return those with the most followers among the authors of that many latest public tweets."""
    return [row[0] for row in await tx.all(_MOST_FOLLOWED, viewer_id=viewer_id, tweets=tweets, limit=limit)]


_DISMISS = sql("""
    INSERT INTO dismissed_suggestions (user_id, target_id, id) VALUES (:user_id, :target_id, :id)
    ON CONFLICT DO NOTHING
""")
_FORGET_OLDEST = sql("""
    DELETE FROM dismissed_suggestions WHERE user_id = :user_id AND id <= (
        SELECT id FROM dismissed_suggestions WHERE user_id = :user_id ORDER BY id DESC LIMIT 1 OFFSET :kept)
""")


async def dismiss(tx: Write, user_id: UserId, target_id: UserId, *, new_id: int, kept: int) -> None:
    """Suggest somebody no more; of all such wishes the latest are kept."""
    if await tx.run(_DISMISS, user_id=user_id, target_id=target_id, id=new_id):
        await tx.run(_FORGET_OLDEST, user_id=user_id, kept=kept)
