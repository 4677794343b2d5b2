"""Signing up: a new user's name, address, password and age are checked and entered."""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from rookery import tasks
from rookery.domain import passwords
from rookery.domain import sign_up as rules
from rookery.domain.ids import UserId
from rookery.domain.instance import Instance, Registrations
from rookery.domain.letters import LetterKind
from rookery.domain.sign_up import Problem
from rookery.domain.tokens import hash_of, new_secret
from rookery.domain.tweets import Visibility
from rookery.domain.users import User, UserState
from rookery.errors import Conflict, Forbidden, InvalidFields, NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import authorization_codes, confirmations, people, tokens, users
from rookery.storage import tasks as task_records

CONFIRMATION_LIFE_MS: Final = 7 * 86_400_000
WAITING_PAGE_MAX: Final = 200
"""Waiting users shown at a time."""


async def create_user(
    services: Services,
    *,
    username: str,
    email: str,
    password: str | None,
    born_on: str = "",
    reason: str = "",
    role: str = "user",
    state: UserState = UserState.ACTIVE,
) -> User:
    """Enter a user, whoever asks. An empty e-mail address and no password are fine: then nobody can sign in.

    Raises Invalid or Conflict naming the field.
    """
    email = email.strip()
    problems = rules.username_problems(username, services.limits)
    problems += rules.email_problems(email) if email else []
    if password is not None:
        problems += passwords.password_problems(
            password, username=username, email=email, limits=services.limits
        )
    if problems:
        raise InvalidFields(problems)
    password_hash = await services.passwords.hash(password) if password is not None else None
    now_ms = services.now_ms()
    user = User(
        id=UserId(services.new_id()),
        username=username,
        display_name="",
        bio="",
        fields=(),
        locked=False,
        bot=False,
        discoverable=True,
        indexable=True,
        hides_follows=False,
        default_visibility=Visibility.PUBLIC,
        default_sensitive=False,
        default_language=None,
        state=state,
        role=role,
        created_ms=now_ms,
        changed_ms=now_ms,
    )

    async def work(tx: Write) -> User:
        if not await users.insert(tx, user):
            raise Conflict("Username has already been taken", field="username")
        if not await people.insert(
            services,
            tx,
            user.id,
            email=email,
            password_hash=password_hash,
            born_on=born_on,
            sign_up_reason=reason,
            confirmed_ms=None if state is UserState.UNCONFIRMED else now_ms,
        ):
            raise Conflict("E-mail has already been taken", field="email")
        if state is UserState.UNCONFIRMED:
            await _write_confirmation(services, tx, user.id)
        return user

    return await services.db.write(work)


async def sign_up(
    services: Services, *, username: str, email: str, password: str, born_on: str, reason: str
) -> User:
    """Let somebody sign up as far as the instance's rules allow; the user's state says what is still to come.

    Raises Forbidden when registrations are closed, InvalidFields naming everything that is wrong.
    """
    instance = services.instance
    if instance.registrations is Registrations.CLOSED:
        raise Forbidden("This action is not allowed")
    email, reason = email.strip(), reason.strip()
    problems = rules.username_problems(username, services.limits) + rules.email_problems(email)
    if rules.is_reserved(username):
        problems.append(Problem("username", "reserved", "is reserved"))
    problems += passwords.password_problems(password, username=username, email=email, limits=services.limits)
    problems += rules.birth_problems(
        born_on,
        today=datetime.fromtimestamp(services.now_ms() / 1000, UTC).date(),
        minimum_age_years=services.limits.minimum_age_years,
    )
    problems += rules.reason_problems(reason, required=instance.registrations is Registrations.APPROVAL)
    async with services.db.read() as tx:
        if await users.get_by_name(tx, username) is not None:
            problems.append(Problem("username", "taken", "has already been taken"))
        if await people.id_by_email(services, tx, email) is not None:
            problems.append(Problem("email", "taken", "has already been taken"))
    if problems:
        raise InvalidFields(problems)
    try:
        return await create_user(
            services,
            username=username,
            email=email,
            password=password,
            born_on=born_on,
            reason=reason,
            state=_first_state(instance),
        )
    except Conflict as error:
        # Somebody was faster.
        raise InvalidFields([Problem(error.field or "username", "taken", "has already been taken")]) from None


def _first_state(instance: Instance) -> UserState:
    if instance.email_confirmation:
        return UserState.UNCONFIRMED
    return UserState.PENDING if instance.registrations is Registrations.APPROVAL else UserState.ACTIVE


class Waiting(NamedTuple):
    """A user who is not let in yet, and the secret that proves the e-mail address (empty when it is proved)."""

    user_id: UserId
    username: str
    email: str
    reason: str
    state: UserState
    created_ms: int
    code: str


async def list_waiting(
    services: Services, *, after_id: int = 0, limit: int = WAITING_PAGE_MAX
) -> list[Waiting]:
    """Return users who wait for their confirmation or an administrator, in the order of their sign-up.

    Codes are kept only as hashes, so each call makes new ones; earlier ones stay good until they expire.
    """

    async def work(tx: Write) -> list[Waiting]:
        waiting: list[Waiting] = []
        for user_id, username, email, reason, state, created_ms in await people.waiting(
            services, tx, after_id=after_id, limit=limit
        ):
            code = ""
            if state == UserState.UNCONFIRMED:
                code = await _confirmation_code(services, tx, user_id)
            waiting.append(Waiting(user_id, username, email, reason, UserState(state), created_ms, code))
        return waiting

    return await services.db.write(work)


async def _write_confirmation(services: Services, tx: Write, user_id: UserId) -> None:
    if services.mailer.is_on:
        await task_records.enqueue(services, tx, tasks.SendEmail(LetterKind.CONFIRMATION, user_id))


async def _confirmation_code(services: Services, tx: Write, user_id: UserId) -> str:
    code = new_secret()
    await confirmations.insert(
        tx,
        hash_of(code),
        user_id,
        purpose=confirmations.EMAIL,
        expires_ms=services.now_ms() + CONFIRMATION_LIFE_MS,
    )
    return code


async def confirm_email(services: Services, code: str) -> User:
    """Take the code of a confirmation link as proof of the e-mail address; raises NotFound when it is none."""
    now_ms = services.now_ms()

    async def work(tx: Write) -> User:
        user_id = await confirmations.user_of(tx, hash_of(code), purpose=confirmations.EMAIL, now_ms=now_ms)
        if user_id is None or not await users.touch(tx, user_id, now_ms=now_ms):
            raise NotFound("This link is unknown or too old")
        user = await users.get(tx, user_id)
        if user is None:
            raise NotFound("This link is unknown or too old")
        if user.state is not UserState.UNCONFIRMED:
            return user
        await people.note_confirmation(tx, user.id, now_ms=now_ms)
        needs_approval = services.instance.registrations is Registrations.APPROVAL
        state = UserState.PENDING if needs_approval else UserState.ACTIVE
        await users.update_state(tx, user.id, state)
        return await users.get(tx, user.id) or user

    return await services.db.write(work)


async def ask_for_confirmation(services: Services, user_id: UserId, *, email: str | None = None) -> None:
    """Begin the confirmation anew, for another address if one is given. Raises Forbidden when there is none to await."""
    wanted = email.strip() if email is not None else None
    if wanted is not None and (problems := rules.email_problems(wanted)):
        raise InvalidFields(problems)

    async def work(tx: Write) -> None:
        user = await users.get(tx, user_id)
        if user is None or user.state is not UserState.UNCONFIRMED:
            raise Forbidden("This method is only available while the e-mail is awaiting confirmation")
        if wanted is not None:
            if not await people.set_email(services, tx, user_id, email=wanted):
                raise InvalidFields([Problem("email", "taken", "has already been taken")])
            # A link that went to the old address proves nothing about the new one.
            await confirmations.delete_of_user(tx, user_id)
        await _write_confirmation(services, tx, user_id)

    await services.db.write(work)


async def is_confirmed(services: Services, user_id: UserId) -> bool:
    """Tell whether the user's e-mail address is confirmed."""
    async with services.db.read() as tx:
        user = await users.get(tx, user_id)
    return user is not None and user.state is not UserState.UNCONFIRMED


async def approve_user(services: Services, user_id: UserId) -> User:
    """Let a waiting user in on an administrator's word, confirmed or not."""
    now_ms = services.now_ms()

    async def work(tx: Write) -> User:
        user = await _waiting_user(tx, user_id, now_ms=now_ms)
        await people.note_confirmation(tx, user_id, now_ms=now_ms)
        await users.update_state(tx, user_id, UserState.ACTIVE)
        return await users.get(tx, user_id) or user

    return await services.db.write(work)


async def reject_user(services: Services, user_id: UserId) -> None:
    """Turn a waiting user away: nothing of the sign-up is kept, and the name is free again."""

    async def work(tx: Write) -> None:
        await _waiting_user(tx, user_id, now_ms=services.now_ms())
        await tokens.delete_of_user(tx, user_id)
        await confirmations.delete_of_user(tx, user_id)
        await authorization_codes.delete_of_user(tx, user_id)
        await people.delete(tx, user_id)
        await users.delete(tx, user_id)

    await services.db.write(work)


async def _waiting_user(tx: Write, user_id: UserId, *, now_ms: int) -> User:
    await users.touch(tx, user_id, now_ms=now_ms)
    user = await users.get(tx, user_id)
    if user is None:
        raise NotFound
    if user.state not in {UserState.PENDING, UserState.UNCONFIRMED}:
        raise Conflict(f"{user.username} does not wait to be let in", field="username")
    return user
