"""Where users' phones and browsers are reached, and the instance's own keys."""

from collections.abc import Sequence

from rookery.domain.ids import TokenId, UserId
from rookery.domain.notifications import NotificationKind
from rookery.domain.push import PushSenders, Subscription
from rookery.ports import Read, Row, Write
from rookery.sql import sql

_PUT = sql("""
    INSERT INTO push_subscriptions
        (token_id, user_id, id, endpoint, client_key, client_secret, kinds, senders, standard, created_ms)
    VALUES (:token_id, :user_id, :id, :endpoint, :client_key, :client_secret, :kinds, :senders, :standard,
        :created_ms)
    ON CONFLICT (token_id) DO UPDATE SET id = excluded.id, endpoint = excluded.endpoint,
        client_key = excluded.client_key, client_secret = excluded.client_secret, kinds = excluded.kinds,
        senders = excluded.senders, standard = excluded.standard, created_ms = excluded.created_ms
""")


async def put(tx: Write, one: Subscription, *, now_ms: int) -> None:
    """Enter a subscription in the place of an earlier one of the same token."""
    await tx.run(
        _PUT,
        token_id=one.token_id,
        user_id=one.user_id,
        id=one.id,
        endpoint=one.endpoint,
        client_key=one.client_key,
        client_secret=one.client_secret,
        kinds=" ".join(sorted(one.kinds)),
        senders=one.senders.value,
        standard=one.standard,
        created_ms=now_ms,
    )


_UPDATE = sql("""
    UPDATE push_subscriptions SET kinds = :kinds, senders = :senders WHERE token_id = :token_id
""")


async def update(
    tx: Write, token_id: TokenId, *, kinds: frozenset[NotificationKind], senders: PushSenders
) -> None:
    """Change what a subscription wants to hear of."""
    await tx.run(_UPDATE, token_id=token_id, kinds=" ".join(sorted(kinds)), senders=senders.value)


# A subscription ends with its token, whether its row is gone yet or not.
_GET = sql("""
    SELECT s.token_id, s.user_id, s.id, s.endpoint, s.client_key, s.client_secret, s.kinds, s.senders, s.standard
    FROM push_subscriptions s JOIN tokens t ON t.id = s.token_id WHERE s.token_id = :token_id
""")


async def get(tx: Read, token_id: TokenId) -> Subscription | None:
    """Return the subscription of a token."""
    row = await tx.one(_GET, token_id=token_id)
    return _subscription(row) if row else None


_OF_USER = sql("""
    SELECT s.token_id, s.user_id, s.id, s.endpoint, s.client_key, s.client_secret, s.kinds, s.senders, s.standard
    FROM push_subscriptions s JOIN tokens t ON t.id = s.token_id WHERE s.user_id = :user_id
    ORDER BY s.id DESC LIMIT :limit
""")


async def of_user(tx: Read, user_id: UserId, *, limit: int) -> list[Subscription]:
    """Return a user's subscriptions, the latest first."""
    return [_subscription(row) for row in await tx.all(_OF_USER, user_id=user_id, limit=limit)]


def _subscription(row: Row) -> Subscription:
    return Subscription(
        token_id=row[0],
        user_id=row[1],
        id=row[2],
        endpoint=row[3],
        client_key=row[4],
        client_secret=row[5],
        kinds=frozenset(NotificationKind(word) for word in row[6].split()),
        senders=PushSenders(row[7]),
        standard=bool(row[8]),
    )


_DELETE = sql("DELETE FROM push_subscriptions WHERE token_id = :token_id")


async def delete(tx: Write, token_id: TokenId) -> None:
    """Remove the subscription of a token."""
    await tx.run(_DELETE, token_id=token_id)


_DELETE_OF_USER = sql("DELETE FROM push_subscriptions WHERE user_id = :user_id")


async def delete_of_user(tx: Write, user_id: UserId) -> None:
    """Remove all subscriptions of a user; there are few."""
    await tx.run(_DELETE_OF_USER, user_id=user_id)


_DELETE_OF_TOKENS = sql("DELETE FROM push_subscriptions WHERE token_id = ANY(:token_ids)")


async def delete_of_tokens(tx: Write, token_ids: Sequence[TokenId]) -> None:
    """Remove the subscriptions of tokens that have ended."""
    if token_ids:
        await tx.run(_DELETE_OF_TOKENS, token_ids=token_ids)
