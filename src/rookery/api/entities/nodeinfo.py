"""Discovery: https://nodeinfo.diaspora.software/ and WebFinger (RFC 7033)."""

from typing import Any

import msgspec


class Link(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a document is."""

    rel: str
    href: str
    type: str | None = None


class Links(msgspec.Struct, frozen=True):
    """Which versions of nodeinfo there are."""

    links: list[Link]


class Software(msgspec.Struct, frozen=True):
    """Which program serves."""

    name: str
    version: str


class NeighbourServices(msgspec.Struct, frozen=True):
    """Networks that the instance reads from or writes to."""

    inbound: list[str]
    outbound: list[str]


class UserCounts(msgspec.Struct, frozen=True, rename="camel"):
    """How many users there are."""

    total: int
    active_month: int
    active_halfyear: int = msgspec.field(name="activeHalfyear")


class NodeUsage(msgspec.Struct, frozen=True, rename="camel"):
    """How much the instance is used."""

    users: UserCounts
    local_posts: int


class NodeInfo(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What kind of server this is."""

    version: str
    software: Software
    protocols: list[str]
    services: NeighbourServices
    open_registrations: bool
    usage: NodeUsage
    metadata: dict[str, Any]


class WebFinger(msgspec.Struct, frozen=True):
    """Where a user's profile is."""

    subject: str
    aliases: list[str]
    links: list[Link]
