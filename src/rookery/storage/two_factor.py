"""Secrets of two-factor sign-in, encrypted, the codes that stand in for a lost device, and sign-ins between two steps."""

from typing import Final, NamedTuple

from rookery.domain.ids import UserId
from rookery.ports import Read, Vault, Write
from rookery.sql import sql

NEVER: Final = 0
"""The time step of a secret of which no code was used yet."""


class TwoFactor(NamedTuple):
    """A user's secret and when it was confirmed (ms, UTC; None: not yet, so it is not asked for)."""

    secret: str
    confirmed_ms: int | None


def _context(user_id: UserId) -> str:
    return f"two_factor.secret {user_id}"


_GET = sql("SELECT secret, confirmed_ms FROM two_factor WHERE user_id = :user_id")


async def get(vault: Vault, tx: Read, user_id: UserId) -> TwoFactor | None:
    """Return a user's secret, confirmed or not, or None."""
    row = await tx.one(_GET, user_id=user_id)
    return TwoFactor(vault.decrypt(row[0], context=_context(user_id)), row[1]) if row else None


_IS_ON = sql("SELECT 1 FROM two_factor WHERE user_id = :user_id AND confirmed_ms IS NOT NULL")


async def is_on(tx: Read, user_id: UserId) -> bool:
    """Tell whether a user signs in with two factors."""
    return await tx.one(_IS_ON, user_id=user_id) is not None


_PUT = sql("""
    INSERT INTO two_factor (user_id, secret, key_id, last_step, created_ms)
    VALUES (:user_id, :secret, :key_id, 0, :now_ms)
    ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, key_id = excluded.key_id, last_step = 0,
        created_ms = excluded.created_ms
    WHERE two_factor.confirmed_ms IS NULL
""")


async def put(vault: Vault, tx: Write, user_id: UserId, secret: str, *, now_ms: int) -> bool:
    """Keep a new secret that is to be confirmed; False when a confirmed one is there."""
    kept = vault.encrypt(secret, context=_context(user_id))
    return bool(await tx.run(_PUT, user_id=user_id, secret=kept, key_id=vault.key_id, now_ms=now_ms))


_USE_STEP = sql("""
    UPDATE two_factor SET last_step = :step WHERE user_id = :user_id AND last_step < :step
""")


async def use_step(tx: Write, user_id: UserId, step: int) -> bool:
    """Take the code of a time step; False when it, or a later one, was used already."""
    return bool(await tx.run(_USE_STEP, user_id=user_id, step=step))


_CONFIRM = sql("""
    UPDATE two_factor SET confirmed_ms = :now_ms WHERE user_id = :user_id AND confirmed_ms IS NULL
""")


async def confirm(tx: Write, user_id: UserId, *, now_ms: int) -> bool:
    """Ask for codes from now on; False when that is so already, or there is no secret."""
    return bool(await tx.run(_CONFIRM, user_id=user_id, now_ms=now_ms))


_DELETE = sql("DELETE FROM two_factor WHERE user_id = :user_id")
_DELETE_CODES = sql("DELETE FROM recovery_codes WHERE user_id = :user_id")
_DELETE_STEPS = sql("DELETE FROM sign_in_steps WHERE user_id = :user_id")


async def delete(tx: Write, user_id: UserId) -> bool:
    """Remove a user's secret and codes; False when there was no secret."""
    removed = bool(await tx.run(_DELETE, user_id=user_id))
    await tx.run(_DELETE_CODES, user_id=user_id)
    await tx.run(_DELETE_STEPS, user_id=user_id)
    return removed


async def delete_steps(tx: Write, user_id: UserId) -> None:
    """End the sign-ins of a user who is between two steps."""
    await tx.run(_DELETE_STEPS, user_id=user_id)


_INSERT_CODE = sql("INSERT INTO recovery_codes (user_id, code_hash) VALUES (:user_id, :code_hash)")


async def replace_codes(tx: Write, user_id: UserId, code_hashes: list[bytes]) -> None:
    """Replace a user's recovery codes."""
    await tx.run(_DELETE_CODES, user_id=user_id)
    await tx.many(_INSERT_CODE, [(user_id, code_hash) for code_hash in code_hashes])


_USE_CODE = sql("DELETE FROM recovery_codes WHERE user_id = :user_id AND code_hash = :code_hash")


async def use_code(tx: Write, user_id: UserId, code_hash: bytes) -> bool:
    """Take a recovery code; False when the user has no such code (any more)."""
    return bool(await tx.run(_USE_CODE, user_id=user_id, code_hash=code_hash))


_COUNT_CODES = sql("SELECT COUNT(*) FROM recovery_codes WHERE user_id = :user_id")


async def count_codes(tx: Read, user_id: UserId) -> int:
    """Return how many recovery codes a user has left."""
    row = await tx.one(_COUNT_CODES, user_id=user_id)
    return row[0] if row else 0


_INSERT_STEP = sql("""
    INSERT INTO sign_in_steps (ticket_hash, user_id, expires_ms) VALUES (:ticket_hash, :user_id, :expires_ms)
""")


async def insert_step(tx: Write, ticket_hash: bytes, user_id: UserId, *, expires_ms: int) -> None:
    """Remember that a user has given the right password and owes the second factor."""
    await tx.run(_INSERT_STEP, ticket_hash=ticket_hash, user_id=user_id, expires_ms=expires_ms)


_USER_OF_STEP = sql("""
    SELECT user_id FROM sign_in_steps WHERE ticket_hash = :ticket_hash AND expires_ms > :now_ms
""")


async def user_of_step(tx: Read, ticket_hash: bytes, *, now_ms: int) -> UserId | None:
    """Return who is between two steps, or None when the ticket is unknown or over."""
    row = await tx.one(_USER_OF_STEP, ticket_hash=ticket_hash, now_ms=now_ms)
    return UserId(row[0]) if row else None


_USE_STEP_TICKET = sql("DELETE FROM sign_in_steps WHERE ticket_hash = :ticket_hash")


async def finish_step(tx: Write, ticket_hash: bytes) -> bool:
    """Take the ticket; False when it was taken already."""
    return bool(await tx.run(_USE_STEP_TICKET, ticket_hash=ticket_hash))


_DELETE_EXPIRED_STEPS = sql("""
    DELETE FROM sign_in_steps WHERE ticket_hash IN (
        SELECT ticket_hash FROM sign_in_steps WHERE expires_ms < :before_ms ORDER BY expires_ms LIMIT :limit)
""")


async def delete_expired_steps(tx: Write, *, before_ms: int, limit: int) -> int:
    """Remove tickets that ended before that time; return how many."""
    return await tx.run(_DELETE_EXPIRED_STEPS, before_ms=before_ms, limit=limit)


class SealedSecret(NamedTuple):
    """A secret as it is kept."""

    user_id: UserId
    secret: str


_SEALED_WITH = sql("""
    SELECT user_id, secret FROM two_factor WHERE key_id = :key_id ORDER BY user_id LIMIT :limit
""")


async def sealed_with(tx: Read, key_id: str, *, limit: int) -> list[SealedSecret]:
    """Return secrets that are encrypted with this key."""
    return [SealedSecret(*row) for row in await tx.all(_SEALED_WITH, key_id=key_id, limit=limit)]


_SEAL = sql("""
    UPDATE two_factor SET secret = :secret, key_id = :key_id WHERE user_id = :user_id AND secret = :secret_before
""")


async def reseal(vault: Vault, tx: Write, kept: SealedSecret) -> bool:
    """Encrypt a secret with the first key; False when somebody has changed it meanwhile."""
    context = _context(kept.user_id)
    secret = vault.encrypt(vault.decrypt(kept.secret, context=context), context=context)
    return bool(
        await tx.run(
            _SEAL, user_id=kept.user_id, secret=secret, key_id=vault.key_id, secret_before=kept.secret
        )
    )


_COUNT_SEALED = sql("""
    SELECT COUNT(*), MAX(user_id) FROM (
        SELECT user_id FROM two_factor WHERE key_id = :key_id AND user_id > :after_id ORDER BY user_id LIMIT :limit
    ) AS slice
""")


async def count_sealed(tx: Read, key_id: str, *, after_id: int, limit: int) -> tuple[int, int]:
    """Return how many of the next secrets are encrypted with this key, and the last one's user."""
    row = await tx.one(_COUNT_SEALED, key_id=key_id, after_id=after_id, limit=limit)
    return (row[0], row[1] or 0) if row else (0, 0)
