"""Notifications and the groups they are told in."""

from collections.abc import Sequence
from typing import Final

from rookery.domain.ids import TweetId, UserId, id_at
from rookery.domain.notifications import GROUPED_KINDS, SAMPLE_USERS, Notification, NotificationKind
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import paging

LATEST_CHARS_MAX: Final = 20 * SAMPLE_USERS
"""Room for the ids of a group's latest users: an id and its comma have at most 20 characters."""

_RECIPIENTS = sql("""
    SELECT u.id, f.follower_id, g.follower_id, b.user_id, d.user_id, m.hides_notifications, m.until_ms,
        t.user_id, p.user_id, n.not_following, n.not_followers, n.new_users, n.private_mentions,
        n.limited_users, n.bots
    FROM users u
    LEFT JOIN follows f ON f.follower_id = u.id AND f.followee_id = :from_id
    LEFT JOIN follows g ON g.follower_id = :from_id AND g.followee_id = u.id
    LEFT JOIN blocks b ON b.user_id = u.id AND b.target_id = :from_id
    LEFT JOIN blocks d ON d.user_id = :from_id AND d.target_id = u.id
    LEFT JOIN mutes m ON m.user_id = u.id AND m.target_id = :from_id
    LEFT JOIN thread_mutes t ON t.user_id = u.id AND t.thread_id = :thread_id
    LEFT JOIN notification_permissions p ON p.user_id = u.id AND p.from_id = :from_id
    LEFT JOIN notification_policies n ON n.user_id = u.id
    WHERE u.id = ANY(:user_ids) AND u.state = 'active'
""")


async def recipients(
    tx: Read, user_ids: Sequence[UserId], *, from_id: UserId, thread_id: TweetId | None
) -> Sequence[Row]:
    """Return, for each active user: their id and how they and the sender stand to each other, and their policy.

    The columns: id, follows, followed by, blocks, blocked by, mute hides notifications, mute until (ms), thread
    muted, let in, and the six treatments of the policy (None: they have none).
    """
    return await tx.all(_RECIPIENTS, user_ids=user_ids, from_id=from_id, thread_id=thread_id or 0)


_INSERT = sql("""
    INSERT INTO notifications
        (id, user_id, kind, group_key, from_id, tweet_id, report_id, filtered, created_ms)
    VALUES (:id, :user_id, :kind, :group_key, :from_id, :tweet_id, :report_id, :filtered, :created_ms)
    ON CONFLICT DO NOTHING
""")


_TOLD = sql("""
    SELECT user_id FROM notifications
    WHERE tweet_id = :tweet_id AND user_id = ANY(:user_ids) AND kind = :kind AND from_id = :from_id
""")


async def insert(tx: Write, wanted: Sequence[Notification]) -> list[Notification]:
    """Enter notifications of one doing and return those whose like had not been told before."""
    if not wanted:
        return []
    one = wanted[0]
    told: set[UserId] = set()
    if one.tweet_id is not None:
        rows = await tx.all(
            _TOLD,
            tweet_id=one.tweet_id,
            user_ids=[each.user_id for each in wanted],
            kind=one.kind.value,
            from_id=one.from_id,
        )
        told = {row[0] for row in rows}
    fresh = [each for each in wanted if each.user_id not in told]
    # What another transaction tells at this very moment stays as it told it.
    await tx.many(
        _INSERT,
        [
            (
                each.id,
                each.user_id,
                each.kind.value,
                each.group_key,
                each.from_id,
                each.tweet_id,
                each.report_id,
                each.filtered,
                each.created_ms,
            )
            for each in fresh
        ],
    )
    return fresh


_JOIN_GROUP = sql("""
    INSERT INTO notification_groups (user_id, group_key, kind, tweet_id, newest_id, members, latest)
    VALUES (:user_id, :group_key, :kind, :tweet_id, :id, 1, CAST(:entry AS TEXT))
    ON CONFLICT (user_id, group_key) DO UPDATE SET
        newest_id = excluded.newest_id,
        members = notification_groups.members + 1,
        latest = SUBSTR(excluded.latest || notification_groups.latest, 1, :room)
    RETURNING members
""")


async def join_group(tx: Write, one: Notification) -> int:
    """Count a notification in its group and return how many there are now."""
    row = await tx.one(
        _JOIN_GROUP,
        user_id=one.user_id,
        group_key=one.group_key,
        kind=one.kind.value,
        tweet_id=one.tweet_id,
        id=one.id,
        entry=f"{one.from_id},",
        room=LATEST_CHARS_MAX,
    )
    return row[0] if row else 0


def latest_users(latest: str) -> list[UserId]:
    """Return the ids of a group's latest users; one that did not find room is left out."""
    return [UserId(int(entry)) for entry in latest.split(",")[:-1]][:SAMPLE_USERS]


_GET = sql("""
    SELECT id, user_id, kind, group_key, from_id, tweet_id, report_id, filtered, created_ms
    FROM notifications WHERE id = :id
""")


async def get(tx: Read, notification_id: int) -> Notification | None:
    """Return a notification."""
    row = await tx.one(_GET, id=notification_id)
    return _notification(row) if row else None


def _notification(row: Row) -> Notification:
    return Notification(
        id=row[0],
        user_id=row[1],
        kind=NotificationKind(row[2]),
        group_key=row[3],
        from_id=row[4],
        tweet_id=row[5],
        report_id=row[6],
        filtered=bool(row[7]),
        created_ms=row[8],
    )


_PAGE = sql("""
    SELECT id, user_id, kind, group_key, from_id, tweet_id, report_id, filtered, created_ms
    FROM notifications
    WHERE user_id = :user_id AND id < :before AND id > :after AND kind = ANY(:kinds)
        AND (CAST(:from_id AS BIGINT) = 0 OR from_id = :from_id) AND (:any_kept = 1 OR filtered = :filtered)
    ORDER BY id DESC LIMIT :limit
""")
_PAGE_OLDEST = sql("""
    SELECT id, user_id, kind, group_key, from_id, tweet_id, report_id, filtered, created_ms
    FROM notifications
    WHERE user_id = :user_id AND id < :before AND id > :after AND kind = ANY(:kinds)
        AND (CAST(:from_id AS BIGINT) = 0 OR from_id = :from_id) AND (:any_kept = 1 OR filtered = :filtered)
    ORDER BY id LIMIT :limit
""")


async def page(
    tx: Read,
    user_id: UserId,
    request: PageRequest,
    *,
    kinds: Sequence[NotificationKind],
    from_id: UserId | None = None,
    filtered: bool | None = False,
) -> list[Notification]:
    """Return a user's notifications of these kinds, newest first; `filtered` None: those kept back as well."""
    rows = await paging.page(
        tx,
        _PAGE,
        _PAGE_OLDEST,
        request,
        user_id=user_id,
        kinds=[kind.value for kind in kinds],
        from_id=from_id or 0,
        any_kept=1 if filtered is None else 0,
        filtered=bool(filtered),
    )
    return [_notification(row) for row in rows]


_GROUPS = sql("""
    SELECT newest_id, group_key, kind, tweet_id, members, latest FROM notification_groups
    WHERE user_id = :user_id AND newest_id < :before AND newest_id > :after AND kind = ANY(:kinds)
        AND (CAST(:from_id AS BIGINT) = 0 OR EXISTS (
            SELECT 1 FROM notifications n
            WHERE n.user_id = :user_id AND n.group_key = notification_groups.group_key AND n.from_id = :from_id))
    ORDER BY newest_id DESC LIMIT :limit
""")
_GROUPS_OLDEST = sql("""
    SELECT newest_id, group_key, kind, tweet_id, members, latest FROM notification_groups
    WHERE user_id = :user_id AND newest_id < :before AND newest_id > :after AND kind = ANY(:kinds)
        AND (CAST(:from_id AS BIGINT) = 0 OR EXISTS (
            SELECT 1 FROM notifications n
            WHERE n.user_id = :user_id AND n.group_key = notification_groups.group_key AND n.from_id = :from_id))
    ORDER BY newest_id LIMIT :limit
""")


async def groups_page(
    tx: Read,
    user_id: UserId,
    request: PageRequest,
    *,
    kinds: Sequence[NotificationKind],
    from_id: UserId | None = None,
) -> Sequence[Row]:
    """Return (newest id, key, kind, tweet, members, latest users) of a user's groups of these kinds, newest first.

    With `from_id` those only that tell of something this user did.
    """
    return await paging.page(
        tx,
        _GROUPS,
        _GROUPS_OLDEST,
        request,
        user_id=user_id,
        kinds=[kind.value for kind in kinds if kind in GROUPED_KINDS],
        from_id=from_id or 0,
    )


_GROUP = sql("""
    SELECT newest_id, group_key, kind, tweet_id, members, latest FROM notification_groups
    WHERE user_id = :user_id AND group_key = :group_key
""")


async def group(tx: Read, user_id: UserId, group_key: str) -> Row | None:
    """Return one group as `groups_page` does."""
    return await tx.one(_GROUP, user_id=user_id, group_key=group_key)


_MEMBERS = sql("""
    SELECT id, from_id FROM notifications
    WHERE user_id = :user_id AND group_key = :group_key AND NOT filtered AND id < :before AND id > :after
    ORDER BY id DESC LIMIT :limit
""")
_MEMBERS_OLDEST = sql("""
    SELECT id, from_id FROM notifications
    WHERE user_id = :user_id AND group_key = :group_key AND NOT filtered AND id < :before AND id > :after
    ORDER BY id LIMIT :limit
""")


async def members_page(tx: Read, user_id: UserId, group_key: str, request: PageRequest) -> Sequence[Row]:
    """Return (notification id, sender) of a group's members, newest first."""
    return await paging.page(tx, _MEMBERS, _MEMBERS_OLDEST, request, user_id=user_id, group_key=group_key)


_UNREAD = sql("""
    SELECT COUNT(*) FROM (
        SELECT id FROM notifications
        WHERE user_id = :user_id AND id > :after AND kind = ANY(:kinds) AND NOT filtered
            AND (CAST(:from_id AS BIGINT) = 0 OR from_id = :from_id)
        LIMIT :limit
    ) AS unread
""")


async def unread(
    tx: Read,
    user_id: UserId,
    *,
    after: int,
    kinds: Sequence[NotificationKind],
    from_id: UserId | None,
    limit: int,
) -> int:
    """Count a user's notifications behind an id, up to a limit."""
    row = await tx.one(
        _UNREAD,
        user_id=user_id,
        after=after,
        kinds=[kind.value for kind in kinds],
        from_id=from_id or 0,
        limit=limit,
    )
    return row[0] if row else 0


_TAKE = sql("""
    DELETE FROM notifications WHERE user_id = :user_id AND id = ANY(:ids) RETURNING group_key, kind, filtered
""")


async def delete(tx: Write, user_id: UserId, ids: Sequence[int]) -> int:
    """Remove notifications of a user, and set their groups right; return how many there were."""
    rows = await tx.all(_TAKE, user_id=user_id, ids=ids)
    for key in sorted({row[0] for row in rows if row[1] in GROUPED_KINDS and not row[2]}):
        await _recount(tx, user_id, key)
    return len(rows)


_DELETE_MEMBERS = sql("DELETE FROM notifications WHERE user_id = :user_id AND group_key = :group_key")
_DELETE_GROUP = sql("DELETE FROM notification_groups WHERE user_id = :user_id AND group_key = :group_key")


async def delete_group(tx: Write, user_id: UserId, group_key: str) -> None:
    """Remove a group with its notifications."""
    await tx.run(_DELETE_MEMBERS, user_id=user_id, group_key=group_key)
    await tx.run(_DELETE_GROUP, user_id=user_id, group_key=group_key)


_WITHDRAW = sql("""
    SELECT id, user_id FROM notifications
    WHERE from_id = :from_id AND user_id = :user_id AND kind = ANY(:kinds)
        AND (CAST(:tweet_id AS BIGINT) = 0 OR tweet_id = :tweet_id)
    LIMIT :limit
""")


async def sent(
    tx: Read,
    from_id: UserId,
    user_id: UserId,
    kinds: Sequence[NotificationKind],
    *,
    tweet_id: TweetId | None,
    limit: int,
) -> list[int]:
    """Return the ids of what one user's doings have told another."""
    rows = await tx.all(
        _WITHDRAW,
        from_id=from_id,
        user_id=user_id,
        kinds=[kind.value for kind in kinds],
        tweet_id=tweet_id or 0,
        limit=limit,
    )
    return [row[0] for row in rows]


_LOCK_GROUP = sql("""
    UPDATE notification_groups SET members = members - 1
    WHERE user_id = :user_id AND group_key = :group_key RETURNING members
""")
_LATEST = sql("""
    SELECT id, from_id FROM notifications
    WHERE user_id = :user_id AND group_key = :group_key AND NOT filtered ORDER BY id DESC LIMIT :limit
""")
_COUNT_MEMBERS = sql("""
    SELECT COUNT(*) FROM notifications WHERE user_id = :user_id AND group_key = :group_key AND NOT filtered
""")
_REWRITE_GROUP = sql("""
    UPDATE notification_groups SET newest_id = :newest_id, members = :members, latest = :latest
    WHERE user_id = :user_id AND group_key = :group_key
""")


async def _recount(tx: Write, user_id: UserId, group_key: str) -> None:
    """Make a group say again what its notifications say."""
    await tx.one(_LOCK_GROUP, user_id=user_id, group_key=group_key)
    rows = await tx.all(_LATEST, user_id=user_id, group_key=group_key, limit=SAMPLE_USERS)
    if not rows:
        await tx.run(_DELETE_GROUP, user_id=user_id, group_key=group_key)
        return
    counted = await tx.one(_COUNT_MEMBERS, user_id=user_id, group_key=group_key)
    await tx.run(
        _REWRITE_GROUP,
        user_id=user_id,
        group_key=group_key,
        newest_id=rows[0][0],
        members=counted[0] if counted else 0,
        latest="".join(f"{row[1]}," for row in rows),
    )


_CLEAR_SLICE = sql("""
    DELETE FROM notifications WHERE id IN (
        SELECT id FROM notifications WHERE user_id = :user_id AND id <= :up_to LIMIT :limit)
""")
_CLEAR_GROUPS = sql("""
    DELETE FROM notification_groups WHERE user_id = :user_id AND group_key IN (
        SELECT group_key FROM notification_groups WHERE user_id = :user_id AND newest_id <= :up_to LIMIT :limit)
""")


async def clear_slice(tx: Write, user_id: UserId, *, up_to: int, limit: int) -> int:
    """Remove at most so many of a user's notifications and groups up to an id; return how many rows went."""
    groups = await tx.run(_CLEAR_GROUPS, user_id=user_id, up_to=up_to, limit=limit)
    return groups + await tx.run(_CLEAR_SLICE, user_id=user_id, up_to=up_to, limit=limit)


_SPOKEN_OF = sql("SELECT DISTINCT tweet_id FROM notifications WHERE tweet_id = ANY(:tweet_ids)")


async def spoken_of(tx: Read, tweet_ids: Sequence[TweetId]) -> set[TweetId]:
    """Return those of the tweets that notifications speak of."""
    return {row[0] for row in await tx.all(_SPOKEN_OF, tweet_ids=tweet_ids)}


_DELETE_OF_TWEET = sql("""
    DELETE FROM notifications WHERE id IN (
        SELECT id FROM notifications WHERE tweet_id = :tweet_id LIMIT :limit)
""")
_DELETE_GROUPS_OF_TWEET = sql("DELETE FROM notification_groups WHERE tweet_id = :tweet_id")


async def delete_of_tweet(tx: Write, tweet_id: TweetId, *, limit: int) -> int:
    """Remove at most so many notifications about a tweet; return how many there were."""
    await tx.run(_DELETE_GROUPS_OF_TWEET, tweet_id=tweet_id)
    return await tx.run(_DELETE_OF_TWEET, tweet_id=tweet_id, limit=limit)


_SENT_SLICE = sql("SELECT id, user_id FROM notifications WHERE from_id = :from_id LIMIT :limit")


async def delete_sent(tx: Write, from_id: UserId, *, limit: int) -> int:
    """Remove at most so many notifications that a user's doings have made; return how many there were."""
    rows = await tx.all(_SENT_SLICE, from_id=from_id, limit=limit)
    by_user: dict[UserId, list[int]] = {}
    for row in rows:
        by_user.setdefault(row[1], []).append(row[0])
    for user_id in sorted(by_user):
        await delete(tx, user_id, by_user[user_id])
    return len(rows)


_RELEASE = sql("""
    UPDATE notifications SET filtered = FALSE WHERE id IN (
        SELECT id FROM notifications WHERE user_id = :user_id AND from_id = :from_id AND filtered LIMIT :limit)
    RETURNING id, user_id, kind, group_key, from_id, tweet_id, report_id, filtered, created_ms
""")


async def release(tx: Write, user_id: UserId, from_id: UserId, *, limit: int) -> list[Notification]:
    """Let at most so many notifications join the list that were kept back; return them, oldest first."""
    rows = await tx.all(_RELEASE, user_id=user_id, from_id=from_id, limit=limit)
    return sorted((_notification(row) for row in rows), key=lambda one: one.id)


_DELETE_OLD = sql("""
    DELETE FROM notifications WHERE id IN (
        SELECT id FROM notifications WHERE id < :before ORDER BY id LIMIT :limit)
""")
_DELETE_OLD_GROUPS = sql("""
    DELETE FROM notification_groups WHERE newest_id IN (
        SELECT newest_id FROM notification_groups WHERE newest_id < :before ORDER BY newest_id LIMIT :limit)
""")


async def delete_old(tx: Write, *, before_ms: int, limit: int) -> int:
    """Remove at most so many of everybody's notifications, and of their groups, that are older; return how many."""
    before = id_at(before_ms)
    groups = await tx.run(_DELETE_OLD_GROUPS, before=before, limit=limit)
    return max(groups, await tx.run(_DELETE_OLD, before=before, limit=limit))
