"""Statuses in other sites' pages: https://docs.joinmastodon.org/methods/oembed/."""

from html import escape
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from rookery.api.addresses import status_on_page
from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.oembed import OEmbed
from rookery.api.timestamps import timestamp
from rookery.domain import text
from rookery.domain.tweets import Visibility
from rookery.domain.visibility import TweetView
from rookery.errors import NotFound
from rookery.usecases import tweets

ADDRESS_CHARS_MAX: Final = 2048
WIDTH_DEFAULT_PX: Final = 400
CACHED_S: Final = 86_400
TITLE_CHARS_MAX: Final = 100


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """The address of a status's page, and how large it may be shown."""

    url: Annotated[str, Meta(max_length=ADDRESS_CHARS_MAX)]
    maxwidth: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    maxheight: Annotated[int, Meta(ge=1, le=10_000)] | None = None


@endpoint("GET", "/api/oembed", access=Access.ANYONE)
async def show(call: Call, asked: Address) -> Json[OEmbed]:
    """Return how a page shows a status that everybody may see: a quotation without any script."""
    about = call.services.instance
    tweet_id = status_on_page(about.base_url, asked.url)
    if tweet_id is None:
        raise NotFound
    # Whoever asks, the page that shows it is for everybody.
    view = await tweets.get_tweet(call.services, None, tweet_id)
    if view.retweet_of is not None or view.tweet.visibility > Visibility.UNLISTED:
        raise NotFound
    author = view.author.user
    profile = call.present.account_url(author.username)
    name = author.display_name or author.username
    return Json.of(
        OEmbed(
            type="rich",
            version="1.0",
            title=_title(name, view),
            author_name=name,
            author_url=profile,
            provider_name=about.domain,
            provider_url=f"{about.base_url}/",
            cache_age=CACHED_S,
            html=_quotation(call, view, name),
            width=min(asked.maxwidth or WIDTH_DEFAULT_PX, WIDTH_DEFAULT_PX),
            height=asked.maxheight,
        )
    )


def _title(name: str, view: TweetView) -> str:
    words = view.tweet.spoiler or view.tweet.text
    shown = words if len(words) <= TITLE_CHARS_MAX else f"{words[: TITLE_CHARS_MAX - 1]}…"
    return f"{name}: {shown}"


def _quotation(call: Call, view: TweetView, name: str) -> str:
    """Return the status as a quotation in HTML; what stands behind a spoiler stays there."""
    tweet, base_url = view.tweet, call.services.instance.base_url
    address = escape(f"{call.present.account_url(view.author.user.username)}/{tweet.id}")
    words = (
        f"<p>{escape(tweet.spoiler)}</p>"
        if tweet.spoiler
        else text.to_html(tweet.text, tweet.mentions, base_url)
    )
    moment = timestamp(tweet.created_ms)
    return (
        f'<blockquote class="mastodon-embed" cite="{address}">{words}'
        f"<footer>{escape(name)} (@{escape(view.author.user.username)}@{escape(call.services.instance.domain)}), "
        f'<a href="{address}"><time datetime="{moment}">{moment[:10]}</time></a></footer></blockquote>'
    )
