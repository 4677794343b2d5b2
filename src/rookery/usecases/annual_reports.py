"""Yearly reports: asked for by their user, counted in slices, shown to nobody else."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from rookery import hydration, tasks
from rookery.domain.annual_reports import AnnualReport, Figures, State, bounds_ms, counted, is_ready
from rookery.domain.ids import TweetId, UserId, id_at
from rookery.domain.timelines import PageRequest
from rookery.domain.users import UserView
from rookery.domain.visibility import TweetView
from rookery.errors import NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import annual_reports, timelines, tweets
from rookery.storage import tasks as task_records

SLICE_TWEETS: Final = 500
"""Tweets that one task counts."""
FOLLOWERS_COUNTED_MAX: Final = 100_000


class AnnualReportViews(NamedTuple):
    """Reports with what they speak of."""

    reports: list[AnnualReport]
    users: list[UserView]
    tweets: list[TweetView]


async def list_reports(services: Services, viewer_id: UserId) -> AnnualReportViews:
    """Return the viewer's reports that they have not read."""
    async with services.db.read() as tx:
        return await _views(services, tx, viewer_id, await annual_reports.list_unread(tx, viewer_id))


async def get_report(services: Services, viewer_id: UserId, year: int) -> AnnualReportViews:
    """Return the viewer's report of a year, or raise NotFound while there is none."""
    async with services.db.read() as tx:
        report = await annual_reports.get(tx, viewer_id, year)
        if report is None or not report.finished:
            raise NotFound
        return await _views(services, tx, viewer_id, [report])


async def report_state(services: Services, viewer_id: UserId, year: int) -> State:
    """Tell whether there is a report of a year, or can be."""
    async with services.db.read() as tx:
        return await _state(services, tx, viewer_id, year)


async def make_report(services: Services, viewer_id: UserId, year: int) -> State:
    """Have the viewer's report of a year made, unless it is there already or cannot be; return how that stood."""

    async def work(tx: Write) -> State:
        state = await _state(services, tx, viewer_id, year)
        if state is State.ELIGIBLE:
            last = id_at(bounds_ms(year)[1])
            await annual_reports.put(
                tx,
                AnnualReport(
                    user_id=viewer_id, year=year, figures=Figures(), counted_from=last, finished=False
                ),
            )
            await task_records.enqueue(services, tx, tasks.CountYear(viewer_id, year, last))
        return state

    return await services.db.write(work)


async def read_report(services: Services, viewer_id: UserId, year: int) -> None:
    """Keep that the viewer has read a report; raise NotFound when there is none."""

    async def work(tx: Write) -> None:
        report = await annual_reports.get(tx, viewer_id, year)
        if report is None or not report.finished:
            raise NotFound
        await annual_reports.note_read(tx, viewer_id, year, now_ms=services.now_ms())

    await services.db.write(work)


async def count_year(services: Services, task: tasks.CountYear) -> None:
    """Count a slice of a user's year and queue the rest; the same slice is counted once however often it is tried."""
    user_id = UserId(task.user_id)

    async def work(tx: Write) -> None:
        report = await annual_reports.get(tx, user_id, task.year)
        if report is None or report.finished or report.counted_from != task.before:
            return
        first, last = [id_at(time_ms) for time_ms in bounds_ms(task.year)]
        page = PageRequest(before=task.before, after=first - 1, limit=SLICE_TWEETS)
        tweet_ids: Sequence[TweetId] = await timelines.by_author(tx, user_id, page)
        stamps = await tweets.stamps(tx, tweet_ids, viewer_id=UserId(0))
        retweets_of = {row[0]: row[3] or 0 for row in stamps}
        figures = counted(report.figures, await tweets.load(tx, tweet_ids), retweets_of)
        finished = len(tweet_ids) < SLICE_TWEETS
        if finished:
            gained = await annual_reports.followers_gained(
                tx, user_id, first=first, last=last, limit=FOLLOWERS_COUNTED_MAX
            )
            figures = msgspec.structs.replace(figures, followers=gained)
        else:
            await task_records.enqueue(services, tx, tasks.CountYear(user_id, task.year, tweet_ids[-1]))
        await annual_reports.put(
            tx,
            msgspec.structs.replace(
                report,
                figures=figures,
                finished=finished,
                counted_from=tweet_ids[-1] if tweet_ids else task.before,
            ),
        )

    await services.db.write(work)


async def _state(services: Services, tx: Read, viewer_id: UserId, year: int) -> State:
    report = await annual_reports.get(tx, viewer_id, year)
    if report is not None:
        return State.AVAILABLE if report.finished else State.GENERATING
    if not is_ready(year, now_ms=services.now_ms()):
        return State.INELIGIBLE
    first, last = [id_at(time_ms) for time_ms in bounds_ms(year)]
    any_tweet = await timelines.by_author(tx, viewer_id, PageRequest(before=last, after=first - 1, limit=1))
    return State.ELIGIBLE if any_tweet else State.INELIGIBLE


async def _views(
    services: Services, tx: Read, viewer_id: UserId, reports: list[AnnualReport]
) -> AnnualReportViews:
    if not reports:
        return AnnualReportViews([], [], [])
    wanted = [one.figures.top_tweet_id for one in reports if one.figures.top_tweet_id is not None]
    hydrated = await hydration.tweets(services, tx, viewer_id, wanted)
    users, _ = await hydration.users(services, tx, viewer_id, [viewer_id])
    return AnnualReportViews(reports, users, hydrated.views)
