"""Filters, in both versions: https://docs.joinmastodon.org/methods/filters/ and /methods/filters/#v1."""

from typing import Final

import msgspec

from rookery.api.endpoints import Call, Json, Nothing, endpoint
from rookery.api.entities.filters import Filter, FilterKeyword, FilterStatus, FilterV1
from rookery.api.filtering import filter_entity, filter_status_entity, filter_v1_entity, keyword_entity
from rookery.domain import filters as domain
from rookery.domain.filters import FilterAction, FilterContext
from rookery.domain.ids import TweetId
from rookery.errors import Invalid
from rookery.usecases import filters
from rookery.usecases.filters import FilterChange, KeywordChange

_ACTIONS: Final = {action.value: action for action in FilterAction}
_CONTEXTS: Final = {context.value: context for context in FilterContext}
EXPIRES_IN_MAX_S: Final = 100 * 366 * 86_400
"""A hundred years; whoever wants longer makes a filter that never expires."""


class KeywordAttributes(msgspec.Struct, frozen=True, kw_only=True):
    """A keyword to make, to change (by its id) or to remove."""

    id: int | None = None
    keyword: str | None = None
    whole_word: bool | None = None
    destroy: bool = msgspec.field(default=False, name="_destroy")


class FilterParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a filter shall be."""

    title: str | None = None
    context: tuple[str, ...] | None = None
    filter_action: str | None = None
    expires_in: int | str | msgspec.UnsetType | None = msgspec.UNSET
    keywords_attributes: tuple[KeywordAttributes, ...] = ()


class FilterById(msgspec.Struct, frozen=True, kw_only=True):
    """Which filter."""

    id: int


class ChangedFilter(FilterParameters, frozen=True, kw_only=True):
    """Which filter, and what it shall be."""

    id: int


class OfFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Of which filter."""

    filter_id: int


class NewKeyword(OfFilter, frozen=True, kw_only=True):
    """A keyword for a filter."""

    keyword: str
    whole_word: bool = True


class ChangedKeyword(FilterById, frozen=True, kw_only=True):
    """Which keyword, and what it shall be."""

    keyword: str | None = None
    whole_word: bool | None = None


class NewFilterStatus(OfFilter, frozen=True, kw_only=True):
    """A status for a filter to name."""

    status_id: int


class FilterV1Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """A filter as older apps make it: one phrase."""

    phrase: str | None = None
    context: tuple[str, ...] | None = None
    irreversible: bool | None = None
    whole_word: bool | None = None
    expires_in: int | str | msgspec.UnsetType | None = msgspec.UNSET


class ChangedFilterV1(FilterV1Parameters, frozen=True, kw_only=True):
    """Which phrase, and what it shall be."""

    id: int


def _contexts(words: tuple[str, ...] | None) -> tuple[FilterContext, ...] | None:
    if words is None:
        return None
    if any(word not in _CONTEXTS for word in words):
        raise Invalid("Context is not one of " + ", ".join(_CONTEXTS), field="context")
    return tuple(_CONTEXTS[word] for word in words)


def _action(word: str | None) -> FilterAction | None:
    if word is None:
        return None
    if word not in _ACTIONS:
        raise Invalid("Filter action is not one of " + ", ".join(_ACTIONS), field="filter_action")
    return _ACTIONS[word]


def _expiry(value: int | str | msgspec.UnsetType | None) -> tuple[int | None, bool]:
    """Return seconds from now, or that it never expires: clients send an empty text or null for that."""
    if isinstance(value, msgspec.UnsetType):
        return None, False
    if value is None or value == "":
        return None, True
    try:
        seconds = int(value)
    except ValueError:
        raise Invalid("expires_in must be a whole number", field="expires_in") from None
    if not 0 <= seconds <= EXPIRES_IN_MAX_S:
        raise Invalid(f"expires_in lies between 0 and {EXPIRES_IN_MAX_S} seconds", field="expires_in")
    return seconds, False


def _change(wanted: FilterParameters) -> FilterChange:
    expires_in_s, never = _expiry(wanted.expires_in)
    return FilterChange(
        title=wanted.title,
        contexts=_contexts(wanted.context),
        action=_action(wanted.filter_action),
        expires_in_s=expires_in_s,
        never_expires=never,
        keywords=tuple(
            KeywordChange(one.id, one.keyword, one.whole_word, one.destroy)
            for one in wanted.keywords_attributes
        ),
    )


@endpoint("GET", "/api/v2/filters", scope="read:filters")
async def index(call: Call) -> Json[list[Filter]]:
    """List the viewer's filters."""
    return Json.of([filter_entity(one) for one in await filters.list_filters(call.services, call.viewer)])


@endpoint("POST", "/api/v2/filters", scope="write:filters")
async def create(call: Call, wanted: FilterParameters) -> Json[Filter]:
    """Make a filter."""
    return Json.of(filter_entity(await filters.make_filter(call.services, call.viewer, _change(wanted))))


@endpoint("GET", "/api/v2/filters/{id}", scope="read:filters")
async def show(call: Call, which: FilterById) -> Json[Filter]:
    """Return one filter."""
    return Json.of(filter_entity(await filters.get_filter(call.services, call.viewer, which.id)))


@endpoint("PUT", "/api/v2/filters/{id}", scope="write:filters")
async def update(call: Call, wanted: ChangedFilter) -> Json[Filter]:
    """Change a filter and its keywords."""
    changed = await filters.change_filter(call.services, call.viewer, wanted.id, _change(wanted))
    return Json.of(filter_entity(changed))


@endpoint("DELETE", "/api/v2/filters/{id}", scope="write:filters")
async def destroy(call: Call, which: FilterById) -> Json[Nothing]:
    """Remove a filter."""
    await filters.remove_filter(call.services, call.viewer, which.id)
    return Json(b"{}")


@endpoint("GET", "/api/v2/filters/{filter_id}/keywords", scope="read:filters")
async def keywords(call: Call, which: OfFilter) -> Json[list[FilterKeyword]]:
    """List a filter's keywords."""
    one = await filters.get_filter(call.services, call.viewer, which.filter_id)
    return Json.of([keyword_entity(keyword) for keyword in one.keywords])


@endpoint("POST", "/api/v2/filters/{filter_id}/keywords", scope="write:filters")
async def create_keyword(call: Call, wanted: NewKeyword) -> Json[FilterKeyword]:
    """Let a filter look for one more keyword."""
    added = KeywordChange(text=wanted.keyword, whole_word=wanted.whole_word)
    changed = await filters.change_filter(
        call.services, call.viewer, wanted.filter_id, FilterChange(keywords=(added,))
    )
    return Json.of(keyword_entity(changed.keywords[-1]))


@endpoint("GET", "/api/v2/filters/keywords/{id}", scope="read:filters")
async def show_keyword(call: Call, which: FilterById) -> Json[FilterKeyword]:
    """Return one keyword."""
    _, keyword = await filters.find_keyword(call.services, call.viewer, which.id)
    return Json.of(keyword_entity(keyword))


@endpoint("PUT", "/api/v2/filters/keywords/{id}", scope="write:filters")
async def update_keyword(call: Call, wanted: ChangedKeyword) -> Json[FilterKeyword]:
    """Change a keyword."""
    change = KeywordChange(text=wanted.keyword, whole_word=wanted.whole_word)
    return Json.of(
        keyword_entity(await filters.change_keyword(call.services, call.viewer, wanted.id, change))
    )


@endpoint("DELETE", "/api/v2/filters/keywords/{id}", scope="write:filters")
async def destroy_keyword(call: Call, which: FilterById) -> Json[Nothing]:
    """Remove a keyword."""
    await filters.remove_keyword(call.services, call.viewer, which.id)
    return Json(b"{}")


@endpoint("GET", "/api/v2/filters/{filter_id}/statuses", scope="read:filters")
async def filter_statuses(call: Call, which: OfFilter) -> Json[list[FilterStatus]]:
    """List the single statuses that a filter names."""
    one = await filters.get_filter(call.services, call.viewer, which.filter_id)
    return Json.of([filter_status_entity(entry) for entry in one.tweets])


@endpoint("POST", "/api/v2/filters/{filter_id}/statuses", scope="write:filters")
async def create_filter_status(call: Call, wanted: NewFilterStatus) -> Json[FilterStatus]:
    """Let a filter match one status, whatever it says."""
    entry = await filters.name_tweet(call.services, call.viewer, wanted.filter_id, TweetId(wanted.status_id))
    return Json.of(filter_status_entity(entry))


@endpoint("GET", "/api/v2/filters/statuses/{id}", scope="read:filters")
async def show_filter_status(call: Call, which: FilterById) -> Json[FilterStatus]:
    """Return one status that a filter names."""
    return Json.of(filter_status_entity(await filters.find_tweet(call.services, call.viewer, which.id)))


@endpoint("DELETE", "/api/v2/filters/statuses/{id}", scope="write:filters")
async def destroy_filter_status(call: Call, which: FilterById) -> Json[Nothing]:
    """Let a filter name a status no more."""
    await filters.unname_tweet(call.services, call.viewer, which.id)
    return Json(b"{}")


@endpoint("GET", "/api/v1/filters", scope="read:filters", deprecated=True)
async def index_v1(call: Call) -> Json[list[FilterV1]]:
    """List the viewer's keywords as older apps know filters."""
    found = await filters.list_filters(call.services, call.viewer)
    return Json.of([filter_v1_entity(one, keyword) for one in found for keyword in one.keywords])


@endpoint("POST", "/api/v1/filters", scope="write:filters", deprecated=True)
async def create_v1(call: Call, wanted: FilterV1Parameters) -> Json[FilterV1]:
    """Make a filter of one phrase."""
    expires_in_s, never = _expiry(wanted.expires_in)
    change = FilterChange(
        title=wanted.phrase or "",
        contexts=_contexts(wanted.context),
        action=FilterAction.HIDE if wanted.irreversible else FilterAction.WARN,
        expires_in_s=expires_in_s,
        never_expires=never,
        keywords=(KeywordChange(text=wanted.phrase or "", whole_word=wanted.whole_word),),
    )
    made = await filters.make_filter(call.services, call.viewer, change)
    return Json.of(filter_v1_entity(made, made.keywords[0]))


@endpoint("GET", "/api/v1/filters/{id}", scope="read:filters", deprecated=True)
async def show_v1(call: Call, which: FilterById) -> Json[FilterV1]:
    """Return one phrase."""
    return Json.of(filter_v1_entity(*await filters.find_keyword(call.services, call.viewer, which.id)))


@endpoint("PUT", "/api/v1/filters/{id}", scope="write:filters", deprecated=True)
async def update_v1(call: Call, wanted: ChangedFilterV1) -> Json[FilterV1]:
    """Change a phrase and where it works."""
    one, keyword = await filters.find_keyword(call.services, call.viewer, wanted.id)
    expires_in_s, never = _expiry(wanted.expires_in)
    irreversible = {None: None, True: FilterAction.HIDE, False: FilterAction.WARN}[wanted.irreversible]
    single = len(one.keywords) == 1
    if not single and _changes_the_whole(wanted, one):
        raise Invalid(
            "These parameters cannot be changed from this application because they apply to more than one filter "
            "keyword. Use a more recent application or the web interface."
        )
    change = FilterChange(
        title=wanted.phrase if single else None,
        contexts=_contexts(wanted.context),
        action=irreversible,
        expires_in_s=expires_in_s,
        never_expires=never,
        keywords=(KeywordChange(keyword.id, wanted.phrase, wanted.whole_word),),
    )
    await filters.change_filter(call.services, call.viewer, one.id, change)
    return Json.of(filter_v1_entity(*await filters.find_keyword(call.services, call.viewer, wanted.id)))


def _changes_the_whole(wanted: ChangedFilterV1, one: domain.Filter) -> bool:
    """Tell whether a change of one phrase would change what holds for the filter's other phrases as well."""
    contexts = _contexts(wanted.context)
    expires_in_s, never = _expiry(wanted.expires_in)
    return (
        (contexts is not None and set(contexts) != set(one.contexts))
        or (wanted.irreversible is not None and wanted.irreversible != (one.action is FilterAction.HIDE))
        or expires_in_s is not None
        or (never and one.expires_ms is not None)
    )


@endpoint("DELETE", "/api/v1/filters/{id}", scope="write:filters", deprecated=True)
async def destroy_v1(call: Call, which: FilterById) -> Json[Nothing]:
    """Remove a phrase, and its filter with the last one."""
    await filters.remove_single(call.services, call.viewer, which.id)
    return Json(b"{}")
