"""Signing in and out with a browser, and changing the password."""

from typing import Final, NamedTuple

from rookery.domain import passwords
from rookery.domain.addresses import network_of
from rookery.domain.ids import UserId
from rookery.domain.tokens import hash_of, new_secret
from rookery.domain.users import User, UserState
from rookery.errors import Forbidden, Invalid, InvalidFields, NotFound, TooMany
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import authorization_codes, people, sessions, sign_in_failures, tokens, users

SESSION_LIFE_MS: Final = 30 * 86_400_000
FAILURES_PER_USER_MAX: Final = 10
FAILURES_PER_ADDRESS_MAX: Final = 30
FAILURE_WINDOW_MS: Final = 900_000
LOGIN_CHARS_MAX: Final = 254


class SignedIn(NamedTuple):
    """Who has signed in, and what the browser's cookie carries."""

    user: User
    session: str


async def sign_in(services: Services, *, login: str, password: str, address: str) -> SignedIn:
    """Begin a session for the user with this name or e-mail address.

    An unknown name and a wrong password get the same answer after the same work. Raises Invalid for that, TooMany when
    it happened too often for this login or from this address, Forbidden when the user is not let in (yet).
    """
    login = login.strip()[:LOGIN_CHARS_MAX]
    async with services.db.read() as tx:
        found = await people.id_by_email(services, tx, login) if "@" in login else None
        user = await users.get(tx, found) if found is not None else await users.get_by_name(tx, login)
        stored = await people.password_hash(tx, user.id) if user is not None else None
    whom = sign_in_failures.user_key(user.id) if user is not None else f"login:{hash_of(login.casefold()).hex()}"
    source = f"address:{network_of(address)}"
    await _count_attempt(services, {whom: FAILURES_PER_USER_MAX, source: FAILURES_PER_ADDRESS_MAX})
    fits = await services.passwords.verify(stored, password[: services.limits.password_chars_max])
    if not fits or user is None or user.state is UserState.DELETED:
        raise Invalid("The user name, e-mail address or password is wrong")
    session = new_secret()
    now_ms = services.now_ms()

    async def work(tx: Write) -> None:
        await sign_in_failures.delete(tx, whom)
        await sign_in_failures.forget_one(tx, [source])
        if user.active:
            await sessions.insert(
                tx, hash_of(session), user.id, now_ms=now_ms, expires_ms=now_ms + SESSION_LIFE_MS
            )
            await people.note_login(tx, user.id, now_ms=now_ms)

    await services.db.write(work)
    _require_let_in(user)
    return SignedIn(user, session)


def _require_let_in(user: User) -> None:
    if user.state is UserState.UNCONFIRMED:
        raise Forbidden("Your e-mail address waits for its confirmation")
    if user.state is UserState.PENDING:
        raise Forbidden("An administrator has to let you in first")
    if not user.active:
        raise Forbidden("An administrator has shut you out")


async def _count_attempt(services: Services, allowed: dict[str, int]) -> None:
    """Count a failure before the password is looked at, so that many guesses at once are no way around the limit."""
    now_ms = services.now_ms()
    end_ms = now_ms + FAILURE_WINDOW_MS

    async def work(tx: Write) -> int | None:
        blocked_until_ms: list[int] = []
        for key, failures_max in allowed.items():
            failures, window_end_ms = await sign_in_failures.count(
                tx, key, now_ms=now_ms, window_end_ms=end_ms
            )
            if failures > failures_max:
                blocked_until_ms.append(window_end_ms)
        return max(blocked_until_ms, default=None)

    until_ms = await services.db.write(work)
    if until_ms is not None:
        minutes = -(-(until_ms - now_ms) // 60_000)
        raise TooMany(f"Too many failed attempts; try again in {minutes} minutes", retry_at_ms=until_ms)


async def session_user(services: Services, session: str) -> User | None:
    """Return who is signed in with this cookie, or None."""
    async with services.db.read() as tx:
        user_id = await sessions.user_of(tx, hash_of(session), now_ms=services.now_ms())
        user = await users.get(tx, user_id) if user_id is not None else None
    return user if user is not None and user.active else None


async def sign_out(services: Services, session: str) -> None:
    """End a session. One that is over already is fine."""

    async def work(tx: Write) -> None:
        await sessions.delete(tx, hash_of(session))

    await services.db.write(work)


async def require_password(services: Services, user_id: UserId, password: str) -> None:
    """Raise Invalid unless this is the user's password. Guesses are counted like failed sign-ins."""
    async with services.db.read() as tx:
        stored = await people.password_hash(tx, user_id)
    whom = sign_in_failures.user_key(user_id)
    await _count_attempt(services, {whom: FAILURES_PER_USER_MAX})
    if not await services.passwords.verify(stored, password[: services.limits.password_chars_max]):
        raise Invalid("The password is wrong", field="password")

    async def work(tx: Write) -> None:
        await sign_in_failures.delete(tx, whom)

    await services.db.write(work)


async def change_password(
    services: Services, user_id: UserId, *, current: str, wanted: str, session: str
) -> None:
    """Replace the password; every other session of the user ends."""
    await require_password(services, user_id, current)
    await _replace_password(services, user_id, wanted, kept_session=session)


async def set_password(services: Services, user_id: UserId, *, password: str) -> None:
    """Replace the password on an administrator's word; every session and every token of the user ends.

    Whoever asks an administrator may have lost the account to somebody else, who must not keep an app's token.
    """
    await _replace_password(services, user_id, password, kept_session=None)


async def _replace_password(
    services: Services, user_id: UserId, password: str, *, kept_session: str | None
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
        await people.set_password_hash(tx, user_id, password_hash)
        await sessions.delete_others(tx, user_id, kept=hash_of(kept_session) if kept_session else b"")
        await authorization_codes.delete_of_user(tx, user_id)
        if kept_session is None:
            await tokens.delete_of_user(tx, user_id)

    await services.db.write(work)


async def email_of(services: Services, user_id: UserId) -> str:
    """Return the user's e-mail address, empty when there is none."""
    async with services.db.read() as tx:
        return await people.email_of(services, tx, user_id) or ""
