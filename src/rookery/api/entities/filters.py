"""Filters: https://docs.joinmastodon.org/entities/Filter/ and their first version."""

import msgspec


class FilterKeyword(msgspec.Struct, frozen=True):
    """A word that a filter looks for."""

    id: str
    keyword: str
    whole_word: bool


class FilterStatus(msgspec.Struct, frozen=True):
    """A status that a filter names."""

    id: str
    status_id: str


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What the viewer does not want to see, and where."""

    id: str
    title: str
    context: list[str]
    expires_at: str | None
    filter_action: str
    keywords: list[FilterKeyword]
    statuses: list[FilterStatus]


class FilterV1(msgspec.Struct, frozen=True, kw_only=True):
    """One word that the viewer does not want to see."""

    id: str
    phrase: str
    context: list[str]
    expires_at: str | None
    irreversible: bool
    whole_word: bool


class FilterResult(msgspec.Struct, frozen=True, kw_only=True):
    """That a filter matches a status, and by what: https://docs.joinmastodon.org/entities/FilterResult/."""

    filter: Filter
    keyword_matches: list[str] | None
    status_matches: list[str] | None
