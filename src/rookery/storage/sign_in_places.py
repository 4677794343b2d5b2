"""From where users have signed in: hashes of network and browser, which only this instance can make."""

from typing import Final

from rookery.domain.ids import UserId
from rookery.ports import Read, Write
from rookery.sql import sql

PLACES_MAX: Final = 50
"""Places of one user that are remembered; the oldest leave."""

_KNOWN = sql("SELECT place FROM sign_in_places WHERE user_id = :user_id LIMIT :limit")


async def known(tx: Read, user_id: UserId) -> set[bytes]:
    """Return the places that a user has signed in from."""
    rows = await tx.all(_KNOWN, user_id=user_id, limit=2 * PLACES_MAX)
    return {bytes(row[0]) for row in rows}


_NOTE = sql("""
    INSERT INTO sign_in_places (user_id, place, seen_ms) VALUES (:user_id, :place, :now_ms)
    ON CONFLICT (user_id, place) DO UPDATE SET seen_ms = excluded.seen_ms
""")
_FORGET = sql("""
    DELETE FROM sign_in_places WHERE user_id = :user_id AND place NOT IN (
        SELECT place FROM sign_in_places WHERE user_id = :user_id ORDER BY seen_ms DESC LIMIT :limit)
""")


async def note(tx: Write, user_id: UserId, place: bytes, *, now_ms: int) -> None:
    """Remember a place, and forget the oldest when there are too many."""
    await tx.run(_NOTE, user_id=user_id, place=place, now_ms=now_ms)
    await tx.run(_FORGET, user_id=user_id, limit=PLACES_MAX)


_DELETE_OF_USER = sql("DELETE FROM sign_in_places WHERE user_id = :user_id")


async def delete_of_user(tx: Write, user_id: UserId) -> None:
    """Forget all of a user's places; there are few."""
    await tx.run(_DELETE_OF_USER, user_id=user_id)
