"""Keeping own tweets on top of one's profile."""

from rookery import access
from rookery.domain.ids import TweetId, UserId
from rookery.domain.marks import marked
from rookery.domain.tweets import Tweet, Visibility
from rookery.domain.visibility import TweetView
from rookery.errors import Invalid
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import pins


async def pin_tweet(services: Services, viewer_id: UserId, tweet_id: TweetId) -> TweetView:
    """Pin an own tweet. Doing it twice is doing it once. Raises Invalid for what cannot be pinned."""

    async def work(tx: Write) -> TweetView:
        view = await access.visible_view(services, tx, viewer_id, tweet_id)
        _check(view.tweet, viewer_id)
        if view.marks.pinned:
            return view
        if len(await pins.list_by_user(tx, viewer_id)) >= services.limits.pins_max:
            raise Invalid("You have already pinned the maximum number of posts", field="id")
        await pins.insert(tx, viewer_id, view.tweet.id, new_id=services.new_id())
        return marked(view, pinned=True)

    return await services.db.write(work)


def _check(tweet: Tweet, viewer_id: UserId) -> None:
    if tweet.author_id != viewer_id:
        raise Invalid("Someone else's post cannot be pinned", field="id")
    if tweet.retweet_of_id is not None:
        raise Invalid("A retweet cannot be pinned", field="id")
    if tweet.visibility is Visibility.DIRECT:
        raise Invalid("Posts that are only visible to mentioned users cannot be pinned", field="id")


async def unpin_tweet(services: Services, viewer_id: UserId, tweet_id: TweetId) -> TweetView:
    """Take a pin away. What was not pinned stays as it is."""

    async def work(tx: Write) -> TweetView:
        view = await access.visible_view(services, tx, viewer_id, tweet_id)
        await pins.delete(tx, viewer_id, view.tweet.id)
        return marked(view, pinned=False)

    return await services.db.write(work)
