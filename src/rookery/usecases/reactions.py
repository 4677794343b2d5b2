"""Who favorited or retweeted a tweet."""

from collections.abc import Sequence

from rookery import access, hydration
from rookery.domain.ids import TweetId, UserId
from rookery.domain.timelines import Page, PageRequest
from rookery.domain.tweets import Tweet
from rookery.domain.users import UserView
from rookery.domain.visibility import STRANGER
from rookery.ports import Read, Row
from rookery.services import Services
from rookery.storage import favorites, tweets


async def favorited_by(
    services: Services, viewer_id: UserId | None, tweet_id: TweetId, page: PageRequest
) -> Page[UserView]:
    """Return a page of those who favorited a tweet, the latest first."""
    async with services.db.read() as tx:
        tweet = await access.visible_tweet(services, tx, viewer_id, tweet_id)
        rows = await favorites.users_page(tx, tweet.id, page)
        return await _page(services, tx, viewer_id, tweet, page=page, rows=rows)


async def retweeted_by(
    services: Services, viewer_id: UserId | None, tweet_id: TweetId, page: PageRequest
) -> Page[UserView]:
    """Return a page of those who retweeted a tweet, the latest first."""
    async with services.db.read() as tx:
        tweet = await access.visible_tweet(services, tx, viewer_id, tweet_id)
        rows = await tweets.retweets_page(tx, tweet.id, page)
        return await _page(services, tx, viewer_id, tweet, page=page, rows=rows)


async def _page(
    services: Services,
    tx: Read,
    viewer_id: UserId | None,
    tweet: Tweet,
    *,
    page: PageRequest,
    rows: Sequence[Row],
) -> Page[UserView]:
    """Return the users of (reaction id, user id); only the tweet's author meets those they block or mute there."""
    if not rows:
        return Page([])
    views, standings = await hydration.users(services, tx, viewer_id, [row[1] for row in rows])
    shown: list[UserView] = []
    for view in views:
        standing = standings.get(view.user.id, STRANGER)
        hidden = standing.blocks or standing.blocked_by or standing.mutes
        if view.user.active and (tweet.author_id == viewer_id or not hidden):
            shown.append(view)
    more = page.oldest or len(rows) >= page.limit
    return Page(shown, newest_id=rows[0][0], oldest_id=rows[-1][0] if more else None)
