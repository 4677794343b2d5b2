"""Lists and who is on them."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.domain.lists import Replies, UserList
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import paging

_LIST = sql("SELECT id, user_id, title, replies, exclusive FROM lists WHERE user_id = :user_id ORDER BY id")


async def list_by_user(tx: Read, user_id: UserId) -> list[UserList]:
    """Return a user's lists, the oldest first."""
    return [_list(row) for row in await tx.all(_LIST, user_id=user_id)]


_GET = sql("SELECT id, user_id, title, replies, exclusive FROM lists WHERE id = :id AND user_id = :user_id")


async def get(tx: Read, user_id: UserId, list_id: int) -> UserList | None:
    """Return one of a user's lists."""
    row = await tx.one(_GET, id=list_id, user_id=user_id)
    return _list(row) if row else None


def _list(row: Row) -> UserList:
    return UserList(row[0], row[1], row[2], Replies(row[3]), bool(row[4]))


_PUT = sql("""
    INSERT INTO lists (id, user_id, title, replies, exclusive)
    VALUES (:id, :user_id, :title, :replies, :exclusive)
    ON CONFLICT (id) DO UPDATE SET title = excluded.title, replies = excluded.replies,
        exclusive = excluded.exclusive
""")


async def put(tx: Write, of: UserList) -> None:
    """Enter a list or change it."""
    await tx.run(
        _PUT,
        id=of.id,
        user_id=of.user_id,
        title=of.title,
        replies=of.replies.value,
        exclusive=of.exclusive,
    )
    await _count_exclusive(tx, of.user_id)


_DELETE_MEMBERS = sql("DELETE FROM list_members WHERE list_id = :list_id")
_DELETE = sql("DELETE FROM lists WHERE id = :list_id AND user_id = :user_id")


async def delete(tx: Write, user_id: UserId, list_id: int) -> bool:
    """Remove a list with its members; False when there is no such list of this user's."""
    if not await tx.run(_DELETE, list_id=list_id, user_id=user_id):
        return False
    await tx.run(_DELETE_MEMBERS, list_id=list_id)
    await _count_exclusive(tx, user_id)
    return True


_COUNT_EXCLUSIVE = sql("""
    UPDATE users SET exclusive_lists = (
        SELECT COUNT(*) FROM lists WHERE user_id = :user_id AND exclusive)
    WHERE id = :user_id
""")


async def _count_exclusive(tx: Write, user_id: UserId) -> None:
    await tx.run(_COUNT_EXCLUSIVE, user_id=user_id)


_ADD = sql("""
    INSERT INTO list_members (list_id, user_id, owner_id, id) VALUES (:list_id, :user_id, :owner_id, :id)
    ON CONFLICT DO NOTHING
""")


async def add(tx: Write, of: UserList, user_id: UserId, *, new_id: int) -> bool:
    """Put somebody on a list; False when they are on it already."""
    return bool(await tx.run(_ADD, list_id=of.id, user_id=user_id, owner_id=of.user_id, id=new_id))


_REMOVE = sql("DELETE FROM list_members WHERE list_id = :list_id AND user_id = ANY(:user_ids)")


async def remove(tx: Write, list_id: int, user_ids: Sequence[UserId]) -> None:
    """Take people off a list."""
    await tx.run(_REMOVE, list_id=list_id, user_ids=user_ids)


_LEAVE = sql("DELETE FROM list_members WHERE owner_id = :owner_id AND user_id = :user_id")


async def leave(tx: Write, owner_id: UserId, user_id: UserId) -> None:
    """Take somebody off all lists of one owner, who follows them no longer."""
    await tx.run(_LEAVE, owner_id=owner_id, user_id=user_id)


_MEMBERS = sql("""
    SELECT id, user_id FROM list_members WHERE list_id = :list_id AND id < :before AND id > :after
    ORDER BY id DESC LIMIT :limit
""")
_MEMBERS_OLDEST = sql("""
    SELECT id, user_id FROM list_members WHERE list_id = :list_id AND id < :before AND id > :after
    ORDER BY id LIMIT :limit
""")


async def members_page(tx: Read, list_id: int, request: PageRequest) -> Sequence[Row]:
    """Return (membership id, user) of those on a list, the latest first."""
    return await paging.page(tx, _MEMBERS, _MEMBERS_OLDEST, request, list_id=list_id)


_COUNT = sql("SELECT COUNT(*) FROM list_members WHERE list_id = :list_id")


async def count_members(tx: Read, list_id: int) -> int:
    """Return how many are on a list."""
    row = await tx.one(_COUNT, list_id=list_id)
    return row[0] if row else 0


_MEMBER_IDS = sql("SELECT user_id FROM list_members WHERE list_id = :list_id")


async def member_ids(tx: Read, list_id: int) -> frozenset[UserId]:
    """Return everybody on a list; lists are bounded."""
    return frozenset(row[0] for row in await tx.all(_MEMBER_IDS, list_id=list_id))


_EXCLUSIVE = sql("""
    SELECT m.user_id FROM lists l JOIN list_members m ON m.list_id = l.id
    WHERE l.user_id = :user_id AND l.exclusive
""")


async def exclusive_members(tx: Read, user_id: UserId) -> frozenset[UserId]:
    """Return those whose tweets a user reads on lists only, and not on home."""
    return frozenset(row[0] for row in await tx.all(_EXCLUSIVE, user_id=user_id))


_EXCLUSIVE_AMONG = sql("""
    SELECT m.user_id FROM list_members m JOIN lists l ON l.id = m.list_id
    WHERE m.owner_id = :owner_id AND m.user_id = ANY(:user_ids) AND l.exclusive
""")


async def exclusive_among(tx: Read, owner_id: UserId, user_ids: Sequence[UserId]) -> frozenset[UserId]:
    """Return those of these people whose tweets the owner reads on lists only."""
    rows = await tx.all(_EXCLUSIVE_AMONG, owner_id=owner_id, user_ids=user_ids)
    return frozenset(row[0] for row in rows)


_WITH_MEMBER = sql("""
    SELECT l.id, l.user_id, l.title, l.replies, l.exclusive
    FROM list_members m JOIN lists l ON l.id = m.list_id
    WHERE m.owner_id = :owner_id AND m.user_id = :user_id ORDER BY l.id
""")


async def with_member(tx: Read, owner_id: UserId, user_id: UserId) -> list[UserList]:
    """Return those of an owner's lists that somebody is on."""
    return [_list(row) for row in await tx.all(_WITH_MEMBER, owner_id=owner_id, user_id=user_id)]
