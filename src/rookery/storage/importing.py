"""Many users, follows and tweets at once, for imports: whole lists per statement, and counts that are counted again."""

from collections.abc import Iterable, Sequence

from rookery.domain.ids import UserId
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage.users import lock_counts, username_key

_INSERT_USER = sql("""
    INSERT INTO users (id, username, username_key, display_name, bio, fields, locked, bot, discoverable, indexable,
        hides_follows, default_visibility, default_sensitive, default_language, state, role, created_ms, changed_ms)
    VALUES (:id, :username, :username_key, '', '', '[]', FALSE, FALSE, TRUE, TRUE, FALSE, 0, FALSE, NULL, 'active',
        'user', :now_ms, :now_ms)
    ON CONFLICT DO NOTHING
""")
_INSERT_PERSON = sql("""
    INSERT INTO people (user_id, email, born_on, sign_up_reason, key_id) VALUES (:user_id, '', '', '', :key_id)
    ON CONFLICT DO NOTHING
""")
_INSERT_COUNTS = sql("""
    INSERT INTO user_counts (user_id, tweets, followers, following) VALUES (:user_id, 0, 0, 0)
    ON CONFLICT DO NOTHING
""")


async def insert_users(tx: Write, users: Iterable[tuple[UserId, str]], *, now_ms: int) -> None:
    """Enter plain users by id and name; names that are taken are left as they are."""
    rows = list(users)
    await tx.many(_INSERT_USER, [(user_id, name, username_key(name), now_ms) for user_id, name in rows])


async def insert_empty_parts(tx: Write, user_ids: Iterable[UserId], *, key_id: str) -> None:
    """Enter counts of zero and an empty private part for new users, as if encrypted with this key."""
    wanted = list(user_ids)
    await tx.many(_INSERT_COUNTS, [(user_id,) for user_id in wanted])
    await tx.many(_INSERT_PERSON, [(user_id, key_id) for user_id in wanted])


_BY_NAMES = sql("SELECT username_key, id, state FROM users WHERE username_key = ANY(:username_keys)")


async def users_by_names(tx: Read, names: Iterable[str]) -> dict[str, tuple[UserId, str]]:
    """Return (id, state) of those of the named who exist, by `username_key`."""
    keys = [username_key(name) for name in names]
    if not keys:
        return {}
    return {row[0]: (row[1], row[2]) for row in await tx.all(_BY_NAMES, username_keys=keys)}


_FOLLOWING = sql("SELECT follower_id, followee_id FROM follows WHERE follower_id = ANY(:follower_ids)")


async def following(tx: Read, follower_ids: Sequence[UserId]) -> set[tuple[UserId, UserId]]:
    """Return all follows of these users."""
    return {(row[0], row[1]) for row in await tx.all(_FOLLOWING, follower_ids=follower_ids)}


_INSERT_FOLLOW = sql("""
    INSERT INTO follows (follower_id, followee_id, id, shows_retweets, notifies, languages)
    VALUES (:follower_id, :followee_id, :id, TRUE, FALSE, '')
    ON CONFLICT DO NOTHING
""")


async def insert_follows(tx: Write, follows: Sequence[tuple[UserId, UserId, int]]) -> None:
    """Enter follows: follower, followee, id."""
    await tx.many(_INSERT_FOLLOW, follows)


_COUNT_AGAIN = sql("""
    UPDATE user_counts SET
        followers = (SELECT COUNT(*) FROM follows WHERE followee_id = user_counts.user_id),
        following = (SELECT COUNT(*) FROM follows WHERE follower_id = user_counts.user_id)
    WHERE user_id = ANY(:user_ids)
""")


async def count_follows_again(tx: Write, user_ids: Sequence[UserId]) -> None:
    """Set these users' counts of followers and followees to what the follows say."""
    # Locked first, so that the counting sees every follow that was counted into the row before.
    await lock_counts(tx, user_ids)
    await tx.run(_COUNT_AGAIN, user_ids=user_ids)


_INSERT_HOT = sql("""
    INSERT INTO hot_users (user_id, since_ms)
    SELECT user_id, CAST(:now_ms AS BIGINT) FROM user_counts
    WHERE user_id = ANY(:user_ids) AND followers > :followers_max
    ON CONFLICT DO NOTHING
""")


async def insert_hot(tx: Write, user_ids: Sequence[UserId], *, followers_max: int, now_ms: int) -> None:
    """Enter those of the users whom more than that many follow."""
    await tx.run(_INSERT_HOT, user_ids=user_ids, followers_max=followers_max, now_ms=now_ms)


_NOTE_TWEETS = sql("""
    UPDATE user_counts SET tweets = tweets + :tweets,
        last_tweet_ms = CASE WHEN last_tweet_ms > :last_ms THEN last_tweet_ms ELSE :last_ms END
    WHERE user_id = :user_id
""")


async def note_tweets(tx: Write, rows: Iterable[Row]) -> None:
    """Count tweets: how many more, the time of the last one (ms), and whose they are."""
    await tx.many(_NOTE_TWEETS, rows)


_OUTDATE_HOMES = sql("""
    UPDATE users SET home_version = home_version + 1
    WHERE id IN (SELECT follower_id FROM follows WHERE followee_id = ANY(:author_ids))
""")
_OUTDATE_OWN = sql("UPDATE users SET home_version = home_version + 1 WHERE id = ANY(:author_ids)")


async def outdate_homes(tx: Write, author_ids: Sequence[UserId]) -> None:
    """Declare the kept home timelines of these authors and their followers outdated."""
    await tx.run(_OUTDATE_HOMES, author_ids=author_ids)
    await tx.run(_OUTDATE_OWN, author_ids=author_ids)
