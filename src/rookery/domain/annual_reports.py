"""What a user did in a year, added up tweet by tweet."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import msgspec

from rookery.domain import text
from rookery.domain.ids import TweetId, UserId
from rookery.domain.tweets import Tweet, Visibility

READY_MONTH: Final = 12
READY_DAY: Final = 10
"""From this day on a year's report can be made."""
HASHTAGS_SHOWN_MAX: Final = 5
HASHTAGS_COUNTED_MAX: Final = 1_000
"""Different hashtags that are counted; of more, those used least by then are forgotten."""
LURKER_TWEETS_MAX: Final = 113
YEAR_MIN: Final = 2010
YEAR_MAX: Final = 9998


class State(StrEnum):
    """Whether there is a report."""

    AVAILABLE = "available"
    GENERATING = "generating"
    ELIGIBLE = "eligible"
    """It can be asked for."""
    INELIGIBLE = "ineligible"
    """The year is not over yet, or the user did nothing in it."""


class Archetype(StrEnum):
    """What the user did most."""

    LURKER = "lurker"
    RETWEETER = "retweeter"
    REPLIER = "replier"
    POLLSTER = "pollster"
    ORACLE = "oracle"


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What has been counted so far."""

    tweets: int = 0
    """With retweets and answers."""
    retweets: int = 0
    replies: int = 0
    """Answers to others."""
    polls: int = 0
    followers: int = 0
    """Who began to follow in that year and does still."""
    hashtags: dict[str, int] = {}
    top_tweet_id: TweetId | None = None
    """The public one that was retweeted most."""
    top_retweets: int = 0

    @property
    def archetype(self) -> Archetype:
        """What the user did most."""
        own = self.tweets - self.retweets - self.replies
        if own + self.replies + self.retweets < LURKER_TWEETS_MAX:
            return Archetype.LURKER
        if self.retweets > own * 2:
            return Archetype.RETWEETER
        if self.polls * 10 > own:
            return Archetype.POLLSTER
        return Archetype.REPLIER if self.replies > own * 2 else Archetype.ORACLE

    @property
    def top_hashtags(self) -> list[tuple[str, int]]:
        """The hashtags used most, with how often."""
        return sorted(self.hashtags.items(), key=lambda entry: (-entry[1], entry[0]))[:HASHTAGS_SHOWN_MAX]


class AnnualReport(msgspec.Struct, frozen=True, kw_only=True):
    """A user's year."""

    user_id: UserId
    year: int
    figures: Figures
    counted_from: int
    """The id from which on tweets are counted already; they are counted from the last one down."""
    finished: bool
    viewed: bool = False


def bounds_ms(year: int) -> tuple[int, int]:
    """Return when a year begins and when the next one does, in milliseconds UTC."""
    first, last = [int(datetime(each, 1, 1, tzinfo=UTC).timestamp()) * 1000 for each in (year, year + 1)]
    return first, last


def is_ready(year: int, *, now_ms: int) -> bool:
    """Tell whether a year is over, or so nearly that a report makes sense."""
    if not YEAR_MIN <= year <= YEAR_MAX:
        return False
    return now_ms >= int(datetime(year, READY_MONTH, READY_DAY, tzinfo=UTC).timestamp()) * 1000


def counted(figures: Figures, tweets: Sequence[Tweet], retweets_of: Mapping[TweetId, int]) -> Figures:
    """Add tweets to what has been counted; `retweets_of` says how often each was retweeted."""
    hashtags = dict(figures.hashtags)
    top_id, top = figures.top_tweet_id, figures.top_retweets
    retweeting = replies = polls = 0
    for tweet in tweets:
        if tweet.retweet_of_id is not None:
            retweeting += 1
            continue
        replies += tweet.reply_to_id is not None and tweet.reply_to_author_id != tweet.author_id
        polls += tweet.poll is not None
        for name in text.hashtags(tweet.text):
            key = text.hashtag_key(name)
            hashtags[key] = hashtags.get(key, 0) + 1
        times = retweets_of.get(tweet.id, 0)
        if tweet.visibility <= Visibility.UNLISTED and times > top:
            top_id, top = tweet.id, times
    if len(hashtags) > HASHTAGS_COUNTED_MAX:
        kept = sorted(hashtags, key=lambda name: (-hashtags[name], name))[:HASHTAGS_COUNTED_MAX]
        hashtags = {name: hashtags[name] for name in kept}
    return msgspec.structs.replace(
        figures,
        tweets=figures.tweets + len(tweets),
        retweets=figures.retweets + retweeting,
        replies=figures.replies + replies,
        polls=figures.polls + polls,
        hashtags=hashtags,
        top_tweet_id=top_id,
        top_retweets=top,
    )
