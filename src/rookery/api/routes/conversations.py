"""Conversations: https://docs.joinmastodon.org/methods/conversations/."""

import msgspec

from rookery.api.endpoints import Call, Json, Nothing, endpoint
from rookery.api.entities.conversations import Conversation
from rookery.api.paging import Paging, link_header, page_of
from rookery.usecases import conversations


class ConversationId(msgspec.Struct, frozen=True, kw_only=True):
    """Which conversation."""

    id: int


@endpoint("GET", "/api/v1/conversations", scope="read:statuses")
async def index(call: Call, paging: Paging) -> Json[list[Conversation]]:
    """Return the caller's direct conversations, those first in which something was said last."""
    page = await conversations.list_conversations(call.services, call.viewer, page_of(paging))
    return Json(
        b"[" + b",".join([call.present.conversation(view) for view in page.items]) + b"]",
        headers=link_header(
            call.services.instance.base_url,
            "/api/v1/conversations",
            paging,
            newest_id=page.newest_id,
            oldest_id=page.oldest_id,
        ),
    )


@endpoint("DELETE", "/api/v1/conversations/{id}", scope="write:conversations")
async def destroy(call: Call, wanted: ConversationId) -> Json[Nothing]:
    """Take a conversation from the caller's list; its statuses stay."""
    await conversations.delete_conversation(call.services, call.viewer, wanted.id)
    return Json.of(Nothing())


@endpoint("POST", "/api/v1/conversations/{id}/read", scope="write:conversations")
async def read(call: Call, wanted: ConversationId) -> Json[Conversation]:
    """Mark a conversation as read."""
    return await _marked(call, wanted, unread=False)


@endpoint("POST", "/api/v1/conversations/{id}/unread", scope="write:conversations")
async def unread(call: Call, wanted: ConversationId) -> Json[Conversation]:
    """Mark a conversation as unread."""
    return await _marked(call, wanted, unread=True)


async def _marked(call: Call, wanted: ConversationId, *, unread: bool) -> Json[Conversation]:
    view = await conversations.mark_conversation(call.services, call.viewer, wanted.id, unread=unread)
    return Json(call.present.conversation(view))
