"""Polls, their counts and who chose what."""

from collections.abc import Sequence

import msgspec

from rookery.domain.ids import TweetId, UserId
from rookery.domain.polls import Poll, PollStanding
from rookery.errors import NotFound
from rookery.ports import Read, Row, Write
from rookery.sql import sql, sql_per_engine

_INSERT = sql("""
    INSERT INTO polls (tweet_id, options, multiple, hides_totals, ends_ms, voters, round)
    VALUES (:tweet_id, :options, :multiple, :hides_totals, :ends_ms, 0, :round)
""")
_INSERT_OPTION = sql("INSERT INTO poll_options (tweet_id, place, votes) VALUES (:tweet_id, :place, 0)")


async def insert(tx: Write, tweet_id: TweetId, poll: Poll, *, round_number: int = 0) -> None:
    """Enter a poll in which nobody has voted yet; `round_number` is above that of any earlier one of the tweet."""
    await tx.run(
        _INSERT,
        tweet_id=tweet_id,
        options=msgspec.json.encode(poll.options).decode(),
        multiple=poll.multiple,
        hides_totals=poll.hides_totals,
        ends_ms=poll.ends_ms,
        round=round_number,
    )
    await tx.many(_INSERT_OPTION, [(tweet_id, place) for place in range(len(poll.options))])


_STANDINGS = sql("""
    SELECT p.tweet_id, o.place, o.votes, p.voters, v.user_id, p.ends_ms
    FROM polls p
    JOIN poll_options o ON o.tweet_id = p.tweet_id
    LEFT JOIN poll_votes v
        ON v.tweet_id = p.tweet_id AND v.round = p.round AND v.user_id = :viewer_id AND v.place = o.place
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
    postgres="SELECT round, options, multiple FROM polls WHERE tweet_id = :tweet_id FOR UPDATE",
    sqlite="SELECT round, options, multiple FROM polls WHERE tweet_id = :tweet_id",
)
_VOTED = sql("""
    SELECT 1 FROM poll_votes WHERE tweet_id = :tweet_id AND round = :round AND user_id = :user_id LIMIT 1
""")
_VOTE = sql("""
    INSERT INTO poll_votes (tweet_id, round, user_id, place) VALUES (:tweet_id, :round, :user_id, :place)
""")
_COUNT_VOTE = sql("UPDATE poll_options SET votes = votes + 1 WHERE tweet_id = :tweet_id AND place = :place")
_COUNT_VOTER = sql("UPDATE polls SET voters = voters + 1 WHERE tweet_id = :tweet_id")


async def vote(tx: Write, tweet_id: TweetId, user_id: UserId, places: Sequence[int], *, seen: Poll) -> bool:
    """Enter a user's choices; False when they have voted before. Raises NotFound when the poll is another than seen."""
    row = await tx.one(_LOCK, tweet_id=tweet_id)
    if row is None or row[1] != _encoded(seen.options) or bool(row[2]) != seen.multiple:
        raise NotFound
    current = row[0]
    if await tx.one(_VOTED, tweet_id=tweet_id, round=current, user_id=user_id) is not None:
        return False
    await tx.many(_VOTE, [(tweet_id, current, user_id, place) for place in places])
    await tx.many(_COUNT_VOTE, [(tweet_id, place) for place in places])
    await tx.run(_COUNT_VOTER, tweet_id=tweet_id)
    return True


def _encoded(options: Sequence[str]) -> str:
    return msgspec.json.encode(options).decode()


_EXPECT_TELLING = sql("""
    UPDATE polls SET told_at_ms = :at_ms
    WHERE tweet_id = :tweet_id AND (told_at_ms IS NULL OR told_at_ms < :lost_ms)
""")
_BEGIN_TELLING = sql(
    "UPDATE polls SET told_at_ms = NULL WHERE tweet_id = :tweet_id AND told_at_ms IS NOT NULL"
)


async def expect_telling(tx: Write, tweet_id: TweetId, *, at_ms: int, lost_ms: int) -> bool:
    """Note that readers are told of new votes at a time; False when that is to happen already.

    A note from before `lost_ms` counts for nothing: whoever was to tell has been lost.
    """
    return bool(await tx.run(_EXPECT_TELLING, tweet_id=tweet_id, at_ms=at_ms, lost_ms=lost_ms))


async def begin_telling(tx: Write, tweet_id: TweetId) -> bool:
    """Take the note away, so that later votes are told anew; False when there is none."""
    return bool(await tx.run(_BEGIN_TELLING, tweet_id=tweet_id))


_CHANGE = sql("""
    UPDATE polls SET hides_totals = :hides_totals, ends_ms = :ends_ms WHERE tweet_id = :tweet_id
""")
_RESET = sql("""
    UPDATE polls SET options = :options, multiple = :multiple, voters = 0, round = round + 1
    WHERE tweet_id = :tweet_id
""")


async def change(tx: Write, tweet_id: TweetId, before: Poll, after: Poll) -> bool:
    """Let a poll ask something else; True when nobody has voted in it any more, and the votes are left to be removed."""
    await tx.one(_LOCK, tweet_id=tweet_id)
    await tx.run(_CHANGE, tweet_id=tweet_id, hides_totals=after.hides_totals, ends_ms=after.ends_ms)
    if (before.options, before.multiple) == (after.options, after.multiple):
        return False
    await tx.run(_RESET, tweet_id=tweet_id, options=_encoded(after.options), multiple=after.multiple)
    await tx.run(_DELETE_OPTIONS, tweet_ids=[tweet_id])
    await tx.many(_INSERT_OPTION, [(tweet_id, place) for place in range(len(after.options))])
    return True


_VOTERS_SLICE = sql("""
    SELECT DISTINCT v.user_id FROM polls p JOIN poll_votes v ON v.tweet_id = p.tweet_id AND v.round = p.round
    WHERE p.tweet_id = :tweet_id AND v.user_id > :after
    ORDER BY v.user_id LIMIT :limit
""")


async def voters_slice(tx: Read, tweet_id: TweetId, *, after: int, limit: int) -> list[UserId]:
    """Return some of those who have voted, by their ids."""
    return [row[0] for row in await tx.all(_VOTERS_SLICE, tweet_id=tweet_id, after=after, limit=limit)]


_CHOICES = sql("""
    SELECT v.user_id, v.place FROM polls p JOIN poll_votes v ON v.tweet_id = p.tweet_id AND v.round = p.round
    WHERE p.tweet_id = :tweet_id AND v.user_id = ANY(:user_ids)
    ORDER BY v.user_id, v.place
""")


async def choices(tx: Read, tweet_id: TweetId, user_ids: Sequence[UserId]) -> dict[UserId, tuple[int, ...]]:
    """Return what those of the users have chosen who have voted."""
    found: dict[UserId, tuple[int, ...]] = {}
    for user_id, place in await tx.all(_CHOICES, tweet_id=tweet_id, user_ids=list(user_ids)):
        found[user_id] = (*found.get(user_id, ()), place)
    return found


_DELETE = sql("DELETE FROM polls WHERE tweet_id = ANY(:tweet_ids) RETURNING tweet_id")
_DELETE_OPTIONS = sql("DELETE FROM poll_options WHERE tweet_id = ANY(:tweet_ids)")


async def delete(tx: Write, tweet_ids: Sequence[TweetId]) -> set[TweetId]:
    """Remove polls, and return which there were: their votes are left to be removed in slices."""
    removed = {TweetId(row[0]) for row in await tx.all(_DELETE, tweet_ids=tweet_ids)}
    await tx.run(_DELETE_OPTIONS, tweet_ids=tweet_ids)
    return removed


_DELETE_VOTES = sql("""
    DELETE FROM poll_votes WHERE tweet_id = :tweet_id AND user_id IN (
        SELECT user_id FROM poll_votes WHERE tweet_id = :tweet_id LIMIT :limit)
""")


async def delete_votes(tx: Write, tweet_id: TweetId, *, limit: int) -> int:
    """Remove votes of about so many users in a poll that is gone; return how many there were."""
    return await tx.run(_DELETE_VOTES, tweet_id=tweet_id, limit=limit)


_DELETE_EARLIER = sql("""
    DELETE FROM poll_votes WHERE tweet_id = :tweet_id AND (round, user_id) IN (
        SELECT v.round, v.user_id FROM poll_votes v LEFT JOIN polls p ON p.tweet_id = v.tweet_id
        WHERE v.tweet_id = :tweet_id AND (p.round IS NULL OR v.round < p.round) LIMIT :limit)
""")


async def delete_earlier_votes(tx: Write, tweet_id: TweetId, *, limit: int) -> int:
    """Remove some of the votes from before a poll asked what it asks now, or went; return how many there were."""
    return await tx.run(_DELETE_EARLIER, tweet_id=tweet_id, limit=limit)


_TAKE_VOTES = sql("""
    DELETE FROM poll_votes WHERE user_id = :user_id AND tweet_id IN (
        SELECT tweet_id FROM poll_votes WHERE user_id = :user_id LIMIT :limit)
    RETURNING tweet_id, round, place
""")
_UNCOUNT_VOTE = sql("""
    UPDATE poll_options SET votes = votes - 1 WHERE tweet_id = :tweet_id AND place = :place
    AND EXISTS (SELECT 1 FROM polls WHERE tweet_id = :tweet_id AND round = :round)
""")
_UNCOUNT_VOTER = sql("""
    UPDATE polls SET voters = voters - 1 WHERE tweet_id = :tweet_id AND round = :round
""")


async def take_votes(tx: Write, user_id: UserId, *, limit: int) -> int:
    """Take a leaving user's votes in at most so many polls back; return how many there were."""
    rows = [tuple(row) for row in await tx.all(_TAKE_VOTES, user_id=user_id, limit=limit)]
    if rows:
        # Polls first, as voters lock them: so nobody waits in a circle.
        await tx.many(_UNCOUNT_VOTER, sorted({(tweet_id, number) for tweet_id, number, _ in rows}))
        await tx.many(_UNCOUNT_VOTE, sorted((tweet_id, place, number) for tweet_id, number, place in rows))
    return len(rows)
