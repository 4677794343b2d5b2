"""The order of searches that ask for the best first: whole numbers, so that it is the same everywhere."""

from typing import Final

from rookery.domain.tweets import TweetCounts

HOUR_MS: Final = 3_600_000


def score(counts: TweetCounts, *, age_ms: int) -> int:
    """Return how good a match is: each doubling of what people did with it is worth four doublings of its age.

    A retweet or a quote counts as two favorites, a reply as one.
    """
    reactions = counts.favorites + counts.replies + 2 * (counts.retweets + counts.quotes)
    return 4 * (reactions + 1).bit_length() - (max(0, age_ms) // HOUR_MS + 1).bit_length()
