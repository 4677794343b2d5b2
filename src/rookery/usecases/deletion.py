"""Leaving: a user is out of sight at once, and what they left is removed piece by piece."""

from typing import Final

import msgspec

from rookery import tasks
from rookery.domain.ids import UserId
from rookery.domain.live import AccessEnded
from rookery.domain.media import MediaPurpose
from rookery.domain.users import UserState
from rookery.errors import NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import deletion, users
from rookery.storage import tasks as task_records

LAST_LOOK_AFTER_MS: Final = 60_000
"""How long after the deletion the last rows go: longer than any transaction that was under way then."""


async def delete_user(services: Services, user_id: UserId) -> None:
    """Delete a user for good: nothing is shown from now on, every session and token ends, all rows are removed soon.

    Whoever calls this has made sure who asks for it: by the password (`sign_in.require_password`), or as somebody who
    may run commands here. Raises NotFound when there is no such user (any more).
    """

    async def work(tx: Write) -> None:
        await users.touch(tx, user_id, now_ms=services.now_ms())
        user = await users.get(tx, user_id)
        if user is None or user.state is UserState.DELETED:
            raise NotFound
        await users.update_state(tx, user_id, UserState.DELETED)
        await users.update_profile(tx, msgspec.structs.replace(user, display_name="", bio="", fields=()))
        for purpose in (MediaPurpose.AVATAR, MediaPurpose.HEADER):
            await users.update_picture(tx, user_id, purpose, "")
        await deletion.forget_sign_in(tx, user_id)
        await services.live.announce(tx, AccessEnded(user_id))
        await task_records.enqueue(services, tx, tasks.DeleteUser(user_id))

    await services.db.write(work)


async def clear_deleted_user(services: Services, task: tasks.DeleteUser) -> None:
    """Remove a slice of what a deleted user left and queue the rest; at the end, after a pause, the user too."""
    user_id = UserId(task.user_id)

    async def work(tx: Write) -> None:
        user = await users.get(tx, user_id)
        if user is None or user.state is not UserState.DELETED:
            return
        if await deletion.remove_slice(services, tx, user_id):
            await task_records.enqueue(services, tx, task)
        elif task.last:
            await deletion.finish(tx, user)
        else:
            await task_records.insert(
                tx,
                tasks.DeleteUser(user_id, last=True),
                new_id=services.new_id(),
                run_at_ms=services.now_ms() + LAST_LOOK_AFTER_MS,
            )

    await services.db.write(work)
