"""Text rules."""

import html
from collections.abc import Sequence

from rookery.domain.tweets import Mention


def length(text: str) -> int:
    """Count characters as Mastodon does."""
    return len(text)


def mentioned(text: str, domain: str) -> tuple[str, ...]:
    """Return the user names addressed in the text."""
    del text, domain
    return ()


def hashtags(text: str) -> tuple[str, ...]:
    """Return the hashtags in the text, as written, without the sign."""
    del text
    return ()


def to_html(text: str, mentions: Sequence[Mention], base_url: str) -> str:
    """Return safe HTML for a tweet's text."""
    del mentions, base_url
    return f"<p>{html.escape(text)}</p>" if text else ""


def bio_to_html(text: str, base_url: str) -> str:
    """Return safe HTML for a profile's text."""
    return to_html(text, (), base_url)
