"""A view after what its viewer has just done, so that the records need not be asked again."""

import msgspec

from rookery.domain.visibility import TweetView


def shown_tweet(view: TweetView) -> TweetView:
    """Return the tweet that is shown: of a retweet the one it points at, which all marks and counts belong to."""
    return view.retweet_of or view


def marked(view: TweetView, *, favorites: int = 0, retweets: int = 0, **marks: bool) -> TweetView:
    """Return the view with other marks (fields of `OwnMarks`) and so many more or fewer favorites and retweets."""
    shown = shown_tweet(view)
    counts = shown.counts
    if favorites or retweets:
        counts = msgspec.structs.replace(
            counts,
            favorites=max(0, counts.favorites + favorites),
            retweets=max(0, counts.retweets + retweets),
        )
    changed = msgspec.structs.replace(
        shown, counts=counts, marks=msgspec.structs.replace(shown.marks, **marks)
    )
    return changed if view.retweet_of is None else msgspec.structs.replace(view, retweet_of=changed)
