"""What users take along, in slices: each begins behind the last id of the one before, which is the last column."""

from collections.abc import Sequence

from rookery.domain.archives import ExportKind
from rookery.domain.ids import TweetId, UserId
from rookery.ports import Read, Row
from rookery.sql import sql

_FOLLOWS = sql("""
    SELECT u.username, f.shows_retweets, f.notifies, f.languages, f.id FROM follows f
    JOIN users u ON u.id = f.followee_id
    WHERE f.follower_id = :user_id AND f.id > :after_id AND u.state = 'active' ORDER BY f.id LIMIT :limit
""")
_BLOCKS = sql("""
    SELECT u.username, b.id FROM blocks b JOIN users u ON u.id = b.target_id
    WHERE b.user_id = :user_id AND b.id > :after_id AND u.state = 'active' ORDER BY b.id LIMIT :limit
""")
_MUTES = sql("""
    SELECT u.username, m.hides_notifications, m.id FROM mutes m JOIN users u ON u.id = m.target_id
    WHERE m.user_id = :user_id AND m.id > :after_id AND u.state = 'active' ORDER BY m.id LIMIT :limit
""")
_LISTS = sql("""
    SELECT l.title, u.username, m.id FROM lists l
    JOIN list_members m ON m.list_id = l.id
    JOIN users u ON u.id = m.user_id
    WHERE l.user_id = :user_id AND m.id > :after_id AND u.state = 'active' ORDER BY m.id LIMIT :limit
""")
_BOOKMARKS = sql("""
    SELECT u.username, b.tweet_id, b.id FROM bookmarks b
    JOIN tweets t ON t.id = b.tweet_id JOIN users u ON u.id = t.author_id
    WHERE b.user_id = :user_id AND b.id > :after_id AND u.state = 'active' ORDER BY b.id LIMIT :limit
""")
_STATEMENTS = {
    ExportKind.FOLLOWS: _FOLLOWS,
    ExportKind.BLOCKS: _BLOCKS,
    ExportKind.MUTES: _MUTES,
    ExportKind.LISTS: _LISTS,
    ExportKind.BOOKMARKS: _BOOKMARKS,
}


async def rows(tx: Read, kind: ExportKind, user_id: UserId, *, after_id: int, limit: int) -> Sequence[Row]:
    """Return a slice of a list, in the order in which it came about.

    Columns before the last: follows: username, shows retweets, notifies, languages; blocks: username; mutes: username,
    hides notifications; lists: title, username; bookmarks: the author's username, tweet id.
    """
    return await tx.all(_STATEMENTS[kind], user_id=user_id, after_id=after_id, limit=limit)


_FAVORITES = sql("""
    SELECT u.username, f.tweet_id, f.id FROM favorites f
    JOIN tweets t ON t.id = f.tweet_id JOIN users u ON u.id = t.author_id
    WHERE f.user_id = :user_id AND f.id > :after_id AND u.state = 'active' ORDER BY f.id LIMIT :limit
""")


async def favorites(tx: Read, user_id: UserId, *, after_id: int, limit: int) -> Sequence[Row]:
    """Return a slice of what a user has marked as favorite: the author's username, tweet id, id."""
    return await tx.all(_FAVORITES, user_id=user_id, after_id=after_id, limit=limit)


_TWEETS = sql("""
    SELECT id FROM tweets WHERE author_id = :user_id AND id > :after_id ORDER BY id LIMIT :limit
""")


async def tweet_ids(tx: Read, user_id: UserId, *, after_id: int, limit: int) -> list[TweetId]:
    """Return a slice of a user's tweets, the oldest first."""
    return [TweetId(row[0]) for row in await tx.all(_TWEETS, user_id=user_id, after_id=after_id, limit=limit)]
