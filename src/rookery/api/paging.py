"""Paging by `max_id`, `since_id`, `min_id` and the `Link` header (RFC 8288)."""

import re
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Meta

from rookery.domain.ids import ID_MAX
from rookery.domain.limits import PAGE_DEFAULT, PAGE_MAX
from rookery.domain.timelines import PageRequest
from rookery.errors import Invalid

_PLACES: Final = frozenset(("max_id", "since_id", "min_id"))
_PATH_PARAMETER: Final = re.compile(r"\{(\w+)\}")


class Paging(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of every paged list."""

    max_id: int | None = None
    since_id: int | None = None
    min_id: int | None = None
    limit: int | None = None


class OffsetPaging(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of lists that are paged by counting."""

    limit: Annotated[int, Meta(ge=1)] | None = None
    offset: Annotated[int, Meta(ge=0)] = 0


def page_of(paging: Paging, *, default: int = PAGE_DEFAULT, limit_max: int = PAGE_MAX) -> PageRequest:
    """Return the part of a list that is asked for; a limit above the largest is the largest."""
    limit = default if paging.limit is None else paging.limit
    if limit < 1:
        raise Invalid("limit must be at least 1", field="limit")
    for name in ("max_id", "since_id", "min_id"):
        value = getattr(paging, name)
        if value is not None and value < 0:
            raise Invalid(f"{name} must not be negative", field=name)
    after = paging.min_id if paging.min_id is not None else paging.since_id
    return PageRequest(
        before=min(paging.max_id, ID_MAX) if paging.max_id is not None else ID_MAX,
        after=min(after, ID_MAX) if after is not None else 0,
        limit=min(limit, limit_max),
        oldest=paging.min_id is not None,
    )


def link_header(
    base_url: str,
    path: str,
    parameters: Paging | OffsetPaging,
    *,
    newest_id: int | None,
    oldest_id: int | None,
) -> dict[str, str]:
    """Return the `Link` header to the neighbouring pages, keeping the other parameters of the query.

    What the path names in braces, as an endpoint's does, is filled in from the parameters.
    """
    kept: dict[str, Any] = {
        f"{name}[]" if isinstance(value, list | tuple) else name: "true" if value is True else value
        for name in parameters.__struct_fields__
        if name not in _PLACES
        and (value := getattr(parameters, name)) not in (None, "", [], ())
        and value is not False  # a number that is 0 equals it
    }
    if "{" in path:
        path = _PATH_PARAMETER.sub(lambda match: quote(str(kept.pop(match[1])), safe=""), path)
    start = f"<{base_url}{path}?{urlencode(kept, doseq=True)}&" if kept else f"<{base_url}{path}?"
    links: list[str] = []
    if oldest_id is not None:
        links.append(f'{start}max_id={oldest_id}>; rel="next"')
    if newest_id is not None:
        links.append(f'{start}min_id={newest_id}>; rel="prev"')
    return {"Link": ", ".join(links)} if links else {}
