"""Finding hashtags by name, and tweets by the address of their page."""

import re
from typing import Final

from rookery import access
from rookery.domain import text
from rookery.domain.ids import ID_MAX, TweetId, UserId
from rookery.domain.visibility import TweetView
from rookery.errors import NotFound
from rookery.services import Services
from rookery.storage import hashtags

_TWEET_PAGE: Final = re.compile(r"/@[^/?#]+/(?P<id>[0-9]{1,19})/?")


async def find_hashtag(services: Services, name: str) -> str | None:
    """Return the form under which this hashtag is kept, or None when no tweet has ever carried it."""
    key = text.hashtag_key(name.removeprefix("#"))
    async with services.db.read() as tx:
        return key if key in await hashtags.ids(tx, [key]) else None


async def find_tweet(services: Services, viewer_id: UserId | None, address: str) -> TweetView | None:
    """Return the tweet whose page has this address, or None when there is none that the viewer may see."""
    if not address.startswith(services.instance.base_url):
        return None
    match = _TWEET_PAGE.fullmatch(address.removeprefix(services.instance.base_url))
    if match is None or int(match["id"]) > ID_MAX:
        return None
    try:
        async with services.db.read() as tx:
            return await access.visible_view(services, tx, viewer_id, TweetId(int(match["id"])))
    except NotFound:
        return None
