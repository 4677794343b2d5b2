"""Notes of others that only their writer reads."""

from typing import Final

from rookery import access
from rookery.domain.ids import UserId
from rookery.domain.users import Relation
from rookery.errors import Invalid
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import notes, relations

NOTE_CHARS_MAX: Final = 2_000


async def note_user(services: Services, viewer_id: UserId, target_id: UserId, text: str) -> Relation:
    """Note something of somebody for oneself; an empty text removes the note."""
    text = text.strip()
    if len(text) > NOTE_CHARS_MAX:
        raise Invalid(f"Comment is too long (maximum is {NOTE_CHARS_MAX} characters)", field="comment")

    async def work(tx: Write) -> Relation:
        await access.visible_user(tx, target_id)
        if text:
            await notes.put(tx, viewer_id, target_id, text)
        else:
            await notes.delete(tx, viewer_id, target_id)
        return await relations.require(tx, viewer_id, target_id, now_ms=services.now_ms())

    return await services.db.write(work)
