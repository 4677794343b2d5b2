"""Favoriting tweets."""

from rookery import access
from rookery.domain.ids import TweetId, UserId
from rookery.domain.visibility import TweetView
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import favorites, tweets


async def mark_tweet_favorite(services: Services, viewer_id: UserId, tweet_id: TweetId) -> TweetView:
    """Favorite a tweet. Doing it twice is doing it once."""

    async def work(tx: Write) -> TweetView:
        tweet = await access.visible_tweet(services, tx, viewer_id, tweet_id)
        if await favorites.insert(tx, viewer_id, tweet.id, new_id=services.new_id()):
            await tweets.add_counts(tx, tweet.id, favorites=1)
        return await access.visible_view(services, tx, viewer_id, tweet_id)

    return await services.db.write(work)


async def unmark_tweet_favorite(services: Services, viewer_id: UserId, tweet_id: TweetId) -> TweetView:
    """Take a favorite back. What was not favorited stays as it is."""

    async def work(tx: Write) -> TweetView:
        tweet = await access.visible_tweet(services, tx, viewer_id, tweet_id)
        if await favorites.delete(tx, viewer_id, tweet.id):
            await tweets.add_counts(tx, tweet.id, favorites=-1)
        return await access.visible_view(services, tx, viewer_id, tweet_id)

    return await services.db.write(work)
