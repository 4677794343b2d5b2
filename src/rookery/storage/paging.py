"""Bounded pieces of long lists, by key, in both directions.

A pageable list is two statements with the parameters `:before`, `:after` and `:limit`, whose rows begin with the id
that orders them: one newest first, one oldest first.
"""

from collections.abc import Sequence
from typing import Any

from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row
from rookery.sql import Sql


async def page(tx: Read, newest: Sql, oldest: Sql, request: PageRequest, **parameters: Any) -> Sequence[Row]:
    """Return the rows that the request asks for, newest first."""
    bounds = {"before": request.before, "after": request.after, "limit": request.limit}
    if not request.oldest:
        return await tx.all(newest, **bounds, **parameters)
    return list(reversed(await tx.all(oldest, **bounds, **parameters)))
