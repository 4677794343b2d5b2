"""Hashtags: https://docs.joinmastodon.org/methods/tags/ and /methods/featured_tags/."""

from collections.abc import Sequence
from typing import Final

import msgspec

from rookery.api.endpoints import Access, Call, Json, Nothing, endpoint
from rookery.api.entities.tags import FeaturedTag, Tag, TagHistory
from rookery.api.paging import Paging, link_header, page_of
from rookery.api.timestamps import timestamp
from rookery.domain import text
from rookery.domain.ids import UserId
from rookery.usecases import followed_hashtags, hashtags, users
from rookery.usecases.followed_hashtags import FeaturedHashtag

FOLLOWED_DEFAULT: Final = 100
FOLLOWED_PAGE_MAX: Final = 200


class TagName(msgspec.Struct, frozen=True, kw_only=True):
    """Which hashtag, without its sign."""

    name: str


class TagId(msgspec.Struct, frozen=True, kw_only=True):
    """Which hashtag: its name is its id."""

    id: str


class EntryId(msgspec.Struct, frozen=True, kw_only=True):
    """Which featured hashtag, or whose."""

    id: int


async def _tag(call: Call, name: str) -> Tag:
    return (await tags_of(call, [followed_hashtags.kept_name(name)]))[0]


async def tags_of(call: Call, names: Sequence[str]) -> list[Tag]:
    """Return hashtags, in their kept form, as the caller sees them."""
    histories = await hashtags.hashtag_histories(call.services, names)
    standings = await followed_hashtags.standings(call.services, call.viewer_or_none, names)
    return [
        Tag(
            id=name,
            name=name,
            url=text.hashtag_url(name, call.services.instance.base_url),
            history=[
                TagHistory(str(day.day_ms // 1000), str(day.uses), str(day.authors))
                for day in histories[name]
            ],
            following=standings[name].following,
            featuring=standings[name].featuring,
        )
        for name in names
    ]


@endpoint("GET", "/api/v1/tags/{name}", access=Access.ANYONE)
async def show(call: Call, asked: TagName) -> Json[Tag]:
    """Return a hashtag and how it was used in public in the last seven days."""
    return Json.of(await _tag(call, asked.name))


@endpoint("POST", "/api/v1/tags/{name}/follow", scope="write:follows")
async def follow(call: Call, asked: TagName) -> Json[Tag]:
    """Let public statuses with a hashtag show on home."""
    await followed_hashtags.follow_hashtag(call.services, call.viewer, asked.name)
    return Json.of(await _tag(call, asked.name))


@endpoint("POST", "/api/v1/tags/{name}/unfollow", scope="write:follows")
async def unfollow(call: Call, asked: TagName) -> Json[Tag]:
    """Follow a hashtag no longer."""
    await followed_hashtags.unfollow_hashtag(call.services, call.viewer, asked.name)
    return Json.of(await _tag(call, asked.name))


@endpoint("POST", "/api/v1/tags/{id}/feature", scope="write:accounts")
async def feature_by_name(call: Call, asked: TagId) -> Json[Tag]:
    """Show a hashtag on the viewer's profile."""
    await followed_hashtags.feature_hashtag(call.services, call.viewer, asked.id)
    return Json.of(await _tag(call, asked.id))


@endpoint("POST", "/api/v1/tags/{id}/unfeature", scope="write:accounts")
async def unfeature_by_name(call: Call, asked: TagId) -> Json[Tag]:
    """Take a hashtag off the viewer's profile."""
    await followed_hashtags.unfeature_hashtag(call.services, call.viewer, asked.id)
    return Json.of(await _tag(call, asked.id))


@endpoint("GET", "/api/v1/followed_tags", scope="read:follows")
async def followed(call: Call, paging: Paging) -> Json[list[Tag]]:
    """Return the hashtags that the viewer follows, the latest first."""
    request = page_of(paging, default=FOLLOWED_DEFAULT, limit_max=FOLLOWED_PAGE_MAX)
    page = await followed_hashtags.page_followed(call.services, call.viewer, request)
    headers = link_header(
        call.services.instance.base_url,
        "/api/v1/followed_tags",
        paging,
        newest_id=page.newest_id,
        oldest_id=page.oldest_id,
    )
    return Json.of(await tags_of(call, page.items), headers=headers)


def _featured(call: Call, username: str, one: FeaturedHashtag) -> FeaturedTag:
    return FeaturedTag(
        id=str(one.id),
        name=one.name,
        url=f"{call.present.account_url(username)}/tagged/{one.name}",
        statuses_count=str(one.uses),
        last_status_at=timestamp(one.last_used_ms)[:10] if one.last_used_ms is not None else None,
    )


@endpoint("GET", "/api/v1/featured_tags", scope="read:accounts")
async def featured(call: Call) -> Json[list[FeaturedTag]]:
    """Return the hashtags on the viewer's profile."""
    return Json.of(await _featured_of(call, call.viewer))


@endpoint("GET", "/api/v1/accounts/{id}/featured_tags", access=Access.ANYONE, scope="read:accounts")
async def featured_by(call: Call, whose: EntryId) -> Json[list[FeaturedTag]]:
    """Return the hashtags on a profile."""
    return Json.of(await _featured_of(call, UserId(whose.id)))


async def _featured_of(call: Call, user_id: UserId) -> list[FeaturedTag]:
    found = await followed_hashtags.list_featured(call.services, user_id)
    view = await users.get_user(call.services, call.viewer_or_none, user_id)
    return [_featured(call, view.user.username, one) for one in found]


@endpoint("POST", "/api/v1/featured_tags", scope="write:accounts")
async def feature(call: Call, asked: TagName) -> Json[FeaturedTag]:
    """Show a hashtag on the viewer's profile."""
    one = await followed_hashtags.feature_hashtag(call.services, call.viewer, asked.name)
    view = await users.get_user(call.services, call.viewer, call.viewer)
    return Json.of(_featured(call, view.user.username, one))


@endpoint("DELETE", "/api/v1/featured_tags/{id}", scope="write:accounts")
async def unfeature(call: Call, which: EntryId) -> Json[Nothing]:
    """Take a hashtag off the viewer's profile."""
    await followed_hashtags.unfeature(call.services, call.viewer, which.id)
    return Json(b"{}")


@endpoint("GET", "/api/v1/featured_tags/suggestions", scope="read:accounts")
async def featured_suggestions(call: Call) -> Json[list[Tag]]:
    """Return the hashtags that the viewer writes most and does not feature."""
    names = await followed_hashtags.suggest_featured(call.services, call.viewer)
    return Json.of(await tags_of(call, names))
