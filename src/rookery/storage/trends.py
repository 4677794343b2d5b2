"""Counting for trends: a log that posting appends to, people and hours that it is folded into, and scores."""

from collections.abc import Iterable, Mapping, Sequence

from rookery.domain.ids import TweetId, UserId
from rookery.domain.trends import DAY_MS, SHORT_HOURS, Day, Trend, TrendKind, decayed
from rookery.ports import Read, Row, Write
from rookery.sql import sql

_LOG = sql("INSERT INTO trend_log (id, tweet_id, user_id) VALUES (:id, :tweet_id, :user_id)")


async def log(tx: Write, log_id: int, tweet_id: TweetId, user_id: UserId) -> None:
    """Note, under an id of now, that somebody posted, favorited or retweeted a tweet."""
    await tx.run(_LOG, id=log_id, tweet_id=tweet_id, user_id=user_id)


_TAKE = sql("""
    DELETE FROM trend_log WHERE id IN (SELECT id FROM trend_log WHERE id > 0 ORDER BY id LIMIT :limit)
    RETURNING id, tweet_id, user_id
""")


async def take(tx: Write, *, limit: int) -> Sequence[Row]:
    """Remove the oldest of what was noted and return it in no order: (id, tweet id, user id)."""
    return await tx.all(_TAKE, limit=limit)


_PEOPLE = sql("""
    SELECT u.id, u.created_ms, u.discoverable, u.state, p.confirmed_ms FROM users u
    LEFT JOIN people p ON p.user_id = u.id WHERE u.id = ANY(:user_ids)
""")


async def people(tx: Read, user_ids: Sequence[UserId]) -> dict[UserId, Row]:
    """Return (id, created, discoverable, state, confirmed) of users."""
    return {row[0]: row for row in await tx.all(_PEOPLE, user_ids=user_ids)}


_BEGINNING = sql("SELECT created_ms FROM users WHERE id > 0 ORDER BY id LIMIT 1")


async def beginning_ms(tx: Read) -> int | None:
    """Return when the first of the present users came."""
    row = await tx.one(_BEGINNING)
    return row[0] if row is not None else None


_COUNTED = sql("""
    SELECT kind, subject_id, user_id FROM trend_users WHERE user_id = ANY(:user_ids) AND counted_ms > :since_ms
""")


async def counted(tx: Read, user_ids: Sequence[UserId], *, since_ms: int) -> set[tuple[int, int, int]]:
    """Return what was counted of these people since then: (kind, subject, user)."""
    return {(row[0], row[1], row[2]) for row in await tx.all(_COUNTED, user_ids=user_ids, since_ms=since_ms)}


_COUNT_USER = sql("""
    INSERT INTO trend_users (kind, subject_id, user_id, counted_ms)
    VALUES (:kind, :subject_id, :user_id, :counted_ms)
    ON CONFLICT (kind, subject_id, user_id) DO UPDATE SET counted_ms = excluded.counted_ms
""")
_ADD_HOUR = sql("""
    INSERT INTO trend_hours (kind, subject_id, hour, scope, weight)
    VALUES (:kind, :subject_id, :hour, :scope, :weight)
    ON CONFLICT (kind, subject_id, hour, scope) DO UPDATE SET weight = trend_hours.weight + excluded.weight
""")


async def count(
    tx: Write,
    users: Mapping[tuple[int, int, int], int],
    hours: Mapping[tuple[int, int, int, str], float],
) -> None:
    """Add people, by (kind, subject, user) with their time, and weights by (kind, subject, hour, scope)."""
    await tx.many(_COUNT_USER, [(*key, at_ms) for key, at_ms in sorted(users.items())])
    await tx.many(_ADD_HOUR, [(*key, weight) for key, weight in sorted(hours.items())])


_BUSY = sql("""
    SELECT subject_id FROM trend_hours
    WHERE kind = :kind AND subject_id = ANY(:subject_ids) AND hour > :after_hour AND scope = ''
    GROUP BY subject_id HAVING SUM(weight) >= :weight_min ORDER BY SUM(weight) DESC, subject_id LIMIT :limit
""")


async def busy(
    tx: Read, kind: TrendKind, subject_ids: Sequence[int], *, hour: int, weight_min: float, limit: int
) -> list[int]:
    """Return those subjects that enough people used within a day, the busiest first."""
    rows = await tx.all(
        _BUSY,
        kind=int(kind),
        subject_ids=subject_ids,
        after_hour=hour - 24,
        weight_min=weight_min,
        limit=limit,
    )
    return [row[0] for row in rows]


_DAYS = sql("""
    SELECT subject_id, scope, (:hour - hour) / 24 AS days_ago, SUM(weight),
        SUM(CASE WHEN (:hour - hour) % 24 < :short_hours THEN weight ELSE 0 END)
    FROM trend_hours
    WHERE kind = :kind AND subject_id = ANY(:subject_ids) AND hour > :after_hour AND hour <= :hour
    GROUP BY subject_id, scope, days_ago
""")


async def days(
    tx: Read, kind: TrendKind, subject_ids: Sequence[int], *, hour: int, after_hour: int
) -> dict[tuple[int, str], dict[int, Day]]:
    """Return the days that end with the hour, by how long ago, of each (subject, scope)."""
    rows = await tx.all(
        _DAYS,
        kind=int(kind),
        subject_ids=subject_ids,
        hour=hour,
        after_hour=after_hour,
        short_hours=SHORT_HOURS,
    )
    found: dict[tuple[int, str], dict[int, Day]] = {}
    for subject_id, scope, days_ago, long, short in rows:
        found.setdefault((subject_id, scope), {})[days_ago] = Day(long, short)
    return found


_OUTSIDE_FOLLOWERS = sql("""
    SELECT u.user_id, (SELECT COUNT(*) FROM (
        SELECT 1 FROM (
            SELECT follower_id FROM follows WHERE followee_id = u.user_id ORDER BY id LIMIT :followers_max) f
        WHERE f.follower_id < :new_from_id AND NOT EXISTS (
            SELECT 1 FROM trend_users o
            WHERE o.kind = :kind AND o.subject_id = :subject_id AND o.user_id = f.follower_id)
        LIMIT :enough) AS outside)
    FROM (
        SELECT user_id FROM trend_users WHERE kind = :kind AND subject_id = :subject_id AND counted_ms > :since_ms
        ORDER BY user_id LIMIT :users_max) u
""")


async def outside_followers(
    tx: Read, kind: TrendKind, subject_id: int, *, since_ms: int, new_from_id: int, enough: int
) -> dict[UserId, int]:
    """Return how many followers (up to enough of the first 60) of a subject's people (100) neither use it nor are new."""
    rows = await tx.all(
        _OUTSIDE_FOLLOWERS,
        kind=int(kind),
        subject_id=subject_id,
        since_ms=since_ms,
        new_from_id=new_from_id,
        enough=enough,
        followers_max=60,
        users_max=100,
    )
    return {row[0]: row[1] for row in rows}


_SCORE = sql("""
    INSERT INTO trend_scores (kind, subject_id, scope, score, scored_ms, rank)
    VALUES (:kind, :subject_id, :scope, :score, :scored_ms, :rank)
    ON CONFLICT (kind, subject_id, scope) DO UPDATE
    SET score = excluded.score, scored_ms = excluded.scored_ms, rank = excluded.rank
    WHERE trend_scores.rank < excluded.rank
""")


async def keep_scores(tx: Write, rows: Iterable[Sequence[object]]) -> None:
    """Keep scores, (kind, subject, scope, score, time, rank), where they are above what is left of earlier ones."""
    await tx.many(_SCORE, rows)


_TOP = sql("""
    SELECT s.kind, s.subject_id, s.score, s.scored_ms, h.subject_id FROM trend_scores s
    LEFT JOIN trends_hidden h ON h.kind = s.kind AND h.subject_id = s.subject_id
    WHERE s.kind = :kind AND s.scope = ANY(:scopes) AND s.rank >= :rank_min
    ORDER BY s.rank DESC, s.subject_id LIMIT :limit
""")


async def top(
    tx: Read, kind: TrendKind, scopes: Sequence[str], *, rank_min: float, now_ms: int, limit: int
) -> list[Trend]:
    """Return what trends in any of the scopes, the strongest first, also what an administrator hides."""
    rows = await tx.all(_TOP, kind=int(kind), scopes=scopes, rank_min=rank_min, limit=limit)
    found: dict[int, Trend] = {}
    for _, subject_id, kept, scored_ms, hidden in rows:
        left = decayed(kept, scored_ms, kind, now_ms=now_ms)
        found.setdefault(subject_id, Trend(kind, subject_id, left, hidden is not None))
    return list(found.values())


_HAS_TRENDED = sql("""
    SELECT 1 FROM trend_scores s WHERE s.kind = :kind AND s.subject_id = :subject_id AND NOT EXISTS (
        SELECT 1 FROM trends_hidden h WHERE h.kind = s.kind AND h.subject_id = s.subject_id)
    LIMIT 1
""")


async def has_trended(tx: Read, kind: TrendKind, subject_id: int) -> bool:
    """Tell whether something trends or has trended anywhere lately, and no administrator hides it."""
    return await tx.one(_HAS_TRENDED, kind=int(kind), subject_id=subject_id) is not None


_HIDE = sql("""
    INSERT INTO trends_hidden (kind, subject_id, hidden_ms) VALUES (:kind, :subject_id, :now_ms)
    ON CONFLICT DO NOTHING
""")
_SHOW = sql("DELETE FROM trends_hidden WHERE kind = :kind AND subject_id = :subject_id")


async def hide(tx: Write, kind: TrendKind, subject_id: int, *, now_ms: int) -> None:
    """Let something never show as a trend."""
    await tx.run(_HIDE, kind=int(kind), subject_id=subject_id, now_ms=now_ms)


async def show(tx: Write, kind: TrendKind, subject_id: int) -> bool:
    """Let something show again; False when it was not hidden."""
    return bool(await tx.run(_SHOW, kind=int(kind), subject_id=subject_id))


_FORGET = (
    sql("DELETE FROM trend_hours WHERE kind = :kind AND subject_id = ANY(:subject_ids)"),
    sql("DELETE FROM trend_scores WHERE kind = :kind AND subject_id = ANY(:subject_ids)"),
    sql("DELETE FROM trends_hidden WHERE kind = :kind AND subject_id = ANY(:subject_ids)"),
)


async def forget(tx: Write, kind: TrendKind, subject_ids: Sequence[int]) -> None:
    """Remove what was counted of subjects."""
    for statement in _FORGET:
        await tx.run(statement, kind=int(kind), subject_ids=subject_ids)


_FORGET_USERS = sql("""
    DELETE FROM trend_users WHERE kind = :kind AND subject_id = :subject_id AND user_id IN (
        SELECT user_id FROM trend_users WHERE kind = :kind AND subject_id = :subject_id LIMIT :limit)
""")


async def forget_users(tx: Write, kind: TrendKind, subject_id: int, *, limit: int) -> int:
    """Remove at most so many of a subject's people."""
    return await tx.run(_FORGET_USERS, kind=int(kind), subject_id=subject_id, limit=limit)


_SWEEP_USERS = sql("""
    DELETE FROM trend_users WHERE (kind, subject_id, user_id) IN (
        SELECT kind, subject_id, user_id FROM trend_users WHERE counted_ms < :before_ms LIMIT :limit)
""")
_SWEEP_HOURS = sql("""
    DELETE FROM trend_hours WHERE (kind, subject_id, hour, scope) IN (
        SELECT kind, subject_id, hour, scope FROM trend_hours WHERE hour < :before_hour LIMIT :limit)
""")
_SWEEP_SCORES = sql("""
    DELETE FROM trend_scores WHERE (kind, subject_id, scope) IN (
        SELECT kind, subject_id, scope FROM trend_scores WHERE scored_ms < :before_ms LIMIT :limit)
""")


async def sweep_users(tx: Write, *, before_ms: int, limit: int) -> int:
    """Remove people who were counted before then."""
    return await tx.run(_SWEEP_USERS, before_ms=before_ms, limit=limit)


async def sweep_hours(tx: Write, *, before_ms: int, limit: int) -> int:
    """Remove the counts of hours before then."""
    return await tx.run(_SWEEP_HOURS, before_hour=before_ms // (DAY_MS // 24), limit=limit)


async def sweep_scores(tx: Write, *, before_ms: int, limit: int) -> int:
    """Remove scores from before then."""
    return await tx.run(_SWEEP_SCORES, before_ms=before_ms, limit=limit)
