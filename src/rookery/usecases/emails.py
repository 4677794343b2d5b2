"""Writing e-mails: codes are made when the letter is, so that no link lies in the database."""

from typing import Final

import msgspec
import structlog

from rookery import tasks
from rookery.domain import letters
from rookery.domain.email_changes import CONTEXT, EmailChange
from rookery.domain.ids import UserId
from rookery.domain.letters import LetterKind
from rookery.domain.tokens import hash_of, new_secret
from rookery.domain.users import User, UserState
from rookery.errors import Invalid, NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import confirmations, people, users

RESET_LIFE_MS: Final = 3_600_000
CONFIRMATION_LIFE_MS: Final = 7 * 86_400_000

_WITH_CODES = frozenset((LetterKind.CONFIRMATION, LetterKind.PASSWORD_RESET))
_ABOUT_ADDRESSES = frozenset((LetterKind.EMAIL_CHANGE, LetterKind.EMAIL_CHANGED))
_log = structlog.get_logger(__name__)


async def send_email(services: Services, task: tasks.SendEmail) -> None:
    """Write and send one e-mail; a letter that is no use any more, or that the server refuses for good, is dropped."""
    if not services.mailer.is_on:
        return
    kind, user_id = LetterKind(task.kind), UserId(task.user_id)
    code = new_secret()

    async def work(tx: Write) -> tuple[User, str] | None:
        """Find who it goes to, and make its code, in one go: the code must not confirm an address set meanwhile."""
        await people.lock(tx, user_id)
        user = await users.get(tx, user_id)
        address = await people.email_of(services, tx, user_id)
        if user is None or not address or user.state is UserState.DELETED:
            return None
        if kind is LetterKind.CONFIRMATION and user.state is not UserState.UNCONFIRMED:
            return None
        if kind in _ABOUT_ADDRESSES:
            change = _change(services, task.detail)
            return user, change.wanted if kind is LetterKind.EMAIL_CHANGE else change.before
        if kind in _WITH_CODES:
            await _insert_code(services, tx, user_id, kind, code)
        return user, address

    found = await services.db.write(work)
    if found is None:
        return
    user, address = found
    letter = letters.write(
        kind,
        to=address,
        username=user.username,
        title=services.instance.title,
        link=_link(services, kind, task.detail if kind is LetterKind.EMAIL_CHANGE else code),
        detail=task.detail,
    )
    try:
        await services.mailer.send(letter)
    except Invalid as error:
        _log.warning("an e-mail was refused and is dropped", kind=kind.value, error=error.message)


def _link(services: Services, kind: LetterKind, code: str) -> str:
    links = services.instance.links
    if kind is LetterKind.CONFIRMATION:
        return links.confirmation + code
    if kind is LetterKind.PASSWORD_RESET:
        return links.reset + code
    if kind is LetterKind.EMAIL_CHANGE:
        return links.email + code
    if kind in {LetterKind.PASSWORD_CHANGED, LetterKind.EMAIL_CHANGED}:
        return links.forgotten
    return links.settings


def _change(services: Services, sealed: str) -> EmailChange:
    return msgspec.json.decode(services.vault.decrypt(sealed, context=CONTEXT), type=EmailChange)


async def _insert_code(services: Services, tx: Write, user_id: UserId, kind: LetterKind, code: str) -> None:
    resets = kind is LetterKind.PASSWORD_RESET
    expires_ms = services.now_ms() + (RESET_LIFE_MS if resets else CONFIRMATION_LIFE_MS)
    purpose = confirmations.PASSWORD if resets else confirmations.EMAIL
    await confirmations.insert(tx, hash_of(code), user_id, purpose=purpose, expires_ms=expires_ms)


async def make_reset_link(services: Services, name: str) -> str:
    """Return a link that lets a user choose a new password, for an administrator to pass on. Raises NotFound."""
    async with services.db.read() as tx:
        user = await users.get_by_name(tx, name)
    if user is None or user.state is UserState.DELETED:
        raise NotFound(f"there is no user {name}")
    code = new_secret()
    await services.db.write(lambda tx: _insert_code(services, tx, user.id, LetterKind.PASSWORD_RESET, code))
    return _link(services, LetterKind.PASSWORD_RESET, code)
