"""Passkeys: registering, listing and removing them, and signing in with one, alone or after the password."""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Final, NamedTuple

from rookery import tasks
from rookery.domain import passkeys as rules
from rookery.domain.ids import UserId
from rookery.domain.letters import LetterKind
from rookery.domain.passkeys import Answer, RelyingParty
from rookery.domain.tokens import hash_of
from rookery.domain.users import User
from rookery.entrance import (
    FAILURES_PER_ADDRESS_MAX,
    SignedIn,
    Visitor,
    begin_session,
    count_attempt,
)
from rookery.errors import Conflict, Invalid, NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import passkeys, sign_in_failures, two_factor, users
from rookery.storage import tasks as task_records
from rookery.storage.passkeys import Passkey
from rookery.storage.sign_in_failures import codes_key

CHALLENGE_LIFE_MS: Final = rules.ASKED_MS
_REGISTER: Final = "register"
_ALONE: Final = "sign in"
_SECOND: Final = "second step"
_UNKNOWN: Final = "This passkey is not known here; sign in with your password"
_NOBODY: Final = UserId(0)
_TOO_OLD: Final = "This took too long, or was done already; try again"


class ListedPasskey(NamedTuple):
    """A line of the list of passkeys."""

    id: int
    name: str
    since_ms: int
    last_used_ms: int | None


async def list_passkeys(services: Services, user_id: UserId) -> list[ListedPasskey]:
    """Return a user's passkeys, the oldest first."""
    async with services.db.read() as tx:
        kept = await passkeys.of_user(tx, user_id, limit=rules.PASSKEYS_MAX)
    return [ListedPasskey(key.id, key.name, key.created_ms, key.last_used_ms) for key in kept]


def obstacle(services: Services) -> str:
    """Return why there can be no passkeys here, empty when there can."""
    return rules.obstacle(services.instance.base_url)


async def ask_for_registration(services: Services, user: User) -> str:
    """Return what the user's device is asked to make a key, as JSON for the browser.

    Raises Conflict when the user has as many as may be.
    """
    party = _party(services)
    async with services.db.read() as tx:
        kept = await passkeys.of_user(tx, user.id, limit=rules.PASSKEYS_MAX)
    _require_room(len(kept))
    challenge = secrets.token_bytes(rules.CHALLENGE_BYTES)
    handle = kept[0].user_handle if kept else secrets.token_bytes(rules.USER_HANDLE_BYTES)
    await _remember(services, challenge, _REGISTER, user_id=user.id, user_handle=handle)
    return await asyncio.to_thread(
        rules.registration_options,
        party,
        challenge=challenge,
        user_handle=handle,
        username=user.username,
        display_name=user.display_name,
        known=[key.credential_id for key in kept],
    )


def _require_room(count: int) -> None:
    if count >= rules.PASSKEYS_MAX:
        raise Conflict(f"You have {rules.PASSKEYS_MAX} passkeys, and more are not possible: remove one first")


async def register(services: Services, user_id: UserId, *, answer: str, name: str) -> None:
    """Enter the key that the user's device has made. Raises Invalid when the answer does not prove it."""
    given = rules.read_answer(answer)
    name = name.strip()[: rules.NAME_CHARS_MAX] or "Passkey"
    handle = await _take_challenge(services, given, _REGISTER, user_id=user_id)
    key = await asyncio.to_thread(rules.check_registration, _party(services), given)

    async def work(tx: Write) -> None:
        # So that several devices at once do not get more keys than there may be.
        await users.lock_counts(tx, [user_id])
        _require_room(await passkeys.count(tx, user_id))
        passkey = Passkey(
            id=services.new_id(),
            user_id=user_id,
            credential_id=given.credential_id,
            public_key=key.public_key,
            user_handle=handle,
            sign_count=key.sign_count,
            transports=" ".join(given.transports),
            name=name,
            created_ms=services.now_ms(),
            last_used_ms=None,
        )
        if not await passkeys.insert(tx, passkey):
            raise Conflict("This passkey is registered already")
        await _write_of_change(services, tx, user_id, f'the passkey "{name}" signs in from now on')

    await services.db.write(work)


async def remove(services: Services, user_id: UserId, passkey_id: int) -> None:
    """Remove one of the user's passkeys. One that is gone already is fine."""

    async def work(tx: Write) -> None:
        if await passkeys.delete(tx, user_id, passkey_id):
            await _write_of_change(services, tx, user_id, "a passkey was removed")

    await services.db.write(work)


async def _write_of_change(services: Services, tx: Write, user_id: UserId, change: str) -> None:
    if services.mailer.is_on:
        letter = tasks.SendEmail(LetterKind.TWO_FACTOR_CHANGED, user_id, change)
        await task_records.enqueue(services, tx, letter)


async def ask_for_sign_in(services: Services) -> str:
    """Return what a device is asked to sign its user in without a name or password, as JSON for the browser."""
    return await _ask(services, _ALONE, user_id=None, allowed=[], verified=True)


async def ask_for_second_step(services: Services, ticket: str) -> str:
    """Return what a device is asked after the right password, as JSON for the browser.

    Raises NotFound when the sign-in has to begin again, or the user has no passkeys.
    """
    async with services.db.read() as tx:
        user_id = await two_factor.user_of_step(tx, hash_of(ticket), now_ms=services.now_ms())
        kept = await passkeys.of_user(tx, user_id or _NOBODY, limit=rules.PASSKEYS_MAX)
    if user_id is None or not kept:
        raise NotFound(_TOO_OLD)
    return await _ask(services, _SECOND, user_id=user_id, allowed=kept, verified=False)


async def _ask(
    services: Services, purpose: str, *, user_id: UserId | None, allowed: Sequence[Passkey], verified: bool
) -> str:
    party = _party(services)
    challenge = secrets.token_bytes(rules.CHALLENGE_BYTES)
    await _remember(services, challenge, purpose, user_id=user_id)
    return await asyncio.to_thread(
        rules.authentication_options,
        party,
        challenge=challenge,
        allowed=[(key.credential_id, key.transports.split()) for key in allowed],
        verified=verified,
    )


async def sign_in(services: Services, *, answer: str, visitor: Visitor) -> SignedIn:
    """Begin a session of the user whose passkey, behind PIN or finger, has answered: that is two factors already.

    Raises Invalid when it proves nothing, TooMany after many such from one address.
    """
    given = rules.read_answer(answer)
    await count_attempt(services, {visitor.failures_key: FAILURES_PER_ADDRESS_MAX})
    await _take_challenge(services, given, _ALONE, user_id=None)
    key = await _checked(services, given, verified=True)
    if given.user_handle != key.user_handle:
        raise Invalid(_UNKNOWN)
    return await _enter(services, key.passkey, key.sign_count, visitor, ticket=None)


async def finish_sign_in(services: Services, *, ticket: str, answer: str, visitor: Visitor) -> SignedIn:
    """Begin a session after the password was right, by the answer of one of the user's passkeys."""
    given = rules.read_answer(answer)
    await count_attempt(services, {visitor.failures_key: FAILURES_PER_ADDRESS_MAX})
    async with services.db.read() as tx:
        user_id = await two_factor.user_of_step(tx, hash_of(ticket), now_ms=services.now_ms())
    if user_id is None:
        raise NotFound(_TOO_OLD)
    await _take_challenge(services, given, _SECOND, user_id=user_id)
    key = await _checked(services, given, verified=False)
    if key.passkey.user_id != user_id:
        raise Invalid(_UNKNOWN)
    return await _enter(services, key.passkey, key.sign_count, visitor, ticket=ticket)


class _Checked(NamedTuple):
    passkey: Passkey
    sign_count: int

    @property
    def user_handle(self) -> bytes:
        return self.passkey.user_handle


async def _checked(services: Services, given: Answer, *, verified: bool) -> _Checked:
    async with services.db.read() as tx:
        kept = await passkeys.get(tx, given.credential_id)
    if kept is None:
        raise Invalid(_UNKNOWN)
    sign_count = await asyncio.to_thread(
        rules.check_authentication,
        _party(services),
        given,
        public_key=kept.public_key,
        sign_count=kept.sign_count,
        verified=verified,
    )
    return _Checked(kept, sign_count)


async def _enter(
    services: Services, passkey: Passkey, sign_count: int, visitor: Visitor, *, ticket: str | None
) -> SignedIn:
    async def work(tx: Write) -> SignedIn:
        user = await users.get(tx, passkey.user_id)
        used = await passkeys.note_use(tx, passkey, sign_count=sign_count, now_ms=services.now_ms())
        if user is None or not used:
            raise Invalid(_UNKNOWN)
        if ticket is not None and not await two_factor.finish_step(tx, hash_of(ticket)):
            raise NotFound(_TOO_OLD)
        await sign_in_failures.delete(tx, codes_key(user.id))
        await sign_in_failures.forget_one(tx, [visitor.failures_key])
        return await begin_session(services, tx, user, visitor)

    return await services.db.write(work)


async def _remember(
    services: Services,
    challenge: bytes,
    purpose: str,
    *,
    user_id: UserId | None,
    user_handle: bytes | None = None,
) -> None:
    async def work(tx: Write) -> None:
        await passkeys.insert_challenge(
            tx,
            _challenge_hash(challenge),
            purpose=purpose,
            user_id=user_id,
            user_handle=user_handle,
            expires_ms=services.now_ms() + CHALLENGE_LIFE_MS,
        )

    await services.db.write(work)


async def _take_challenge(
    services: Services, given: Answer, purpose: str, *, user_id: UserId | None
) -> bytes:
    """Take the challenge that was answered, good once whatever comes of it; return the user's handle, if it has one."""

    async def work(tx: Write) -> bytes | None:
        return await passkeys.use_challenge(
            tx,
            _challenge_hash(given.challenge),
            purpose=purpose,
            user_id=user_id,
            now_ms=services.now_ms(),
        )

    handle = await services.db.write(work)
    if handle is None:
        raise Invalid(_TOO_OLD)
    return handle


def _challenge_hash(challenge: bytes) -> bytes:
    return hash_of(challenge.hex())


def _party(services: Services) -> RelyingParty:
    return rules.relying_party(services.instance.base_url, services.instance.title)
