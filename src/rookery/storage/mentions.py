"""Who is addressed in what."""

from collections.abc import Sequence

from rookery.domain.ids import TweetId, UserId
from rookery.domain.tweets import Mention
from rookery.ports import Read, Write
from rookery.sql import sql
from rookery.storage.users import username_key

_MENTIONABLE = sql("""
    SELECT u.username_key, u.id, u.username FROM users u
    LEFT JOIN blocks b ON b.user_id = u.id AND b.target_id = :author_id
    WHERE u.username_key = ANY(:username_keys) AND u.state = 'active' AND b.user_id IS NULL
""")


async def mentionable(tx: Read, author_id: UserId, usernames: Sequence[str]) -> tuple[Mention, ...]:
    """Return those of the named that exist, are active and don't block the author, in the order of the names."""
    if not usernames:
        return ()
    keys = [username_key(username) for username in usernames]
    rows = await tx.all(_MENTIONABLE, author_id=author_id, username_keys=keys)
    found = {row[0]: Mention(row[1], row[2]) for row in rows}
    return tuple(found[key] for key in keys if key in found)


_INSERT = sql("""
    INSERT INTO mentions (user_id, tweet_id) VALUES (:user_id, :tweet_id) ON CONFLICT DO NOTHING
""")


async def insert(tx: Write, tweet_id: TweetId, mentions: Sequence[Mention]) -> None:
    """Enter whom a tweet addresses."""
    if mentions:
        await tx.many(_INSERT, [(mention.user_id, tweet_id) for mention in mentions])


_DELETE = sql("DELETE FROM mentions WHERE user_id = :user_id AND tweet_id = :tweet_id")


async def delete(tx: Write, addressed: Sequence[tuple[UserId, TweetId]]) -> None:
    """Remove whom tweets addressed."""
    if addressed:
        await tx.many(_DELETE, addressed)
