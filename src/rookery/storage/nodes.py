"""Node numbers for Snowflake ids: each process holds one by a lease."""

from rookery.domain.ids import NODES_MAX
from rookery.errors import Unavailable
from rookery.ports import Read, Write
from rookery.sql import sql, sql_per_engine

_LOCK = sql_per_engine(postgres="SELECT pg_advisory_xact_lock(76832)", sqlite="SELECT 1")
_HELD = sql("SELECT node FROM nodes WHERE lease_until_ms > :now_ms ORDER BY node")
_TAKE = sql("""
    INSERT INTO nodes (node, owner, lease_until_ms, key_id) VALUES (:node, :owner, :lease_until_ms, :key_id)
    ON CONFLICT (node) DO UPDATE SET owner = excluded.owner, lease_until_ms = excluded.lease_until_ms,
        key_id = excluded.key_id
""")


async def take(tx: Write, *, owner: str, key_id: str, now_ms: int, lease_until_ms: int) -> int:
    """Lease the smallest free number for a process that encrypts with this key.

    Raises Unavailable when all 1,024 are held.
    """
    await tx.one(_LOCK)
    held = {row[0] for row in await tx.all(_HELD, now_ms=now_ms)}
    free = next((node for node in range(NODES_MAX) if node not in held), None)
    if free is None:
        raise Unavailable(f"all {NODES_MAX} node numbers are held by running processes")
    await tx.run(_TAKE, node=free, owner=owner, lease_until_ms=lease_until_ms, key_id=key_id)
    return free


_KEYS = sql("SELECT DISTINCT key_id FROM nodes WHERE lease_until_ms > :now_ms")


async def keys(tx: Read, *, now_ms: int) -> set[str]:
    """Return the keys that running processes encrypt with."""
    return {row[0] for row in await tx.all(_KEYS, now_ms=now_ms)}


_RENEW = sql("UPDATE nodes SET lease_until_ms = :lease_until_ms WHERE node = :node AND owner = :owner")


async def renew(tx: Write, *, node: int, owner: str, lease_until_ms: int) -> bool:
    """Lengthen the lease; with a time in the past, give it back. False when somebody else holds the number."""
    return bool(await tx.run(_RENEW, node=node, owner=owner, lease_until_ms=lease_until_ms))
