"""Users' years, and how far each is counted."""

import msgspec

from rookery.domain.annual_reports import AnnualReport, Figures
from rookery.domain.ids import UserId
from rookery.ports import Read, Row, Write
from rookery.sql import sql

_PUT = sql("""
    INSERT INTO annual_reports (user_id, year, figures, counted_from, finished, viewed_ms)
    VALUES (:user_id, :year, :figures, :counted_from, :finished, NULL)
    ON CONFLICT (user_id, year) DO UPDATE SET figures = excluded.figures,
        counted_from = excluded.counted_from, finished = excluded.finished
""")


async def put(tx: Write, report: AnnualReport) -> None:
    """Enter a report or how far it has come."""
    await tx.run(
        _PUT,
        user_id=report.user_id,
        year=report.year,
        figures=msgspec.json.encode(report.figures).decode(),
        counted_from=report.counted_from,
        finished=report.finished,
    )


_GET = sql("""
    SELECT user_id, year, figures, counted_from, finished, viewed_ms FROM annual_reports
    WHERE user_id = :user_id AND year = :year
""")


async def get(tx: Read, user_id: UserId, year: int) -> AnnualReport | None:
    """Return a user's report, finished or not."""
    row = await tx.one(_GET, user_id=user_id, year=year)
    return _report(row) if row else None


_UNREAD = sql("""
    SELECT user_id, year, figures, counted_from, finished, viewed_ms FROM annual_reports
    WHERE user_id = :user_id AND finished AND viewed_ms IS NULL ORDER BY year DESC
""")


async def list_unread(tx: Read, user_id: UserId) -> list[AnnualReport]:
    """Return a user's finished reports that they have not read, the latest first."""
    return [_report(row) for row in await tx.all(_UNREAD, user_id=user_id)]


_READ = sql("""
    UPDATE annual_reports SET viewed_ms = :now_ms
    WHERE user_id = :user_id AND year = :year AND viewed_ms IS NULL
""")


async def note_read(tx: Write, user_id: UserId, year: int, *, now_ms: int) -> None:
    """Keep that a report has been read."""
    await tx.run(_READ, user_id=user_id, year=year, now_ms=now_ms)


_FOLLOWERS_GAINED = sql("""
    SELECT COUNT(*) FROM (
        SELECT 1 AS one FROM follows WHERE followee_id = :user_id AND id >= :first AND id < :last
        LIMIT :limit) gained
""")


async def followers_gained(tx: Read, user_id: UserId, *, first: int, last: int, limit: int) -> int:
    """Return how many follows with ids from the first up to the last a user has, at most so many."""
    row = await tx.one(_FOLLOWERS_GAINED, user_id=user_id, first=first, last=last, limit=limit)
    return row[0] if row else 0


def _report(row: Row) -> AnnualReport:
    return AnnualReport(
        user_id=row[0],
        year=row[1],
        figures=msgspec.json.decode(row[2], type=Figures),
        counted_from=row[3],
        finished=bool(row[4]),
        viewed=row[5] is not None,
    )
