"""Previews of links, as clients show them: https://docs.joinmastodon.org/entities/PreviewCard/."""

from typing import Any
from urllib.parse import urlsplit

import msgspec

from rookery.api.entities.cards import PreviewCard
from rookery.api.entities.tags import TagHistory
from rookery.api.entities.trends import TrendsLink
from rookery.domain.instance import Instance
from rookery.domain.previews import Card, Preview
from rookery.usecases.trends import TrendingLink


def card_entity(card: Card, instance: Instance) -> PreviewCard:
    """Return the preview of a link."""
    preview, picture, provider = card.preview, card.picture, urlsplit(card.url)
    author: dict[str, Any] = {"name": preview.author_name, "url": preview.author_url, "account": None}
    return PreviewCard(
        url=card.url,
        title=preview.title,
        description=preview.description,
        language=preview.language or None,
        type="link",
        author_name=preview.author_name,
        author_url=preview.author_url,
        authors=[author] if preview.author_name else [],
        provider_name=preview.provider_name,
        provider_url=f"{provider.scheme}://{provider.netloc}",
        html="",
        width=picture.width if picture is not None else 0,
        height=picture.height if picture is not None else 0,
        image=instance.file_url(picture.key) if picture is not None else None,
        image_description=picture.description if picture is not None else "",
        embed_url="",
        blurhash=picture.blurhash if picture is not None else None,
        published_at=None,
    )


def link_entity(link: TrendingLink, instance: Instance) -> TrendsLink:
    """Return a link that trends; of which nothing is known, the address stands for its title."""
    unknown = Preview(title=link.url, provider_name=urlsplit(link.url).hostname or "")
    card = card_entity(link.card or Card(url=link.url, preview=unknown), instance)
    history = [TagHistory(str(day.day_ms // 1000), str(day.uses), str(day.authors)) for day in link.history]
    return TrendsLink(**msgspec.structs.asdict(card), history=history)
