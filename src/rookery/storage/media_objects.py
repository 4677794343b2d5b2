"""Files in the media store: each once, however many media show it, and gone with the last of them.

Whoever is about to show a file claims its object first, then writes it, then enters what shows it and gives the claim
back. Whoever removes takes only objects that nothing shows and nobody claims, marks them, deletes the file, and then
the row: so a file that comes back meanwhile is either still there or written again.
"""

from collections.abc import Sequence
from typing import Final

from rookery.domain.ids import id_at
from rookery.errors import Unavailable
from rookery.ports import Read, Row, Write
from rookery.sql import sql

CLAIM_MS: Final = 3 * 3_600_000
"""How long a claim that was not given back counts: longer than any conversion takes."""

_CLAIM = sql("""
    INSERT INTO media_objects
        (key, content_type, size_bytes, is_cold, created_ms, claim_id, read_ms, reads, removing_ms)
    VALUES (:key, :content_type, :size_bytes, FALSE, :now_ms, :claim_id, :now_ms, 0, NULL)
    ON CONFLICT (key) DO UPDATE SET claim_id = excluded.claim_id
    WHERE media_objects.removing_ms IS NULL
""")


async def claim(
    tx: Write, key: str, *, content_type: str, size_bytes: int, claim_id: int, now_ms: int
) -> None:
    """Keep an object from being removed while it is written. Raises Unavailable while it is being removed."""
    claimed = await tx.run(
        _CLAIM, key=key, content_type=content_type, size_bytes=size_bytes, claim_id=claim_id, now_ms=now_ms
    )
    if not claimed:
        raise Unavailable("this very file is being removed; it can come back in a moment")


_UNCLAIM = sql("UPDATE media_objects SET claim_id = 0 WHERE key = ANY(:keys) AND claim_id = :claim_id")


async def give_back(tx: Write, keys: Sequence[str], *, claim_id: int) -> None:
    """End a claim, unless somebody else has claimed since."""
    await tx.run(_UNCLAIM, keys=keys, claim_id=claim_id)


_BEGIN_REMOVAL = sql("""
    UPDATE media_objects SET removing_ms = :now_ms
    WHERE key = ANY(:keys) AND claim_id < :stale_id
        AND NOT EXISTS (SELECT 1 FROM media_files f WHERE f.key = media_objects.key)
    RETURNING key, is_cold
""")


async def begin_removal(tx: Write, keys: Sequence[str], *, now_ms: int) -> Sequence[Row]:
    """Mark those of the objects that nothing shows, and return their (key, whether it is cold)."""
    return await tx.all(_BEGIN_REMOVAL, keys=keys, now_ms=now_ms, stale_id=id_at(now_ms - CLAIM_MS))


_DELETE = sql("DELETE FROM media_objects WHERE key = ANY(:keys) AND removing_ms IS NOT NULL")


async def delete(tx: Write, keys: Sequence[str]) -> None:
    """Forget objects whose files are removed."""
    await tx.run(_DELETE, keys=keys)


_UNUSED = sql("""
    SELECT o.key FROM media_objects o
    WHERE o.key > :after AND NOT EXISTS (SELECT 1 FROM media_files f WHERE f.key = o.key)
    ORDER BY o.key LIMIT :limit
""")


async def unused(tx: Read, *, after: str, limit: int) -> list[str]:
    """Return objects that nothing shows, by their keys."""
    return [row[0] for row in await tx.all(_UNUSED, after=after, limit=limit)]


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
