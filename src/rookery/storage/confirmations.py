"""Codes in links that prove an e-mail address, stored as hashes."""

from rookery.domain.ids import UserId
from rookery.ports import Read, Write
from rookery.sql import sql

EMAIL = "email"
"""The purpose of a code that proves the e-mail address."""
PASSWORD = "password"  # noqa: S105  a purpose, no password
"""The purpose of a code that lets its holder choose a new password."""

_INSERT = sql("""
    INSERT INTO confirmations (code_hash, user_id, purpose, expires_ms)
    VALUES (:code_hash, :user_id, :purpose, :expires_ms)
""")


async def insert(tx: Write, code_hash: bytes, user_id: UserId, *, purpose: str, expires_ms: int) -> None:
    """Enter a code."""
    await tx.run(_INSERT, code_hash=code_hash, user_id=user_id, purpose=purpose, expires_ms=expires_ms)


_USER_OF = sql("""
    SELECT user_id FROM confirmations
    WHERE code_hash = :code_hash AND purpose = :purpose AND expires_ms > :now_ms
""")


async def user_of(tx: Read, code_hash: bytes, *, purpose: str, now_ms: int) -> UserId | None:
    """Return whose code this is, or None when it is unknown or over."""
    row = await tx.one(_USER_OF, code_hash=code_hash, purpose=purpose, now_ms=now_ms)
    return UserId(row[0]) if row else None


_USE = sql("DELETE FROM confirmations WHERE code_hash = :code_hash")


async def use(tx: Write, code_hash: bytes) -> bool:
    """Take a code that is good once; False when it was taken already."""
    return bool(await tx.run(_USE, code_hash=code_hash))


_DELETE_OF_USER = sql("DELETE FROM confirmations WHERE user_id = :user_id")


async def delete_of_user(tx: Write, user_id: UserId) -> None:
    """Remove all of a user's codes."""
    await tx.run(_DELETE_OF_USER, user_id=user_id)


_DELETE_EXPIRED = sql("""
    DELETE FROM confirmations WHERE code_hash IN (
        SELECT code_hash FROM confirmations WHERE expires_ms < :before_ms ORDER BY expires_ms LIMIT :limit)
""")


async def delete_expired(tx: Write, *, before_ms: int, limit: int) -> int:
    """Remove codes that ended before that time; return how many."""
    return await tx.run(_DELETE_EXPIRED, before_ms=before_ms, limit=limit)
