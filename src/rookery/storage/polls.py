"""Polls, their counts and who chose what."""

from collections.abc import Sequence

import msgspec

from rookery.domain.ids import TweetId, UserId
from rookery.domain.polls import Poll, PollStanding
from rookery.ports import Read, Row, Write
from rookery.sql import sql, sql_per_engine

_INSERT = sql("""
    INSERT INTO polls (tweet_id, options, multiple, hides_totals, ends_ms, voters)
    VALUES (:tweet_id, :options, :multiple, :hides_totals, :ends_ms, 0)
""")
_INSERT_OPTION = sql("INSERT INTO poll_options (tweet_id, place, votes) VALUES (:tweet_id, :place, 0)")


async def insert(tx: Write, tweet_id: TweetId, poll: Poll) -> None:
    """Enter a poll in which nobody has voted yet."""
    await tx.run(
        _INSERT,
        tweet_id=tweet_id,
        options=msgspec.json.encode(poll.options).decode(),
        multiple=poll.multiple,
        hides_totals=poll.hides_totals,
        ends_ms=poll.ends_ms,
    )
    await tx.many(_INSERT_OPTION, [(tweet_id, place) for place in range(len(poll.options))])


_STANDINGS = sql("""
    SELECT p.tweet_id, o.place, o.votes, p.voters, v.user_id, p.ends_ms
    FROM polls p
    JOIN poll_options o ON o.tweet_id = p.tweet_id
    LEFT JOIN poll_votes v ON v.tweet_id = p.tweet_id AND v.user_id = :viewer_id AND v.place = o.place
    WHERE p.tweet_id = ANY(:tweet_ids)
    ORDER BY p.tweet_id, o.place
""")


async def standings(
    tx: Read, tweet_ids: Sequence[TweetId], *, viewer_id: UserId, now_ms: int
) -> dict[TweetId, PollStanding]:
    """Return how polls stand for a viewer."""
    rows: dict[TweetId, list[Row]] = {}
    for row in await tx.all(_STANDINGS, tweet_ids=tweet_ids, viewer_id=viewer_id):
        rows.setdefault(row[0], []).append(row)
    return {
        tweet_id: PollStanding(
            votes=tuple(row[2] for row in options),
            voters=options[0][3],
            own=tuple(row[1] for row in options if row[4] is not None),
            ended=options[0][5] <= now_ms,
        )
        for tweet_id, options in rows.items()
    }


# Who votes at the same time waits here, so that nobody's second vote is counted.
_LOCK = sql_per_engine(
    postgres="SELECT ends_ms FROM polls WHERE tweet_id = :tweet_id FOR UPDATE",
    sqlite="SELECT ends_ms FROM polls WHERE tweet_id = :tweet_id",
)
_VOTED = sql("SELECT 1 FROM poll_votes WHERE tweet_id = :tweet_id AND user_id = :user_id LIMIT 1")
_VOTE = sql("INSERT INTO poll_votes (tweet_id, user_id, place) VALUES (:tweet_id, :user_id, :place)")
_COUNT_VOTE = sql("UPDATE poll_options SET votes = votes + 1 WHERE tweet_id = :tweet_id AND place = :place")
_COUNT_VOTER = sql("UPDATE polls SET voters = voters + 1 WHERE tweet_id = :tweet_id")


async def vote(tx: Write, tweet_id: TweetId, user_id: UserId, places: Sequence[int]) -> bool:
    """Enter a user's choices; False when they have voted before, or the poll is gone."""
    if await tx.one(_LOCK, tweet_id=tweet_id) is None:
        return False
    if await tx.one(_VOTED, tweet_id=tweet_id, user_id=user_id) is not None:
        return False
    await tx.many(_VOTE, [(tweet_id, user_id, place) for place in places])
    await tx.many(_COUNT_VOTE, [(tweet_id, place) for place in places])
    await tx.run(_COUNT_VOTER, tweet_id=tweet_id)
    return True


_VOTERS_SLICE = sql("""
    SELECT DISTINCT user_id FROM poll_votes WHERE tweet_id = :tweet_id AND user_id > :after
    ORDER BY user_id LIMIT :limit
""")


async def voters_slice(tx: Read, tweet_id: TweetId, *, after: int, limit: int) -> list[UserId]:
    """Return some of those who have voted, by their ids."""
    return [row[0] for row in await tx.all(_VOTERS_SLICE, tweet_id=tweet_id, after=after, limit=limit)]


_DELETE = sql("DELETE FROM polls WHERE tweet_id = ANY(:tweet_ids) RETURNING tweet_id")
_DELETE_OPTIONS = sql("DELETE FROM poll_options WHERE tweet_id = ANY(:tweet_ids)")


async def delete(tx: Write, tweet_ids: Sequence[TweetId]) -> set[TweetId]:
    """Remove polls, and return which there were: their votes are left to be removed in slices."""
    removed = {TweetId(row[0]) for row in await tx.all(_DELETE, tweet_ids=tweet_ids)}
    if removed:
        await tx.run(_DELETE_OPTIONS, tweet_ids=list(removed))
    return removed


_DELETE_VOTES = sql("""
    DELETE FROM poll_votes WHERE tweet_id = :tweet_id AND user_id IN (
        SELECT user_id FROM poll_votes WHERE tweet_id = :tweet_id LIMIT :limit)
""")


async def delete_votes(tx: Write, tweet_id: TweetId, *, limit: int) -> int:
    """Remove votes of about so many users in a poll that is gone; return how many there were."""
    return await tx.run(_DELETE_VOTES, tweet_id=tweet_id, limit=limit)


_TAKE_VOTES = sql("""
    DELETE FROM poll_votes WHERE user_id = :user_id AND tweet_id IN (
        SELECT tweet_id FROM poll_votes WHERE user_id = :user_id LIMIT :limit)
    RETURNING tweet_id, place
""")
_UNCOUNT_VOTE = sql("UPDATE poll_options SET votes = votes - 1 WHERE tweet_id = :tweet_id AND place = :place")
_UNCOUNT_VOTER = sql("UPDATE polls SET voters = voters - 1 WHERE tweet_id = :tweet_id")


async def take_votes(tx: Write, user_id: UserId, *, limit: int) -> int:
    """Take a leaving user's votes in at most so many polls back; return how many there were."""
    rows = await tx.all(_TAKE_VOTES, user_id=user_id, limit=limit)
    if rows:
        await tx.many(_UNCOUNT_VOTE, sorted((row[0], row[1]) for row in rows))
        await tx.many(_UNCOUNT_VOTER, [(tweet_id,) for tweet_id in sorted({row[0] for row in rows})])
    return len(rows)
