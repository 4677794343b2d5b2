"""Which keys the database is encrypted with: their ids and a check value of each, never a key."""

from collections.abc import Mapping

from rookery.ports import Read, Write
from rookery.sql import sql, sql_per_engine

_LOCK = sql_per_engine(postgres="SELECT pg_advisory_xact_lock(76833)", sqlite="SELECT 1")
_IN_USE = sql("SELECT key_id, check_value FROM vault_keys ORDER BY created_ms, key_id")


async def in_use(tx: Read) -> Mapping[str, str]:
    """Return the check values by the keys' ids, the oldest key first."""
    return {row[0]: row[1] for row in await tx.all(_IN_USE)}


async def lock(tx: Write) -> None:
    """Keep other processes from entering or removing keys until the transaction ends."""
    await tx.one(_LOCK)


_INSERT = sql("""
    INSERT INTO vault_keys (key_id, check_value, created_ms) VALUES (:key_id, :check_value, :now_ms)
    ON CONFLICT DO NOTHING
""")


async def insert(tx: Write, key_id: str, *, check_value: str, now_ms: int) -> bool:
    """Enter a key that encrypts from now on; False when it is there already."""
    return bool(await tx.run(_INSERT, key_id=key_id, check_value=check_value, now_ms=now_ms))


_DELETE = sql("DELETE FROM vault_keys WHERE key_id = :key_id")


async def delete(tx: Write, key_id: str) -> None:
    """Remove a key with which nothing is encrypted any more."""
    await tx.run(_DELETE, key_id=key_id)
