"""Reports: https://docs.joinmastodon.org/methods/reports/."""

from typing import Literal

import msgspec

from rookery.api.endpoints import Call, Json, endpoint
from rookery.api.entities.reports import Report
from rookery.api.timestamps import timestamp
from rookery.domain.ids import TweetId, UserId
from rookery.usecases import reports


class NewReport(msgspec.Struct, frozen=True, kw_only=True):
    """Who is reported, and for what."""

    account_id: UserId
    status_ids: list[TweetId] = []
    comment: str = ""
    category: Literal["spam", "legal", "violation", "other"] = "other"
    forward: bool = False
    """Tells another server; there are none."""
    rule_ids: list[int] = []
    """Rules that were broken."""


@endpoint("POST", "/api/v1/reports", scope="write:reports")
async def create(call: Call, asked: NewReport) -> Json[Report]:
    """Tell the administrators about an account."""
    report, target = await reports.report_user(
        call.services,
        call.viewer,
        asked.account_id,
        tweet_ids=asked.status_ids,
        comment=asked.comment,
        category=asked.category,
        rule_ids=asked.rule_ids,
    )
    return Json.of(
        Report(
            id=str(report.id),
            action_taken=False,
            action_taken_at=None,
            category=report.category,
            comment=report.comment,
            forwarded=False,
            created_at=timestamp(report.created_ms),
            status_ids=[str(tweet_id) for tweet_id in report.tweet_ids],
            rule_ids=[str(rule_id) for rule_id in report.rule_ids],
            target_account=call.present.account_entity(target),
        )
    )
