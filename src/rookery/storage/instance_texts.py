"""Longer texts about the instance."""

from rookery.domain.instance_texts import InstanceText, TextKind
from rookery.ports import Read, Write
from rookery.sql import sql

_PUT = sql("""
    INSERT INTO instance_texts (kind, effective_on, text, changed_ms)
    VALUES (:kind, :effective_on, :text, :changed_ms)
    ON CONFLICT (kind, effective_on) DO UPDATE SET text = excluded.text, changed_ms = excluded.changed_ms
""")


async def put(tx: Write, kind: TextKind, written: InstanceText) -> None:
    """Enter a text, in place of the one for the same day."""
    await tx.run(
        _PUT,
        kind=kind.value,
        effective_on=written.effective_on,
        text=written.text,
        changed_ms=written.changed_ms,
    )


_LIST = sql("""
    SELECT text, effective_on, changed_ms FROM instance_texts WHERE kind = :kind
    ORDER BY effective_on DESC LIMIT :limit
""")


async def list_newest(tx: Read, kind: TextKind, *, limit: int) -> list[InstanceText]:
    """Return the texts of a kind, the latest day first."""
    return [InstanceText(*row) for row in await tx.all(_LIST, kind=kind.value, limit=limit)]


_DELETE = sql("DELETE FROM instance_texts WHERE kind = :kind AND effective_on = :effective_on")


async def delete(tx: Write, kind: TextKind, effective_on: str) -> bool:
    """Remove a text; False when there is none for that day."""
    return bool(await tx.run(_DELETE, kind=kind.value, effective_on=effective_on))
