"""From ids to what is shown: a fixed number of queries, whatever the number of ids.

Contents and profiles come from bounded caches when the record still carries the same `edited_ms` or `changed_ms`, so
a cached entry is never shown after its record has changed or gone, whichever process changed it.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rookery.domain.ids import TweetId, UserId
from rookery.domain.tweets import NO_MARKS, OwnMarks, Tweet, TweetCounts
from rookery.domain.users import User, UserCounts, UserView
from rookery.domain.visibility import FOLLOWED, STRANGER, Standing, TweetView
from rookery.ports import Read, Row
from rookery.services import Services
from rookery.storage import tweets as tweet_records
from rookery.storage import users as user_records

_NOBODY = UserId(0)
"""The viewer's id when nobody is signed in: no record has it."""
_NO_COUNTS = TweetCounts()


class Hydration(NamedTuple):
    """Views in the order of the ids that were asked for (absent ones left out), and the viewer's standings."""

    views: list[TweetView]
    standings: dict[UserId, Standing]


async def tweets(
    services: Services, tx: Read, viewer_id: UserId | None, tweet_ids: Sequence[TweetId]
) -> Hydration:
    """Load tweets, what they retweet, their authors and the viewer's marks: two queries when contents are cached."""
    if not tweet_ids:
        return Hydration([], {})
    viewer = viewer_id or _NOBODY
    contents, stamps = await _contents(services, tx, viewer, tweet_ids)
    people: set[UserId] = set()
    for tweet in contents.values():
        people.add(tweet.author_id)
        if tweet.reply_to_author_id is not None:
            people.add(tweet.reply_to_author_id)
    authors, standings = await _people(services, tx, viewer, list(people))
    shown: dict[TweetId, TweetView] = {}
    for tweet_id, tweet in contents.items():
        if tweet.retweet_of_id is None and (author := authors.get(tweet.author_id)) is not None:
            shown[tweet_id] = _view(tweet, author, stamps[tweet_id], None)
    views: list[TweetView] = []
    for tweet_id in tweet_ids:
        if (view := shown.get(tweet_id)) is not None:
            views.append(view)
        elif (tweet := contents.get(tweet_id)) is not None and tweet.retweet_of_id is not None:
            author, original = authors.get(tweet.author_id), shown.get(tweet.retweet_of_id)
            if author is not None and original is not None:
                views.append(_view(tweet, author, stamps[tweet_id], original))
    return Hydration(views, standings)


async def users(
    services: Services, tx: Read, viewer_id: UserId | None, user_ids: Sequence[UserId]
) -> tuple[list[UserView], dict[UserId, Standing]]:
    """Load users in the order of the ids (absent ones left out), and how the viewer stands to them."""
    views, standings = await _people(services, tx, viewer_id or _NOBODY, user_ids)
    return [views[user_id] for user_id in user_ids if user_id in views], standings


async def _contents(
    services: Services, tx: Read, viewer: UserId, tweet_ids: Sequence[TweetId]
) -> tuple[dict[TweetId, Tweet], dict[TweetId, Row]]:
    cache = services.tweet_cache
    wanted = list(tweet_ids)
    for tweet_id in tweet_ids:
        cached = cache.get(tweet_id)
        if cached is not None and cached.retweet_of_id is not None:
            wanted.append(cached.retweet_of_id)
    contents: dict[TweetId, Tweet] = {}
    stamps: dict[TweetId, Row] = {}
    while wanted:
        missing: list[TweetId] = []
        for row in await tweet_records.stamps(tx, wanted, viewer_id=viewer):
            tweet_id = row[0]
            stamps[tweet_id] = row
            tweet = cache.get(tweet_id)
            if tweet is None or tweet.edited_ms != row[1]:
                missing.append(tweet_id)
            else:
                contents[tweet_id] = tweet
        wanted = []
        if missing:
            for tweet in await tweet_records.load(tx, missing):
                contents[tweet.id] = tweet
                cache.put(tweet.id, tweet)
                if tweet.retweet_of_id is not None and tweet.retweet_of_id not in stamps:
                    wanted.append(tweet.retweet_of_id)
    return contents, stamps


def _view(tweet: Tweet, author: UserView, stamp: Row, retweet_of: TweetView | None) -> TweetView:
    _, _, replies, retweets, favorites, favorite, bookmark, retweet, thread_mute, pin = stamp
    counts = _NO_COUNTS if replies is None else TweetCounts(replies, retweets, favorites)
    if favorite is None and bookmark is None and retweet is None and thread_mute is None and pin is None:
        marks = NO_MARKS
    else:
        marks = OwnMarks(
            favorited=favorite is not None,
            retweeted=retweet is not None,
            bookmarked=bookmark is not None,
            thread_muted=thread_mute is not None,
            pinned=pin is not None,
        )
    return TweetView(tweet, counts, author, marks, retweet_of)


async def _people(
    services: Services, tx: Read, viewer: UserId, user_ids: Sequence[UserId]
) -> tuple[dict[UserId, UserView], dict[UserId, Standing]]:
    rows = await user_records.stamps(tx, user_ids, viewer_id=viewer)
    profiles = await _profiles(services, tx, rows)
    now_ms = services.now_ms()
    views: dict[UserId, UserView] = {}
    standings: dict[UserId, Standing] = {}
    for row in rows:
        user_id, _, tweet_count, followers, following, last_tweet_ms, block, blocked, mute, until_ms, follow = row
        user = profiles.get(user_id)
        if user is None:
            continue
        views[user_id] = UserView(user, UserCounts(tweet_count, followers, following, last_tweet_ms))
        if block is None and blocked is None and mute is None:
            standings[user_id] = (
                STRANGER if follow is None else FOLLOWED if follow else Standing(follows=True, shows_retweets=False)
            )
        else:
            standings[user_id] = Standing(
                blocks=block is not None,
                blocked_by=blocked is not None,
                mutes=mute is not None and (until_ms is None or until_ms > now_ms),
                follows=follow is not None,
                shows_retweets=follow is None or bool(follow),
            )
    return views, standings


async def _profiles(services: Services, tx: Read, rows: Iterable[Row]) -> dict[UserId, User]:
    cache = services.user_cache
    profiles: dict[UserId, User] = {}
    missing: list[UserId] = []
    for row in rows:
        user = cache.get(row[0])
        if user is None or user.changed_ms != row[1]:
            missing.append(row[0])
        else:
            profiles[user.id] = user
    if missing:
        for user in await user_records.load(tx, missing):
            profiles[user.id] = user
            cache.put(user.id, user)
    return profiles
