"""What public pages say of themselves to whoever does not look at them: search engines, chats that show a link, readers.

OpenGraph: https://ogp.me. Cards: https://developer.x.com/en/docs/x-for-websites/cards. Feeds and oEmbed are found by
their links. Only what everybody may see is told; what stands behind a warning stays there.
"""

from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from rookery.api.timestamps import timestamp
from rookery.domain.ids import ID_MAX
from rookery.domain.instance import Instance
from rookery.domain.media import FileRole, Media, MediaKind
from rookery.domain.previews import plain
from rookery.domain.tweets import Visibility
from rookery.domain.users import User, UserView
from rookery.domain.visibility import TweetView

TITLE_CHARS_MAX: Final = 70
DESCRIPTION_CHARS_MAX: Final = 300
PICTURES_MAX: Final = 4
OF_ANY_SITE: Final = "A small place to post, follow and read along."
"""What is said of an instance whose operator has said nothing."""
AVATAR_PX: Final = 400


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that stands for the page."""

    url: str
    width: int | None = None
    height: int | None = None
    description: str = ""


class Film(msgspec.Struct, frozen=True, kw_only=True):
    """A video that the page shows."""

    url: str
    content_type: str
    width: int | None = None
    height: int | None = None


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a page's head; what is empty is left out."""

    title: str
    """Without the instance's name."""
    address: str
    """The one under which the page is to be known (canonical)."""
    description: str = ""
    kind: str = "website"
    """OpenGraph's type."""
    card: str = "summary"
    """The size of the picture: `summary` or `summary_large_image`."""
    pictures: tuple[Picture, ...] = ()
    film: Film | None = None
    username: str = ""
    """On a profile."""
    published: str = ""
    """ISO 8601."""
    feed: str = ""
    feed_title: str = ""
    embedding: str = ""
    """Where oEmbed tells of the page."""
    is_listed: bool = True
    """Whether search engines may list it."""


def of_site(instance: Instance) -> Head:
    """Return the head of the first page."""
    return Head(
        title="",
        address=f"{instance.base_url}/",
        description=plain(instance.description, DESCRIPTION_CHARS_MAX) or OF_ANY_SITE,
        pictures=(Picture(url=f"{instance.base_url}/static/header.png"),),
        card="summary_large_image",
    )


def of_profile(instance: Instance, view: UserView, *, before_id: int = ID_MAX) -> Head:
    """Return the head of a profile; `before_id` is where a page of older tweets begins."""
    user, address = view.user, profile_address(instance, view.user)
    name = _named(user)
    return Head(
        title=name,
        address=_continued(address, before_id),
        description=plain(user.bio, DESCRIPTION_CHARS_MAX) or f"@{user.username}@{instance.domain}",
        kind="profile",
        pictures=(_avatar(instance, user),),
        username=f"{user.username}@{instance.domain}",
        feed=f"{address}.rss",
        feed_title=name,
        is_listed=user.indexable,
    )


def of_tweet(instance: Instance, view: TweetView) -> Head:
    """Return the head of a tweet's page; a retweet's is that of what it shows."""
    view = view.retweet_of or view
    tweet, author = view.tweet, view.author.user
    profile = profile_address(instance, author)
    address = f"{profile}/{tweet.id}"
    shows_media = not tweet.sensitive and not tweet.spoiler
    pictures = _pictures(instance, tweet.media) if shows_media else ()
    words = plain(tweet.spoiler or tweet.text, DESCRIPTION_CHARS_MAX) or _counted(tweet.media)
    title = plain(words, TITLE_CHARS_MAX)
    query = urlencode({"url": address})
    return Head(
        title=f"{author.display_name or author.username}: {title}",
        address=address,
        description=words,
        kind="article",
        card="summary_large_image" if pictures else "summary",
        pictures=pictures or (_avatar(instance, author),),
        film=_film(instance, tweet.media) if shows_media else None,
        published=timestamp(tweet.created_ms),
        feed=f"{profile}.rss",
        feed_title=_named(author),
        embedding=f"{instance.base_url}/api/oembed?{query}",
        is_listed=author.indexable and tweet.visibility is Visibility.PUBLIC,
    )


def of_hashtag(instance: Instance, name: str, *, before_id: int = ID_MAX) -> Head:
    """Return the head of a hashtag's page."""
    address = hashtag_address(instance, name)
    return Head(
        title=f"#{name}",
        address=_continued(address, before_id),
        description=f"What people on {instance.title} say about #{name}",
        feed=f"{address}.rss",
        feed_title=f"#{name}",
    )


def profile_address(instance: Instance, user: User) -> str:
    """Return where somebody's profile is."""
    return f"{instance.base_url}/@{user.username}"


def hashtag_address(instance: Instance, name: str) -> str:
    """Return where a hashtag's tweets are."""
    return f"{instance.base_url}/tags/{quote(name, safe='')}"


def _named(user: User) -> str:
    return f"{user.display_name or user.username} (@{user.username})"


def _continued(address: str, before_id: int) -> str:
    return address if before_id == ID_MAX else f"{address}?max_id={before_id}"


def _avatar(instance: Instance, user: User) -> Picture:
    return Picture(url=instance.avatar_url(user), width=AVATAR_PX, height=AVATAR_PX)


def _pictures(instance: Instance, media: tuple[Media, ...]) -> tuple[Picture, ...]:
    """Return the photos, and the posters of videos."""
    found: list[Picture] = []
    for one in media[:PICTURES_MAX]:
        role = FileRole.FULL if one.kind is MediaKind.IMAGE else FileRole.SMALL
        file = one.file(role)
        if file is not None:
            url = instance.file_url(file.key)
            found.append(Picture(url=url, width=file.width, height=file.height, description=one.description))
    return tuple(found)


def _film(instance: Instance, media: tuple[Media, ...]) -> Film | None:
    for one in media:
        file = one.file(FileRole.FULL)
        if file is not None and one.kind in {MediaKind.VIDEO, MediaKind.GIFV}:
            url = instance.file_url(file.key)
            return Film(url=url, content_type=file.content_type, width=file.width, height=file.height)
    return None


def _counted(media: tuple[Media, ...]) -> str:
    """Return how a tweet without words is spoken of."""
    kinds = {one.kind for one in media}
    if kinds == {MediaKind.IMAGE}:
        return "A photo" if len(media) == 1 else f"{len(media)} photos"
    return "A video" if kinds & {MediaKind.VIDEO, MediaKind.GIFV} else "A recording"
