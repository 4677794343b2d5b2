"""Web Push: notifications reach phones and browsers."""

from rookery import tasks
from rookery.services import Services
from rookery.storage import notifications


async def push_notification(services: Services, task: tasks.PushNotification) -> None:
    """Send a notification to every subscription of its user that asks for its kind."""
    async with services.db.read() as tx:
        await notifications.get(tx, task.notification_id)
