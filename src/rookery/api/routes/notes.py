"""Personal notes: https://docs.joinmastodon.org/methods/accounts/#note."""

from rookery.api.accounts import AccountId, relationship
from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.relationships import Relationship
from rookery.usecases import notes


class Note(AccountId, frozen=True, kw_only=True):
    """Of which account, and what; nothing removes the note."""

    comment: str = ""


@endpoint("POST", "/api/v1/accounts/{id}/note", scope="write:accounts")
async def create(call: Call, wanted: Note) -> Json[Relationship]:
    """Note something of an account that only the viewer will read."""
    relation = await notes.note_user(call.services, call.viewer, wanted.id, wanted.comment)
    return Json.of(relationship(wanted.id, relation))
