"""Exchanging an e-mail address. Where letters are sent, the new one must be confirmed first.

The wish lies in the link, encrypted and bound to the address that it replaces, so that it works once; and beside the user
until then, encrypted otherwise, so that they can be told of it and who reads the records has no link.
"""

import msgspec

from rookery import tasks
from rookery.domain import sign_up as rules
from rookery.domain.email_changes import CONTEXT, KEPT_CONTEXT, LIFE_MS, SENT_EVERY_MS, EmailChange
from rookery.domain.ids import UserId
from rookery.domain.letters import LetterKind
from rookery.domain.sign_up import Problem
from rookery.errors import InvalidFields, NotFound, TooMany, Unreadable
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import confirmations, email_changes, people, users
from rookery.storage import tasks as task_records

_NO_LINK = "This link is unknown or too old"


async def ask_to_change(services: Services, user_id: UserId, *, email: str) -> None:
    """Change the address, at once where no letters are sent, else when the new one is confirmed.

    Raises InvalidFields when it is no address, or somebody else's. Make sure first that it is the user who asks.
    """
    wanted = email.strip()
    if problems := rules.email_problems(wanted):
        raise InvalidFields(problems)

    async def work(tx: Write) -> None:
        holder = await people.id_by_email(services, tx, wanted)
        if holder not in {None, user_id}:
            raise InvalidFields([Problem("email", "taken", "has already been taken")])
        before = await people.email_of(services, tx, user_id) or ""
        if wanted == before:
            return
        if not services.mailer.is_on:
            await _exchange(services, tx, user_id, wanted)
            return
        change = EmailChange(user_id, before, wanted, services.now_ms() + LIFE_MS)
        await _send(services, tx, change)

    await services.db.write(work)


async def wanted_email(services: Services, user_id: UserId) -> str | None:
    """Return the address that replaces the user's as soon as it is confirmed, or None."""
    async with services.db.read() as tx:
        found = await _waiting(services, tx, user_id)
    return found[0].wanted if found is not None else None


async def send_again(services: Services, user_id: UserId) -> str:
    """Write once more to the address that waits to be confirmed, and return it; its time does not begin anew.

    Raises NotFound when none waits, and TooMany within a minute of the last letter.
    """

    async def work(tx: Write) -> str:
        found = await _waiting(services, tx, user_id)
        if found is None:
            raise NotFound("No address waits to be confirmed")
        change, sent_ms = found
        if services.now_ms() < sent_ms + SENT_EVERY_MS:
            raise TooMany("A letter was sent just now", retry_at_ms=sent_ms + SENT_EVERY_MS)
        await _send(services, tx, change)
        return change.wanted

    return await services.db.write(work)


async def _send(services: Services, tx: Write, change: EmailChange) -> None:
    """Keep the wish, and have a letter with its link sent."""
    text, user_id = msgspec.json.encode(change).decode(), change.user_id
    kept = services.vault.encrypt(text, context=KEPT_CONTEXT)
    await email_changes.put(tx, user_id, wish=kept, sent_ms=services.now_ms(), expires_ms=change.expires_ms)
    sealed = services.vault.encrypt(text, context=CONTEXT)
    await task_records.enqueue(services, tx, tasks.SendEmail(LetterKind.EMAIL_CHANGE, user_id, sealed))


async def _waiting(services: Services, tx: Read, user_id: UserId) -> tuple[EmailChange, int] | None:
    """Return what the user wishes for and when they were last written to, unless it is nothing any more."""
    row = await email_changes.get(tx, user_id, now_ms=services.now_ms())
    if row is None:
        return None
    try:
        change = _read(services, row[0], context=KEPT_CONTEXT)
    except NotFound:
        return None
    now = await people.email_of(services, tx, user_id) or ""
    return (change, row[1]) if change.before == now else None


async def confirm_change(services: Services, sealed: str) -> None:
    """Exchange the address as a link says, once. Raises NotFound when the link is none, used, or too old."""
    change = _read(services, sealed, context=CONTEXT)
    if change.expires_ms <= services.now_ms():
        raise NotFound(_NO_LINK)

    async def work(tx: Write) -> None:
        await people.lock(tx, change.user_id)
        user = await users.get(tx, change.user_id)
        now = await people.email_of(services, tx, change.user_id) or ""
        if user is None or not user.active or now != change.before:
            raise NotFound(_NO_LINK)
        await _exchange(services, tx, change.user_id, change.wanted)
        if change.before:
            told = tasks.SendEmail(LetterKind.EMAIL_CHANGED, change.user_id, sealed)
            await task_records.enqueue(services, tx, told)

    await services.db.write(work)


async def _exchange(services: Services, tx: Write, user_id: UserId, wanted: str) -> None:
    if not await people.set_email(services, tx, user_id, email=wanted):
        raise InvalidFields([Problem("email", "taken", "has already been taken")])
    # Links that went to the old address prove nothing about the new one.
    await confirmations.delete_of_user(tx, user_id)
    await email_changes.delete(tx, user_id)


def _read(services: Services, sealed: str, *, context: str) -> EmailChange:
    try:
        return msgspec.json.decode(services.vault.decrypt(sealed, context=context), type=EmailChange)
    except (Unreadable, msgspec.MsgspecError):
        raise NotFound(_NO_LINK) from None
