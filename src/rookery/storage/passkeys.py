"""Passkeys (WebAuthn credentials) and the challenges that are answered with them."""

from collections.abc import Sequence
from typing import NamedTuple

from rookery.domain.ids import UserId
from rookery.ports import Read, Write
from rookery.sql import sql


class Passkey(NamedTuple):
    """A public key and what its device says of it."""

    id: int
    user_id: UserId
    credential_id: bytes
    public_key: bytes
    user_handle: bytes
    """What stands for the user on the device: random, the same for all of a user's passkeys."""
    sign_count: int
    transports: str
    """Ways to reach the device, separated by blanks."""
    name: str
    created_ms: int
    last_used_ms: int | None


_INSERT = sql("""
    INSERT INTO passkeys (id, user_id, credential_id, public_key, user_handle, sign_count, transports, name, created_ms)
    VALUES (:id, :user_id, :credential_id, :public_key, :user_handle, :sign_count, :transports, :name, :created_ms)
    ON CONFLICT DO NOTHING
""")


async def insert(tx: Write, passkey: Passkey) -> bool:
    """Enter a passkey; False when the device's key is registered already."""
    values = passkey._asdict()
    del values["last_used_ms"]
    return bool(await tx.run(_INSERT, **values))


_OF_USER = sql("""
    SELECT id, user_id, credential_id, public_key, user_handle, sign_count, transports, name, created_ms, last_used_ms
    FROM passkeys WHERE user_id = :user_id ORDER BY id LIMIT :limit
""")


async def of_user(tx: Read, user_id: UserId, *, limit: int) -> Sequence[Passkey]:
    """Return a user's passkeys, the oldest first."""
    return [_passkey(*row) for row in await tx.all(_OF_USER, user_id=user_id, limit=limit)]


_GET = sql("""
    SELECT id, user_id, credential_id, public_key, user_handle, sign_count, transports, name, created_ms, last_used_ms
    FROM passkeys WHERE credential_id = :credential_id
""")


async def get(tx: Read, credential_id: bytes) -> Passkey | None:
    """Return the passkey of that name, or None."""
    row = await tx.one(_GET, credential_id=credential_id)
    return _passkey(*row) if row else None


def _passkey(
    passkey_id: int, user_id: UserId, credential_id: bytes, public_key: bytes, user_handle: bytes, *rest: int
) -> Passkey:
    values: tuple[int, str, str, int, int | None] = rest  # pyright: ignore[reportAssignmentType]
    return Passkey(passkey_id, user_id, bytes(credential_id), bytes(public_key), bytes(user_handle), *values)


_COUNT = sql("SELECT COUNT(*) FROM passkeys WHERE user_id = :user_id")


async def count(tx: Read, user_id: UserId) -> int:
    """Return how many passkeys a user has."""
    row = await tx.one(_COUNT, user_id=user_id)
    return row[0] if row else 0


_NOTE_USE = sql("""
    UPDATE passkeys SET sign_count = :sign_count, last_used_ms = :now_ms
    WHERE id = :id AND sign_count = :sign_count_before
""")


async def note_use(tx: Write, passkey: Passkey, *, sign_count: int, now_ms: int) -> bool:
    """Remember a use and how often the device says it was used; False when another use came between."""
    return bool(
        await tx.run(
            _NOTE_USE,
            id=passkey.id,
            sign_count=sign_count,
            now_ms=now_ms,
            sign_count_before=passkey.sign_count,
        )
    )


_DELETE = sql("DELETE FROM passkeys WHERE id = :id AND user_id = :user_id")


async def delete(tx: Write, user_id: UserId, passkey_id: int) -> bool:
    """Remove one of a user's passkeys; False when there is none."""
    return bool(await tx.run(_DELETE, id=passkey_id, user_id=user_id))


_DELETE_OF_USER = sql("DELETE FROM passkeys WHERE user_id = :user_id")
_DELETE_CHALLENGES = sql("DELETE FROM passkey_challenges WHERE user_id = :user_id")


async def delete_of_user(tx: Write, user_id: UserId) -> None:
    """Remove all of a user's passkeys and challenges."""
    await tx.run(_DELETE_OF_USER, user_id=user_id)
    await tx.run(_DELETE_CHALLENGES, user_id=user_id)


_INSERT_CHALLENGE = sql("""
    INSERT INTO passkey_challenges (challenge_hash, purpose, user_id, user_handle, expires_ms)
    VALUES (:challenge_hash, :purpose, :user_id, :user_handle, :expires_ms)
""")


async def insert_challenge(
    tx: Write,
    challenge_hash: bytes,
    *,
    purpose: str,
    user_id: UserId | None,
    user_handle: bytes | None,
    expires_ms: int,
) -> None:
    """Remember a challenge; `user_id` is None where anybody may answer it, `user_handle` where no key is made."""
    await tx.run(
        _INSERT_CHALLENGE,
        challenge_hash=challenge_hash,
        purpose=purpose,
        user_id=user_id,
        user_handle=user_handle,
        expires_ms=expires_ms,
    )


_USE_CHALLENGE = sql("""
    DELETE FROM passkey_challenges WHERE challenge_hash = :challenge_hash
    RETURNING purpose, user_id, user_handle, expires_ms
""")


async def use_challenge(
    tx: Write, challenge_hash: bytes, *, purpose: str, user_id: UserId | None, now_ms: int
) -> bytes | None:
    """Take a challenge, whatever comes of it, and return the user handle it was made with (empty: none).

    None when it is unknown, too old, or was meant for something else.
    """
    for meant_for, whose, handle, expires_ms in await tx.all(_USE_CHALLENGE, challenge_hash=challenge_hash):
        if (meant_for, whose) == (purpose, user_id) and expires_ms > now_ms:
            return bytes(handle or b"")
    return None


_DELETE_EXPIRED = sql("""
    DELETE FROM passkey_challenges WHERE challenge_hash IN (
        SELECT challenge_hash FROM passkey_challenges WHERE expires_ms < :before_ms ORDER BY expires_ms LIMIT :limit)
""")


async def delete_expired_challenges(tx: Write, *, before_ms: int, limit: int) -> int:
    """Remove challenges that ended before that time; return how many."""
    return await tx.run(_DELETE_EXPIRED, before_ms=before_ms, limit=limit)
