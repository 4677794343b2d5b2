"""Accounts: https://docs.joinmastodon.org/entities/Account/."""

import msgspec


class Emoji(msgspec.Struct, frozen=True):
    """A custom emoji."""

    shortcode: str
    url: str
    static_url: str
    visible_in_picker: bool
    category: str | None = None


class Field(msgspec.Struct, frozen=True):
    """A row of a profile's table."""

    name: str
    value: str
    verified_at: str | None = None


class Role(msgspec.Struct, frozen=True):
    """What a user may do on this instance."""

    id: str
    name: str
    color: str = ""
    permissions: str = "0"
    highlighted: bool = False


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A user as everybody may see them."""

    id: str
    username: str
    acct: str
    display_name: str
    locked: bool
    bot: bool
    discoverable: bool
    indexable: bool
    group: bool
    created_at: str
    note: str
    url: str
    uri: str
    avatar: str
    avatar_static: str
    header: str
    header_static: str
    followers_count: int
    following_count: int
    statuses_count: int
    last_status_at: str | None
    hide_collections: bool
    noindex: bool
    emojis: list[Emoji]
    roles: list[Role]
    fields: list[Field]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A profile as its owner wrote it, and the defaults for posting."""

    privacy: str
    sensitive: bool
    language: str | None
    note: str
    fields: list[Field]
    follow_requests_count: int
    hide_collections: bool
    discoverable: bool
    indexable: bool


class CredentialAccount(Account, frozen=True, kw_only=True):
    """The own account."""

    source: Source
    role: Role
