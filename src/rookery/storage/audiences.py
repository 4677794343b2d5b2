"""How many connected viewers at once stand to a few users and to one tweet."""

from collections.abc import Sequence

from rookery.domain.ids import TokenId, TweetId, UserId
from rookery.ports import Read, Row
from rookery.sql import sql

_STANDINGS = sql("""
    SELECT 1 AS kind, f.follower_id AS viewer_id, f.followee_id AS user_id, f.shows_retweets AS flag,
        CAST(NULL AS BIGINT) AS until_ms, f.languages AS languages
    FROM follows f WHERE f.follower_id = ANY(:viewer_ids) AND f.followee_id = ANY(:user_ids)
    UNION ALL
    SELECT 2, b.user_id, b.target_id, NULL, CAST(NULL AS BIGINT), ''
    FROM blocks b WHERE b.user_id = ANY(:viewer_ids) AND b.target_id = ANY(:user_ids)
    UNION ALL
    SELECT 3, d.target_id, d.user_id, NULL, CAST(NULL AS BIGINT), ''
    FROM blocks d WHERE d.user_id = ANY(:user_ids) AND d.target_id = ANY(:viewer_ids)
    UNION ALL
    SELECT 4, m.user_id, m.target_id, m.hides_notifications, m.until_ms, ''
    FROM mutes m WHERE m.user_id = ANY(:viewer_ids) AND m.target_id = ANY(:user_ids)
""")
FOLLOW, BLOCK, BLOCKED_BY, MUTE = 1, 2, 3, 4


async def standings(tx: Read, viewer_ids: Sequence[UserId], user_ids: Sequence[UserId]) -> Sequence[Row]:
    """Return what stands between viewers and users: (kind, viewer, user, flag, until ms, languages).

    The kinds are `FOLLOW` (flag: shows retweets), `BLOCK`, `BLOCKED_BY` and `MUTE` (flag: hides notifications).
    """
    return await tx.all(_STANDINGS, viewer_ids=viewer_ids, user_ids=user_ids)


_MARKS = sql("""
    SELECT 1 AS kind, user_id FROM favorites WHERE user_id = ANY(:viewer_ids) AND tweet_id = :tweet_id
    UNION ALL
    SELECT 2, author_id FROM tweets WHERE author_id = ANY(:viewer_ids) AND retweet_of_id = :tweet_id
    UNION ALL
    SELECT 3, user_id FROM bookmarks WHERE user_id = ANY(:viewer_ids) AND tweet_id = :tweet_id
    UNION ALL
    SELECT 4, user_id FROM thread_mutes WHERE user_id = ANY(:viewer_ids) AND thread_id = :thread_id
    UNION ALL
    SELECT 5, user_id FROM pins WHERE user_id = ANY(:viewer_ids) AND tweet_id = :tweet_id
""")


async def marks(
    tx: Read, viewer_ids: Sequence[UserId], tweet_id: TweetId, *, thread_id: TweetId
) -> Sequence[Row]:
    """Return (place in `OwnMarks` from 1, viewer) for what these viewers have done with a tweet."""
    return await tx.all(_MARKS, viewer_ids=viewer_ids, tweet_id=tweet_id, thread_id=thread_id)


_FOLLOWERS = sql("""
    SELECT follower_id FROM follows WHERE follower_id = ANY(:viewer_ids) AND followee_id = :user_id
""")


async def followers(tx: Read, viewer_ids: Sequence[UserId], user_id: UserId) -> list[UserId]:
    """Return those of the viewers who follow the user."""
    return [row[0] for row in await tx.all(_FOLLOWERS, viewer_ids=viewer_ids, user_id=user_id)]


_FOLLOWEES = sql("SELECT followee_id FROM follows WHERE follower_id = :viewer_id LIMIT :limit")


async def followees(tx: Read, viewer_id: UserId, *, limit: int) -> list[UserId]:
    """Return whom a viewer follows, at most so many."""
    return [row[0] for row in await tx.all(_FOLLOWEES, viewer_id=viewer_id, limit=limit)]


_LIVING = sql("""
    SELECT t.id FROM tokens t JOIN users u ON u.id = t.user_id AND u.state = 'active' WHERE t.id = ANY(:token_ids)
""")


async def living_tokens(tx: Read, token_ids: Sequence[TokenId]) -> set[TokenId]:
    """Return those of the tokens that are still good for an active user."""
    return {row[0] for row in await tx.all(_LIVING, token_ids=token_ids)}
