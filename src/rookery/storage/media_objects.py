"""Files in the media store: each once, however many media show it, and gone with the last of them.

Whoever is about to show a file claims its object first, then writes it, then enters what shows it and gives the claim
back. Whoever removes takes only objects that nothing shows and nobody claims, marks them, deletes the file, and then
the row: so a file that comes back meanwhile is either still there or written again.
"""

from collections.abc import Sequence
from typing import Final

from rookery import tasks
from rookery.domain.ids import id_at
from rookery.errors import Unavailable
from rookery.ports import Read, Row, Write
from rookery.services import Services
from rookery.sql import sql
from rookery.storage import tasks as task_records

CLAIM_MS: Final = 3 * 3_600_000
"""How long a claim that was not given back counts: longer than any conversion takes."""
REMOVING_MS: Final = 600_000
"""How long a removal that has begun is left to whoever began it."""
MOVING_MS: Final = 3_600_000
"""How long an object counts as being on its way after its move has begun: longer than any move takes."""
REMOVED_AT_ONCE: Final = 500
"""Objects that one task removes."""

_CLAIM = sql("""
    INSERT INTO media_objects
        (key, content_type, size_bytes, is_cold, created_ms, claim_id, read_ms, reads, removing_ms, check_ms)
    VALUES (:key, :content_type, :size_bytes, FALSE, :now_ms, :claim_id, :now_ms, 0, NULL, :check_ms)
    ON CONFLICT (key) DO UPDATE SET claim_id = excluded.claim_id, check_ms = excluded.check_ms
    WHERE media_objects.removing_ms IS NULL
""")


async def claim(
    tx: Write, key: str, *, content_type: str, size_bytes: int, claim_id: int, now_ms: int
) -> None:
    """Keep an object from being removed while it is written. Raises Unavailable while it is being removed."""
    claimed = await tx.run(
        _CLAIM,
        key=key,
        content_type=content_type,
        size_bytes=size_bytes,
        claim_id=claim_id,
        now_ms=now_ms,
        check_ms=now_ms + CLAIM_MS,
    )
    if not claimed:
        raise Unavailable("this very file is being removed; it can come back in a moment")


_UNCLAIM = sql("""
    UPDATE media_objects SET claim_id = CASE WHEN claim_id = :claim_id THEN 0 ELSE claim_id END,
        check_ms = CASE WHEN claim_id = :claim_id
            AND EXISTS (SELECT 1 FROM media_files f WHERE f.key = media_objects.key) THEN NULL ELSE check_ms END
    WHERE key = ANY(:keys) AND removing_ms IS NULL
""")


async def give_back(tx: Write, keys: Sequence[str], *, claim_id: int) -> None:
    """End a claim, unless somebody else has claimed since.

    Raises Unavailable when that one is through already and the file was taken away: then it must be written again.
    """
    wanted = sorted(set(keys))
    if await tx.run(_UNCLAIM, keys=wanted, claim_id=claim_id) < len(wanted):
        raise Unavailable("this very file was removed meanwhile; it is made again")


_LOCK = sql("UPDATE media_objects SET removing_ms = removing_ms WHERE key = ANY(:keys)")
_BEGIN_REMOVAL = sql("""
    UPDATE media_objects SET removing_ms = :now_ms, check_ms = :again_ms
    WHERE key = ANY(:keys) AND claim_id < :stale_id AND (moving_ms IS NULL OR moving_ms < :stale_ms)
        AND (removing_ms IS NULL OR removing_ms < :lost_ms)
        AND NOT EXISTS (SELECT 1 FROM media_files f WHERE f.key = media_objects.key)
    RETURNING key, is_cold
""")


async def begin_removal(tx: Write, keys: Sequence[str], *, now_ms: int) -> Sequence[Row]:
    """Mark those of the objects that nothing shows, and return their (key, whether it is cold).

    What is claimed or on its way to another store is left for later.
    """
    # A use that is entered at this moment is seen by a statement that begins once its transaction has ended.
    await tx.run(_LOCK, keys=keys)
    return await tx.all(
        _BEGIN_REMOVAL,
        keys=keys,
        now_ms=now_ms,
        stale_id=id_at(now_ms - CLAIM_MS),
        stale_ms=now_ms - MOVING_MS,
        lost_ms=now_ms - REMOVING_MS,
        again_ms=now_ms + REMOVING_MS,
    )


_DELETE = sql("DELETE FROM media_objects WHERE key = ANY(:keys) AND removing_ms = :begun_ms")


async def delete(tx: Write, keys: Sequence[str], *, begun_ms: int) -> None:
    """Forget objects whose files are removed, by whoever began that at this time."""
    await tx.run(_DELETE, keys=keys, begun_ms=begun_ms)


_CHECK_NOW = sql("UPDATE media_objects SET check_ms = 0 WHERE key = ANY(:keys)")


async def check_soon(tx: Write, keys: Sequence[str]) -> None:
    """Note that something shows these objects no longer: whoever sweeps sees whether anything else does."""
    await tx.run(_CHECK_NOW, keys=sorted(set(keys)))


async def let_go(services: Services, tx: Write, keys: Sequence[str]) -> None:
    """Have those of the objects removed at once that nothing shows any more; the next sweep would do it too."""
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), REMOVED_AT_ONCE):
        task = tasks.RemoveObjects(tuple(wanted[start : start + REMOVED_AT_ONCE]))
        await task_records.enqueue(services, tx, task)


_CHECKED = sql("""
    UPDATE media_objects SET check_ms = CASE
        WHEN EXISTS (SELECT 1 FROM media_files f WHERE f.key = media_objects.key) THEN NULL ELSE CAST(:again_ms AS BIGINT) END
    WHERE key = ANY(:keys) AND removing_ms IS NULL
""")


async def checked(tx: Write, keys: Sequence[str], *, now_ms: int) -> None:
    """Note that objects were looked at and not removed: what nothing shows is looked at again once nobody claims it."""
    await tx.run(_CHECKED, keys=keys, again_ms=now_ms + MOVING_MS)


_DUE = sql("""
    SELECT key FROM media_objects WHERE check_ms < :now_ms ORDER BY check_ms LIMIT :limit
""")


async def due(tx: Read, *, now_ms: int, limit: int) -> list[str]:
    """Return objects of which it is to be seen whether anything shows them, longest due first."""
    return [row[0] for row in await tx.all(_DUE, now_ms=now_ms, limit=limit)]


_GET = sql(
    "SELECT content_type, size_bytes, is_cold FROM media_objects WHERE key = :key AND removing_ms IS NULL"
)


async def get(tx: Read, key: str) -> Row | None:
    """Return (content type, bytes, whether it lies in the cold store) of an object, or None."""
    return await tx.one(_GET, key=key)


_TOTAL = sql("SELECT COUNT(*), CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM media_objects")


async def total(tx: Read) -> tuple[int, int]:
    """Return how many objects there are, and their bytes."""
    row = await tx.one(_TOTAL)
    return (int(row[0]), int(row[1])) if row else (0, 0)


_NOTE_READS = sql("UPDATE media_objects SET reads = reads + :reads, read_ms = :now_ms WHERE key = :key")


async def note_reads(tx: Write, reads: Sequence[tuple[int, str]], *, now_ms: int) -> None:
    """Note how often objects were read: (times, key)."""
    await tx.many(_NOTE_READS, [(times, now_ms, key) for times, key in reads])


_UNREAD = sql("""
    SELECT key FROM media_objects
    WHERE is_cold = FALSE AND read_ms < :before_ms AND created_ms < :before_ms
        AND moving_ms IS NULL AND removing_ms IS NULL
    ORDER BY read_ms LIMIT :limit
""")
_READ_AGAIN = sql("""
    SELECT key FROM media_objects
    WHERE is_cold = TRUE AND read_ms > :after_ms AND reads >= :reads_min
        AND moving_ms IS NULL AND removing_ms IS NULL
    ORDER BY read_ms LIMIT :limit
""")


async def unread(tx: Read, *, before_ms: int, limit: int) -> list[str]:
    """Return objects outside the cold store that came and were last read before that time, longest unread first."""
    return [row[0] for row in await tx.all(_UNREAD, before_ms=before_ms, limit=limit)]


async def read_again(tx: Read, *, after_ms: int, reads_min: int, limit: int) -> list[str]:
    """Return objects in the cold store that were read since that time, and so often since they lie there."""
    return [row[0] for row in await tx.all(_READ_AGAIN, after_ms=after_ms, reads_min=reads_min, limit=limit)]


_BEGIN_MOVE = sql("""
    UPDATE media_objects SET moving_ms = :now_ms
    WHERE key = :key AND is_cold <> :to_cold AND moving_ms IS NULL AND removing_ms IS NULL
    RETURNING content_type, size_bytes
""")
_LAND = sql("""
    UPDATE media_objects SET is_cold = :to_cold, reads = 0 WHERE key = :key AND moving_ms = :began_ms
""")
_END_MOVE = sql("UPDATE media_objects SET moving_ms = NULL WHERE key = :key AND moving_ms = :began_ms")
_PUT_OFF = sql("""
    UPDATE media_objects SET moving_ms = NULL, read_ms = :now_ms, reads = 0
    WHERE key = :key AND moving_ms = :began_ms
""")
_TAKE_OVER = sql("""
    UPDATE media_objects SET moving_ms = :now_ms
    WHERE key = :key AND moving_ms = :began_ms AND removing_ms IS NULL
    RETURNING is_cold
""")
_BROKEN_OFF = sql("SELECT key, moving_ms FROM media_objects WHERE moving_ms < :before_ms LIMIT :limit")


async def begin_move(tx: Write, key: str, *, to_cold: bool, now_ms: int) -> Row | None:
    """Keep an object from being removed and from being moved by others; return its (content type, bytes).

    None when that is not possible, or when it lies there already.
    """
    return next(iter(await tx.all(_BEGIN_MOVE, key=key, to_cold=to_cold, now_ms=now_ms)), None)


async def land(tx: Write, key: str, *, to_cold: bool, began_ms: int) -> bool:
    """Note that an object lies in the other store from now on; False when the move has taken too long."""
    return bool(await tx.run(_LAND, key=key, to_cold=to_cold, began_ms=began_ms))


async def end_move(tx: Write, key: str, *, began_ms: int) -> None:
    """Let an object be removed and moved by others again."""
    await tx.run(_END_MOVE, key=key, began_ms=began_ms)


async def put_off(tx: Write, key: str, *, began_ms: int, now_ms: int) -> None:
    """Leave an object where it is until it has been unread, or read, for as long once more."""
    await tx.run(_PUT_OFF, key=key, began_ms=began_ms, now_ms=now_ms)


async def broken_off(tx: Read, *, now_ms: int, limit: int) -> Sequence[Row]:
    """Return the (key, when the move began) of objects whose move was never ended."""
    return await tx.all(_BROKEN_OFF, before_ms=now_ms - MOVING_MS, limit=limit)


async def take_over_move(tx: Write, key: str, *, began_ms: int, now_ms: int) -> bool | None:
    """Begin a move anew that was broken off; return whether the object is cold, or None when that is not possible."""
    row = next(iter(await tx.all(_TAKE_OVER, key=key, began_ms=began_ms, now_ms=now_ms)), None)
    return bool(row[0]) if row is not None else None


_LIE = sql("UPDATE media_objects SET is_cold = FALSE WHERE key = ANY(:keys) AND is_cold = TRUE")


async def lie_in_first(tx: Write, keys: Sequence[str]) -> None:
    """Note that objects lie in the first store, wherever they lay before."""
    await tx.run(_LIE, keys=keys)


_USAGE = sql("""
    SELECT content_type, is_cold, COUNT(*), CAST(SUM(size_bytes) AS BIGINT) FROM media_objects
    GROUP BY content_type, is_cold ORDER BY content_type, is_cold
""")


async def usage(tx: Read) -> Sequence[Row]:
    """Return (content type, whether cold, objects, bytes) of all objects."""
    return await tx.all(_USAGE)


_PAGE = sql("SELECT key, size_bytes FROM media_objects WHERE key > :after ORDER BY key LIMIT :limit")
_MEANT_TO_LIE = sql("""
    SELECT key FROM media_objects WHERE key = ANY(:keys) AND removing_ms IS NULL AND claim_id < :stale_id
""")
_KNOWN = sql("SELECT key FROM media_objects WHERE key = ANY(:keys)")


async def page(tx: Read, *, after: str, limit: int) -> Sequence[Row]:
    """Return the (key, bytes) of objects behind a key."""
    return await tx.all(_PAGE, after=after, limit=limit)


async def meant_to_lie(tx: Read, keys: Sequence[str], *, now_ms: int) -> set[str]:
    """Return those of the objects that must lie in the store: nobody removes them or is about to write them."""
    found = await tx.all(_MEANT_TO_LIE, keys=keys, stale_id=id_at(now_ms - CLAIM_MS))
    return {row[0] for row in found}


async def known(tx: Read, keys: Sequence[str]) -> set[str]:
    """Return those of the keys that have a row."""
    return {row[0] for row in await tx.all(_KNOWN, keys=keys)}


_BEGIN_ORPHANS_REMOVAL = sql("""
    INSERT INTO media_objects
        (key, content_type, size_bytes, is_cold, created_ms, claim_id, read_ms, reads, removing_ms, check_ms)
    VALUES (:key, :content_type, 0, FALSE, :now_ms, 0, :now_ms, 0, :now_ms, :again_ms)
    ON CONFLICT DO NOTHING
""")


async def begin_orphans_removal(tx: Write, key: str, *, content_type: str, now_ms: int) -> bool:
    """Keep a file that has no row from being claimed while it is removed; False when it has one meanwhile."""
    return bool(
        await tx.run(
            _BEGIN_ORPHANS_REMOVAL,
            key=key,
            content_type=content_type,
            now_ms=now_ms,
            again_ms=now_ms + REMOVING_MS,
        )
    )
