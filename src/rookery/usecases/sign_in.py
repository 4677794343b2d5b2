"""Signing in and out with a browser, and changing the password."""

from typing import Final, NamedTuple

from rookery import tasks
from rookery.domain import passwords
from rookery.domain.ids import UserId
from rookery.domain.letters import LetterKind
from rookery.domain.live import AccessEnded
from rookery.domain.tokens import hash_of, new_secret
from rookery.domain.users import User, UserState
from rookery.entrance import (
    FAILURES_PER_ADDRESS_MAX,
    FAILURES_PER_USER_MAX,
    SignedIn,
    Visitor,
    begin_session,
    count_attempt,
    end_access,
    refusal,
)
from rookery.errors import Invalid, InvalidFields, NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import (
    authorization_codes,
    confirmations,
    people,
    sessions,
    sign_in_failures,
    tokens,
    two_factor,
    users,
)
from rookery.storage import tasks as task_records

LOGIN_CHARS_MAX: Final = 254
RESETS_PER_ADDRESS_MAX: Final = 10
"""How often somebody at one address may ask for a new password, in the window of failures."""
STEP_LIFE_MS: Final = 600_000
"""How long one may take from the password to the second factor."""
_NO_LINK: Final = "This link is unknown, used or too old"
SESSIONS_MAX: Final = 100
"""Sessions shown to a user, the newest first."""


class SecondStep(NamedTuple):
    """The password was right, and the second factor is still to come; the ticket says so."""

    ticket: str


async def sign_in(
    services: Services, *, login: str, password: str, visitor: Visitor
) -> SignedIn | SecondStep:
    """Begin a session for the user with this name or e-mail address, or ask for the second factor first.

    An unknown name and a wrong password get the same answer after the same work. Raises Invalid for that, TooMany when
    it happened too often for this login or from this address, Forbidden when the user is not let in (yet).
    """
    login = login.strip()[:LOGIN_CHARS_MAX]
    async with services.db.read() as tx:
        found = await people.id_by_email(services, tx, login) if "@" in login else None
        user = await users.get(tx, found) if found is not None else await users.get_by_name(tx, login)
        stored = await people.password_hash(tx, user.id) if user is not None else None
    whom = (
        sign_in_failures.user_key(user.id) if user is not None else f"login:{hash_of(login.casefold()).hex()}"
    )
    await count_attempt(
        services, {whom: FAILURES_PER_USER_MAX, visitor.failures_key: FAILURES_PER_ADDRESS_MAX}
    )
    fits = await services.passwords.verify(stored, password[: services.limits.password_chars_max])
    if not fits or user is None or user.state is UserState.DELETED:
        raise Invalid("The user name, e-mail address or password is wrong")

    async def forgive(tx: Write) -> None:
        await sign_in_failures.delete(tx, whom)
        await sign_in_failures.forget_one(tx, [visitor.failures_key])

    if (refused := refusal(user)) is not None:
        await services.db.write(forgive)
        raise refused
    ticket = new_secret()

    async def work(tx: Write) -> SignedIn | SecondStep:
        await forgive(tx)
        if not await two_factor.is_on(tx, user.id):
            return await begin_session(services, tx, user, visitor)
        expires_ms = services.now_ms() + STEP_LIFE_MS
        await two_factor.insert_step(tx, hash_of(ticket), user.id, expires_ms=expires_ms)
        return SecondStep(ticket)

    return await services.db.write(work)


async def session_user(services: Services, session: str) -> User | None:
    """Return who is signed in with this cookie, or None."""
    async with services.db.read() as tx:
        user_id = await sessions.user_of(tx, hash_of(session), now_ms=services.now_ms())
        user = await users.get(tx, user_id) if user_id is not None else None
    return user if user is not None and user.active else None


async def sign_out(services: Services, session: str) -> None:
    """End a session, and with it what the web client got in it. One that is over already is fine."""
    session_hash = hash_of(session)

    async def work(tx: Write) -> None:
        await sessions.delete(tx, session_hash)
        await end_access(services, tx, await tokens.delete_of_session(tx, session_hash))

    await services.db.write(work)


class OpenSession(NamedTuple):
    """A browser that is signed in."""

    name: str
    """What ends it; it does not open it."""
    browser: str
    since_ms: int
    is_here: bool


async def open_sessions(services: Services, user_id: UserId, *, session: str) -> list[OpenSession]:
    """Return a user's sessions, the newest first; `session` is the one that asks."""
    here = hash_of(session)
    async with services.db.read() as tx:
        rows = await sessions.of_user(tx, user_id, now_ms=services.now_ms(), limit=SESSIONS_MAX)
    return [
        OpenSession(bytes(session_hash).hex(), browser, since_ms, bytes(session_hash) == here)
        for session_hash, browser, since_ms in rows
    ]


async def end_session(services: Services, user_id: UserId, name: str) -> None:
    """End one of a user's sessions, and what the web client got in it. One that is over, or never was, is fine."""
    try:
        session_hash = bytes.fromhex(name)
    except ValueError:
        return

    async def work(tx: Write) -> None:
        if await sessions.delete_of_user(tx, user_id, session_hash):
            await end_access(services, tx, await tokens.delete_of_session(tx, session_hash))

    await services.db.write(work)


async def require_password(services: Services, user_id: UserId, password: str) -> None:
    """Raise Invalid unless this is the user's password. Guesses are counted like failed sign-ins."""
    async with services.db.read() as tx:
        stored = await people.password_hash(tx, user_id)
    whom = sign_in_failures.user_key(user_id)
    await count_attempt(services, {whom: FAILURES_PER_USER_MAX})
    if not await services.passwords.verify(stored, password[: services.limits.password_chars_max]):
        raise Invalid("The password is wrong", field="password")

    async def work(tx: Write) -> None:
        await sign_in_failures.delete(tx, whom)

    await services.db.write(work)


async def change_password(
    services: Services, user_id: UserId, *, current: str, wanted: str, session: str
) -> None:
    """Replace the password; every other session of the user ends, and what the web client got in it."""
    await require_password(services, user_id, current)
    await _replace_password(services, user_id, wanted, kept_session=session)


async def set_password(services: Services, user_id: UserId, *, password: str) -> None:
    """Replace the password on an administrator's word; every session and every token of the user ends.

    Whoever asks an administrator may have lost the account to somebody else, who must not keep an app's token.
    """
    await _replace_password(services, user_id, password, kept_session=None)


async def ask_for_reset(services: Services, *, email: str, visitor: Visitor) -> None:
    """Write to the user with this address, if there is one, how to choose a new password. Nobody learns whether.

    Raises TooMany when it was asked for too often from there.
    """
    await count_attempt(services, {f"reset:{visitor.failures_key}": RESETS_PER_ADDRESS_MAX})

    async def work(tx: Write) -> None:
        user_id = await people.id_by_email(services, tx, email.strip()[:LOGIN_CHARS_MAX])
        if user_id is not None and services.mailer.is_on:
            await task_records.enqueue(services, tx, tasks.SendEmail(LetterKind.PASSWORD_RESET, user_id))

    await services.db.write(work)


async def reset_password(services: Services, *, code: str, password: str) -> None:
    """Replace the password of the user who holds this code; every session and every token ends, and the code.

    Raises NotFound when the code is unknown or over, InvalidFields when the password is no good.
    """
    async with services.db.read() as tx:
        user_id = await confirmations.user_of(
            tx, hash_of(code), purpose=confirmations.PASSWORD, now_ms=services.now_ms()
        )
    if user_id is None:
        raise NotFound(_NO_LINK)
    await _replace_password(services, user_id, password, kept_session=None, code=code)


async def _replace_password(
    services: Services, user_id: UserId, password: str, *, kept_session: str | None, code: str | None = None
) -> None:
    async with services.db.read() as tx:
        user = await users.get(tx, user_id)
        person = await people.get(services, tx, user_id)
    if user is None or person is None:
        raise NotFound
    problems = passwords.password_problems(
        password, username=user.username, email=person.email, limits=services.limits
    )
    if problems:
        raise InvalidFields(problems)
    password_hash = await services.passwords.hash(password)

    async def work(tx: Write) -> None:
        if code is not None:
            if not await confirmations.use(tx, hash_of(code)):
                raise NotFound(_NO_LINK)
            await confirmations.delete_of_user(tx, user_id)
        await people.set_password_hash(tx, user_id, password_hash)
        kept = hash_of(kept_session) if kept_session else b""
        await sessions.delete_others(tx, user_id, kept=kept)
        await end_access(services, tx, await tokens.delete_of_other_sessions(tx, user_id, kept=kept))
        await two_factor.delete_steps(tx, user_id)
        if services.mailer.is_on:
            await task_records.enqueue(services, tx, tasks.SendEmail(LetterKind.PASSWORD_CHANGED, user_id))
        await authorization_codes.delete_of_user(tx, user_id)
        if kept_session is None:
            await tokens.delete_of_user(tx, user_id)
            await services.live.announce(tx, AccessEnded(user_id, None))

    await services.db.write(work)


async def email_of(services: Services, user_id: UserId) -> str:
    """Return the user's e-mail address, empty when there is none."""
    async with services.db.read() as tx:
        return await people.email_of(services, tx, user_id) or ""
