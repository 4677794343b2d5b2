"""Yearly reports: https://docs.joinmastodon.org/methods/annual_reports/."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from rookery.api.endpoints import Call, Json, Nothing, endpoint
from rookery.api.entities.annual_reports import (
    AnnualReport,
    AnnualReportData,
    AnnualReports,
    AnnualReportState,
    NameAndCount,
    TimeSeriesEntry,
    TopStatuses,
)
from rookery.domain import annual_reports as domain
from rookery.domain.ids import TweetId
from rookery.usecases import annual_reports
from rookery.usecases.annual_reports import AnnualReportViews

SCHEMA_VERSION: Final = 2
LAST_MONTH: Final = 12
_ARCHETYPES: Final = {domain.Archetype.RETWEETER: "booster"}
"""Those of whom Mastodon speaks in words of its own."""


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """Which year."""

    year: Annotated[int, Meta(ge=0, le=9999)]


@endpoint("GET", "/api/v1/annual_reports", scope="read:accounts")
async def index(call: Call) -> Json[AnnualReports]:
    """Return the viewer's reports that they have not read."""
    return _answer(call, await annual_reports.list_reports(call.services, call.viewer))


@endpoint("GET", "/api/v1/annual_reports/{year}", scope="read:accounts")
async def show(call: Call, which: Year) -> Json[AnnualReports]:
    """Return the viewer's report of a year."""
    return _answer(call, await annual_reports.get_report(call.services, call.viewer, which.year))


@endpoint("GET", "/api/v1/annual_reports/{year}/state", scope="read:accounts")
async def state(call: Call, which: Year) -> Json[AnnualReportState]:
    """Tell whether there is a report of a year, or can be."""
    found = await annual_reports.report_state(call.services, call.viewer, which.year)
    return Json.of(AnnualReportState(found.value))


@endpoint("POST", "/api/v1/annual_reports/{year}/generate", scope="write:accounts")
async def generate(call: Call, which: Year) -> Json[Nothing]:
    """Have the viewer's report of a year made, if it can be."""
    await annual_reports.make_report(call.services, call.viewer, which.year)
    return Json(b"{}")


@endpoint("POST", "/api/v1/annual_reports/{year}/read", scope="write:accounts")
async def read(call: Call, which: Year) -> Json[Nothing]:
    """Keep that the viewer has read a report."""
    await annual_reports.read_report(call.services, call.viewer, which.year)
    return Json(b"{}")


def _answer(call: Call, views: AnnualReportViews) -> Json[AnnualReports]:
    shown = {view.tweet.id for view in views.tweets}
    reports = msgspec.json.encode([_report(one, shown) for one in views.reports])
    accounts = call.present.accounts(views.users)
    statuses = call.present.statuses(views.tweets, signed_in=True)
    return Json(b'{"annual_reports":%b,"accounts":%b,"statuses":%b}' % (reports, accounts, statuses))


def _report(one: domain.AnnualReport, shown: set[TweetId]) -> AnnualReport:
    figures = one.figures
    top_id = figures.top_tweet_id
    return AnnualReport(
        year=one.year,
        data=AnnualReportData(
            archetype=_ARCHETYPES.get(figures.archetype, figures.archetype.value),
            top_statuses=TopStatuses(by_reblogs=str(top_id) if top_id in shown else None),
            time_series=[
                TimeSeriesEntry(month=LAST_MONTH, statuses=figures.tweets, followers=figures.followers)
            ],
            top_hashtags=[NameAndCount(name, count) for name, count in figures.top_hashtags],
        ),
        schema_version=SCHEMA_VERSION,
        share_url=None,
        account_id=str(one.user_id),
    )
