"""Hashtags: https://docs.joinmastodon.org/methods/tags/. Nobody can follow or feature one yet."""

import msgspec

from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.tags import FeaturedTag, Tag, TagHistory
from rookery.domain import text
from rookery.usecases import hashtags


class TagName(msgspec.Struct, frozen=True, kw_only=True):
    """Which hashtag, without its sign."""

    name: str


@endpoint("GET", "/api/v1/tags/{name}", access=Access.ANYONE)
async def show(call: Call, asked: TagName) -> Json[Tag]:
    """Return a hashtag and how it was used in public in the last seven days."""
    name, days = await hashtags.get_hashtag_history(call.services, asked.name)
    return Json.of(
        Tag(
            id=name,
            name=name,
            url=text.hashtag_url(name, call.services.instance.base_url),
            history=[TagHistory(str(day.day_ms // 1000), str(day.uses), str(day.authors)) for day in days],
            following=False,
            featuring=False,
        )
    )


@endpoint("GET", "/api/v1/followed_tags", scope="read:follows")
async def followed(call: Call) -> Json[list[Tag]]:  # noqa: ARG001
    """Return the hashtags that the viewer follows: none."""
    return Json(b"[]")


@endpoint("GET", "/api/v1/featured_tags", scope="read:accounts")
async def featured(call: Call) -> Json[list[FeaturedTag]]:  # noqa: ARG001
    """Return the hashtags that the viewer features: none."""
    return Json(b"[]")


@endpoint("GET", "/api/v1/featured_tags/suggestions", scope="read:accounts")
async def featured_suggestions(call: Call) -> Json[list[Tag]]:  # noqa: ARG001
    """Return hashtags that the viewer may want to feature: none."""
    return Json(b"[]")
