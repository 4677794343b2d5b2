"""Direct conversations: who has written to whom alone, and what of it is unread."""

from collections.abc import Sequence
from typing import Final

from rookery import filtering, hydration
from rookery.domain.conversations import Conversation, ConversationView, members
from rookery.domain.filters import FilterContext
from rookery.domain.ids import TweetId, UserId
from rookery.domain.live import ConversationChanged
from rookery.domain.timelines import Page, PageRequest
from rookery.domain.users import UserView
from rookery.domain.visibility import is_quiet, may_see
from rookery.errors import NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import conversations

REFILLS_MAX: Final = 8
"""How often a page that blocks and mutes made short is filled up."""


async def list_conversations(
    services: Services, viewer_id: UserId, page: PageRequest
) -> Page[ConversationView]:
    """Return a page of the viewer's conversations, those first in which something was said last.

    Those whose last tweet is by somebody whom the viewer blocks or mutes are left out. The ids are last tweets'.
    """
    shown: list[ConversationView] = []
    rest = page
    found: list[Conversation] = []
    async with services.db.read() as tx:
        for _ in range(REFILLS_MAX):
            found = await conversations.page(tx, viewer_id, rest)
            views = await _views(services, tx, viewer_id, found)
            shown = [*views, *shown] if page.oldest else [*shown, *views]
            if len(shown) >= page.limit or len(found) < rest.limit:
                break
            if page.oldest:
                rest = PageRequest(page.before, found[0].last_tweet_id, page.limit, oldest=True)
            else:
                rest = PageRequest(found[-1].last_tweet_id, page.after, page.limit)
    shown = shown[-page.limit :] if page.oldest else shown[: page.limit]
    if not shown:
        return Page([], oldest_id=found[-1].last_tweet_id if found and not page.oldest else None)
    newest, oldest = shown[0].conversation.last_tweet_id, shown[-1].conversation.last_tweet_id
    return Page(shown, newest_id=newest, oldest_id=oldest)


async def get_conversation(services: Services, viewer_id: UserId, conversation_id: int) -> ConversationView:
    """Return one of the viewer's conversations, or raise NotFound."""
    async with services.db.read() as tx:
        return await _view(services, tx, viewer_id, conversation_id)


async def mark_conversation(
    services: Services, viewer_id: UserId, conversation_id: int, *, unread: bool
) -> ConversationView:
    """Mark a conversation as read or unread and return it, or raise NotFound."""

    async def work(tx: Write) -> ConversationView:
        if await conversations.set_unread(tx, viewer_id, conversation_id, unread=unread):
            await services.live.announce(tx, ConversationChanged(viewer_id, conversation_id))
        return await _view(services, tx, viewer_id, conversation_id)

    return await services.db.write(work)


async def delete_conversation(services: Services, viewer_id: UserId, conversation_id: int) -> None:
    """Take a conversation from the viewer's list, until something more is said in it. Raises NotFound."""

    async def work(tx: Write) -> None:
        if not await conversations.delete(tx, viewer_id, conversation_id):
            raise NotFound

    await services.db.write(work)


async def _view(services: Services, tx: Read, viewer_id: UserId, conversation_id: int) -> ConversationView:
    found = await conversations.get(tx, viewer_id, conversation_id)
    views = await _views(services, tx, viewer_id, [found]) if found is not None else []
    if not views:
        raise NotFound
    return views[0]


async def _views(
    services: Services, tx: Read, viewer_id: UserId, found: Sequence[Conversation]
) -> list[ConversationView]:
    """Return those of the conversations whose last tweet the viewer may and wants to see."""
    if not found:
        return []
    hydrated = await hydration.tweets(services, tx, viewer_id, [TweetId(one.last_tweet_id) for one in found])
    seen = [
        view
        for view in hydrated.views
        if may_see(view, viewer_id, hydrated.standings) and is_quiet(view, viewer_id, hydrated.standings)
    ]
    seen = await filtering.apply(services, tx, viewer_id, FilterContext.THREAD, seen)
    tweets = {view.tweet.id: view for view in seen}
    wanted = {user_id for view in seen for user_id in members(view.tweet)}
    users, _ = await hydration.users(services, tx, viewer_id, sorted(wanted))
    by_id = {view.user.id: view for view in users}
    return [
        ConversationView(one, _others(viewer_id, members(view.tweet), by_id), view)
        for one in found
        if (view := tweets.get(TweetId(one.last_tweet_id))) is not None
    ]


def _others(viewer_id: UserId, member_ids: Sequence[UserId], by_id: dict[UserId, UserView]) -> list[UserView]:
    others = [user_id for user_id in member_ids if user_id != viewer_id] or [viewer_id]
    return [by_id[user_id] for user_id in others if user_id in by_id and by_id[user_id].user.active]
