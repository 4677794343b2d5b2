"""The instance's own keys, each made once and shared by all processes."""

from collections.abc import Callable

from rookery.ports import Database, Read, Write
from rookery.sql import sql

_INSERT = sql("INSERT INTO instance_keys (name, secret) VALUES (:name, :secret) ON CONFLICT DO NOTHING")
_GET = sql("SELECT secret FROM instance_keys WHERE name = :name")


async def shared(db: Database, name: str, make: Callable[[], str]) -> str:
    """Return one of the instance's own keys, which is made when it is first asked for."""
    async with db.read() as tx:
        kept = await _get(tx, name)
    if kept is not None:
        return kept
    made = make()
    return await db.write(lambda tx: _enter(tx, name, made))


async def _get(tx: Read, name: str) -> str | None:
    """Return a key, or None before it was made."""
    row = await tx.one(_GET, name=name)
    return row[0] if row else None


async def _enter(tx: Write, name: str, secret: str) -> str:
    """Enter a key and return the one that holds: another process may have been faster."""
    await tx.run(_INSERT, name=name, secret=secret)
    return await _get(tx, name) or secret
