"""RSS 2.0 of what everybody may see: https://www.rssboard.org/rss-specification, with Yahoo's Media RSS for files."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Final
from xml.etree import ElementTree as ET

import msgspec

from rookery.api.heads import hashtag_address, profile_address
from rookery.domain import text
from rookery.domain.instance import Instance
from rookery.domain.media import FileRole, MediaKind
from rookery.domain.users import UserView
from rookery.domain.visibility import TweetView

CONTENT_TYPE: Final = "application/rss+xml"
ATOM: Final = "http://www.w3.org/2005/Atom"
MEDIA: Final = "http://search.yahoo.com/mrss/"
_NOT_IN_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot say, however it is written."""
_MEDIUMS: Final = {MediaKind.IMAGE: "image", MediaKind.AUDIO: "audio"}

ET.register_namespace("atom", ATOM)
ET.register_namespace("media", MEDIA)


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed: what it is about, and its items."""

    title: str
    link: str
    description: str
    image: str = ""
    is_listed: bool = True
    """Whether search engines may list it."""
    tweets: Sequence[TweetView]


def of_user(instance: Instance, view: UserView, tweets: Sequence[TweetView]) -> Feed:
    """Return the feed of what somebody posts."""
    user = view.user
    return Feed(
        title=user.display_name or user.username,
        link=profile_address(instance, user),
        description=f"What @{user.username}@{instance.domain} posts for everybody",
        image=instance.avatar_url(user),
        is_listed=user.indexable,
        tweets=tweets,
    )


def of_hashtag(instance: Instance, name: str, tweets: Sequence[TweetView]) -> Feed:
    """Return the feed of what carries a hashtag."""
    return Feed(
        title=f"#{name}",
        link=hashtag_address(instance, name),
        description=f"What people on {instance.title} say about #{name}",
        tweets=tweets,
    )


def to_xml(instance: Instance, feed: Feed) -> bytes:
    """Return a feed as it is sent; the same tweets make the same bytes."""
    rss = ET.Element("rss", version="2.0")
    channel = ET.SubElement(rss, "channel")
    _say(channel, "title", feed.title)
    _say(channel, "description", feed.description)
    _say(channel, "link", feed.link)
    ET.SubElement(channel, f"{{{ATOM}}}link", rel="self", type=CONTENT_TYPE, href=f"{feed.link}.rss")
    if feed.image:
        image = ET.SubElement(channel, "image")
        for name, value in (("url", feed.image), ("title", feed.title), ("link", feed.link)):
            _say(image, name, value)
    if feed.tweets:
        newest_ms = max(view.tweet.created_ms for view in feed.tweets)
        _say(channel, "lastBuildDate", _moment(newest_ms))
    _say(channel, "generator", "Rookery")
    for view in feed.tweets:
        _add_item(instance, channel, view)
    return ET.tostring(rss, encoding="utf-8", xml_declaration=True)


def _say(parent: ET.Element, name: str, value: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = _NOT_IN_XML.sub("", value)
    return element


def _add_item(instance: Instance, channel: ET.Element, view: TweetView) -> None:
    # Like other microblogs', items have no title: a text of one line is none (RSS asks for either).
    tweet = view.tweet
    item = ET.SubElement(channel, "item")
    address = f"{profile_address(instance, view.author.user)}/{tweet.id}"
    _say(item, "guid", address).set("isPermaLink", "true")
    _say(item, "link", address)
    _say(item, "pubDate", _moment(tweet.created_ms))
    _say(item, "description", _described(instance, view))
    _add_media(instance, item, view)
    for name in text.hashtags(tweet.text):
        _say(item, "category", name)


def _described(instance: Instance, view: TweetView) -> str:
    tweet = view.tweet
    parts = [text.to_html(tweet.text, tweet.mentions, instance.base_url)]
    if tweet.spoiler:
        parts.insert(0, f"<p><strong>{escape(tweet.spoiler)}</strong></p><hr>")
    if tweet.poll is not None:
        options = "".join(f"<li>{escape(option)}</li>" for option in tweet.poll.options)
        parts.append(f"<ul>{options}</ul>")
    if view.quoted is not None and (quoted := view.quoted.view) is not None:
        address = f"{profile_address(instance, quoted.author.user)}/{quoted.tweet.id}"
        parts.append(f'<p>RE: <a href="{escape(address)}">{escape(address)}</a></p>')
    return "".join(parts)


def _add_media(instance: Instance, item: ET.Element, view: TweetView) -> None:
    """Add every file, the first one also as the enclosure, of which readers expect one."""
    tweet = view.tweet
    for number, one in enumerate(tweet.media):
        file = one.file(FileRole.FULL)
        if file is None:
            continue
        url = instance.file_url(file.key)
        size = str(file.size_bytes)
        if number == 0:
            ET.SubElement(item, "enclosure", url=url, length=size, type=file.content_type)
        content = ET.SubElement(
            item,
            f"{{{MEDIA}}}content",
            url=url,
            type=file.content_type,
            fileSize=size,
            medium=_MEDIUMS.get(one.kind, "video"),
        )
        rating = "adult" if tweet.sensitive else "nonadult"
        _say(content, f"{{{MEDIA}}}rating", rating).set("scheme", "urn:simple")
        if one.description:
            _say(content, f"{{{MEDIA}}}description", one.description).set("type", "plain")


def _moment(time_ms: int) -> str:
    return format_datetime(datetime.fromtimestamp(time_ms / 1000, UTC), usegmt=True)
