"""Removing a tweet with everything that hangs on it, and setting right the counts it was part of."""

from collections import Counter
from typing import Final

from rookery import tasks
from rookery.domain import text
from rookery.domain.ids import TweetId
from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Tweet, Visibility
from rookery.ports import Write
from rookery.services import Services
from rookery.sql import sql
from rookery.storage import bookmarks, favorites, hashtags, mentions, pins, tweets, users
from rookery.storage import tasks as task_records

SLICE_ROWS: Final = 2_000
"""Rows of each kind that one transaction removes at the most."""

_UNCOUNT_REPLY = sql(
    "UPDATE tweet_counts SET replies = replies - 1 WHERE tweet_id = :tweet_id AND replies > 0"
)
_UNCOUNT_RETWEET = sql(
    "UPDATE tweet_counts SET retweets = retweets - 1 WHERE tweet_id = :tweet_id AND retweets > 0"
)


async def remove_tweet(services: Services, tx: Write, tweet: Tweet) -> bool:
    """Remove a tweet or a retweet; False when it is gone already.

    Answers to it stay. What others did with it is out of sight at once and removed by a task, slice by slice.
    """
    await mentions.delete(tx, tweet.id, tweet.mentions)
    await hashtags.delete(tx, tweet.id, [text.hashtag_key(name) for name in text.hashtags(tweet.text)])
    await pins.delete(tx, tweet.author_id, tweet.id)
    if tweet.retweet_of_id is None:
        await task_records.enqueue(services, tx, tasks.ClearDeletedTweet(tweet.id))
    if not await tweets.delete(tx, [tweet.id]):
        return False
    if tweet.retweet_of_id is not None:
        await tx.run(_UNCOUNT_RETWEET, tweet_id=tweet.retweet_of_id)
    elif tweet.reply_to_id is not None and tweet.visibility <= Visibility.UNLISTED:
        await tx.run(_UNCOUNT_REPLY, tweet_id=tweet.reply_to_id)
    if tweet.visibility is not Visibility.DIRECT:
        await users.add_counts(tx, tweet.author_id, tweets=-1)
    return True


async def clear_slice(tx: Write, tweet_id: TweetId) -> bool:
    """Remove a slice of what others did with a tweet that is gone; True when there may be more."""
    removed = [
        await favorites.delete_slice(tx, tweet_id, limit=SLICE_ROWS),
        await bookmarks.delete_slice(tx, tweet_id, limit=SLICE_ROWS),
    ]
    retweets = await tweets.retweets_page(tx, tweet_id, PageRequest(limit=SLICE_ROWS))
    await tweets.delete(tx, [tweet_id, *[row[0] for row in retweets]])
    for author_id, count in sorted(Counter(row[1] for row in retweets).items()):
        await users.add_counts(tx, author_id, tweets=-count)
    return max(*removed, len(retweets)) >= SLICE_ROWS
