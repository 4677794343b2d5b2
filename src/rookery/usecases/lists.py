"""Lists: making them, and putting people on them."""

from collections.abc import Sequence
from typing import Final

import msgspec

from rookery import access, hydration
from rookery.domain.ids import UserId
from rookery.domain.lists import Replies, UserList
from rookery.domain.live import FollowsChanged
from rookery.domain.timelines import Page, PageRequest, paged
from rookery.domain.users import UserView
from rookery.errors import Invalid, NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import lists, relations

LISTS_MAX: Final = 50
MEMBERS_MAX: Final = 2_000
ADDED_MAX: Final = 200
"""People who are put on a list at a time."""
TITLE_CHARS_MAX: Final = 255


class OnListAlready(Invalid):
    """Somebody was to be put on a list a second time."""


async def list_lists(services: Services, viewer_id: UserId) -> list[UserList]:
    """Return the viewer's lists."""
    async with services.db.read() as tx:
        return await lists.list_by_user(tx, viewer_id)


async def get_list(services: Services, viewer_id: UserId, list_id: int) -> UserList:
    """Return one of the viewer's lists, or raise NotFound."""
    async with services.db.read() as tx:
        return await _own(tx, viewer_id, list_id)


async def make_list(
    services: Services, viewer_id: UserId, *, title: str, replies: Replies, exclusive: bool
) -> UserList:
    """Make an empty list. Raises Invalid naming the field."""
    made = UserList(services.new_id(), viewer_id, _checked_title(title), replies, exclusive)

    async def work(tx: Write) -> None:
        if len(await lists.list_by_user(tx, viewer_id)) >= LISTS_MAX:
            raise Invalid(f"You can have {LISTS_MAX} lists", field="title")
        await lists.put(tx, made)
        await services.live.announce(tx, FollowsChanged(viewer_id))

    await services.db.write(work)
    return made


async def change_list(
    services: Services,
    viewer_id: UserId,
    list_id: int,
    *,
    title: str | None = None,
    replies: Replies | None = None,
    exclusive: bool | None = None,
) -> UserList:
    """Change what is given. Raises NotFound, and Invalid naming the field."""

    async def work(tx: Write) -> UserList:
        before = await _own(tx, viewer_id, list_id)
        after = msgspec.structs.replace(
            before,
            title=before.title if title is None else _checked_title(title),
            replies=before.replies if replies is None else replies,
            exclusive=before.exclusive if exclusive is None else exclusive,
        )
        await lists.put(tx, after)
        await services.live.announce(tx, FollowsChanged(viewer_id))
        return after

    return await services.db.write(work)


async def remove_list(services: Services, viewer_id: UserId, list_id: int) -> None:
    """Remove a list; the people on it stay followed. Raises NotFound."""

    async def work(tx: Write) -> None:
        if not await lists.delete(tx, viewer_id, list_id):
            raise NotFound
        await services.live.announce(tx, FollowsChanged(viewer_id))

    await services.db.write(work)


async def page_members(
    services: Services, viewer_id: UserId, list_id: int, page: PageRequest
) -> Page[UserView]:
    """Return a page of those on a list, the latest first."""
    async with services.db.read() as tx:
        await _own(tx, viewer_id, list_id)
        rows = await lists.members_page(tx, list_id, page)
        views, _ = await hydration.users(services, tx, viewer_id, [row[1] for row in rows])
    return paged(page, views, [row[0] for row in rows])


async def add_members(
    services: Services, viewer_id: UserId, list_id: int, user_ids: Sequence[UserId]
) -> None:
    """Put people whom the viewer follows (or oneself) on a list.

    Raises NotFound when one of them is not followed, OnListAlready when one is on it, Invalid when it is full.
    """
    wanted = list(dict.fromkeys(user_ids))
    if len(wanted) > ADDED_MAX:
        raise Invalid(f"At most {ADDED_MAX} people can be added at a time", field="account_ids")

    async def work(tx: Write) -> None:
        of = await _own(tx, viewer_id, list_id)
        found = await relations.relations(tx, viewer_id, wanted, now_ms=services.now_ms())
        if any(
            user_id != viewer_id and (user_id not in found or not found[user_id].following)
            for user_id in wanted
        ):
            raise NotFound
        if await lists.count_members(tx, list_id) + len(wanted) > MEMBERS_MAX:
            raise Invalid(f"A list can have {MEMBERS_MAX} people", field="account_ids")
        for user_id in wanted:
            if not await lists.add(tx, of, user_id, new_id=services.new_id()):
                raise OnListAlready("Somebody is on the list already")
        await services.live.announce(tx, FollowsChanged(viewer_id))

    await services.db.write(work)


async def remove_members(
    services: Services, viewer_id: UserId, list_id: int, user_ids: Sequence[UserId]
) -> None:
    """Take people off a list; who is not on it stays so."""

    async def work(tx: Write) -> None:
        await _own(tx, viewer_id, list_id)
        await lists.remove(tx, list_id, user_ids)
        await services.live.announce(tx, FollowsChanged(viewer_id))

    await services.db.write(work)


async def lists_with(services: Services, viewer_id: UserId, user_id: UserId) -> list[UserList]:
    """Return those of the viewer's lists that somebody is on."""
    async with services.db.read() as tx:
        await access.visible_user(tx, user_id)
        return await lists.with_member(tx, viewer_id, user_id)


def _checked_title(title: str) -> str:
    title = title.strip()
    if not title:
        raise Invalid("Validation failed: Title can't be blank", field="title")
    if len(title) > TITLE_CHARS_MAX:
        raise Invalid(f"Title is too long (maximum is {TITLE_CHARS_MAX} characters)", field="title")
    return title


async def _own(tx: Read, viewer_id: UserId, list_id: int) -> UserList:
    found = await lists.get(tx, viewer_id, list_id)
    if found is None:
        raise NotFound
    return found
