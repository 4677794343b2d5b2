"""Previews of links: https://docs.joinmastodon.org/entities/PreviewCard/."""

from typing import Any

import msgspec


class PreviewCard(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says about itself."""

    url: str
    title: str
    description: str
    language: str | None
    type: str
    author_name: str
    author_url: str
    authors: list[dict[str, Any]]
    provider_name: str
    provider_url: str
    html: str
    width: int
    height: int
    image: str | None
    image_description: str
    embed_url: str
    blurhash: str | None
    published_at: str | None
