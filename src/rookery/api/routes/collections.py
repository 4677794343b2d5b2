"""Collections of recommended accounts: https://docs.joinmastodon.org/methods/collections/."""

import msgspec

from rookery.api.accounts import limit_and_skip
from rookery.api.endpoints import Access, Call, Json, Nothing, endpoint
from rookery.api.entities.collections import (
    Collection,
    CollectionItem,
    Collections,
    CollectionWithAccounts,
    WrappedCollection,
    WrappedCollectionItem,
)
from rookery.api.entities.statuses import StatusTag
from rookery.api.paging import OffsetPaging
from rookery.api.timestamps import timestamp
from rookery.domain import collections as domain
from rookery.domain import text
from rookery.domain.ids import UserId
from rookery.usecases import collections
from rookery.usecases.collections import CollectionChange


class CollectionParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a collection shall be."""

    name: str | None = None
    description: str | None = None
    language: str | None = None
    tag_name: str | None = None
    sensitive: bool | None = None
    discoverable: bool | None = None


class NewCollection(CollectionParameters, frozen=True, kw_only=True):
    """A collection and whom it shows from the beginning."""

    account_ids: list[UserId] = []


class CollectionById(msgspec.Struct, frozen=True, kw_only=True):
    """Which collection."""

    id: int


class ChangedCollection(CollectionParameters, frozen=True, kw_only=True):
    """Which collection, and what it shall be."""

    id: int


class NewItem(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to show in which collection."""

    collection_id: int
    account_id: UserId


class ItemById(msgspec.Struct, frozen=True, kw_only=True):
    """Which entry of which collection."""

    collection_id: int
    id: int


class CollectionsOf(OffsetPaging, frozen=True, kw_only=True):
    """Whose collections, and which part of them."""

    account_id: UserId


@endpoint("POST", "/api/v1/collections", scope="write:collections")
async def create(call: Call, wanted: NewCollection) -> Json[WrappedCollection]:
    """Make a collection of accounts."""
    made = await collections.make_collection(
        call.services, call.viewer, _change(wanted), user_ids=wanted.account_ids
    )
    return Json.of(WrappedCollection(_collection(call, made)))


@endpoint("GET", "/api/v1/collections/{id}", access=Access.ANYONE, scope="read:collections")
async def show(call: Call, which: CollectionById) -> Json[CollectionWithAccounts]:
    """Return a collection with its accounts."""
    found = await collections.get_collection(call.services, call.viewer_or_none, which.id)
    accounts = [call.present.account_entity(view) for view in found.users]
    return Json.of(CollectionWithAccounts(_collection(call, found), accounts))


@endpoint("PATCH", "/api/v1/collections/{id}", scope="write:collections")
async def update(call: Call, wanted: ChangedCollection) -> Json[WrappedCollection]:
    """Change what is said of an own collection."""
    changed = await collections.change_collection(call.services, call.viewer, wanted.id, _change(wanted))
    return Json.of(WrappedCollection(_collection(call, changed)))


@endpoint("DELETE", "/api/v1/collections/{id}", scope="write:collections")
async def destroy(call: Call, which: CollectionById) -> Json[Nothing]:
    """Remove an own collection."""
    await collections.remove_collection(call.services, call.viewer, which.id)
    return Json(b"{}")


@endpoint("POST", "/api/v1/collections/{collection_id}/items", scope="write:collections")
async def create_item(call: Call, wanted: NewItem) -> Json[WrappedCollectionItem]:
    """Show an account in an own collection."""
    item = await collections.add_user(call.services, call.viewer, wanted.collection_id, wanted.account_id)
    return Json.of(WrappedCollectionItem(_item(item)))


@endpoint("DELETE", "/api/v1/collections/{collection_id}/items/{id}", scope="write:collections")
async def destroy_item(call: Call, which: ItemById) -> Json[Nothing]:
    """Show an account no longer in an own collection."""
    await collections.remove_user(call.services, call.viewer, which.collection_id, which.id)
    return Json(b"{}")


@endpoint("POST", "/api/v1/collections/{collection_id}/items/{id}/revoke", scope="write:collections")
async def revoke(call: Call, which: ItemById) -> Json[Nothing]:
    """Take oneself out of somebody's collection, for good."""
    await collections.leave_collection(call.services, call.viewer, which.collection_id, which.id)
    return Json(b"{}")


@endpoint("GET", "/api/v1/accounts/{account_id}/collections", access=Access.ANYONE, scope="read:collections")
async def of_account(call: Call, asked: CollectionsOf) -> Json[Collections]:
    """Return the collections on an account's profile, the newest first."""
    limit, skip = limit_and_skip(asked)
    found = await collections.list_collections(
        call.services, call.viewer_or_none, asked.account_id, limit=limit, skip=skip
    )
    return Json.of(Collections([_collection(call, one) for one in found]))


@endpoint("GET", "/api/v1/accounts/{account_id}/in_collections", scope="read:collections")
async def with_account(call: Call, asked: CollectionsOf) -> Json[Collections]:
    """Return the collections that show the viewer, the latest first."""
    limit, skip = limit_and_skip(asked)
    found = await collections.list_collections_with(
        call.services, call.viewer, asked.account_id, limit=limit, skip=skip
    )
    return Json.of(Collections([_collection(call, one) for one in found]))


def _change(wanted: CollectionParameters) -> CollectionChange:
    return CollectionChange(
        name=wanted.name,
        description=wanted.description,
        language=wanted.language,
        hashtag=wanted.tag_name,
        sensitive=wanted.sensitive,
        discoverable=wanted.discoverable,
    )


def _collection(call: Call, view: domain.CollectionView) -> Collection:
    one = view.collection
    base_url = call.services.instance.base_url
    tag = (
        StatusTag(text.hashtag_key(one.hashtag), text.hashtag_url(one.hashtag, base_url))
        if one.hashtag
        else None
    )
    return Collection(
        id=str(one.id),
        account_id=str(one.user_id),
        uri=f"{base_url}/collections/{one.id}",
        url=None,
        name=one.name,
        description=one.description,
        language=one.language,
        local=True,
        sensitive=one.sensitive,
        discoverable=one.discoverable,
        tag=tag,
        created_at=timestamp(one.created_ms),
        updated_at=timestamp(one.changed_ms),
        item_count=len(view.items),
        items=[_item(item) for item in view.items],
    )


def _item(item: domain.CollectionItem) -> CollectionItem:
    return CollectionItem(
        id=str(item.id),
        account_id=str(item.user_id),
        state=item.state.value,
        created_at=timestamp(item.created_ms),
    )
