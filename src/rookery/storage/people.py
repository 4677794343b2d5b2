"""People behind the users: e-mail addresses, password hashes and when they were here, which nobody else sees."""

from collections.abc import Sequence

from rookery.domain.ids import UserId
from rookery.domain.users import Person
from rookery.ports import Read, Row, Write
from rookery.sql import sql

_INSERT = sql("""
    INSERT INTO people (user_id, email, email_key, password_hash, born_on, sign_up_reason, confirmed_ms)
    VALUES (:user_id, :email, :email_key, :password_hash, :born_on, :sign_up_reason, :confirmed_ms)
    ON CONFLICT DO NOTHING
""")


async def insert(
    tx: Write,
    user_id: UserId,
    *,
    email: str,
    email_key: str | None,
    password_hash: str | None,
    born_on: str,
    sign_up_reason: str,
    confirmed_ms: int | None,
) -> bool:
    """Enter the private part of a user; False when the e-mail address is taken."""
    return bool(
        await tx.run(
            _INSERT,
            user_id=user_id,
            email=email,
            email_key=email_key,
            password_hash=password_hash,
            born_on=born_on,
            sign_up_reason=sign_up_reason,
            confirmed_ms=confirmed_ms,
        )
    )


_ID_BY_EMAIL = sql("SELECT user_id FROM people WHERE email_key = :email_key")


async def id_by_email(tx: Read, email_key: str) -> UserId | None:
    """Return whose e-mail address this is, or None."""
    row = await tx.one(_ID_BY_EMAIL, email_key=email_key)
    return UserId(row[0]) if row else None


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
    SELECT user_id, email, born_on, sign_up_reason, confirmed_ms, last_login_ms, last_seen_ms FROM people
    WHERE user_id = :user_id
""")


async def get(tx: Read, user_id: UserId) -> Person | None:
    """Return the private part of a user, or None."""
    row = await tx.one(_GET, user_id=user_id)
    return Person(*row) if row else None


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


_SET_EMAIL = sql("UPDATE people SET email = :email, email_key = :email_key WHERE user_id = :user_id")


async def set_email(tx: Write, user_id: UserId, *, email: str, email_key: str) -> None:
    """Replace the e-mail address; the caller has made sure that it is free."""
    await tx.run(_SET_EMAIL, user_id=user_id, email=email, email_key=email_key)


_WAITING = sql("""
    SELECT u.id, u.username, p.email, p.sign_up_reason, u.state, u.created_ms FROM users u
    JOIN people p ON p.user_id = u.id
    WHERE u.state IN ('unconfirmed', 'pending') AND u.id > :after_id
    ORDER BY u.id LIMIT :limit
""")


async def waiting(tx: Read, *, after_id: int, limit: int) -> Sequence[Row]:
    """Return users who are not let in yet, in the order of their sign-up.

    Columns: id, username, e-mail, reason, state, created (ms).
    """
    return await tx.all(_WAITING, after_id=after_id, limit=limit)


_ROLL = sql("""
    SELECT u.id, u.username, p.email, u.role, u.state, u.created_ms FROM users u
    LEFT JOIN people p ON p.user_id = u.id
    WHERE u.id > :after_id ORDER BY u.id LIMIT :limit
""")


async def roll(tx: Read, *, after_id: int, limit: int) -> Sequence[Row]:
    """Return all users in the order of their sign-up.

    Columns: id, username, e-mail (None: no private part any more), role, state, created (ms).
    """
    return await tx.all(_ROLL, after_id=after_id, limit=limit)


_DELETE = sql("DELETE FROM people WHERE user_id = :user_id")


async def delete(tx: Write, user_id: UserId) -> None:
    """Remove the private part of a user."""
    await tx.run(_DELETE, user_id=user_id)
