"""What users have noted of others, for themselves alone."""

from rookery.domain.ids import UserId
from rookery.ports import Write
from rookery.sql import sql

_PUT = sql("""
    INSERT INTO notes (user_id, target_id, text) VALUES (:user_id, :target_id, :text)
    ON CONFLICT (user_id, target_id) DO UPDATE SET text = excluded.text
""")


async def put(tx: Write, user_id: UserId, target_id: UserId, text: str) -> None:
    """Enter a note or change it."""
    await tx.run(_PUT, user_id=user_id, target_id=target_id, text=text)


_DELETE = sql("DELETE FROM notes WHERE user_id = :user_id AND target_id = :target_id")


async def delete(tx: Write, user_id: UserId, target_id: UserId) -> bool:
    """Remove a note; False when there was none."""
    return bool(await tx.run(_DELETE, user_id=user_id, target_id=target_id))
