"""Refreshes: https://docs.joinmastodon.org/entities/AsyncRefresh/."""

import msgspec


class AsyncRefresh(msgspec.Struct, frozen=True, kw_only=True):
    """How far a refresh is that goes on behind an answer."""

    id: str
    status: str
    result_count: int | None
