"""Whose notifications a user keeps back: their policy, the strangers who wait, and those who were let in."""

from collections.abc import Callable, Sequence

from rookery.domain.ids import UserId
from rookery.domain.notifications import Notification, Policy, Treatment
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import paging

_POLICY = sql("""
    SELECT not_following, not_followers, new_users, private_mentions, limited_users, bots
    FROM notification_policies WHERE user_id = :user_id
""")


def policy_of(columns: Sequence[str | None]) -> Policy:
    """Return the policy from its six columns; the usual one where there is none."""
    if columns[0] is None:
        return Policy()
    names = ("not_following", "not_followers", "new_users", "private_mentions", "limited_users", "bots")
    return Policy(**{name: Treatment(column) for name, column in zip(names, columns, strict=True) if column})


async def policy(tx: Read, user_id: UserId) -> Policy:
    """Return a user's policy."""
    row = await tx.one(_POLICY, user_id=user_id)
    return policy_of(row) if row else Policy()


_SET_POLICY = sql("""
    INSERT INTO notification_policies
        (user_id, not_following, not_followers, new_users, private_mentions, limited_users, bots)
    VALUES (:user_id, :not_following, :not_followers, :new_users, :private_mentions, :limited_users, :bots)
    ON CONFLICT (user_id) DO UPDATE SET not_following = excluded.not_following,
        not_followers = excluded.not_followers, new_users = excluded.new_users,
        private_mentions = excluded.private_mentions, limited_users = excluded.limited_users,
        bots = excluded.bots
""")


async def set_policy(tx: Write, user_id: UserId, policy: Policy) -> None:
    """Keep a user's policy."""
    await tx.run(
        _SET_POLICY,
        user_id=user_id,
        not_following=policy.not_following.value,
        not_followers=policy.not_followers.value,
        new_users=policy.new_users.value,
        private_mentions=policy.private_mentions.value,
        limited_users=policy.limited_users.value,
        bots=policy.bots.value,
    )


_WAIT = sql("""
    INSERT INTO notification_requests
        (user_id, from_id, id, notifications, last_tweet_id, created_ms, updated_ms)
    VALUES (:user_id, :from_id, :id, 1, :tweet_id, :created_ms, :updated_ms)
    ON CONFLICT (user_id, from_id) DO UPDATE SET notifications = notification_requests.notifications + 1,
        last_tweet_id = COALESCE(excluded.last_tweet_id, notification_requests.last_tweet_id),
        updated_ms = excluded.updated_ms
""")


async def wait(tx: Write, kept_back: Sequence[Notification], *, new_id: Callable[[], int]) -> None:
    """Count notifications that wait for their sender to be let in."""
    if kept_back:
        rows = [
            (one.user_id, one.from_id, new_id(), one.tweet_id, one.created_ms, one.created_ms)
            for one in kept_back
        ]
        await tx.many(_WAIT, rows)


_PAGE = sql("""
    SELECT id, from_id, notifications, last_tweet_id, created_ms, updated_ms FROM notification_requests
    WHERE user_id = :user_id AND id < :before AND id > :after ORDER BY id DESC LIMIT :limit
""")
_PAGE_OLDEST = sql("""
    SELECT id, from_id, notifications, last_tweet_id, created_ms, updated_ms FROM notification_requests
    WHERE user_id = :user_id AND id < :before AND id > :after ORDER BY id LIMIT :limit
""")


async def page(tx: Read, user_id: UserId, request: PageRequest) -> Sequence[Row]:
    """Return (id, sender, notifications, last tweet, created, updated) of those who wait, newest first."""
    return await paging.page(tx, _PAGE, _PAGE_OLDEST, request, user_id=user_id)


_GET = sql("""
    SELECT id, from_id, notifications, last_tweet_id, created_ms, updated_ms FROM notification_requests
    WHERE user_id = :user_id AND id = ANY(:ids)
""")


async def get(tx: Read, user_id: UserId, ids: Sequence[int]) -> Sequence[Row]:
    """Return those of the requests that are this user's, as `page` does."""
    return await tx.all(_GET, user_id=user_id, ids=ids)


_DELETE = sql("DELETE FROM notification_requests WHERE user_id = :user_id AND from_id = ANY(:from_ids)")


async def delete(tx: Write, user_id: UserId, from_ids: Sequence[UserId]) -> None:
    """Remove requests."""
    await tx.run(_DELETE, user_id=user_id, from_ids=from_ids)


_LET_IN = sql("""
    INSERT INTO notification_permissions (user_id, from_id) VALUES (:user_id, :from_id) ON CONFLICT DO NOTHING
""")


async def let_in(tx: Write, user_id: UserId, from_id: UserId) -> None:
    """Let this sender's notifications through from now on."""
    await tx.run(_LET_IN, user_id=user_id, from_id=from_id)


_PENDING = sql("""
    SELECT COUNT(*), COALESCE(SUM(notifications), 0) FROM (
        SELECT notifications FROM notification_requests WHERE user_id = :user_id LIMIT :limit) AS waiting
""")


async def pending(tx: Read, user_id: UserId, *, limit: int) -> tuple[int, int]:
    """Count those who wait, up to a limit, and their notifications."""
    row = await tx.one(_PENDING, user_id=user_id, limit=limit)
    return (int(row[0]), int(row[1])) if row else (0, 0)
