"""Collections: https://docs.joinmastodon.org/entities/Collection/."""

import msgspec

from rookery.api.entities.accounts import Account
from rookery.api.entities.statuses import StatusTag


class CollectionItem(msgspec.Struct, frozen=True, kw_only=True):
    """An account in a collection."""

    id: str
    account_id: str
    state: str
    created_at: str


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts that somebody recommends together."""

    id: str
    account_id: str
    uri: str
    url: str | None
    name: str
    description: str
    language: str | None
    local: bool
    sensitive: bool
    discoverable: bool
    tag: StatusTag | None
    created_at: str
    updated_at: str
    item_count: int
    items: list[CollectionItem]


class WrappedCollection(msgspec.Struct, frozen=True):
    """A collection alone."""

    collection: Collection


class WrappedCollectionItem(msgspec.Struct, frozen=True):
    """An entry alone."""

    collection_item: CollectionItem


class CollectionWithAccounts(msgspec.Struct, frozen=True):
    """A collection with the accounts of its maker and of everybody in it."""

    collection: Collection
    accounts: list[Account]


class Collections(msgspec.Struct, frozen=True):
    """Several collections."""

    collections: list[Collection]
