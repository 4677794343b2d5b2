"""Two-factor sign-in: setting it up, the step after the password, codes for a lost device, and turning it off."""

from typing import NamedTuple

from rookery import tasks
from rookery.domain import two_factor as rules
from rookery.domain.ids import UserId
from rookery.domain.letters import LetterKind
from rookery.domain.tokens import hash_of
from rookery.domain.users import User
from rookery.entrance import (
    FAILURES_PER_ADDRESS_MAX,
    FAILURES_PER_USER_MAX,
    SignedIn,
    Visitor,
    begin_session,
    count_attempt,
)
from rookery.errors import Conflict, Invalid, NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import passkeys, sessions, sign_in_failures, two_factor, users
from rookery.storage import tasks as task_records
from rookery.storage.sign_in_failures import codes_key

TOO_OLD = "This sign-in is too old; begin again"
_WRONG = "The code is wrong, or was used already"


class Protection(NamedTuple):
    """How a user's sign-in is protected besides the password."""

    since_ms: int | None
    """When two-factor sign-in was turned on; None: it is off."""
    recovery_codes: int
    passkeys: int


async def protection(services: Services, user_id: UserId) -> Protection:
    """Return how a user's sign-in is protected."""
    async with services.db.read() as tx:
        kept = await two_factor.get(services.vault, tx, user_id)
        return Protection(
            since_ms=kept.confirmed_ms if kept is not None else None,
            recovery_codes=await two_factor.count_codes(tx, user_id),
            passkeys=await passkeys.count(tx, user_id),
        )


class Enrollment(NamedTuple):
    """A secret that a device is to take over, as text and as what the square to scan says."""

    secret: str
    uri: str


async def begin(services: Services, user: User) -> Enrollment:
    """Make a secret for a device; nothing is asked for until a code of it has come back.

    Whoever calls this has made sure of the password. Raises Conflict when two-factor sign-in is on.
    """
    secret = rules.new_totp_secret()

    async def work(tx: Write) -> bool:
        return await two_factor.put(services.vault, tx, user.id, secret, now_ms=services.now_ms())

    if not await services.db.write(work):
        raise Conflict("Two-factor sign-in is on already")
    return _enrollment(services, user, secret)


async def enrollment(services: Services, user: User) -> Enrollment:
    """Return the secret that waits for its first code; raises NotFound when none does."""
    async with services.db.read() as tx:
        kept = await two_factor.get(services.vault, tx, user.id)
    if kept is None or kept.confirmed_ms is not None:
        raise NotFound
    return _enrollment(services, user, kept.secret)


def _enrollment(services: Services, user: User, secret: str) -> Enrollment:
    uri = rules.enrollment_uri(secret, username=user.username, domain=services.instance.domain)
    return Enrollment(secret, uri)


async def turn_on(services: Services, user_id: UserId, *, code: str, session: str) -> list[str]:
    """Ask for codes from now on, if this is one of the new secret; return recovery codes, shown this once.

    Every other session of the user ends.
    """
    await count_attempt(services, {codes_key(user_id): FAILURES_PER_USER_MAX})
    recovery_codes = rules.new_recovery_codes()

    async def work(tx: Write) -> None:
        kept = await two_factor.get(services.vault, tx, user_id)
        if kept is None or kept.confirmed_ms is not None:
            raise NotFound
        if not await _is_fresh(services, tx, user_id, kept.secret, code):
            raise Invalid(_WRONG, field="code")
        await two_factor.confirm(tx, user_id, now_ms=services.now_ms())
        await _write_of_change(services, tx, user_id, "a second factor is asked for from now on")
        await two_factor.replace_codes(tx, user_id, [rules.recovery_hash(code) for code in recovery_codes])
        await sessions.delete_others(tx, user_id, kept=hash_of(session))
        await sign_in_failures.delete(tx, codes_key(user_id))

    await services.db.write(work)
    return recovery_codes


async def _write_of_change(services: Services, tx: Write, user_id: UserId, change: str) -> None:
    if services.mailer.is_on:
        letter = tasks.SendEmail(LetterKind.TWO_FACTOR_CHANGED, user_id, change)
        await task_records.enqueue(services, tx, letter)


async def renew_recovery_codes(services: Services, user_id: UserId) -> list[str]:
    """Replace the recovery codes; the former do nothing any more. Whoever calls this has made sure of the password."""
    recovery_codes = rules.new_recovery_codes()

    async def work(tx: Write) -> None:
        if not await two_factor.is_on(tx, user_id):
            raise NotFound
        await two_factor.replace_codes(tx, user_id, [rules.recovery_hash(code) for code in recovery_codes])

    await services.db.write(work)
    return recovery_codes


async def turn_off(services: Services, user_id: UserId, *, code: str) -> None:
    """Ask for the password only from now on. Whoever calls this has made sure of that; the code is looked at here."""
    await count_attempt(services, {codes_key(user_id): FAILURES_PER_USER_MAX})

    async def work(tx: Write) -> None:
        await _require_code(services, tx, user_id, code)
        await two_factor.delete(tx, user_id)
        await _write_of_change(services, tx, user_id, "no second factor is asked for any more")
        await sign_in_failures.delete(tx, codes_key(user_id))

    await services.db.write(work)


async def reset(services: Services, user_id: UserId) -> None:
    """Leave a user nothing but the password, on an administrator's word; every session in a browser ends.

    Passkeys go as well: whoever has lost devices, or the account to somebody else, cannot tell whose they are.
    """

    async def work(tx: Write) -> None:
        if await users.get(tx, user_id) is None:
            raise NotFound
        await two_factor.delete(tx, user_id)
        await passkeys.delete_of_user(tx, user_id)
        await sessions.delete_others(tx, user_id, kept=b"")
        await _write_of_change(services, tx, user_id, "an administrator has left nothing but the password")
        await sign_in_failures.delete(tx, codes_key(user_id))

    await services.db.write(work)


class Owed(NamedTuple):
    """The second factor of somebody whose password was right."""

    has_passkeys: bool


async def owed(services: Services, ticket: str) -> Owed | None:
    """Return what is owed on this ticket; None when it is unknown, used or too old."""
    async with services.db.read() as tx:
        user_id = await two_factor.user_of_step(tx, hash_of(ticket), now_ms=services.now_ms())
        return Owed(bool(await passkeys.count(tx, user_id))) if user_id is not None else None


async def finish_sign_in(services: Services, *, ticket: str, code: str, visitor: Visitor) -> SignedIn:
    """Begin a session after the password was right, by a code of the device or one of the recovery codes.

    Raises Invalid for a wrong code, TooMany after too many of them, NotFound when the sign-in has to begin again.
    """
    async with services.db.read() as tx:
        user_id = await _user_of(services, tx, ticket)
    await count_attempt(
        services,
        {codes_key(user_id): FAILURES_PER_USER_MAX, visitor.failures_key: FAILURES_PER_ADDRESS_MAX},
    )

    async def work(tx: Write) -> SignedIn:
        user_id = await _user_of(services, tx, ticket)
        user = await users.get(tx, user_id)
        if user is None or not await two_factor.finish_step(tx, hash_of(ticket)):
            raise NotFound(TOO_OLD)
        await _require_code(services, tx, user_id, code)
        await sign_in_failures.delete(tx, codes_key(user_id))
        await sign_in_failures.forget_one(tx, [visitor.failures_key])
        return await begin_session(services, tx, user, visitor)

    return await services.db.write(work)


async def _user_of(services: Services, tx: Read, ticket: str) -> UserId:
    user_id = await two_factor.user_of_step(tx, hash_of(ticket), now_ms=services.now_ms())
    if user_id is None:
        raise NotFound(TOO_OLD)
    return user_id


async def _require_code(services: Services, tx: Write, user_id: UserId, code: str) -> None:
    """Take a code of either kind, or raise Invalid."""
    kept = await two_factor.get(services.vault, tx, user_id)
    if kept is None or kept.confirmed_ms is None:
        raise NotFound(TOO_OLD)
    if await _is_fresh(services, tx, user_id, kept.secret, code):
        return
    if not await two_factor.use_code(tx, user_id, rules.recovery_hash(code)):
        raise Invalid(_WRONG, field="code")


async def _is_fresh(services: Services, tx: Write, user_id: UserId, secret: str, code: str) -> bool:
    """Tell whether this is the device's code of about now, and take it: it is good once."""
    step = rules.matching_step(secret, code, now_ms=services.now_ms())
    return step is not None and await two_factor.use_step(tx, user_id, step)
