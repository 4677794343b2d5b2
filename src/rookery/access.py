"""From an id to a thing the viewer may see, or NotFound. Unseen and absent are the same answer."""

from typing import NamedTuple

from rookery import hydration
from rookery.domain.ids import TweetId, UserId
from rookery.domain.marks import withheld
from rookery.domain.tweets import Tweet
from rookery.domain.users import User
from rookery.domain.visibility import TweetView, may_see
from rookery.errors import Forbidden, NotFound
from rookery.ports import Read
from rookery.services import Services
from rookery.storage import users


async def visible_view(
    services: Services, tx: Read, viewer_id: UserId | None, tweet_id: TweetId
) -> TweetView:
    """Return the tweet as this viewer sees it, or raise NotFound."""
    hydrated = await hydration.tweets(services, tx, viewer_id, [tweet_id])
    if not hydrated.views or not may_see(hydrated.views[0], viewer_id, hydrated.standings):
        raise NotFound
    return hydrated.views[0]


async def visible_tweet(services: Services, tx: Read, viewer_id: UserId | None, tweet_id: TweetId) -> Tweet:
    """Return the tweet itself (of a retweet the tweet it points at), or raise NotFound."""
    view = await visible_view(services, tx, viewer_id, tweet_id)
    return (view.retweet_of or view).tweet


async def reactable_view(services: Services, tx: Read, viewer_id: UserId, tweet_id: TweetId) -> TweetView:
    """Return a tweet that the viewer may see and react to; raise Forbidden when they block its author."""
    hydrated = await hydration.tweets(services, tx, viewer_id, [tweet_id])
    if not hydrated.views or not may_see(hydrated.views[0], viewer_id, hydrated.standings):
        raise NotFound
    view = hydrated.views[0]
    if hydrated.standings[(view.retweet_of or view).tweet.author_id].blocks:
        raise Forbidden
    return view


async def own_tweet(services: Services, tx: Read, viewer_id: UserId, tweet_id: TweetId) -> TweetView:
    """Return a tweet by the viewer; raise NotFound when it is absent or somebody else's.

    An own retweet is there for its author also when what it points at is out of their sight, and then withheld.
    """
    view = (await touched_view(services, tx, viewer_id, tweet_id)).view
    if view.tweet.author_id != viewer_id:
        raise NotFound
    return view


class Touched(NamedTuple):
    """A tweet that the viewer may once have done something with, and whether they may (still) see it."""

    view: TweetView
    seen: bool


async def touched_view(services: Services, tx: Read, viewer_id: UserId, tweet_id: TweetId) -> Touched:
    """Return a tweet for taking something back from it: seen or not, since what one did oneself can be undone.

    Of a tweet that is out of the viewer's sight, what it says is withheld. When it turns out that there was nothing
    to take back, the caller must answer NotFound for such a tweet, as for one that is absent.
    """
    hydrated = await hydration.tweets(services, tx, viewer_id, [tweet_id])
    if not hydrated.views:
        raise NotFound
    view = hydrated.views[0]
    seen = may_see(view, viewer_id, hydrated.standings)
    return Touched(view if seen else withheld(view), seen)


async def visible_user(tx: Read, user_id: UserId) -> User:
    """Return an active user, or raise NotFound."""
    user = await users.get(tx, user_id)
    if user is None or not user.active:
        raise NotFound
    return user
