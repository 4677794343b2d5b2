"""Search: https://docs.joinmastodon.org/methods/search/.

People are found by their names, mistyped or not, hashtags by the beginning of theirs, statuses by what they say (the
language of searches: docs/search.md) or by the address of their page.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from rookery.api.addresses import status_on_page
from rookery.api.endpoints import Access, Call, Json, endpoint
from rookery.api.entities.search import Found
from rookery.api.entities.tags import Tag
from rookery.api.paging import OffsetPaging, link_header
from rookery.domain import text
from rookery.domain.ids import ID_MAX, UserId
from rookery.domain.timelines import Page
from rookery.domain.users import UserView
from rookery.domain.visibility import TweetView
from rookery.errors import NotFound
from rookery.usecases import hashtags, search, tweets, user_search, users

QUERY_CHARS_MAX: Final = 2048
RESULTS_DEFAULT: Final = 20
RESULTS_MAX: Final = 40


class Query(OffsetPaging, frozen=True, kw_only=True):
    """What is looked for."""

    q: Annotated[str, Meta(max_length=QUERY_CHARS_MAX)]
    type: Literal["accounts", "hashtags", "statuses"] | None = None
    following: bool = False
    resolve: bool = False
    exclude_unreviewed: bool = False
    account_id: int | None = None
    max_id: int | None = None
    min_id: int | None = None
    order: Literal["newest", "best"] = "newest"
    """How statuses are ordered; Mastodon has the newest first only."""


@endpoint("GET", "/api/v2/search", access=Access.ANYONE, scope="read:search")
async def show(call: Call, query: Query) -> Json[Found]:
    """Find accounts, hashtags and statuses."""
    wanted = query.q.strip()
    accounts: Sequence[UserView] = ()
    tags: Sequence[Tag] = ()
    shown: Page[TweetView] = Page([])
    if wanted and query.type in {None, "accounts"}:
        accounts = await _accounts(call, query, wanted)
    if wanted and query.type in {None, "hashtags"}:
        tags = await _tags(call, query, wanted)
    if wanted and query.type in {None, "statuses"}:
        shown = await _statuses(call, query, wanted)
    return Json(
        b'{"accounts":%b,"statuses":%b,"hashtags":%b}'
        % (
            call.present.accounts(accounts),
            call.present.statuses(shown.items, signed_in=call.viewer_or_none is not None),
            msgspec.json.encode(tags),
        ),
        headers=_links(call, query, shown),
    )


def _links(call: Call, query: Query, shown: Page[TweetView]) -> dict[str, str]:
    """Return the `Link` header to what follows: a page also ends, and may be empty, where very much was looked through."""
    if query.type != "statuses" or query.offset:
        return {}
    base_url = call.services.instance.base_url
    return link_header(base_url, "/api/v2/search", query, newest_id=None, oldest_id=shown.oldest_id)


async def _accounts(call: Call, query: Query, wanted: str) -> Sequence[UserView]:
    profiles = f"{call.services.instance.base_url}/@"
    name = wanted.removeprefix(profiles)
    viewer = call.viewer_or_none
    if viewer is not None and not wanted.startswith(profiles):
        return await user_search.search_users(
            call.services,
            viewer,
            name,
            limit=min(query.limit or RESULTS_DEFAULT, RESULTS_MAX),
            skip=query.offset,
            followed=query.following,
        )
    if query.offset:
        return []
    try:
        return [await users.find_user(call.services, viewer, name)]
    except NotFound:
        return []


async def _statuses(call: Call, query: Query, wanted: str) -> Page[TweetView]:
    status_id = status_on_page(call.services.instance.base_url, wanted)
    if status_id is not None:
        if query.offset:
            return Page([])
        return Page(await tweets.get_tweets(call.services, call.viewer_or_none, [status_id]))
    part = search.Wanted(
        before=ID_MAX if query.max_id is None else min(max(query.max_id, 0), ID_MAX),
        after=0 if query.min_id is None else min(max(query.min_id, 0), ID_MAX - 1),
        limit=min(query.limit or RESULTS_DEFAULT, RESULTS_MAX),
        skip=query.offset,
        order=query.order,
        author_id=UserId(query.account_id) if query.account_id is not None else None,
    )
    return await search.search_tweets(call.services, call.viewer_or_none, wanted, part)


async def _tags(call: Call, query: Query, wanted: str) -> list[Tag]:
    limit = min(query.limit or RESULTS_DEFAULT, RESULTS_MAX)
    names = await hashtags.search_hashtags(call.services, wanted, limit=limit, skip=query.offset)
    base_url = call.services.instance.base_url
    return [
        Tag(
            id=name,
            name=name,
            url=text.hashtag_url(name, base_url),
            history=[],
            following=False,
            featuring=False,
        )
        for name in names
    ]
