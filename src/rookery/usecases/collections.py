"""Recommending people together: making collections, and whom they show."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from rookery import access, hydration
from rookery.domain import text
from rookery.domain.collections import Collection, CollectionItem, CollectionView, ItemState
from rookery.domain.ids import UserId
from rookery.domain.languages import language as language_code
from rookery.domain.users import UserView
from rookery.domain.visibility import STRANGER, Standing
from rookery.errors import Forbidden, Invalid, NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import collections

COLLECTIONS_MAX: Final = 10
"""Collections of one user."""
ITEMS_MAX: Final = 25
"""People in one collection, with those who wanted to be there no longer."""
NAME_CHARS_MAX: Final = 40
DESCRIPTION_CHARS_MAX: Final = 100
SKIP_MAX: Final = 10_000


class CollectionChange(NamedTuple):
    """What a collection shall be; what is None stays, and an empty text removes."""

    name: str | None = None
    description: str | None = None
    language: str | None = None
    hashtag: str | None = None
    sensitive: bool | None = None
    discoverable: bool | None = None


async def make_collection(
    services: Services, viewer_id: UserId, change: CollectionChange, *, user_ids: Sequence[UserId] = ()
) -> CollectionView:
    """Make a collection of these people. Raises Invalid, NotFound and Forbidden as `add_user` does."""

    async def work(tx: Write) -> CollectionView:
        if len(await collections.list_by_user(tx, viewer_id)) >= COLLECTIONS_MAX:
            raise Invalid(f"You can have {COLLECTIONS_MAX} collections", field="name")
        now_ms = services.now_ms()
        fresh = Collection(
            id=services.new_id(), user_id=viewer_id, name="", created_ms=now_ms, changed_ms=now_ms
        )
        made = _changed(fresh, change, now_ms=now_ms)
        await collections.put(tx, made)
        wanted = list(dict.fromkeys(user_ids))
        if len(wanted) > ITEMS_MAX:
            raise Invalid(f"A collection can show {ITEMS_MAX} people", field="user_ids")
        for user_id in wanted:
            await _add(services, tx, made, user_id)
        return (await _views(services, tx, viewer_id, [made]))[0]

    return await services.db.write(work)


async def get_collection(services: Services, viewer_id: UserId | None, collection_id: int) -> CollectionView:
    """Return a collection, or raise NotFound; whoever knows its address may see it."""
    async with services.db.read() as tx:
        return await _visible(services, tx, viewer_id, collection_id)


async def list_collections(
    services: Services, viewer_id: UserId | None, user_id: UserId, *, limit: int, skip: int = 0
) -> list[CollectionView]:
    """Return the collections on a user's profile, the newest first; to its maker also those that are not shown there."""
    async with services.db.read() as tx:
        await access.visible_user(tx, user_id)
        found = [
            one
            for one in await collections.list_by_user(tx, user_id)
            if one.discoverable or user_id == viewer_id
        ]
        return await _views(services, tx, viewer_id, found[skip : skip + limit])


async def list_collections_with(
    services: Services, viewer_id: UserId, user_id: UserId, *, limit: int, skip: int = 0
) -> list[CollectionView]:
    """Return the collections that show the viewer; about others nobody is told."""
    if user_id != viewer_id:
        raise Forbidden
    if skip > SKIP_MAX:
        return []
    async with services.db.read() as tx:
        found = await collections.with_user(tx, viewer_id, limit=limit, skip=skip)
        return await _views(services, tx, viewer_id, found)


async def change_collection(
    services: Services, viewer_id: UserId, collection_id: int, change: CollectionChange
) -> CollectionView:
    """Change what is said of an own collection."""

    async def work(tx: Write) -> CollectionView:
        before = await _own(services, tx, viewer_id, collection_id)
        after = _changed(before, change, now_ms=services.now_ms())
        await collections.put(tx, after)
        return (await _views(services, tx, viewer_id, [after]))[0]

    return await services.db.write(work)


async def remove_collection(services: Services, viewer_id: UserId, collection_id: int) -> None:
    """Remove an own collection."""

    async def work(tx: Write) -> None:
        await collections.delete(tx, (await _own(services, tx, viewer_id, collection_id)).id)

    await services.db.write(work)


async def add_user(
    services: Services, viewer_id: UserId, collection_id: int, user_id: UserId
) -> CollectionItem:
    """Show somebody in an own collection.

    Raises Forbidden for those who do not want to be found, have taken themselves out, or are blocked or block.
    """

    async def work(tx: Write) -> CollectionItem:
        own = await _own(services, tx, viewer_id, collection_id)
        item = await _add(services, tx, own, user_id)
        await _touch(services, tx, own)
        return item

    return await services.db.write(work)


async def remove_user(services: Services, viewer_id: UserId, collection_id: int, item_id: int) -> None:
    """Show somebody no longer in an own collection."""

    async def work(tx: Write) -> None:
        own = await _own(services, tx, viewer_id, collection_id)
        if not await collections.delete_item(tx, own.id, item_id):
            raise NotFound
        await _touch(services, tx, own)

    await services.db.write(work)


async def leave_collection(services: Services, viewer_id: UserId, collection_id: int, item_id: int) -> None:
    """Take oneself out of somebody's collection, for good."""

    async def work(tx: Write) -> None:
        if not await collections.revoke_item(tx, collection_id, item_id, viewer_id):
            raise NotFound
        found = await collections.get(tx, collection_id)
        if found is not None:
            await _touch(services, tx, found)

    await services.db.write(work)


def _changed(before: Collection, change: CollectionChange, *, now_ms: int) -> Collection:
    name = before.name if change.name is None else change.name.strip()
    description = before.description if change.description is None else change.description.strip()
    hashtag = before.hashtag if change.hashtag is None else change.hashtag.strip().removeprefix("#")
    if not name:
        raise Invalid("Name can't be blank", field="name")
    if len(name) > NAME_CHARS_MAX:
        raise Invalid(f"Name is too long (maximum is {NAME_CHARS_MAX} characters)", field="name")
    if len(description) > DESCRIPTION_CHARS_MAX:
        raise Invalid(
            f"Description is too long (maximum is {DESCRIPTION_CHARS_MAX} characters)", field="description"
        )
    if hashtag and not text.is_hashtag(hashtag):
        raise Invalid("Tag is not a hashtag", field="hashtag")
    return msgspec.structs.replace(
        before,
        name=name,
        description=description,
        language=before.language if change.language is None else language_code(change.language),
        hashtag=hashtag,
        sensitive=before.sensitive if change.sensitive is None else change.sensitive,
        discoverable=before.discoverable if change.discoverable is None else change.discoverable,
        changed_ms=max(before.changed_ms, now_ms),
    )


async def _touch(services: Services, tx: Write, one: Collection) -> None:
    await collections.put(tx, msgspec.structs.replace(one, changed_ms=services.now_ms()))


async def _add(services: Services, tx: Write, to: Collection, user_id: UserId) -> CollectionItem:
    views, standings = await hydration.users(services, tx, to.user_id, [user_id])
    if not views or not views[0].user.active or standings[user_id].blocked_by:
        raise NotFound
    if user_id != to.user_id and (not views[0].user.discoverable or standings[user_id].blocks):
        raise Forbidden
    there = await collections.items(tx, [to.id])
    for item in there:
        if item.user_id == user_id:
            if item.state is ItemState.REVOKED:
                raise Forbidden
            raise Invalid("This person is in the collection already", field="user_id")
    if len(there) >= ITEMS_MAX:
        raise Invalid(f"A collection can show {ITEMS_MAX} people", field="user_id")
    item = CollectionItem(services.new_id(), to.id, user_id, ItemState.ACCEPTED, services.now_ms())
    await collections.insert_item(tx, item)
    return item


async def _own(services: Services, tx: Read, viewer_id: UserId, collection_id: int) -> Collection:
    found = (await _visible(services, tx, viewer_id, collection_id)).collection
    if found.user_id != viewer_id:
        raise Forbidden
    return found


async def _visible(
    services: Services, tx: Read, viewer_id: UserId | None, collection_id: int
) -> CollectionView:
    found = await collections.get(tx, collection_id)
    views = await _views(services, tx, viewer_id, [found]) if found is not None else []
    if not views:
        raise NotFound
    return views[0]


async def _views(
    services: Services, tx: Read, viewer_id: UserId | None, found: Sequence[Collection]
) -> list[CollectionView]:
    """Return the collections whose makers the viewer may see, with those in them of whom that is true as well."""
    if not found:
        return []
    items = await collections.items(tx, [one.id for one in found])
    wanted = dict.fromkeys([*[one.user_id for one in found], *[item.user_id for item in items]])
    users, standings = await hydration.users(services, tx, viewer_id, list(wanted))
    seen = {
        view.user.id: view
        for view in users
        if view.user.id == viewer_id or (view.user.active and not _is_apart(view.user.id, standings))
    }
    return [_view(one, items, seen) for one in found if one.user_id in seen]


def _is_apart(user_id: UserId, standings: Mapping[UserId, Standing]) -> bool:
    standing = standings.get(user_id, STRANGER)
    return standing.blocks or standing.blocked_by


def _view(
    one: Collection, items: Sequence[CollectionItem], seen: Mapping[UserId, UserView]
) -> CollectionView:
    shown = tuple(
        item
        for item in items
        if item.collection_id == one.id and item.state is ItemState.ACCEPTED and item.user_id in seen
    )
    user_ids = dict.fromkeys([one.user_id, *[item.user_id for item in shown]])
    return CollectionView(one, shown, tuple(seen[user_id] for user_id in user_ids))
