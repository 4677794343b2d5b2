"""How one user stands to others, and what beginning or ending a follow changes besides its row."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.domain.live import FollowsChanged
from rookery.domain.users import Relation
from rookery.errors import NotFound
from rookery.ports import Read, Row, Write
from rookery.services import Services
from rookery.sql import sql
from rookery.storage import endorsements, follow_requests, follows, hot_users, lists, users

_RELATIONS = sql("""
    SELECT u.id, f.shows_retweets, f.notifies, f.languages, r.shows_retweets, r.notifies, r.languages,
        g.follower_id, q.follower_id, b.target_id, d.user_id, m.hides_notifications, m.until_ms, e.id, n.text
    FROM users u
    LEFT JOIN follows f ON f.follower_id = :viewer_id AND f.followee_id = u.id
    LEFT JOIN follow_requests r ON r.follower_id = :viewer_id AND r.followee_id = u.id
    LEFT JOIN follows g ON g.follower_id = u.id AND g.followee_id = :viewer_id
    LEFT JOIN follow_requests q ON q.follower_id = u.id AND q.followee_id = :viewer_id
    LEFT JOIN blocks b ON b.user_id = :viewer_id AND b.target_id = u.id
    LEFT JOIN blocks d ON d.user_id = u.id AND d.target_id = :viewer_id
    LEFT JOIN mutes m ON m.user_id = :viewer_id AND m.target_id = u.id
    LEFT JOIN endorsements e ON e.user_id = :viewer_id AND e.target_id = u.id
    LEFT JOIN notes n ON n.user_id = :viewer_id AND n.target_id = u.id
    WHERE u.id = ANY(:target_ids) AND u.state <> 'deleted'
""")


async def relations(
    tx: Read, viewer_id: UserId, target_ids: Sequence[UserId], *, now_ms: int
) -> dict[UserId, Relation]:
    """Return how the viewer stands to each of these users; those who do not exist are left out."""
    rows = await tx.all(_RELATIONS, viewer_id=viewer_id, target_ids=target_ids)
    return {row[0]: _relation(row, now_ms=now_ms) for row in rows}


async def require(tx: Read, viewer_id: UserId, target_id: UserId, *, now_ms: int) -> Relation:
    """Return how the viewer stands to one user; raises NotFound when there is no such user."""
    found = await relations(tx, viewer_id, [target_id], now_ms=now_ms)
    if target_id not in found:
        raise NotFound
    return found[target_id]


def _relation(row: Row, *, now_ms: int) -> Relation:
    hides_notifications, until_ms = row[11:13]
    muting = hides_notifications is not None and (until_ms is None or until_ms > now_ms)
    following, requested = row[1] is not None, row[4] is not None
    shows_retweets, notifies, languages = (
        row[1:4] if following else row[4:7] if requested else (True, False, "")
    )
    return Relation(
        following=following,
        shows_retweets=bool(shows_retweets),
        notifies=bool(notifies),
        languages=tuple(languages.split()),
        followed_by=row[7] is not None,
        requested=requested,
        requested_by=row[8] is not None,
        blocking=row[9] is not None,
        blocked_by=row[10] is not None,
        muting=muting,
        muting_notifications=muting and bool(hides_notifications),
        mute_until_ms=until_ms if muting else None,
        endorsed=row[13] is not None,
        note=row[14] or "",
    )


async def begin_follow(
    services: Services,
    tx: Write,
    follower_id: UserId,
    followee_id: UserId,
    *,
    shows_retweets: bool,
    notifies: bool,
    languages: Sequence[str],
) -> bool:
    """Enter a follow with its counts; False when it is there already."""
    if not await follows.insert(
        tx,
        follower_id,
        followee_id,
        new_id=services.new_id(),
        shows_retweets=shows_retweets,
        notifies=notifies,
        languages=languages,
    ):
        return False
    await _count_follow(tx, follower_id, followee_id, 1)
    await users.bump_home_version(tx, [follower_id])
    await services.live.announce(tx, FollowsChanged(follower_id))
    await hot_users.insert_if_hot(
        tx, followee_id, followers_max=services.limits.hot_user_followers, now_ms=services.now_ms()
    )
    return True


async def end_follow(services: Services, tx: Write, follower_id: UserId, followee_id: UserId) -> bool:
    """Remove a follow with its counts and endorsement, or the request for one; False when there was neither."""
    if await follows.delete(tx, follower_id, followee_id):
        await endorsements.delete(tx, follower_id, followee_id)
        await _count_follow(tx, follower_id, followee_id, -1)
        await users.bump_home_version(tx, [follower_id])
        await lists.leave(tx, follower_id, followee_id)
        await services.live.announce(tx, FollowsChanged(follower_id))
        return True
    return await follow_requests.take(tx, follower_id, followee_id) is not None


async def _count_follow(tx: Write, follower_id: UserId, followee_id: UserId, number: int) -> None:
    """Count for both, the smaller id first: two who follow each other at once don't wait for each other in a circle."""
    for user_id in sorted((follower_id, followee_id)):
        if user_id == follower_id:
            await users.add_counts(tx, user_id, following=number)
        else:
            await users.add_counts(tx, user_id, followers=number)
