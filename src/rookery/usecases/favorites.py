"""Favoriting tweets."""

from rookery import access, trending
from rookery.domain.ids import TweetId, UserId
from rookery.domain.marks import marked, shown_tweet
from rookery.domain.notifications import NotificationKind
from rookery.domain.visibility import TweetView
from rookery.errors import NotFound
from rookery.notifying import notify, withdraw
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import favorites, tweets


async def mark_tweet_favorite(services: Services, viewer_id: UserId, tweet_id: TweetId) -> TweetView:
    """Favorite a tweet. Doing it twice is doing it once."""

    async def work(tx: Write) -> TweetView:
        view = await access.reactable_view(services, tx, viewer_id, tweet_id)
        shown_id = shown_tweet(view).tweet.id
        if not await favorites.insert(tx, viewer_id, shown_id, new_id=services.new_id()):
            return marked(view, favorited=True)
        if not await tweets.add_counts(tx, shown_id, favorites=1):
            raise NotFound
        shown = shown_tweet(view).tweet
        await trending.note(services, tx, shown, viewer_id)
        await notify(
            services, tx, NotificationKind.FAVORITE, recipients=[shown.author_id], by=viewer_id, tweet=shown
        )
        return marked(view, favorites=1, favorited=True)

    return await services.db.write(work)


async def unmark_tweet_favorite(services: Services, viewer_id: UserId, tweet_id: TweetId) -> TweetView:
    """Take a favorite back, also from a tweet that one may see no more. What was not favorited stays as it is."""

    async def work(tx: Write) -> TweetView:
        view, seen = await access.touched_view(services, tx, viewer_id, tweet_id)
        shown_id = shown_tweet(view).tweet.id
        if not await favorites.delete(tx, viewer_id, shown_id):
            if not seen:
                raise NotFound
            return view
        await tweets.add_counts(tx, shown_id, favorites=-1)
        author_id = shown_tweet(view).tweet.author_id
        await withdraw(tx, NotificationKind.FAVORITE, by=viewer_id, recipient=author_id, tweet_id=shown_id)
        return marked(view, favorites=-1, favorited=False)

    return await services.db.write(work)
