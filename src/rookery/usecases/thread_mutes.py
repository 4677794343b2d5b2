"""Hearing no more of a conversation."""

from rookery import access
from rookery.domain.ids import TweetId, UserId
from rookery.domain.marks import marked, shown_tweet
from rookery.domain.visibility import TweetView
from rookery.errors import NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import thread_mutes


async def mute_thread(services: Services, viewer_id: UserId, tweet_id: TweetId) -> TweetView:
    """Mute the conversation that a tweet is part of. Doing it twice is doing it once."""

    async def work(tx: Write) -> TweetView:
        view = await access.visible_view(services, tx, viewer_id, tweet_id)
        await thread_mutes.insert(tx, viewer_id, shown_tweet(view).tweet.thread_id)
        return marked(view, thread_muted=True)

    return await services.db.write(work)


async def unmute_thread(services: Services, viewer_id: UserId, tweet_id: TweetId) -> TweetView:
    """Hear of the conversation again, also by a tweet that one may see no more. What was not muted stays as it is."""

    async def work(tx: Write) -> TweetView:
        view, seen = await access.touched_view(services, tx, viewer_id, tweet_id)
        if not await thread_mutes.delete(tx, viewer_id, shown_tweet(view).tweet.thread_id) and not seen:
            raise NotFound
        return marked(view, thread_muted=False)

    return await services.db.write(work)
