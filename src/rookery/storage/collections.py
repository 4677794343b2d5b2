"""Collections and who is in them."""

from collections.abc import Sequence

from rookery.domain.collections import Collection, CollectionItem, ItemState
from rookery.domain.ids import UserId
from rookery.ports import Read, Row, Write
from rookery.sql import sql

_PUT = sql("""
    INSERT INTO collections
        (id, user_id, name, description, language, hashtag, sensitive, discoverable, created_ms, changed_ms)
    VALUES (:id, :user_id, :name, :description, :language, :hashtag, :sensitive, :discoverable, :created_ms,
        :changed_ms)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, description = excluded.description,
        language = excluded.language, hashtag = excluded.hashtag, sensitive = excluded.sensitive,
        discoverable = excluded.discoverable, changed_ms = excluded.changed_ms
""")


async def put(tx: Write, one: Collection) -> None:
    """Enter a collection or change it; who is in it has functions of its own."""
    await tx.run(
        _PUT,
        id=one.id,
        user_id=one.user_id,
        name=one.name,
        description=one.description,
        language=one.language,
        hashtag=one.hashtag,
        sensitive=one.sensitive,
        discoverable=one.discoverable,
        created_ms=one.created_ms,
        changed_ms=one.changed_ms,
    )


_GET = sql("""
    SELECT id, user_id, name, description, language, hashtag, sensitive, discoverable, created_ms, changed_ms
    FROM collections WHERE id = :id
""")


async def get(tx: Read, collection_id: int) -> Collection | None:
    """Return a collection."""
    row = await tx.one(_GET, id=collection_id)
    return _collection(row) if row else None


_BY_USER = sql("""
    SELECT id, user_id, name, description, language, hashtag, sensitive, discoverable, created_ms, changed_ms
    FROM collections WHERE user_id = :user_id ORDER BY id DESC
""")


async def list_by_user(tx: Read, user_id: UserId) -> list[Collection]:
    """Return a user's collections, the newest first."""
    return [_collection(row) for row in await tx.all(_BY_USER, user_id=user_id)]


_WITH_USER = sql("""
    SELECT c.id, c.user_id, c.name, c.description, c.language, c.hashtag, c.sensitive, c.discoverable,
        c.created_ms, c.changed_ms
    FROM collection_items i
    JOIN collections c ON c.id = i.collection_id
    JOIN users u ON u.id = c.user_id AND u.state = 'active'
    WHERE i.user_id = :user_id AND i.state = 'accepted'
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = :user_id AND b.target_id = c.user_id)
    AND NOT EXISTS (SELECT 1 FROM blocks d WHERE d.user_id = c.user_id AND d.target_id = :user_id)
    ORDER BY i.id DESC LIMIT :limit OFFSET :skip
""")


async def with_user(tx: Read, user_id: UserId, *, limit: int, skip: int) -> list[Collection]:
    """Return collections that show a user, the latest to do so first."""
    return [_collection(row) for row in await tx.all(_WITH_USER, user_id=user_id, limit=limit, skip=skip)]


_DELETE_ITEMS = sql("DELETE FROM collection_items WHERE collection_id = :id")
_DELETE = sql("DELETE FROM collections WHERE id = :id")


async def delete(tx: Write, collection_id: int) -> None:
    """Remove a collection and everybody from it."""
    await tx.run(_DELETE_ITEMS, id=collection_id)
    await tx.run(_DELETE, id=collection_id)


_ITEMS = sql("""
    SELECT id, collection_id, user_id, state, created_ms FROM collection_items
    WHERE collection_id = ANY(:collection_ids) ORDER BY id
""")


async def items(tx: Read, collection_ids: Sequence[int]) -> list[CollectionItem]:
    """Return who is in these collections, and who wanted to be no longer, the first to come first."""
    rows = await tx.all(_ITEMS, collection_ids=collection_ids)
    return [CollectionItem(row[0], row[1], row[2], ItemState(row[3]), row[4]) for row in rows]


_INSERT_ITEM = sql("""
    INSERT INTO collection_items (id, collection_id, user_id, state, created_ms)
    VALUES (:id, :collection_id, :user_id, :state, :created_ms) ON CONFLICT DO NOTHING
""")


async def insert_item(tx: Write, item: CollectionItem) -> bool:
    """Enter somebody; False when they are, or were, there already."""
    return bool(
        await tx.run(
            _INSERT_ITEM,
            id=item.id,
            collection_id=item.collection_id,
            user_id=item.user_id,
            state=item.state.value,
            created_ms=item.created_ms,
        )
    )


_REVOKE = sql("""
    UPDATE collection_items SET state = 'revoked'
    WHERE id = :id AND collection_id = :collection_id AND user_id = :user_id
""")


async def revoke_item(tx: Write, collection_id: int, item_id: int, user_id: UserId) -> bool:
    """Show a user no longer; False when this is not their entry."""
    return bool(await tx.run(_REVOKE, id=item_id, collection_id=collection_id, user_id=user_id))


_DELETE_ITEM = sql("""
    DELETE FROM collection_items WHERE id = :id AND collection_id = :collection_id AND state = 'accepted'
""")


async def delete_item(tx: Write, collection_id: int, item_id: int) -> bool:
    """Remove an entry; False when there was none, or its user had taken it back: that is remembered."""
    return bool(await tx.run(_DELETE_ITEM, id=item_id, collection_id=collection_id))


_DELETE_OF = sql("""
    DELETE FROM collection_items WHERE user_id = :shown_id AND collection_id IN (
        SELECT id FROM collections WHERE user_id = :user_id)
""")


async def delete_between(tx: Write, one_id: UserId, other_id: UserId) -> None:
    """Let neither of two users be in the other's collections."""
    await tx.run(_DELETE_OF, user_id=one_id, shown_id=other_id)
    await tx.run(_DELETE_OF, user_id=other_id, shown_id=one_id)


def _collection(row: Row) -> Collection:
    return Collection(
        id=row[0],
        user_id=row[1],
        name=row[2],
        description=row[3],
        language=row[4],
        hashtag=row[5],
        sensitive=bool(row[6]),
        discoverable=bool(row[7]),
        created_ms=row[8],
        changed_ms=row[9],
    )
