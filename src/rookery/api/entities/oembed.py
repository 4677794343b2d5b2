"""Statuses in other sites' pages: https://docs.joinmastodon.org/entities/OEmbed/ and https://oembed.com."""

import msgspec


class OEmbed(msgspec.Struct, frozen=True, kw_only=True):
    """How a page shows a status of this instance."""

    type: str
    version: str
    title: str
    author_name: str
    author_url: str
    provider_name: str
    provider_url: str
    cache_age: int
    html: str
    width: int
    height: int | None
