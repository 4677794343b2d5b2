"""Removing tweets with everything that hangs on them, and setting right the counts they were part of."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rookery import tasks
from rookery.domain import text
from rookery.domain.ids import TweetId, UserId, id_at
from rookery.domain.live import TweetDeleted
from rookery.domain.trends import TrendKind
from rookery.domain.tweets import Tweet, Visibility
from rookery.ports import Write
from rookery.services import Services
from rookery.sql import sql
from rookery.storage import (
    bookmarks,
    conversations,
    favorites,
    filters,
    hashtags,
    links,
    media,
    media_objects,
    mentions,
    notifications,
    pins,
    polls,
    quotes,
    search,
    trends,
    tweet_versions,
    tweets,
    users,
)
from rookery.storage import tasks as task_records

SLICE_ROWS: Final = 2_000
"""Rows of each kind that one transaction removes at the most."""
RETWEETS_TOLD_MS: Final = 7 * 86_400_000
"""How old a retweet may be for connected readers to be told that it went with its tweet: older ones nobody shows."""

_UNCOUNT = sql("""
    UPDATE tweet_counts SET replies = replies - :replies, retweets = retweets - :retweets,
        quotes = quotes - :quotes
    WHERE tweet_id = :tweet_id
""")


async def remove_tweet(services: Services, tx: Write, tweet: Tweet, *, keeps_media: bool = False) -> bool:
    """Remove a tweet or a retweet; False when it is gone already. Answers to it stay."""
    return await remove_tweets(services, tx, tweet.author_id, [tweet], keeps_media=keeps_media) > 0


async def remove_tweets(
    services: Services, tx: Write, author_id: UserId, removed: Sequence[Tweet], *, keeps_media: bool = False
) -> int:
    """Remove tweets and retweets by one author; return how many were still there.

    Answers to them stay, and for a day what they show, if it is kept for another tweet. What others did with them is out of sight at once and removed by tasks, slice by slice.
    """
    tweet_ids = [tweet.id for tweet in removed]
    if not tweet_ids:
        return 0
    deleted, reacted_to = await tweets.delete(tx, tweet_ids)
    gone = [tweet for tweet in removed if tweet.id in deleted]
    await tweet_versions.delete(tx, tweet_ids)
    if keeps_media:
        await media.detach(tx, tweet_ids, now_ms=services.now_ms())
    else:
        await media_objects.let_go(
            services, tx, await media.delete(tx, await media.ids_of_tweets(tx, tweet_ids))
        )
    await search.delete(tx, tweet_ids)
    await mentions.delete(tx, [(mention.user_id, tweet.id) for tweet in gone for mention in tweet.mentions])
    await hashtags.delete(
        tx, [(tweet.id, text.hashtag_key(name)) for tweet in gone for name in text.hashtags(tweet.text)]
    )
    await links.delete(services, tx, tweet_ids)
    await trends.forget(tx, TrendKind.TWEET, tweet_ids)
    await pins.delete_of_tweets(tx, author_id, tweet_ids)
    await conversations.remove(tx, gone)
    reacted_to |= await bookmarks.bookmarked(tx, tweet_ids)
    reacted_to |= await notifications.spoken_of(tx, tweet_ids)
    reacted_to |= await polls.delete(tx, tweet_ids)
    reacted_to |= await filters.named(tx, tweet_ids)
    reacted_to |= await quotes.quoted(tx, tweet_ids)
    quoted = await quotes.delete(tx, tweet_ids)
    await task_records.enqueue_all(
        services, tx, [tasks.ClearDeletedTweet(tweet_id) for tweet_id in sorted(reacted_to)]
    )
    await services.live.announce(tx, *[_deleted(tweet) for tweet in gone])
    await _uncount(tx, author_id, gone, quoted)
    return len(gone)


def _deleted(tweet: Tweet) -> TweetDeleted:
    return TweetDeleted(
        tweet.id,
        tweet.author_id,
        tweet.visibility,
        tuple(text.hashtag_key(name) for name in text.hashtags(tweet.text)),
        tuple(mention.user_id for mention in tweet.mentions),
    )


async def _uncount(tx: Write, author_id: UserId, gone: Sequence[Tweet], quoted: Sequence[TweetId]) -> None:
    """Take tweets out of the counts they were part of, in the order of ids so that nobody waits in a circle."""
    retweets = Counter(tweet.retweet_of_id for tweet in gone if tweet.retweet_of_id is not None)
    replies = Counter(
        tweet.reply_to_id
        for tweet in gone
        if tweet.reply_to_id is not None and tweet.visibility <= Visibility.UNLISTED
    )
    quotations = Counter(quoted)
    counted = sorted({*retweets, *replies, *quotations})
    if counted:
        await tx.many(
            _UNCOUNT,
            [(replies[tweet_id], retweets[tweet_id], quotations[tweet_id], tweet_id) for tweet_id in counted],
        )
    if own := sum(tweet.visibility is not Visibility.DIRECT for tweet in gone):
        await users.add_counts(tx, author_id, tweets=-own)


async def clear_slice(services: Services, tx: Write, tweet_id: TweetId) -> bool:
    """Remove a slice of what others did with a tweet that is gone; True when there may be more."""
    removed = [
        await favorites.delete_slice(tx, tweet_id, limit=SLICE_ROWS),
        await polls.delete_votes(tx, tweet_id, limit=SLICE_ROWS),
        await bookmarks.delete_slice(tx, tweet_id, limit=SLICE_ROWS),
        await notifications.delete_of_tweet(tx, tweet_id, limit=SLICE_ROWS),
        await filters.delete_of_tweet(tx, tweet_id, limit=SLICE_ROWS),
        await quotes.forget_quoted(tx, tweet_id, limit=SLICE_ROWS),
        await trends.forget_users(tx, TrendKind.TWEET, tweet_id, limit=SLICE_ROWS),
    ]
    retweets = await tweets.delete_retweets(tx, tweet_id, limit=SLICE_ROWS)
    await users.uncount_tweets(tx, Counter(row[1] for row in retweets))
    told_from = id_at(services.now_ms() - RETWEETS_TOLD_MS)
    await services.live.announce(
        tx,
        *[
            TweetDeleted(retweet_id, author_id, Visibility(level))
            for retweet_id, author_id, level in retweets
            if retweet_id >= told_from
        ],
    )
    return max(*removed, len(retweets)) >= SLICE_ROWS
