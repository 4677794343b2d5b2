"""From ids to what is shown: a fixed number of queries, whatever the number of ids.

Contents and profiles come from bounded caches when the record still carries the same `revision` or `changed_ms`, so
a cached entry is never shown after its record has changed or gone, whichever process changed it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from rookery.domain import visibility
from rookery.domain.ids import TweetId, UserId
from rookery.domain.polls import PollStanding
from rookery.domain.quotes import QuoteStanding
from rookery.domain.tweets import NO_MARKS, OwnMarks, Tweet, TweetCounts
from rookery.domain.users import User, UserCounts, UserView
from rookery.domain.visibility import FOLLOWED, STRANGER, QuotedView, Standing, TweetView
from rookery.ports import Read, Row
from rookery.services import Services
from rookery.storage import polls as poll_records
from rookery.storage import tweets as tweet_records
from rookery.storage import users as user_records

_NOBODY = UserId(0)
"""The viewer's id when nobody is signed in: no record has it."""
_NO_COUNTS = TweetCounts()
_QUOTES_DEEP = 2
"""How far quotes of quotes are followed: the innermost is told of and not shown."""


class Hydration(NamedTuple):
    """Views in the order of the ids that were asked for (absent ones left out), and the viewer's standings."""

    views: list[TweetView]
    standings: dict[UserId, Standing]


async def tweets(
    services: Services, tx: Read, viewer_id: UserId | None, tweet_ids: Sequence[TweetId]
) -> Hydration:
    """Load tweets, what they retweet and quote, their authors and the viewer's marks.

    That takes two queries when contents are cached, one more for polls, and two for each level of quotes.
    """
    return await _tweets(services, tx, viewer_id, tweet_ids, quotes_deep=_QUOTES_DEEP)


async def _tweets(
    services: Services,
    tx: Read,
    viewer_id: UserId | None,
    tweet_ids: Sequence[TweetId],
    *,
    quotes_deep: int,
) -> Hydration:
    if not tweet_ids:
        return Hydration([], {})
    viewer = viewer_id or _NOBODY
    stamps, contents = await _contents(services, tx, viewer, tweet_ids)
    keeps = not hasattr(tx, "after_commit")
    user_ids: set[UserId] = set()
    for tweet in contents.values():
        user_ids.add(tweet.author_id)
        if tweet.reply_to_author_id is not None:
            user_ids.add(tweet.reply_to_author_id)
    authors, standings = await _people(services, tx, viewer, list(user_ids))
    views: list[TweetView] = []
    for tweet_id in tweet_ids:
        tweet = contents.get(tweet_id)
        if tweet is None or (author := authors.get(tweet.author_id)) is None:
            continue
        original = None
        if tweet.retweet_of_id is not None:
            retweeted = contents.get(tweet.retweet_of_id)
            if retweeted is None or (original_author := authors.get(retweeted.author_id)) is None:
                continue
            original = _view(services, retweeted, original_author, stamps[retweeted.id], None, keeps=keeps)
        views.append(_view(services, tweet, author, stamps[tweet_id], original, keeps=keeps))
    hydrated = Hydration(views, standings)
    return await _as_seen(services, tx, viewer_id, contents, hydrated, quotes_deep=quotes_deep)


async def _as_seen(
    services: Services,
    tx: Read,
    viewer_id: UserId | None,
    contents: Mapping[TweetId, Tweet],
    hydrated: Hydration,
    *,
    quotes_deep: int,
) -> Hydration:
    """Add to views what few tweets have and what looks otherwise to each viewer."""
    viewer, tweets = viewer_id or _NOBODY, contents.values()
    views, standings = hydrated
    if with_polls := [tweet.id for tweet in tweets if tweet.poll is not None]:
        polls = await poll_records.standings(tx, with_polls, viewer_id=viewer, now_ms=services.now_ms())
        views = [_with_poll(view, polls, viewer) for view in views]
    if any(visibility.has_own_quote_policy(tweet) for tweet in tweets):
        views = [_with_own_quote_policy(view, viewer_id, standings) for view in views]
    if quotes_deep and any(tweet.quote is not None for tweet in tweets):
        quoted = await _quoted(services, tx, viewer_id, tweets, quotes_deep=quotes_deep - 1)
        views = [_with_quote(view, quoted) for view in views]
    return Hydration(views, standings)


def _with_own_quote_policy(
    view: TweetView, viewer_id: UserId | None, standings: Mapping[UserId, Standing]
) -> TweetView:
    if view.retweet_of is not None:
        original = _with_own_quote_policy(view.retweet_of, viewer_id, standings)
        return view if original is view.retweet_of else msgspec.structs.replace(view, retweet_of=original)
    tweet = view.tweet
    if visibility.has_own_quote_policy(tweet) and visibility.may_quote(
        tweet, viewer_id, standings.get(tweet.author_id, STRANGER)
    ):
        return msgspec.structs.replace(view, may_quote=True)
    return view


async def _quoted(
    services: Services, tx: Read, viewer_id: UserId | None, quoting: Iterable[Tweet], *, quotes_deep: int
) -> dict[TweetId, QuotedView]:
    """Return what these tweets quote, as the viewer sees it, by the id of the tweet that quotes."""
    quotes = {tweet.id: tweet.quote for tweet in quoting if tweet.quote is not None}
    wanted = {
        quote.quoted_id for quote in quotes.values() if quote.quoted_id is not None and not quote.revoked
    }
    loaded = await _tweets(services, tx, viewer_id, list(wanted), quotes_deep=quotes_deep)
    shown: dict[TweetId | None, QuotedView] = {
        view.tweet.id: visibility.quoted(view, viewer_id, loaded.standings) for view in loaded.views
    }
    gone = visibility.quoted(None, viewer_id, {})
    return {
        tweet_id: QuotedView(QuoteStanding.REVOKED) if quote.revoked else shown.get(quote.quoted_id, gone)
        for tweet_id, quote in quotes.items()
    }


def _with_quote(view: TweetView, quoted: Mapping[TweetId, QuotedView]) -> TweetView:
    if view.retweet_of is not None:
        return msgspec.structs.replace(view, retweet_of=_with_quote(view.retweet_of, quoted))
    found = quoted.get(view.tweet.id)
    return view if found is None else msgspec.structs.replace(view, quoted=found)


def _with_poll(view: TweetView, polls: Mapping[TweetId, PollStanding], viewer: UserId) -> TweetView:
    if view.retweet_of is not None:
        return msgspec.structs.replace(view, retweet_of=_with_poll(view.retweet_of, polls, viewer))
    if (standing := polls.get(view.tweet.id)) is None:
        return view
    if view.tweet.author_id == viewer:
        standing = msgspec.structs.replace(standing, asked=True)
    return msgspec.structs.replace(view, poll=standing)


async def users(
    services: Services, tx: Read, viewer_id: UserId | None, user_ids: Sequence[UserId]
) -> tuple[list[UserView], dict[UserId, Standing]]:
    """Load users in the order of the ids (absent ones left out), and how the viewer stands to them."""
    views, standings = await _people(services, tx, viewer_id or _NOBODY, user_ids)
    return [views[user_id] for user_id in user_ids if user_id in views], standings


def _when_kept(tx: Read, put: Callable[[], None]) -> None:
    """Let caches take what was read: at once, or after the commit of a transaction that may still come to nothing."""
    after_commit = getattr(tx, "after_commit", None)
    if after_commit is None:
        put()
    else:
        after_commit(put)


async def _contents(
    services: Services, tx: Read, viewer: UserId, tweet_ids: Sequence[TweetId]
) -> tuple[dict[TweetId, Row], dict[TweetId, Tweet]]:
    cached = services.tweet_cache.get
    known = {tweet_id: tweet for tweet_id in tweet_ids if (tweet := cached(tweet_id)) is not None}
    wanted = [
        *tweet_ids,
        *[tweet.retweet_of_id for tweet in known.values() if tweet.retweet_of_id is not None],
    ]
    stamps: dict[TweetId, Row] = {}
    contents: dict[TweetId, Tweet] = {}
    asked: set[TweetId] = set()
    while wanted:
        asked.update(wanted)
        missing: list[TweetId] = []
        for row in await tweet_records.stamps(tx, wanted, viewer_id=viewer):
            tweet_id: TweetId = row[0]
            stamps[tweet_id] = row
            tweet = known.get(tweet_id) or cached(tweet_id)
            if tweet is None or tweet.revision != row[1]:
                missing.append(tweet_id)
            else:
                contents[tweet_id] = tweet
        if missing:
            for tweet in await tweet_records.load(tx, missing):
                contents[tweet.id] = tweet
                _when_kept(tx, partial(services.tweet_cache.put, tweet.id, tweet))
        # A retweet may have come to the cache after `wanted` was made up: what it points at is asked for now.
        wanted = [
            tweet.retweet_of_id
            for tweet in contents.values()
            if tweet.retweet_of_id is not None and tweet.retweet_of_id not in asked
        ]
    return stamps, contents


def _view(
    services: Services,
    tweet: Tweet,
    author: UserView,
    stamp: Row,
    retweet_of: TweetView | None,
    *,
    keeps: bool,
) -> TweetView:
    """Return the view that was made of the same parts before, or make one."""
    kept = services.view_cache.get(tweet.id)
    if kept is not None:
        view, kept_stamp = kept
        if (
            kept_stamp == stamp
            and view.author is author
            and view.tweet is tweet
            and view.retweet_of is retweet_of
        ):
            return view
    _, _, replies, retweets, favorites, quotes, favorite, bookmark, retweet, thread_mute, pin = stamp
    counts = _NO_COUNTS if replies is None else TweetCounts(replies, retweets, favorites, quotes)
    marks = NO_MARKS
    if not (favorite is bookmark is retweet is thread_mute is pin is None):
        marks = OwnMarks(
            favorited=favorite is not None,
            retweeted=retweet is not None,
            bookmarked=bookmark is not None,
            thread_muted=thread_mute is not None,
            pinned=pin is not None,
        )
    view = TweetView(tweet, counts, author, marks, retweet_of)
    if marks is NO_MARKS and keeps:
        services.view_cache.put(tweet.id, (view, tuple(stamp)))
    return view


async def _people(
    services: Services, tx: Read, viewer: UserId, user_ids: Sequence[UserId]
) -> tuple[dict[UserId, UserView], dict[UserId, Standing]]:
    cached = services.user_cache.get
    views: dict[UserId, UserView] = {}
    standings: dict[UserId, Standing] = {}
    missing: dict[UserId, Row] = {}
    for row in await user_records.stamps(tx, user_ids, viewer_id=viewer):
        user_id, changed_ms, tweets, followers, following, last_tweet_ms, *standing = row
        view = cached(user_id)
        if view is None or view.user.changed_ms != changed_ms:
            missing[user_id] = row
        else:
            counts = view.counts
            if (
                counts.tweets != tweets
                or counts.followers != followers
                or counts.following != following
                or counts.last_tweet_ms != last_tweet_ms
            ):
                view = _keep(services, tx, view.user, row)
            views[user_id] = view
        standings[user_id] = _FROM_FOLLOW.get(row[6:]) or _standing(services, standing)
    if missing:
        for user in await user_records.load(tx, missing):
            views[user.id] = _keep(services, tx, user, missing[user.id])
    return views, standings


def _keep(services: Services, tx: Read, user: User, row: Row) -> UserView:
    view = UserView(user, UserCounts(*row[2:6]))
    _when_kept(tx, partial(services.user_cache.put, user.id, view))
    return view


_FROM_FOLLOW: dict[Sequence[Any], Standing] = {
    (None, None, None, None, None, None): STRANGER,
    (None, None, None, None, 1, ""): FOLLOWED,
    (None, None, None, None, 0, ""): Standing(follows=True, shows_retweets=False),
}
"""Standings without a block or mute, by the last columns of a user's stamp: True and False are 1 and 0 here."""


def _standing(services: Services, columns: Sequence[Any]) -> Standing:
    block, blocked, mute, until_ms, shows_retweets, languages = columns
    mutes = mute is not None and (until_ms is None or until_ms > services.now_ms())
    return Standing(
        blocks=block is not None,
        blocked_by=blocked is not None,
        mutes=mutes,
        mutes_notifications=mutes and bool(mute),
        follows=shows_retweets is not None,
        shows_retweets=shows_retweets is None or bool(shows_retweets),
        languages=tuple(languages.split()) if languages else (),
    )
