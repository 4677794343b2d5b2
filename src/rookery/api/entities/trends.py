"""Trending links: https://docs.joinmastodon.org/entities/PreviewCard/#trends-link."""

import msgspec

from rookery.api.entities.tags import TagHistory


class TrendsLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link shared more than usual, and how often on which day."""

    url: str
    title: str
    description: str
    type: str
    author_name: str
    author_url: str
    provider_name: str
    provider_url: str
    html: str
    width: int
    height: int
    image: str | None
    embed_url: str
    blurhash: str | None
    history: list[TagHistory]
