"""Keeping tweets for later."""

from rookery import access
from rookery.domain.ids import TweetId, UserId
from rookery.domain.marks import marked, shown_tweet
from rookery.domain.visibility import TweetView
from rookery.errors import NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import bookmarks


async def bookmark_tweet(services: Services, viewer_id: UserId, tweet_id: TweetId) -> TweetView:
    """Bookmark a tweet. Doing it twice is doing it once."""

    async def work(tx: Write) -> TweetView:
        view = await access.visible_view(services, tx, viewer_id, tweet_id)
        await bookmarks.insert(tx, viewer_id, shown_tweet(view).tweet.id, new_id=services.new_id())
        return marked(view, bookmarked=True)

    return await services.db.write(work)


async def unbookmark_tweet(services: Services, viewer_id: UserId, tweet_id: TweetId) -> TweetView:
    """Take a bookmark back, also from a tweet that one may see no more. What was not bookmarked stays as it is."""

    async def work(tx: Write) -> TweetView:
        view, seen = await access.touched_view(services, tx, viewer_id, tweet_id)
        if not await bookmarks.delete(tx, viewer_id, shown_tweet(view).tweet.id) and not seen:
            raise NotFound
        return marked(view, bookmarked=False)

    return await services.db.write(work)
