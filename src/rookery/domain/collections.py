"""Collections: people whom somebody recommends together, under a name."""

from enum import StrEnum

import msgspec

from rookery.domain.ids import UserId
from rookery.domain.users import UserView


class ItemState(StrEnum):
    """Whether somebody is shown in a collection."""

    ACCEPTED = "accepted"
    REVOKED = "revoked"
    """They do not want to be, and cannot be put there again."""


class CollectionItem(msgspec.Struct, frozen=True):
    """Somebody in a collection."""

    id: int
    collection_id: int
    user_id: UserId
    state: ItemState
    created_ms: int


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a collection; `changed_ms` moves with it and with who is in it."""

    id: int
    user_id: UserId
    name: str
    description: str = ""
    language: str | None = None
    hashtag: str = ""
    """As written and without the sign; empty: none."""
    sensitive: bool = False
    discoverable: bool = False
    """Whether others find it on its maker's profile, and not only by its address."""
    created_ms: int
    changed_ms: int


class CollectionView(msgspec.Struct, frozen=True):
    """A collection with those in it whom the viewer may see."""

    collection: Collection
    items: tuple[CollectionItem, ...]
    users: tuple[UserView, ...]
    """Its maker, and then everybody of the items."""
