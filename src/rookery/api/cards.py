"""Previews of links, as clients show them: https://docs.joinmastodon.org/entities/PreviewCard/."""

from urllib.parse import urlsplit

from rookery.api.entities.tags import TagHistory
from rookery.api.entities.trends import TrendsLink
from rookery.usecases.trends import TrendingLink


def link_entity(link: TrendingLink) -> TrendsLink:
    """Return a link that trends."""
    provider = urlsplit(link.url)
    return TrendsLink(
        url=link.url,
        title=link.url,
        description="",
        type="link",
        author_name="",
        author_url="",
        provider_name=provider.hostname or "",
        provider_url=f"{provider.scheme}://{provider.netloc}",
        html="",
        width=0,
        height=0,
        image=None,
        embed_url="",
        blurhash=None,
        history=[
            TagHistory(str(day.day_ms // 1000), str(day.uses), str(day.authors)) for day in link.history
        ],
    )
