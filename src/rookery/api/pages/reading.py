"""Public pages: a user's profile and latest tweets, one tweet in its thread, a hashtag."""

from typing import Final

import msgspec

from rookery.api import feeds, heads
from rookery.api.pages.visits import Answer, Feed, Page, Visit
from rookery.domain import text
from rookery.domain.ids import ID_MAX, TweetId
from rookery.domain.limits import PAGE_DEFAULT
from rookery.domain.timelines import HashtagChoice, PageRequest, UserChoice
from rookery.domain.timelines import Page as Timeline
from rookery.domain.visibility import TweetView
from rookery.errors import NotFound
from rookery.usecases import timelines, tweets, users

FEED: Final = ".rss"
"""Behind the address of a page of tweets: the same for readers of news."""


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
    if (name := params.handle.removesuffix(FEED)) != params.handle:
        return await _user_feed(visit, _username(name))
    view = await users.find_user(visit.services, None, _username(params.handle))
    page = await timelines.user_timeline(
        visit.services, None, view.user.id, UserChoice(replies=False), _request(params.max_id)
    )
    head = heads.of_profile(visit.services.instance, view, before_id=params.max_id)
    shown = {"profile": view, "tweets": page.items, "older_id": _older_id(page), "head": head}
    return Page("profile.html", shown)


async def _user_feed(visit: Visit, username: str) -> Answer:
    services = visit.services
    view = await users.find_user(services, None, username)
    choice = UserChoice(replies=False, retweets=False)
    page = await timelines.user_timeline(services, None, view.user.id, choice, _request(ID_MAX))
    return _feed(visit, feeds.of_user(services.instance, view, page.items))


def _feed(visit: Visit, feed: feeds.Feed) -> Feed:
    content = feeds.to_xml(visit.services.instance, feed)
    return Feed(content, feeds.CONTENT_TYPE, is_listed=feed.is_listed)


async def tweet_page(visit: Visit, params: TweetPage) -> Answer:
    """Show a tweet with what led to it and what came of it, as everybody may see them."""
    username = _username(params.handle)
    view = await tweets.get_tweet(visit.services, None, TweetId(params.tweet_id))
    if view.author.user.username.casefold() != username.casefold():
        raise NotFound
    thread = await tweets.get_thread(visit.services, None, TweetId(params.tweet_id))
    head = heads.of_tweet(visit.services.instance, view)
    shown = {"tweet": view, "above": thread.ancestors, "below": thread.descendants, "head": head}
    return Page("tweet.html", shown)


async def hashtag_page(visit: Visit, params: HashtagPage) -> Answer:
    """Show the public tweets that carry a hashtag."""
    instance = visit.services.instance
    name = params.name.removesuffix(FEED)
    key = text.hashtag_key(name)
    page = await timelines.hashtag_timeline(
        visit.services, None, HashtagChoice(any_of=(key,)), _request(params.max_id)
    )
    if name != params.name:
        return _feed(visit, feeds.of_hashtag(instance, key, page.items))
    head = heads.of_hashtag(instance, key, before_id=params.max_id)
    shown = {"name": key, "tweets": page.items, "older_id": _older_id(page), "head": head}
    return Page("hashtag.html", shown)


def _username(handle: str) -> str:
    if not handle.startswith("@"):
        raise NotFound("There is no such page")
    return handle.removeprefix("@")


def _request(max_id: int) -> PageRequest:
    return PageRequest(before=max_id, limit=PAGE_DEFAULT)


def _older_id(page: Timeline[TweetView]) -> int | None:
    """Return where the next page begins; None when this one is not even full."""
    return page.oldest_id if len(page.items) >= PAGE_DEFAULT else None
