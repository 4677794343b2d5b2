"""Writing e-mails: codes are made when the letter is, so that no link lies in the database."""

from typing import Final

import structlog

from rookery import tasks
from rookery.domain import letters
from rookery.domain.ids import UserId
from rookery.domain.letters import LetterKind
from rookery.domain.tokens import hash_of, new_secret
from rookery.domain.users import UserState
from rookery.errors import Invalid, NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import confirmations, people, users

RESET_LIFE_MS: Final = 3_600_000
CONFIRMATION_LIFE_MS: Final = 7 * 86_400_000

_log = structlog.get_logger(__name__)


async def send_email(services: Services, task: tasks.SendEmail) -> None:
    """Write and send one e-mail; a letter that is no use any more, or that the server refuses for good, is dropped."""
    if not services.mailer.is_on:
        return
    kind, user_id = LetterKind(task.kind), UserId(task.user_id)
    async with services.db.read() as tx:
        user = await users.get(tx, user_id)
        address = await people.email_of(services, tx, user_id)
    if user is None or not address or user.state is UserState.DELETED:
        return
    if kind is LetterKind.CONFIRMATION and user.state is not UserState.UNCONFIRMED:
        return
    letter = letters.write(
        kind,
        to=address,
        username=user.username,
        title=services.instance.title,
        link=await _link(services, kind, user_id),
        detail=task.detail,
    )
    try:
        await services.mailer.send(letter)
    except Invalid as error:
        _log.warning("an e-mail was refused and is dropped", kind=kind.value, error=error.message)


async def _link(services: Services, kind: LetterKind, user_id: UserId) -> str:
    links = services.instance.links
    if kind is LetterKind.CONFIRMATION:
        return links.confirmation + await _code(services, user_id, kind)
    if kind is LetterKind.PASSWORD_RESET:
        return links.reset + await _code(services, user_id, kind)
    if kind is LetterKind.PASSWORD_CHANGED:
        return links.forgotten
    return links.settings


async def _code(services: Services, user_id: UserId, kind: LetterKind) -> str:
    resets = kind is LetterKind.PASSWORD_RESET
    code = new_secret()
    expires_ms = services.now_ms() + (RESET_LIFE_MS if resets else CONFIRMATION_LIFE_MS)
    purpose = confirmations.PASSWORD if resets else confirmations.EMAIL

    async def work(tx: Write) -> None:
        await confirmations.insert(tx, hash_of(code), user_id, purpose=purpose, expires_ms=expires_ms)

    await services.db.write(work)
    return code


async def make_reset_link(services: Services, name: str) -> str:
    """Return a link that lets a user choose a new password, for an administrator to pass on. Raises NotFound."""
    async with services.db.read() as tx:
        user = await users.get_by_name(tx, name)
    if user is None or user.state is UserState.DELETED:
        raise NotFound(f"there is no user {name}")
    return await _link(services, LetterKind.PASSWORD_RESET, user.id)
