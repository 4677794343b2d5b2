"""Public pages: a user's profile and latest tweets, one tweet in its thread, a hashtag."""

import msgspec

from rookery.api.pages.visits import Answer, Page, Visit
from rookery.domain import text
from rookery.domain.ids import ID_MAX, TweetId
from rookery.domain.limits import PAGE_DEFAULT
from rookery.domain.timelines import HashtagChoice, PageRequest, UserChoice
from rookery.domain.timelines import Page as Timeline
from rookery.domain.visibility import TweetView
from rookery.errors import NotFound
from rookery.usecases import timelines, tweets, users


class ProfilePage(msgspec.Struct, frozen=True, kw_only=True):
    """Whose tweets, and from where on."""

    handle: str
    max_id: int = ID_MAX


class TweetPage(msgspec.Struct, frozen=True, kw_only=True):
    """Which tweet, by whom."""

    handle: str
    tweet_id: int


class HashtagPage(msgspec.Struct, frozen=True, kw_only=True):
    """Which hashtag, and from where on."""

    name: str
    max_id: int = ID_MAX


async def profile_page(visit: Visit, params: ProfilePage) -> Answer:
    """Show a user and their tweets, as everybody may see them."""
    view = await users.find_user(visit.services, None, _username(params.handle))
    page = await timelines.user_timeline(
        visit.services, None, view.user.id, UserChoice(replies=False), _request(params.max_id)
    )
    return Page("profile.html", {"profile": view, "tweets": page.items, "older_id": _older_id(page)})


async def tweet_page(visit: Visit, params: TweetPage) -> Answer:
    """Show a tweet with what led to it and what came of it, as everybody may see them."""
    username = _username(params.handle)
    view = await tweets.get_tweet(visit.services, None, TweetId(params.tweet_id))
    if view.author.user.username.casefold() != username.casefold():
        raise NotFound
    thread = await tweets.get_thread(visit.services, None, TweetId(params.tweet_id))
    return Page("tweet.html", {"tweet": view, "above": thread.ancestors, "below": thread.descendants})


async def hashtag_page(visit: Visit, params: HashtagPage) -> Answer:
    """Show the public tweets that carry a hashtag."""
    key = text.hashtag_key(params.name)
    page = await timelines.hashtag_timeline(
        visit.services, None, HashtagChoice(any_of=(key,)), _request(params.max_id)
    )
    return Page("hashtag.html", {"name": key, "tweets": page.items, "older_id": _older_id(page)})


def _username(handle: str) -> str:
    if not handle.startswith("@"):
        raise NotFound("There is no such page")
    return handle.removeprefix("@")


def _request(max_id: int) -> PageRequest:
    return PageRequest(before=max_id, limit=PAGE_DEFAULT)


def _older_id(page: Timeline[TweetView]) -> int | None:
    """Return where the next page begins; None when this one is not even full."""
    return page.oldest_id if len(page.items) >= PAGE_DEFAULT else None
