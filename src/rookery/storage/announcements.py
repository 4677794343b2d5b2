"""Announcements, who has dismissed them, and how people react."""

from collections.abc import Sequence

from rookery.domain.announcements import Announcement, Reaction
from rookery.domain.ids import UserId
from rookery.ports import Read, Row, Write
from rookery.sql import sql, sql_per_engine

_PUT = sql("""
    INSERT INTO announcements (id, text, starts_ms, ends_ms, all_day, publish_ms, changed_ms)
    VALUES (:id, :text, :starts_ms, :ends_ms, :all_day, :publish_ms, :changed_ms)
    ON CONFLICT (id) DO UPDATE SET text = excluded.text, starts_ms = excluded.starts_ms,
        ends_ms = excluded.ends_ms, all_day = excluded.all_day, publish_ms = excluded.publish_ms,
        changed_ms = excluded.changed_ms
""")


async def put(tx: Write, announcement: Announcement) -> None:
    """Enter an announcement or what it says now."""
    await tx.run(
        _PUT,
        id=announcement.id,
        text=announcement.text,
        starts_ms=announcement.starts_ms,
        ends_ms=announcement.ends_ms,
        all_day=announcement.all_day,
        publish_ms=announcement.publish_ms,
        changed_ms=announcement.changed_ms,
    )


def _announcement(row: Row) -> Announcement:
    return Announcement(
        id=row[0],
        text=row[1],
        starts_ms=row[2],
        ends_ms=row[3],
        all_day=bool(row[4]),
        publish_ms=row[5],
        changed_ms=row[6],
    )


_GET = sql("""
    SELECT id, text, starts_ms, ends_ms, all_day, publish_ms, changed_ms FROM announcements WHERE id = :id
""")


async def get(tx: Read, announcement_id: int) -> Announcement | None:
    """Return the announcement, or None."""
    row = await tx.one(_GET, id=announcement_id)
    return _announcement(row) if row is not None else None


_NEWEST = sql("""
    SELECT id, text, starts_ms, ends_ms, all_day, publish_ms, changed_ms FROM announcements
    ORDER BY publish_ms DESC, id DESC LIMIT :limit
""")


async def newest(tx: Read, *, limit: int) -> list[Announcement]:
    """Return the announcements that were or will be published last, the latest first."""
    return [_announcement(row) for row in await tx.all(_NEWEST, limit=limit)]


_SHOWN = sql("""
    SELECT a.id, a.text, a.starts_ms, a.ends_ms, a.all_day, a.publish_ms, a.changed_ms, d.user_id
    FROM announcements a
    LEFT JOIN announcement_dismissals d ON d.user_id = :viewer_id AND d.announcement_id = a.id
    WHERE a.publish_ms <= :now_ms AND (a.ends_ms IS NULL OR a.ends_ms > :now_ms)
    ORDER BY a.publish_ms DESC, a.id DESC LIMIT :limit
""")


async def shown(tx: Read, viewer_id: UserId, *, now_ms: int, limit: int) -> list[tuple[Announcement, bool]]:
    """Return what people are shown now, the latest first, and whether the viewer has dismissed it."""
    rows = await tx.all(_SHOWN, viewer_id=viewer_id, now_ms=now_ms, limit=limit)
    return [(_announcement(row), row[7] is not None) for row in rows]


_DISMISS = sql("""
    INSERT INTO announcement_dismissals (user_id, announcement_id) VALUES (:user_id, :announcement_id)
    ON CONFLICT DO NOTHING
""")


async def dismiss(tx: Write, user_id: UserId, announcement_id: int) -> None:
    """Note that a user has read an announcement. Twice is once."""
    await tx.run(_DISMISS, user_id=user_id, announcement_id=announcement_id)


_DISMISSED = sql("""
    SELECT 1 FROM announcement_dismissals WHERE user_id = :user_id AND announcement_id = :announcement_id
""")


async def dismissed(tx: Read, user_id: UserId, announcement_id: int) -> bool:
    """Tell whether a user has read an announcement."""
    return await tx.one(_DISMISSED, user_id=user_id, announcement_id=announcement_id) is not None


_REACTIONS = sql("""
    SELECT c.announcement_id, c.name, c.users, r.user_id FROM announcement_reaction_counts c
    LEFT JOIN announcement_reactions r
        ON r.announcement_id = c.announcement_id AND r.user_id = :viewer_id AND r.name = c.name
    WHERE c.announcement_id = ANY(:announcement_ids)
    ORDER BY c.announcement_id, c.first_ms, c.name
""")


async def reactions(
    tx: Read, viewer_id: UserId, announcement_ids: Sequence[int]
) -> dict[int, list[Reaction]]:
    """Return how people have reacted, the emoji that came first foremost."""
    found: dict[int, list[Reaction]] = {}
    for announcement_id, name, count, mine in await tx.all(
        _REACTIONS, viewer_id=viewer_id, announcement_ids=list(announcement_ids)
    ):
        found.setdefault(announcement_id, []).append(Reaction(name, count, mine is not None))
    return found


_COUNT = sql("""
    SELECT users FROM announcement_reaction_counts WHERE announcement_id = :announcement_id AND name = :name
""")


async def count(tx: Read, announcement_id: int, name: str) -> int:
    """Return how many people have reacted with an emoji."""
    row = await tx.one(_COUNT, announcement_id=announcement_id, name=name)
    return row[0] if row is not None else 0


# Whoever brings a new emoji waits for others who do: so there are never more kinds than may be.
_LOCK = sql_per_engine(
    postgres="SELECT id FROM announcements WHERE id = :announcement_id FOR UPDATE",
    sqlite="SELECT id FROM announcements WHERE id = :announcement_id",
)
_KINDS = sql("""
    SELECT COUNT(*) FROM announcement_reaction_counts WHERE announcement_id = :announcement_id
""")


async def has_room(tx: Write, announcement_id: int, name: str, *, kinds_max: int) -> bool:
    """Tell whether people may react with this emoji: it is there already, or there are not too many others."""
    if await count(tx, announcement_id, name):
        return True
    await tx.one(_LOCK, announcement_id=announcement_id)
    row = await tx.one(_KINDS, announcement_id=announcement_id)
    return row is None or row[0] < kinds_max or await count(tx, announcement_id, name) > 0


_REACT = sql("""
    INSERT INTO announcement_reactions (announcement_id, user_id, name)
    VALUES (:announcement_id, :user_id, :name)
    ON CONFLICT DO NOTHING
""")
_ADD = sql("""
    INSERT INTO announcement_reaction_counts (announcement_id, name, users, first_ms)
    VALUES (:announcement_id, :name, 1, :now_ms)
    ON CONFLICT (announcement_id, name) DO UPDATE SET users = announcement_reaction_counts.users + 1
""")


async def react(tx: Write, announcement_id: int, user_id: UserId, name: str, *, now_ms: int) -> bool:
    """Enter a reaction and count it; False when it is there already."""
    if not await tx.run(_REACT, announcement_id=announcement_id, user_id=user_id, name=name):
        return False
    await tx.run(_ADD, announcement_id=announcement_id, name=name, now_ms=now_ms)
    return True


_UNREACT = sql("""
    DELETE FROM announcement_reactions
    WHERE announcement_id = :announcement_id AND user_id = :user_id AND name = :name
""")
_SUBTRACT = sql("""
    UPDATE announcement_reaction_counts SET users = users - 1
    WHERE announcement_id = :announcement_id AND name = :name
""")
_DELETE_UNUSED = sql("""
    DELETE FROM announcement_reaction_counts
    WHERE announcement_id = :announcement_id AND name = :name AND users <= 0
""")


async def unreact(tx: Write, announcement_id: int, user_id: UserId, name: str) -> bool:
    """Remove a reaction; False when there was none."""
    if not await tx.run(_UNREACT, announcement_id=announcement_id, user_id=user_id, name=name):
        return False
    await tx.run(_SUBTRACT, announcement_id=announcement_id, name=name)
    await tx.run(_DELETE_UNUSED, announcement_id=announcement_id, name=name)
    return True


_TAKE_REACTIONS = sql("""
    DELETE FROM announcement_reactions WHERE user_id = :user_id AND announcement_id IN (
        SELECT announcement_id FROM announcement_reactions WHERE user_id = :user_id LIMIT :limit)
    RETURNING announcement_id, name
""")


async def take_reactions(tx: Write, user_id: UserId, *, limit: int) -> int:
    """Take a leaving user's reactions to so many announcements back; return how many there were."""
    rows = await tx.all(_TAKE_REACTIONS, user_id=user_id, limit=limit)
    taken = sorted((row[0], row[1]) for row in rows)
    if taken:
        await tx.many(_SUBTRACT, taken)
        await tx.many(_DELETE_UNUSED, taken)
    return len(taken)


_DELETE = sql("DELETE FROM announcements WHERE id = :id")
_DELETE_COUNTS = sql("DELETE FROM announcement_reaction_counts WHERE announcement_id = :id")


async def delete(tx: Write, announcement_id: int) -> bool:
    """Remove an announcement; False when there was none. What people did with it is left to `delete_slice`."""
    if not await tx.run(_DELETE, id=announcement_id):
        return False
    await tx.run(_DELETE_COUNTS, id=announcement_id)
    return True


_DELETE_DISMISSALS = sql("""
    DELETE FROM announcement_dismissals WHERE announcement_id = :id AND user_id IN (
        SELECT user_id FROM announcement_dismissals WHERE announcement_id = :id LIMIT :limit)
""")
_DELETE_REACTIONS = sql("""
    DELETE FROM announcement_reactions WHERE announcement_id = :id AND user_id IN (
        SELECT user_id FROM announcement_reactions WHERE announcement_id = :id LIMIT :limit)
""")


async def delete_slice(tx: Write, announcement_id: int, *, limit: int) -> int:
    """Remove some of what people did with an announcement that is gone; return how much at the most of a kind."""
    dismissals = await tx.run(_DELETE_DISMISSALS, id=announcement_id, limit=limit)
    return max(dismissals, await tx.run(_DELETE_REACTIONS, id=announcement_id, limit=limit))
