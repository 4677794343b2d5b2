"""What is loaded for events that are about one user's own things, already as the JSON they are told in."""

from collections.abc import Mapping
from contextlib import suppress

import msgspec

from rookery.api.presenting import Presenter
from rookery.domain import live
from rookery.domain.ids import UserId
from rookery.errors import NotFound
from rookery.services import Services
from rookery.usecases import announcements, conversations, notifications
from rookery.usecases.live import Loader


def loaders(present: Presenter) -> Mapping[type[live.LiveEvent], Loader]:
    """Return what makes the JSON for each kind of event; it returns None for what the user is not to see."""

    async def notification(services: Services, user_id: UserId, event: live.Notified) -> bytes | None:
        with suppress(NotFound):
            return present.notification(
                await notifications.get_notification(services, user_id, event.notification_id)
            )
        return None

    async def conversation(
        services: Services, user_id: UserId, event: live.ConversationChanged
    ) -> bytes | None:
        with suppress(NotFound):
            return present.conversation(
                await conversations.get_conversation(services, user_id, event.conversation_id)
            )
        return None

    async def announcement(services: Services, _: None, event: live.AnnouncementPublished) -> bytes | None:
        with suppress(NotFound):
            view = await announcements.get_shown(services, None, event.announcement_id)
            return msgspec.json.encode(present.announcement(view))
        return None

    async def reaction(services: Services, _: None, event: live.AnnouncementReacted) -> bytes | None:
        counted = await announcements.get_reaction(services, event.announcement_id, event.name)
        return msgspec.json.encode(
            {"name": event.name, "count": counted.count, "announcement_id": str(event.announcement_id)}
        )

    return {
        live.Notified: notification,
        live.ConversationChanged: conversation,
        live.AnnouncementPublished: announcement,
        live.AnnouncementReacted: reaction,
    }
