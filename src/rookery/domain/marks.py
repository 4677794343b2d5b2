"""A view after what its viewer has just done, so that the records need not be asked again."""

import msgspec

from rookery.domain.tweets import TweetCounts
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


def withheld(view: TweetView) -> TweetView:
    """Return what is shown of a tweet to somebody who lost sight of it and takes back what they did with it.

    They learn nothing that they did not know: that there is a tweet, by whom and since when, but not what it says by
    now, how many liked it, or how a user who has left described themselves.
    """
    author = view.author
    if not author.user.active:
        author = msgspec.structs.replace(
            author, user=msgspec.structs.replace(author.user, display_name="", bio="", fields=())
        )
    return msgspec.structs.replace(
        view,
        tweet=msgspec.structs.replace(
            view.tweet,
            text="",
            spoiler="",
            language=None,
            reply_to_id=None,
            reply_to_author_id=None,
            mentions=(),
            place=None,
            poll=None,
            media=(),
            quote=None,
            app=None,
            edited_ms=None,
        ),
        counts=TweetCounts(),
        author=author,
        quoted=None,
        may_quote=False,
        retweet_of=withheld(view.retweet_of) if view.retweet_of is not None else None,
    )
