"""Who may see what, and what belongs on whose timeline: pure rules on what hydration has loaded."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

import msgspec

from rookery.domain import text
from rookery.domain.filters import FilterMatch
from rookery.domain.ids import UserId
from rookery.domain.polls import PollStanding
from rookery.domain.quotes import QuotePolicy, QuoteStanding
from rookery.domain.tweets import NO_MARKS, OwnMarks, Tweet, TweetCounts, Visibility
from rookery.domain.users import UserView


class Standing(NamedTuple):
    """How the viewer stands to a user, as far as the rules ask."""

    blocks: bool = False
    blocked_by: bool = False
    mutes: bool = False
    mutes_notifications: bool = False
    follows: bool = False
    shows_retweets: bool = True
    languages: tuple[str, ...] = ()
    """The languages that the viewer follows this user for; none: all."""


STRANGER = Standing()
FOLLOWED = Standing(follows=True)


class QuotedView(msgspec.Struct, frozen=True):
    """What a tweet quotes, as its viewer sees it."""

    standing: QuoteStanding
    view: "TweetView | None" = None
    """The quoted tweet, where it is accepted."""


class TweetView(msgspec.Struct, frozen=True):
    """A tweet with all that belongs to showing it to one viewer."""

    tweet: Tweet
    counts: TweetCounts
    author: UserView
    marks: OwnMarks = NO_MARKS
    retweet_of: "TweetView | None" = None
    poll: PollStanding | None = None
    quoted: QuotedView | None = None
    may_quote: bool = False
    """Whether the viewer may quote it, where that is not the same for everybody (`has_own_quote_policy`)."""
    filtered: tuple[FilterMatch, ...] = ()
    """Which of the viewer's filters match."""


Standings = Mapping[UserId, Standing]


def may_see(view: TweetView, viewer_id: UserId | None, standings: Standings) -> bool:
    """Tell whether the tweet may be shown to this viewer (None: signed out) at all."""
    if view.tweet.retweet_of_id is not None and (
        view.retweet_of is None or not may_see(view.retweet_of, viewer_id, standings)
    ):
        return False
    tweet = view.tweet
    if tweet.author_id == viewer_id:
        return True
    standing = standings.get(tweet.author_id, STRANGER)
    if not view.author.user.active or standing.blocked_by:
        return False
    if tweet.visibility <= Visibility.UNLISTED or (
        tweet.visibility is Visibility.FOLLOWERS and standing.follows
    ):
        return True
    return viewer_id is not None and any(mention.user_id == viewer_id for mention in tweet.mentions)


def has_own_quote_policy(tweet: Tweet) -> bool:
    """Tell whether it depends on the viewer who may quote the tweet: else everybody may who sees it."""
    return tweet.quote_policy is not QuotePolicy.PUBLIC or tweet.visibility >= Visibility.FOLLOWERS


def may_quote(tweet: Tweet, viewer_id: UserId | None, standing: Standing) -> bool:
    """Tell whether a viewer who sees the tweet may quote it.

    A followers-only tweet is quoted by nobody but its author, a direct one or a retweet by nobody at all.
    """
    if viewer_id is None or tweet.visibility is Visibility.DIRECT or tweet.retweet_of_id is not None:
        return False
    if tweet.author_id == viewer_id:
        return True
    if standing.blocks or standing.blocked_by or tweet.visibility is Visibility.FOLLOWERS:
        return False
    return tweet.quote_policy is QuotePolicy.PUBLIC or (
        tweet.quote_policy is QuotePolicy.FOLLOWERS and standing.follows
    )


def quoted(view: TweetView | None, viewer_id: UserId | None, standings: Standings) -> QuotedView:
    """Return how a quoted tweet (None: it is gone) stands to the viewer.

    It is shown where they may see it and neither block nor mute its author: a quote comes unasked, as a retweet does.
    """
    if view is None:
        return QuotedView(QuoteStanding.DELETED)
    standing = standings.get(view.tweet.author_id, STRANGER)
    if not may_see(view, viewer_id, standings):
        found = QuoteStanding.UNAUTHORIZED
    elif view.tweet.author_id == viewer_id:
        found = QuoteStanding.ACCEPTED
    elif standing.blocks:
        found = QuoteStanding.BLOCKED
    else:
        found = QuoteStanding.MUTED if standing.mutes else QuoteStanding.ACCEPTED
    return QuotedView(found, view if found is QuoteStanding.ACCEPTED else None)


def is_quiet(view: TweetView, viewer_id: UserId | None, standings: Standings) -> bool:
    """Tell whether nobody the viewer blocks or mutes wrote or retweeted this: the rule of every timeline."""
    for shown in (view, view.retweet_of):
        if shown is not None and shown.tweet.author_id != viewer_id:
            standing = standings.get(shown.tweet.author_id, STRANGER)
            if standing.blocks or standing.mutes:
                return False
    return True


def is_followed_for_language(view: TweetView, standing: Standing) -> bool:
    """Tell whether the tweet is in a language that the viewer follows its author for, as far as one is known."""
    language = (view.retweet_of or view).tweet.language
    return not standing.languages or language is None or language in standing.languages


def on_home(view: TweetView, viewer_id: UserId, standings: Standings) -> bool:
    """Tell whether the tweet belongs on this viewer's home timeline.

    Own tweets do; those of the followed do, unless they answer somebody whom the viewer does not follow, are retweets
    by somebody whose retweets the viewer has turned off, or are in a language that the viewer does not follow them for.
    """
    tweet = view.tweet
    standing = standings.get(tweet.author_id, STRANGER)
    if (
        standing is FOLLOWED
        and tweet.visibility <= Visibility.UNLISTED
        and tweet.reply_to_id is None
        and tweet.retweet_of_id is None
    ):
        return view.author.user.active  # the common case, decided at once
    if tweet.author_id == viewer_id:
        return may_see(view, viewer_id, standings) and is_quiet(view, viewer_id, standings)
    if not standing.follows or (tweet.retweet_of_id is not None and not standing.shows_retweets):
        return False
    if not is_followed_for_language(view, standing):
        return False
    answered = tweet.reply_to_author_id
    if tweet.reply_to_id is not None and answered not in {tweet.author_id, viewer_id}:
        # Whoever has left (None) is followed by nobody.
        to = standings.get(answered, STRANGER) if answered is not None else STRANGER
        if not to.follows or to.blocks or to.mutes:
            return False
    return may_see(view, viewer_id, standings) and is_quiet(view, viewer_id, standings)


def on_home_by_hashtag(
    view: TweetView, viewer_id: UserId, standings: Standings, names: AbstractSet[str]
) -> bool:
    """Tell whether a tweet belongs on this viewer's home because it carries a hashtag that they follow.

    Public tweets do, by whomever, but no retweets. Names are as `text.hashtag_key`.
    """
    tweet = view.tweet
    return (
        tweet.visibility is Visibility.PUBLIC
        and tweet.retweet_of_id is None
        and any(text.hashtag_key(name) in names for name in text.hashtags(tweet.text))
        and may_see(view, viewer_id, standings)
        and is_quiet(view, viewer_id, standings)
    )


def is_own_thread(view: TweetView) -> bool:
    """Tell whether the tweet begins a thread or continues its author's own."""
    return view.tweet.reply_to_id is None or view.tweet.reply_to_author_id == view.tweet.author_id
