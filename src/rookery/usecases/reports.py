"""Telling the administrators about somebody."""

from collections.abc import Sequence
from typing import Final

from rookery import access, hydration
from rookery.domain.ids import TweetId, UserId
from rookery.domain.notifications import NotificationKind
from rookery.domain.users import Report, UserView
from rookery.errors import Invalid
from rookery.notifying import notify
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import reports, rules, users

COMMENT_CHARS_MAX: Final = 1_000
ADMINS_TOLD_MAX: Final = 50
TWEETS_MAX: Final = 100
"""Tweets named in one report; those above are left out."""


async def report_user(
    services: Services,
    viewer_id: UserId,
    target_id: UserId,
    *,
    tweet_ids: Sequence[TweetId] = (),
    comment: str = "",
    category: str = "other",
    rule_ids: Sequence[int] = (),
) -> tuple[Report, UserView]:
    """Keep a report of a user for the administrators and return it with whom it is about.

    Named tweets that are gone or by others are left out, and rules that there are not. Raises NotFound when there is no such user.
    """
    if len(comment) > COMMENT_CHARS_MAX:
        raise Invalid(f"Comment is too long (maximum is {COMMENT_CHARS_MAX} characters)", field="comment")
    wanted = list(dict.fromkeys(tweet_ids))[:TWEETS_MAX]

    async def work(tx: Write) -> tuple[Report, UserView]:
        await access.visible_user(tx, target_id)
        report = Report(
            id=services.new_id(),
            reporter_id=viewer_id,
            target_id=target_id,
            tweet_ids=await reports.tweets_by(tx, target_id, wanted),
            comment=comment,
            category=category,
            created_ms=services.now_ms(),
            rule_ids=await _broken(tx, rule_ids),
        )
        await reports.insert(tx, report)
        await notify(
            services,
            tx,
            NotificationKind.REPORT,
            recipients=await users.admin_ids(tx, limit=ADMINS_TOLD_MAX),
            by=viewer_id,
            report_id=report.id,
        )
        views, _ = await hydration.users(services, tx, viewer_id, [target_id])
        return report, views[0]

    return await services.db.write(work)


async def _broken(tx: Write, rule_ids: Sequence[int]) -> tuple[int, ...]:
    if not rule_ids:
        return ()
    kept = {rule.id for rule in await rules.list_all(tx)}
    return tuple(rule_id for rule_id in dict.fromkeys(rule_ids) if rule_id in kept)
