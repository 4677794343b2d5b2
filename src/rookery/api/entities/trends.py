"""Trending links: https://docs.joinmastodon.org/entities/PreviewCard/#trends-link."""

from rookery.api.entities.cards import PreviewCard
from rookery.api.entities.tags import TagHistory


class TrendsLink(PreviewCard, frozen=True, kw_only=True):
    """A link shared more than usual, and how often on which day."""

    history: list[TagHistory]
