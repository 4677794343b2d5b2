"""People behind the users: e-mail addresses, password hashes and when they were here, which nobody else sees.

Addresses, dates of birth and reasons to join are kept encrypted; an address is found by hashes of it, one for each key
that the instance has, so that two processes that share a key never give one address to two users.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from rookery.domain.ids import UserId
from rookery.domain.sign_up import email_key
from rookery.domain.users import Person
from rookery.ports import Read, Row, Vault, Write
from rookery.services import Services
from rookery.sql import sql, sql_per_engine

UNSEALED: Final = ""
"""The key's id of rows from before there were keys: their texts are plain."""


def _context(column: str, user_id: UserId) -> str:
    return f"people.{column} {user_id}"


def _opened(vault: Vault, kept: str, column: str, user_id: UserId, key_id: str) -> str:
    return kept if key_id == UNSEALED else vault.decrypt(kept, context=_context(column, user_id))


def _sealed(vault: Vault, user_id: UserId, **texts: str) -> dict[str, str]:
    """Return what is kept of these columns."""
    return {column: vault.encrypt(text, context=_context(column, user_id)) for column, text in texts.items()}


def _hashes(vault: Vault, email: str) -> Mapping[str, bytes]:
    """Return the hashes under which an address is found, by the key's id."""
    key = email_key(email)
    return vault.lookups(key, context="people.email") if key is not None else {}


_INSERT = sql("""
    INSERT INTO people (user_id, email, password_hash, born_on, sign_up_reason, confirmed_ms, key_id)
    VALUES (:user_id, :email, :password_hash, :born_on, :sign_up_reason, :confirmed_ms, :key_id)
    ON CONFLICT DO NOTHING
""")
_INSERT_HASH = sql("""
    INSERT INTO email_hashes (email_hash, user_id, key_id) VALUES (:email_hash, :user_id, :key_id)
    ON CONFLICT DO NOTHING
""")


async def insert(
    services: Services,
    tx: Write,
    user_id: UserId,
    *,
    email: str,
    password_hash: str | None,
    born_on: str,
    sign_up_reason: str,
    confirmed_ms: int | None,
) -> bool:
    """Enter the private part of a user; False when the e-mail address is taken."""
    inserted = await tx.run(
        _INSERT,
        user_id=user_id,
        **_sealed(services.vault, user_id, email=email, born_on=born_on, sign_up_reason=sign_up_reason),
        password_hash=password_hash,
        confirmed_ms=confirmed_ms,
        key_id=services.vault.key_id,
    )
    return bool(inserted) and await _insert_hashes(services.vault, tx, user_id, email)


async def _insert_hashes(vault: Vault, tx: Write, user_id: UserId, email: str) -> bool:
    """Enter the hashes of an address; False when one of them is somebody's."""
    free = True
    # Whatever the order of each process's keys, all enter the hashes in one order: so nobody waits for one another.
    for key_id, email_hash in sorted(_hashes(vault, email).items(), key=lambda item: item[1]):
        inserted = await tx.run(_INSERT_HASH, email_hash=email_hash, user_id=user_id, key_id=key_id)
        free = free and bool(inserted)
    return free


_ID_BY_EMAIL = sql("SELECT user_id FROM email_hashes WHERE email_hash = ANY(:email_hashes) LIMIT 1")


async def id_by_email(services: Services, tx: Read, email: str) -> UserId | None:
    """Return whose e-mail address this is, or None."""
    hashes = list(_hashes(services.vault, email).values())
    row = await tx.one(_ID_BY_EMAIL, email_hashes=hashes) if hashes else None
    return UserId(row[0]) if row else None


_EMAIL = sql("SELECT email, key_id FROM people WHERE user_id = :user_id")


_LOCK = sql_per_engine(
    postgres="SELECT user_id FROM people WHERE user_id = :user_id FOR UPDATE",
    sqlite="SELECT user_id FROM people WHERE user_id = :user_id",
)


async def lock(tx: Write, user_id: UserId) -> None:
    """Keep other writers off a user's private part until the transaction ends. SQLite has one writer at a time."""
    await tx.one(_LOCK, user_id=user_id)


async def email_of(services: Services, tx: Read, user_id: UserId) -> str | None:
    """Return the user's e-mail address, or None when there is none."""
    row = await tx.one(_EMAIL, user_id=user_id)
    return (_opened(services.vault, row[0], "email", user_id, row[1]) or None) if row else None


_PASSWORD_HASH = sql("SELECT password_hash FROM people WHERE user_id = :user_id")


async def password_hash(tx: Read, user_id: UserId) -> str | None:
    """Return the hash of the user's password, or None when there is none."""
    row = await tx.one(_PASSWORD_HASH, user_id=user_id)
    return row[0] if row else None


_SET_PASSWORD_HASH = sql("UPDATE people SET password_hash = :password_hash WHERE user_id = :user_id")


async def set_password_hash(tx: Write, user_id: UserId, password_hash: str) -> None:
    """Replace the hash of the user's password."""
    await tx.run(_SET_PASSWORD_HASH, user_id=user_id, password_hash=password_hash)


_GET = sql("""
    SELECT user_id, email, born_on, sign_up_reason, confirmed_ms, last_login_ms, last_seen_ms, key_id FROM people
    WHERE user_id = :user_id
""")


async def get(services: Services, tx: Read, user_id: UserId) -> Person | None:
    """Return the private part of a user, or None."""
    row = await tx.one(_GET, user_id=user_id)
    if row is None:
        return None
    _, email, born_on, reason, *times, key_id = row
    vault = services.vault
    return Person(
        user_id,
        _opened(vault, email, "email", user_id, key_id),
        _opened(vault, born_on, "born_on", user_id, key_id),
        _opened(vault, reason, "sign_up_reason", user_id, key_id),
        *times,
    )


_NOTE_LOGIN = sql(
    "UPDATE people SET last_login_ms = :now_ms, last_seen_ms = :now_ms WHERE user_id = :user_id"
)


async def note_login(tx: Write, user_id: UserId, *, now_ms: int) -> None:
    """Remember when the user signed in."""
    await tx.run(_NOTE_LOGIN, user_id=user_id, now_ms=now_ms)


_NOTE_SEEN = sql("UPDATE people SET last_seen_ms = :now_ms WHERE user_id = :user_id")


async def note_seen(tx: Write, user_id: UserId, *, now_ms: int) -> None:
    """Remember when a user was last here."""
    await tx.run(_NOTE_SEEN, user_id=user_id, now_ms=now_ms)


_CONFIRM = sql("UPDATE people SET confirmed_ms = :now_ms WHERE user_id = :user_id AND confirmed_ms IS NULL")


async def note_confirmation(tx: Write, user_id: UserId, *, now_ms: int) -> None:
    """Remember when the e-mail address was proved."""
    await tx.run(_CONFIRM, user_id=user_id, now_ms=now_ms)


_SEAL = sql("""
    UPDATE people SET email = :email, email_key = NULL, born_on = :born_on, sign_up_reason = :sign_up_reason,
        key_id = :key_id
    WHERE user_id = :user_id AND email = :email_before AND key_id = :key_id_before
""")
_DELETE_HASHES = sql("DELETE FROM email_hashes WHERE user_id = :user_id")


async def set_email(services: Services, tx: Write, user_id: UserId, *, email: str) -> bool:
    """Replace the e-mail address; False when it is somebody else's."""
    # What was read may have been encrypted anew by the time it is written: then it is read again.
    while row := await tx.one(_SEALED, user_id=user_id):
        if await _seal(services.vault, tx, SealedPerson(*row), email=email):
            break
    else:
        return False
    await tx.run(_DELETE_HASHES, user_id=user_id)
    return await _insert_hashes(services.vault, tx, user_id, email)


class SealedPerson(NamedTuple):
    """The private part of a user as it is kept."""

    user_id: UserId
    email: str
    born_on: str
    sign_up_reason: str
    key_id: str


_SEALED = sql("""
    SELECT user_id, email, born_on, sign_up_reason, key_id FROM people WHERE user_id = :user_id
""")
_SEALED_WITH = sql("""
    SELECT user_id, email, born_on, sign_up_reason, key_id FROM people
    WHERE key_id = :key_id ORDER BY user_id LIMIT :limit
""")


async def sealed_with(tx: Read, key_id: str, *, limit: int) -> list[SealedPerson]:
    """Return private parts of users that are encrypted with this key (`UNSEALED`: with none)."""
    return [SealedPerson(*row) for row in await tx.all(_SEALED_WITH, key_id=key_id, limit=limit)]


async def reseal(vault: Vault, tx: Write, person: SealedPerson) -> bool:
    """Encrypt the private part of a user with the first key; False when somebody has changed it meanwhile."""
    email = _opened(vault, person.email, "email", person.user_id, person.key_id)
    if not await _seal(vault, tx, person, email=email):
        return False
    await _insert_hashes(vault, tx, person.user_id, email)
    return True


async def _seal(vault: Vault, tx: Write, person: SealedPerson, *, email: str) -> bool:
    user_id, _, born_on, reason, key_id = person
    texts = _sealed(
        vault,
        user_id,
        email=email,
        born_on=_opened(vault, born_on, "born_on", user_id, key_id),
        sign_up_reason=_opened(vault, reason, "sign_up_reason", user_id, key_id),
    )
    return bool(
        await tx.run(
            _SEAL,
            user_id=user_id,
            **texts,
            key_id=vault.key_id,
            email_before=person.email,
            key_id_before=key_id,
        )
    )


_COUNT_SEALED = sql("""
    SELECT COUNT(*), MAX(user_id) FROM (
        SELECT user_id FROM people WHERE key_id = :key_id AND user_id > :after_id ORDER BY user_id LIMIT :limit
    ) AS slice
""")


async def count_sealed(tx: Read, key_id: str, *, after_id: int, limit: int) -> tuple[int, int]:
    """Return how many of the next private parts are encrypted with this key, and the last one's id."""
    row = await tx.one(_COUNT_SEALED, key_id=key_id, after_id=after_id, limit=limit)
    return (row[0], row[1] or 0) if row else (0, 0)


_DELETE_HASHES_OF_KEY = sql("""
    DELETE FROM email_hashes WHERE key_id = :key_id AND email_hash IN (
        SELECT email_hash FROM email_hashes WHERE key_id = :key_id LIMIT :limit)
""")


async def delete_hashes_of_key(tx: Write, key_id: str, *, limit: int) -> int:
    """Remove hashes of addresses that were made with a key which is no longer the first; return how many."""
    return await tx.run(_DELETE_HASHES_OF_KEY, key_id=key_id, limit=limit)


_WAITING = sql("""
    SELECT u.id, u.username, p.email, p.sign_up_reason, u.state, u.created_ms, p.key_id FROM users u
    JOIN people p ON p.user_id = u.id
    WHERE u.state IN ('unconfirmed', 'pending') AND u.id > :after_id
    ORDER BY u.id LIMIT :limit
""")


async def waiting(services: Services, tx: Read, *, after_id: int, limit: int) -> list[Row]:
    """Return users who are not let in yet, in the order of their sign-up.

    Columns: id, username, e-mail, reason, state, created (ms).
    """
    vault = services.vault
    return [
        (
            user_id,
            username,
            _opened(vault, email, "email", user_id, key_id),
            _opened(vault, reason, "sign_up_reason", user_id, key_id),
            *rest,
        )
        for user_id, username, email, reason, *rest, key_id in await tx.all(
            _WAITING, after_id=after_id, limit=limit
        )
    ]


_ROLL = sql("""
    SELECT u.id, u.username, p.email, u.role, u.state, u.created_ms, p.key_id FROM users u
    LEFT JOIN people p ON p.user_id = u.id
    WHERE u.id > :after_id ORDER BY u.id LIMIT :limit
""")


async def roll(services: Services, tx: Read, *, after_id: int, limit: int) -> list[Row]:
    """Return all users in the order of their sign-up.

    Columns: id, username, e-mail (None: no private part any more), role, state, created (ms).
    """
    vault = services.vault
    return [
        (
            user_id,
            username,
            _opened(vault, email, "email", user_id, key_id) if email is not None else None,
            *rest,
        )
        for user_id, username, email, *rest, key_id in await tx.all(_ROLL, after_id=after_id, limit=limit)
    ]


_DELETE = sql("DELETE FROM people WHERE user_id = :user_id")


async def delete(tx: Write, user_id: UserId) -> None:
    """Remove the private part of a user."""
    await tx.run(_DELETE, user_id=user_id)
    await tx.run(_DELETE_HASHES, user_id=user_id)
