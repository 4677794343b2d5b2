"""What tells which people matter to somebody: what they did with others' tweets, and what those they follow like."""

from collections.abc import Sequence
from typing import NamedTuple

from rookery.domain.ids import TweetId, UserId
from rookery.ports import Read
from rookery.sql import sql, sql_per_engine

_DEEDS = sql("""
    SELECT t.author_id, 'favorites', COUNT(*) FROM (
        SELECT tweet_id FROM favorites WHERE user_id = :user_id AND id > :since_id
        ORDER BY id DESC LIMIT :limit) f
    JOIN tweets t ON t.id = f.tweet_id GROUP BY t.author_id
    UNION ALL
    SELECT t.author_id, 'retweets', COUNT(*) FROM (
        SELECT retweet_of_id FROM tweets
        WHERE author_id = :user_id AND retweet_of_id IS NOT NULL AND id > :since_id
        ORDER BY id DESC LIMIT :limit) r
    JOIN tweets t ON t.id = r.retweet_of_id GROUP BY t.author_id
    UNION ALL
    SELECT reply_to_author_id, 'replies', COUNT(*) FROM (
        SELECT reply_to_author_id FROM tweets
        WHERE author_id = :user_id AND id > :since_id
        AND reply_to_id IS NOT NULL AND (reply_to_author_id IS NULL OR reply_to_author_id <> author_id)
        ORDER BY id DESC LIMIT :limit) a
    WHERE reply_to_author_id IS NOT NULL GROUP BY reply_to_author_id
""")


async def deeds(tx: Read, user_id: UserId, *, since_id: int, limit: int) -> list[tuple[UserId, str, int]]:
    """Return with whose tweets somebody did what how often: (author, `favorites`, `retweets` or `replies`, count).

    Of each kind the latest `limit` count.
    """
    rows = await tx.all(_DEEDS, user_id=user_id, since_id=since_id, limit=limit)
    return [(row[0], row[1], row[2]) for row in rows]


class Followee(NamedTuple):
    """Somebody whom the viewer follows and does not mute."""

    id: UserId
    shows_retweets: bool


_FOLLOWED_AMONG = sql("""
    SELECT f.followee_id, f.shows_retweets FROM follows f
    JOIN users u ON u.id = f.followee_id AND u.state = 'active'
    WHERE f.follower_id = :viewer_id AND f.followee_id = ANY(:among)
    AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.user_id = :viewer_id AND m.target_id = f.followee_id
        AND (m.until_ms IS NULL OR m.until_ms > :now_ms))
""")
_LATEST_FOLLOWED = sql("""
    SELECT f.followee_id, f.shows_retweets FROM follows f
    JOIN users u ON u.id = f.followee_id AND u.state = 'active'
    WHERE f.follower_id = :viewer_id
    AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.user_id = :viewer_id AND m.target_id = f.followee_id
        AND (m.until_ms IS NULL OR m.until_ms > :now_ms))
    ORDER BY f.id DESC LIMIT :limit
""")


async def circle(
    tx: Read, viewer_id: UserId, first: Sequence[UserId], *, now_ms: int, limit: int
) -> list[Followee]:
    """Return at most so many whom the viewer follows: of these first, then whom they followed last."""
    among = {
        row[0]: Followee(row[0], bool(row[1]))
        for row in await tx.all(_FOLLOWED_AMONG, viewer_id=viewer_id, among=first, now_ms=now_ms)
    }
    found = {user_id: among[user_id] for user_id in first if user_id in among}
    for row in await tx.all(_LATEST_FOLLOWED, viewer_id=viewer_id, now_ms=now_ms, limit=limit):
        found.setdefault(row[0], Followee(row[0], bool(row[1])))
    return list(found.values())[:limit]


# PostgreSQL needs LATERAL to stop at each person's latest; SQLite stops within IN, and has no LATERAL.
_FAVORITED = sql_per_engine(
    postgres="""
        SELECT f.user_id, f.tweet_id FROM users u CROSS JOIN LATERAL (
            SELECT user_id, tweet_id FROM favorites WHERE user_id = u.id AND id > :since_id
            ORDER BY id DESC LIMIT :each) f
        WHERE u.id = ANY(:user_ids)
    """,
    sqlite="""
        SELECT f.user_id, f.tweet_id FROM users u CROSS JOIN favorites f
        ON f.user_id = u.id AND f.tweet_id IN (
            SELECT a.tweet_id FROM favorites a WHERE a.user_id = u.id AND a.id > :since_id
            ORDER BY a.id DESC LIMIT :each)
        WHERE u.id = ANY(:user_ids)
    """,
)
_RETWEETED = sql_per_engine(
    postgres="""
        SELECT r.author_id, r.retweet_of_id FROM users u CROSS JOIN LATERAL (
            SELECT author_id, retweet_of_id FROM tweets
            WHERE author_id = u.id AND retweet_of_id IS NOT NULL AND id > :since_id
            ORDER BY id DESC LIMIT :each) r
        WHERE u.id = ANY(:user_ids)
    """,
    sqlite="""
        SELECT r.author_id, r.retweet_of_id FROM users u CROSS JOIN tweets r
        ON r.id IN (
            SELECT a.id FROM tweets a
            WHERE a.author_id = u.id AND a.retweet_of_id IS NOT NULL AND a.id > :since_id
            ORDER BY a.id DESC LIMIT :each)
        WHERE u.id = ANY(:user_ids)
    """,
)


async def liked(
    tx: Read, people: Sequence[Followee], *, since_id: int, each: int
) -> dict[TweetId, set[UserId]]:
    """Return what these people favorited and retweeted last, at most so much by each, with who did.

    The retweets of those whose retweets the viewer has turned off are none of it.
    """
    found: dict[TweetId, set[UserId]] = {}
    for statement, user_ids in (
        (_FAVORITED, [one.id for one in people]),
        (_RETWEETED, [one.id for one in people if one.shows_retweets]),
    ):
        for row in await tx.all(statement, user_ids=user_ids, since_id=since_id, each=each):
            found.setdefault(row[1], set()).add(row[0])
    return found


_FOLLOWING_BACK = sql("""
    SELECT follower_id FROM follows WHERE followee_id = :viewer_id AND follower_id = ANY(:user_ids)
""")


async def following_back(tx: Read, viewer_id: UserId, user_ids: Sequence[UserId]) -> set[UserId]:
    """Return those of these people who follow the viewer."""
    return {row[0] for row in await tx.all(_FOLLOWING_BACK, viewer_id=viewer_id, user_ids=user_ids)}
