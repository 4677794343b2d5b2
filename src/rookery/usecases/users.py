"""Finding users: by id, by name, in the directory."""

from collections.abc import Sequence
from typing import Final

from rookery import hydration
from rookery.domain.ids import UserId
from rookery.domain.users import UserView
from rookery.errors import NotFound
from rookery.ports import Read
from rookery.services import Services
from rookery.storage import user_search, users

USERS_MAX: Final = 200
"""Users that are loaded by their ids at a time."""
SKIP_MAX: Final = 10_000
"""How deep one may page by offset into found users."""
ACTIVE_TWEETS: Final = 2_000
"""The latest public tweets whose authors count as active in the directory."""
_NOBODY: Final = UserId(0)


async def get_user(services: Services, viewer_id: UserId | None, user_id: UserId) -> UserView:
    """Return an active user, or raise NotFound."""
    async with services.db.read() as tx:
        found = await _active(services, tx, viewer_id, [user_id])
    if not found:
        raise NotFound
    return found[0]


async def list_users(
    services: Services, viewer_id: UserId | None, user_ids: Sequence[UserId]
) -> list[UserView]:
    """Return the active ones of these users, in the order asked, each once."""
    wanted = list(dict.fromkeys(user_ids))[:USERS_MAX]
    async with services.db.read() as tx:
        return await _active(services, tx, viewer_id, wanted)


async def find_user(services: Services, viewer_id: UserId | None, address: str) -> UserView:
    """Return the active user with this name (`ada`, `@ada` or `ada@` and this instance's host), or raise NotFound."""
    username = _local_name(services, address)
    async with services.db.read() as tx:
        user = await users.get_by_name(tx, username) if username else None
        found = await _active(services, tx, viewer_id, [user.id]) if user else []
    if not found:
        raise NotFound
    return found[0]


async def page_directory(
    services: Services, viewer_id: UserId | None, *, newest: bool, limit: int, skip: int
) -> list[UserView]:
    """Return users who want to be found: the newest, or those who wrote the latest public tweets."""
    if skip > SKIP_MAX:
        return []
    viewer, now_ms = viewer_id or _NOBODY, services.now_ms()
    async with services.db.read() as tx:
        if newest:
            ids = await user_search.newest_discoverable(
                tx, viewer_id=viewer, now_ms=now_ms, limit=limit, skip=skip
            )
        else:
            ids = await user_search.latest_authors(
                tx, viewer_id=viewer, now_ms=now_ms, tweets=ACTIVE_TWEETS, limit=limit, skip=skip
            )
        return await _active(services, tx, viewer_id, ids)


def _local_name(services: Services, address: str) -> str:
    """Return the user name in an address; an empty text when it names another host or holds a NUL."""
    name, _, host = address.removeprefix("@").partition("@")
    elsewhere = host and host.casefold() != services.instance.domain.casefold()
    return "" if elsewhere or "\0" in name else name


async def _active(
    services: Services, tx: Read, viewer_id: UserId | None, user_ids: Sequence[UserId]
) -> list[UserView]:
    views, _ = await hydration.users(services, tx, viewer_id, user_ids)
    return [view for view in views if view.user.active]
