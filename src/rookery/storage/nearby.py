"""Public tweets that were written near a point, as each engine's index finds them: no nearer than a box or some cells."""

from collections.abc import Sequence
from typing import Final

from rookery.domain import nearby
from rookery.domain.ids import ID_MAX
from rookery.domain.nearby import Spans
from rookery.domain.search.places import Circle
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row
from rookery.sql import Sql, sql_per_engine_for_each

LOOKED_AT_MAX: Final = 2_000
"""Candidates after which a page is filled with what was found until then, or begun anew."""
FOUND_MAX: Final = 2_000
"""Tweets of one piece of time that are taken, in no order; where there are more, a shorter piece is asked for."""

# Ten years count as a degree: so a busy town is cut by time, a village is not.
# One for each size of PostgreSQL's cells, so many to a degree, which each have an index; SQLite asks its R*Tree for a box.
# What the other engine is asked by is always so: there is a cell, and a box has its sides in order. The order within a cell
# is that of its index, and keeps the planner from walking through the table as long as it expects to find enough on its way.
_IN_SMALL_CELLS, _IN_CELLS, _IN_LARGE_CELLS = sql_per_engine_for_each(
    "100 8 0.5",
    postgres="""
        SELECT t.id, t.latitude, t.longitude FROM unnest(CAST(:cells AS BIGINT[])) AS k(value) CROSS JOIN LATERAL (
            SELECT id, latitude, longitude FROM tweets
            WHERE CAST(floor((latitude + 90) * {each}) AS BIGINT) * 100000
                + CAST(floor((longitude + 180) * {each}) AS BIGINT) = k.value
            AND latitude IS NOT NULL AND longitude IS NOT NULL AND visibility = 0 AND retweet_of_id IS NULL
            AND id > :after AND id < :before ORDER BY id DESC LIMIT :limit) t
        WHERE CAST(:west AS DOUBLE PRECISION) <= :east AND CAST(:south AS DOUBLE PRECISION) <= :north
        LIMIT :limit
    """,
    sqlite="""
        SELECT t.id, t.latitude, t.longitude FROM tweet_places p CROSS JOIN tweets t ON t.id = p.tweet_id
        WHERE p.east >= :west AND p.west <= :east AND p.north >= :south AND p.south <= :north
        AND p.latest >= (:after >> 22) / 300000000000.0 AND p.earliest <= (:before >> 22) / 300000000000.0
        AND p.tweet_id > :after AND p.tweet_id < :before AND EXISTS (SELECT 1 FROM carray(:cells))
        LIMIT :limit
    """,
)
BY_SIZE: Final[tuple[Sql, ...]] = (_IN_SMALL_CELLS, _IN_CELLS, _IN_LARGE_CELLS)
"""The statement for each size of cells."""


async def candidates(tx: Read, circle: Circle, page: PageRequest, *, now_ms: int) -> list[Row]:
    """Return (tweet id, latitude, longitude) of what may lie in the circle, in the page's order.

    So many that the circle holds as many of them as the page asks for, unless it holds fewer among very many. Only where
    there are no more there are fewer than the page asks for.
    """
    found: list[Row] = []
    spans = Spans(page, now_ms=now_ms)
    held = 0
    while not spans.is_over and held < page.limit and len(found) < max(LOOKED_AT_MAX, page.limit):
        limit = ID_MAX if spans.is_shortest else FOUND_MAX
        rows = await _within(tx, circle, *spans.piece, limit=limit)
        if len(rows) >= limit:
            spans.shorten()
            continue
        found += sorted(rows, key=lambda row: row[0], reverse=not page.oldest)
        held += sum(circle.holds(row[1], row[2]) for row in rows)
        spans.go_on()
    return found


async def _within(tx: Read, circle: Circle, after: int, before: int, *, limit: int) -> Sequence[Row]:
    cells = nearby.cells(circle)
    rows: dict[int, Row] = {}
    for box in nearby.boxes(circle):
        for row in await tx.all(
            BY_SIZE[cells.size],
            cells=cells.numbers,
            after=after,
            before=before,
            limit=limit,
            **box._asdict(),
        ):
            rows[row[0]] = row
    return list(rows.values())
