"""Delivering a tweet to the home timelines of its author's followers."""

from collections.abc import Sequence

from rookery import tasks
from rookery.domain.ids import TweetId, UserId
from rookery.domain.tweets import Visibility
from rookery.ports import Row, Write
from rookery.services import Services
from rookery.storage import follows
from rookery.storage import tasks as task_records
from rookery.storage import tweets as tweet_records


async def deliver_tweet(services: Services, task: tasks.FanOutTweet) -> None:
    """Deliver to one slice of followers and queue the rest, a direct tweet to the addressed.

    A tweet that is gone is not delivered. The author is no receiver: own tweets are merged when home is read.
    """
    limit = services.limits.fan_out_slice_followers
    async with services.db.read() as tx:
        tweet = await tweet_records.get(tx, TweetId(task.tweet_id))
        if tweet is None:
            return
        followers: Sequence[Row] = []
        if tweet.visibility is Visibility.DIRECT:
            receivers = [mention.user_id for mention in tweet.mentions]
        else:
            followers = await follows.followers_slice(
                tx, UserId(task.author_id), after=task.after_follow, limit=limit
            )
            receivers = [row[1] for row in followers]
    await services.timelines.deliver(tweet.id, receivers)
    if len(followers) < limit:
        return
    rest = tasks.FanOutTweet(task.tweet_id, task.author_id, followers[-1][0])

    async def work(tx: Write) -> None:
        await task_records.enqueue(services, tx, rest)

    await services.db.write(work)
