"""Retweeting tweets."""

from rookery import access, hydration, tasks, trending
from rookery.domain.ids import TweetId, UserId
from rookery.domain.live import TweetPosted
from rookery.domain.marks import marked, shown_tweet
from rookery.domain.notifications import NotificationKind
from rookery.domain.timelines import is_delivered
from rookery.domain.tweets import Tweet, Visibility
from rookery.domain.visibility import TweetView
from rookery.errors import Forbidden, NotFound
from rookery.notifying import notify, withdraw
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import hot_users, removals
from rookery.storage import tasks as task_records
from rookery.storage import tweets as tweet_records
from rookery.storage import users as user_records


async def retweet(
    services: Services, viewer_id: UserId, tweet_id: TweetId, *, visibility: Visibility | None = None
) -> TweetView:
    """Show a tweet to one's followers and return the retweet. Doing it twice is doing it once.

    Only what everybody may see can be retweeted, and one's own followers-only tweets; else Forbidden.
    """

    async def work(tx: Write) -> TweetView:
        original = shown_tweet(await access.reactable_view(services, tx, viewer_id, tweet_id))
        if not _may_retweet(original.tweet, viewer_id):
            raise Forbidden
        users, _ = await hydration.users(services, tx, None, [viewer_id])
        if not users:
            raise NotFound
        author = users[0]
        wanted = author.user.default_visibility if visibility is None else visibility
        tweet = _retweet(services, original.tweet, viewer_id, wanted)
        if not await tweet_records.insert(tx, tweet):
            earlier = await tweet_records.retweet_id(tx, viewer_id, original.tweet.id)
            return await access.visible_view(services, tx, viewer_id, earlier or tweet.id)
        if is_delivered(
            tweet.visibility,
            strategy=services.instance.timeline_strategy,
            followers=author.counts.followers,
            followers_max=services.limits.hot_user_followers,
        ):
            await task_records.enqueue(services, tx, tasks.FanOutTweet(tweet.id, viewer_id))
        else:
            # The limit may have been lowered since the last follow: whose tweets are not delivered must be merged.
            await hot_users.insert_if_hot(
                tx, viewer_id, followers_max=services.limits.hot_user_followers, now_ms=tweet.created_ms
            )
        await services.live.announce(tx, TweetPosted(tweet.id, viewer_id))
        await trending.note(services, tx, original.tweet, viewer_id)
        await notify(
            services,
            tx,
            NotificationKind.RETWEET,
            recipients=[original.tweet.author_id],
            by=viewer_id,
            tweet=original.tweet,
        )
        if not await tweet_records.add_counts(tx, original.tweet.id, retweets=1):
            raise NotFound
        await user_records.note_tweet(tx, viewer_id, now_ms=tweet.created_ms)
        return await access.visible_view(services, tx, viewer_id, tweet.id)

    return await services.db.write(work)


def _may_retweet(tweet: Tweet, viewer_id: UserId) -> bool:
    return tweet.visibility <= Visibility.UNLISTED or (
        tweet.visibility is Visibility.FOLLOWERS and tweet.author_id == viewer_id
    )


def _retweet(services: Services, original: Tweet, author_id: UserId, wanted: Visibility) -> Tweet:
    visibility = max(original.visibility, min(wanted, Visibility.FOLLOWERS))
    return Tweet(
        id=TweetId(services.new_id()),
        author_id=author_id,
        visibility=visibility,
        thread_id=original.thread_id,
        retweet_of_id=original.id,
        created_ms=services.now_ms(),
    )


async def unretweet(services: Services, viewer_id: UserId, tweet_id: TweetId) -> TweetView:
    """Take a retweet back and return the tweet. What was not retweeted stays as it is.

    Either id will do, that of the tweet or of the retweet, also when one may see the tweet no more.
    """

    async def work(tx: Write) -> TweetView:
        view, seen = await access.touched_view(services, tx, viewer_id, tweet_id)
        original = shown_tweet(view)
        retweet_id = await tweet_records.retweet_id(tx, viewer_id, original.tweet.id)
        made = await tweet_records.get(tx, retweet_id) if retweet_id is not None else None
        if made is None or not await removals.remove_tweet(services, tx, made):
            if not seen:
                raise NotFound
            return original
        await withdraw(
            tx,
            NotificationKind.RETWEET,
            by=viewer_id,
            recipient=original.tweet.author_id,
            tweet_id=original.tweet.id,
        )
        return marked(original, retweets=-1, retweeted=False)

    return await services.db.write(work)
