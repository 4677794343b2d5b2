"""What users have told the administrators about others."""

from collections.abc import Sequence

import msgspec

from rookery.domain.ids import TweetId, UserId
from rookery.domain.users import Report
from rookery.ports import Read, Write
from rookery.sql import sql

_INSERT = sql("""
    INSERT INTO reports (id, reporter_id, target_id, tweet_ids, comment, category, created_ms, rule_ids)
    VALUES (:id, :reporter_id, :target_id, :tweet_ids, :comment, :category, :created_ms, :rule_ids)
""")


async def insert(tx: Write, report: Report) -> None:
    """Enter a report."""
    await tx.run(
        _INSERT,
        id=report.id,
        reporter_id=report.reporter_id,
        target_id=report.target_id,
        tweet_ids=msgspec.json.encode(report.tweet_ids).decode(),
        comment=report.comment,
        category=report.category,
        created_ms=report.created_ms,
        rule_ids=msgspec.json.encode(report.rule_ids).decode() if report.rule_ids else "",
    )


_TWEETS_BY = sql("SELECT id FROM tweets WHERE id = ANY(:tweet_ids) AND author_id = :author_id ORDER BY id")


async def tweets_by(tx: Read, author_id: UserId, tweet_ids: Sequence[TweetId]) -> tuple[TweetId, ...]:
    """Return those of the tweets that this author wrote."""
    return tuple(row[0] for row in await tx.all(_TWEETS_BY, author_id=author_id, tweet_ids=tweet_ids))
