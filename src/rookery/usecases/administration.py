"""Looking after people: finding them by name whatever their state, listing them, shutting them out and letting them back in."""

from typing import Final, NamedTuple

from rookery.domain.ids import UserId
from rookery.domain.live import AccessEnded
from rookery.domain.users import User, UserState
from rookery.errors import Conflict, NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import people, users

LISTED_AT_ONCE: Final = 1_000


class Listed(NamedTuple):
    """A line of the list of users."""

    user_id: UserId
    username: str
    email: str | None
    role: str
    state: UserState
    created_ms: int


async def named_user(services: Services, name: str) -> User:
    """Return the user of that name, in whatever state but deleted. Raises NotFound with a sentence."""
    async with services.db.read() as tx:
        user = await users.get_by_name(tx, name.removeprefix("@"))
    if user is None or user.state is UserState.DELETED:
        raise NotFound(f"there is no user {name!r}")
    return user


async def list_everybody(services: Services, *, after_id: int = 0) -> list[Listed]:
    """Return the next users in the order of their sign-up, deleted ones too; empty at the end."""
    async with services.db.read() as tx:
        rows = await people.roll(services, tx, after_id=after_id, limit=LISTED_AT_ONCE)
    return [
        Listed(user_id, username, email, role, UserState(state), created_ms)
        for user_id, username, email, role, state, created_ms in rows
    ]


async def disable_user(services: Services, user_id: UserId) -> None:
    """Shut a user out: nobody sees them, and their sessions and tokens do nothing until they are let back in."""
    await _move(services, user_id, UserState.ACTIVE, UserState.DISABLED, "is not active")


async def enable_user(services: Services, user_id: UserId) -> None:
    """Let a disabled user back in; all that was theirs is there again."""
    await _move(services, user_id, UserState.DISABLED, UserState.ACTIVE, "is not disabled")


async def set_role(services: Services, user_id: UserId, *, admin: bool) -> None:
    """Make a user an administrator, or one no more. Raises NotFound."""
    now_ms = services.now_ms()

    async def work(tx: Write) -> None:
        await _touched(tx, user_id, now_ms)
        await users.update_role(tx, user_id, "admin" if admin else "user")

    await services.db.write(work)


async def _move(
    services: Services, user_id: UserId, before: UserState, after: UserState, otherwise: str
) -> None:
    now_ms = services.now_ms()

    async def work(tx: Write) -> None:
        user = await _touched(tx, user_id, now_ms)
        if user.state is not before:
            raise Conflict(f"{user.username} {otherwise}", field="username")
        await users.update_state(tx, user_id, after)
        if after is not UserState.ACTIVE:
            await services.live.announce(tx, AccessEnded(user_id))

    await services.db.write(work)


async def _touched(tx: Write, user_id: UserId, now_ms: int) -> User:
    """Return the user who is about to change. Raises NotFound."""
    await users.touch(tx, user_id, now_ms=now_ms)
    user = await users.get(tx, user_id)
    if user is None or user.state is UserState.DELETED:
        raise NotFound
    return user
