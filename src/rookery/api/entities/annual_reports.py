"""Yearly reports: https://docs.joinmastodon.org/entities/AnnualReport/."""

import msgspec

from rookery.api.entities.accounts import Account
from rookery.api.entities.statuses import Status


class AnnualReportState(msgspec.Struct, frozen=True):
    """Whether there is a report of a year, or can be."""

    state: str


class TopStatuses(msgspec.Struct, frozen=True, kw_only=True):
    """The status that was reblogged most; the others are kept for older apps."""

    by_reblogs: str | None
    by_favourites: str | None = None
    by_replies: str | None = None


class TimeSeriesEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What came together by the end of the year."""

    month: int
    statuses: int
    followers: int


class NameAndCount(msgspec.Struct, frozen=True):
    """A hashtag and how often it was used."""

    name: str
    count: int


class AnnualReportData(msgspec.Struct, frozen=True, kw_only=True):
    """The figures, in the second version of their form."""

    archetype: str
    top_statuses: TopStatuses
    time_series: list[TimeSeriesEntry]
    top_hashtags: list[NameAndCount]


class AnnualReport(msgspec.Struct, frozen=True, kw_only=True):
    """A year."""

    year: int
    data: AnnualReportData
    schema_version: int
    share_url: str | None
    account_id: str


class AnnualReports(msgspec.Struct, frozen=True, kw_only=True):
    """Years with the accounts and statuses they speak of."""

    annual_reports: list[AnnualReport]
    accounts: list[Account]
    statuses: list[Status]
