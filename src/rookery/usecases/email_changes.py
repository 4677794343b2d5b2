"""Exchanging an e-mail address. Where letters are sent, the new one must be confirmed first.

The wish is nowhere but in the link: encrypted, and bound to the address that it replaces, so that it works once.
"""

import msgspec

from rookery import tasks
from rookery.domain import sign_up as rules
from rookery.domain.email_changes import CONTEXT, LIFE_MS, EmailChange
from rookery.domain.ids import UserId
from rookery.domain.letters import LetterKind
from rookery.domain.sign_up import Problem
from rookery.errors import InvalidFields, NotFound, Unreadable
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import confirmations, people, users
from rookery.storage import tasks as task_records

_NO_LINK = "This link is unknown or too old"


async def ask_to_change(services: Services, user_id: UserId, *, email: str) -> bool:
    """Change the address, at once where no letters are sent, else when the new one is confirmed; tell whether it is.

    Raises InvalidFields when it is no address, or somebody else's. Make sure first that it is the user who asks.
    """
    wanted = email.strip()
    if problems := rules.email_problems(wanted):
        raise InvalidFields(problems)

    async def work(tx: Write) -> bool:
        holder = await people.id_by_email(services, tx, wanted)
        if holder not in {None, user_id}:
            raise InvalidFields([Problem("email", "taken", "has already been taken")])
        before = await people.email_of(services, tx, user_id) or ""
        if wanted == before:
            return True
        if not services.mailer.is_on:
            await _exchange(services, tx, user_id, wanted)
            return True
        change = EmailChange(user_id, before, wanted, services.now_ms() + LIFE_MS)
        sealed = services.vault.encrypt(msgspec.json.encode(change).decode(), context=CONTEXT)
        await task_records.enqueue(services, tx, tasks.SendEmail(LetterKind.EMAIL_CHANGE, user_id, sealed))
        return False

    return await services.db.write(work)


async def confirm_change(services: Services, sealed: str) -> None:
    """Exchange the address as a link says, once. Raises NotFound when the link is none, used, or too old."""
    change = _opened(services, sealed)
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


def _opened(services: Services, sealed: str) -> EmailChange:
    try:
        return msgspec.json.decode(services.vault.decrypt(sealed, context=CONTEXT), type=EmailChange)
    except (Unreadable, msgspec.MsgspecError):
        raise NotFound(_NO_LINK) from None
