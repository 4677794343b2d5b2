"""Accounts: https://docs.joinmastodon.org/entities/Account/."""

import msgspec

from rookery.api.entities.tags import FeaturedTag


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
    attribution_domains: list[str] = []
    quote_policy: str


class CredentialAccount(Account, frozen=True, kw_only=True):
    """The own account."""

    source: Source
    role: Role


class MutedAccount(Account, frozen=True, kw_only=True):
    """A muted account and when that ends."""

    mute_expires_at: str | None


class RawField(msgspec.Struct, frozen=True):
    """A row of a profile's table as it was written."""

    name: str
    value: str


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The own profile as it is edited: https://docs.joinmastodon.org/entities/Profile/."""

    id: str
    display_name: str
    note: str
    fields: list[RawField]
    avatar: str | None
    avatar_static: str | None
    avatar_description: str
    header: str | None
    header_static: str | None
    header_description: str
    locked: bool
    bot: bool
    hide_collections: bool
    discoverable: bool
    indexable: bool
    show_media: bool
    show_media_replies: bool
    show_featured: bool
    attribution_domains: list[str]
    featured_tags: list[FeaturedTag]
    formatted_note: str
    formatted_fields: list[Field]


class Suggestion(msgspec.Struct, frozen=True):
    """An account that the viewer may want to follow."""

    source: str
    sources: list[str]
    account: Account


class IdentityProof(msgspec.Struct, frozen=True):
    """A proof of identity on another service; Mastodon gave them up, old clients still ask."""

    provider: str
    provider_username: str
    profile_url: str
    proof_url: str
    updated_at: str
