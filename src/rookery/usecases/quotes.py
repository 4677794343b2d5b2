"""Who may quote an own tweet, and taking an own tweet out of somebody's quote."""

from rookery import access
from rookery.domain import composing
from rookery.domain.ids import TweetId, UserId
from rookery.domain.live import TweetEdited
from rookery.domain.quotes import QuotePolicy
from rookery.domain.visibility import TweetView
from rookery.errors import NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import quotes, tweets


async def change_quote_policy(
    services: Services, viewer_id: UserId, tweet_id: TweetId, policy: QuotePolicy
) -> TweetView:
    """Say who may quote an own tweet from now on; what has quoted it stays. Raises NotFound.

    What not everybody may see is quoted by nobody else, whatever is asked.
    """

    async def work(tx: Write) -> TweetView:
        view = await access.own_tweet(services, tx, viewer_id, tweet_id)
        if view.tweet.retweet_of_id is not None:
            raise NotFound
        allowed = composing.quote_policy(view.author.user, policy, visibility=view.tweet.visibility)
        if await tweets.update_quote_policy(tx, tweet_id, allowed):
            await services.live.announce(tx, TweetEdited(tweet_id, viewer_id))
        return await access.visible_view(services, tx, viewer_id, tweet_id)

    return await services.db.write(work)


async def revoke_quote(
    services: Services, viewer_id: UserId, quoted_id: TweetId, tweet_id: TweetId
) -> TweetView:
    """Take an own tweet out of another that quotes it, for good, and return that one. Twice is once.

    Raises NotFound when the tweet is not the viewer's, or not quoted there.
    """

    async def work(tx: Write) -> TweetView:
        await access.own_tweet(services, tx, viewer_id, quoted_id)
        if not await quotes.exists(tx, tweet_id, quoted_id):
            raise NotFound
        # The tweet first, as whoever deletes it does.
        await tweets.lock(tx, [tweet_id])
        if await quotes.revoke(tx, tweet_id, quoted_id):
            await tweets.revise(tx, tweet_id)
            await tweets.add_counts(tx, quoted_id, quotes=-1)
            quoting = await tweets.get(tx, tweet_id)
            if quoting is not None:
                await services.live.announce(tx, TweetEdited(tweet_id, quoting.author_id))
        return (await access.touched_view(services, tx, viewer_id, tweet_id)).view

    return await services.db.write(work)
