"""Users: profiles and counts."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from rookery.domain.ids import UserId
from rookery.domain.media import MediaPurpose
from rookery.domain.quotes import QuotePolicy
from rookery.domain.tokens import hash_of
from rookery.domain.tweets import Visibility
from rookery.domain.users import ProfileField, User, UserCounts, UserState
from rookery.ports import Read, Row, Write
from rookery.sql import sql, sql_per_engine
from rookery.storage import user_words

_FIELDS = msgspec.json.Decoder(tuple[ProfileField, ...])

_INSERT = sql("""
    INSERT INTO users (id, username, username_key, display_name, bio, fields, locked, bot, discoverable, indexable,
        hides_follows, default_visibility, default_sensitive, default_language, state, role, created_ms, changed_ms,
        default_quote_policy)
    VALUES (:id, :username, :username_key, :display_name, :bio, :fields, :locked, :bot, :discoverable, :indexable,
        :hides_follows, :default_visibility, :default_sensitive, :default_language, :state, :role, :created_ms,
        :changed_ms, :default_quote_policy)
    ON CONFLICT DO NOTHING
""")
_RETIRED = sql("SELECT 1 FROM retired_usernames WHERE name_hash = :name_hash")
_INSERT_COUNTS = sql("""
    INSERT INTO user_counts (user_id, tweets, followers, following) VALUES (:user_id, 0, 0, 0)
    ON CONFLICT DO NOTHING
""")


def username_key(username: str) -> str:
    """Return the form under which a user name is unique and found."""
    return username.casefold()


async def insert(tx: Write, user: User) -> bool:
    """Enter a user; False when the name is taken, or was by somebody who has left."""
    if await tx.one(_RETIRED, name_hash=hash_of(username_key(user.username))):
        return False
    inserted = await tx.run(_INSERT, **_columns(user))
    if inserted:
        await tx.run(_INSERT_COUNTS, user_id=user.id)
        await user_words.insert(tx, [user_words.Names(user.id, user.username, user.display_name)])
    return bool(inserted)


async def insert_all(tx: Write, users: Sequence[User]) -> None:
    """Enter users whose names nobody has."""
    rows = [_columns(user) for user in users]
    await tx.many(_INSERT, [tuple([row[name] for name in _INSERT.names]) for row in rows])
    await tx.many(_INSERT_COUNTS, [(user.id,) for user in users])
    await user_words.insert(
        tx, [user_words.Names(user.id, user.username, user.display_name) for user in users]
    )


def _columns(user: User) -> dict[str, int | str | bool | None]:
    return {
        "id": user.id,
        "username": user.username,
        "username_key": username_key(user.username),
        "display_name": user.display_name,
        "bio": user.bio,
        "fields": msgspec.json.encode(user.fields).decode(),
        "locked": user.locked,
        "bot": user.bot,
        "discoverable": user.discoverable,
        "indexable": user.indexable,
        "hides_follows": user.hides_follows,
        "default_visibility": int(user.default_visibility),
        "default_sensitive": user.default_sensitive,
        "default_language": user.default_language,
        "state": user.state.value,
        "role": user.role,
        "created_ms": user.created_ms,
        "changed_ms": user.changed_ms,
        "default_quote_policy": int(user.default_quote_policy),
    }


_LOAD = sql("""
    SELECT id, username, display_name, bio, fields, locked, bot, discoverable, indexable, hides_follows,
        default_visibility, default_sensitive, default_language, state, role, created_ms, changed_ms,
        default_quote_policy, avatar, header
    FROM users WHERE id = ANY(:user_ids)
""")


def _user(row: Row) -> User:
    return User(
        id=row[0],
        username=row[1],
        display_name=row[2],
        bio=row[3],
        fields=_FIELDS.decode(row[4]),
        locked=bool(row[5]),
        bot=bool(row[6]),
        discoverable=bool(row[7]),
        indexable=bool(row[8]),
        hides_follows=bool(row[9]),
        default_visibility=Visibility(row[10]),
        default_sensitive=bool(row[11]),
        default_language=row[12],
        state=UserState(row[13]),
        role=row[14],
        created_ms=row[15],
        changed_ms=row[16],
        default_quote_policy=QuotePolicy(row[17]),
        avatar=row[18],
        header=row[19],
    )


async def load(tx: Read, user_ids: Iterable[UserId]) -> list[User]:
    """Return those of the users that exist, in no order."""
    return [_user(row) for row in await tx.all(_LOAD, user_ids=list(user_ids))]


async def get(tx: Read, user_id: UserId) -> User | None:
    """Return the user, or None."""
    found = await load(tx, [user_id])
    return found[0] if found else None


_ID_BY_NAME = sql("SELECT id FROM users WHERE username_key = :username_key")


async def get_by_name(tx: Read, username: str) -> User | None:
    """Return the user of that name, whatever its letters' case, or None."""
    row = await tx.one(_ID_BY_NAME, username_key=username_key(username))
    return await get(tx, row[0]) if row else None


_STAMPS = sql("""
    SELECT u.id, u.changed_ms, c.tweets, c.followers, c.following, c.last_tweet_ms,
        b.target_id, d.user_id, m.hides_notifications, m.until_ms, f.shows_retweets, f.languages
    FROM users u
    JOIN user_counts c ON c.user_id = u.id
    LEFT JOIN blocks b ON b.user_id = :viewer_id AND b.target_id = u.id
    LEFT JOIN blocks d ON d.user_id = u.id AND d.target_id = :viewer_id
    LEFT JOIN mutes m ON m.user_id = :viewer_id AND m.target_id = u.id
    LEFT JOIN follows f ON f.follower_id = :viewer_id AND f.followee_id = u.id
    WHERE u.id = ANY(:user_ids)
""")


async def stamps(tx: Read, user_ids: Sequence[UserId], *, viewer_id: UserId) -> Sequence[Row]:
    """Return what changes about users and how the viewer stands to them, a row each, in no order.

    Columns: id, changed_ms, tweets, followers, following, last_tweet_ms, then, None when absent: block by the viewer,
    block of the viewer, whether a mute by the viewer hides notifications, its end (ms), and the follow's `shows_retweets` and `languages`.
    """
    return await tx.all(_STAMPS, user_ids=user_ids, viewer_id=viewer_id)


_LOCK_COUNTS = sql_per_engine(
    postgres="SELECT user_id FROM user_counts WHERE user_id = ANY(:user_ids) ORDER BY user_id FOR UPDATE",
    sqlite="SELECT user_id FROM user_counts WHERE user_id = ANY(:user_ids) LIMIT 0",
)


async def lock_counts(tx: Write, user_ids: Sequence[UserId]) -> None:
    """Keep other writers off these users' counts until the transaction ends, in one order for everybody.

    Whoever changes how two users stand to each other does this first, and then sees what others have committed.
    """
    await tx.all(_LOCK_COUNTS, user_ids=user_ids)


_ADD_COUNTS = sql("""
    UPDATE user_counts SET tweets = tweets + :tweets, followers = followers + :followers,
        following = following + :following
    WHERE user_id = :user_id
""")


async def add_counts(
    tx: Write, user_id: UserId, *, tweets: int = 0, followers: int = 0, following: int = 0
) -> None:
    """Add to (or with negative numbers take from) a user's counts."""
    await tx.run(_ADD_COUNTS, user_id=user_id, tweets=tweets, followers=followers, following=following)


_UNCOUNT_TWEETS = sql("UPDATE user_counts SET tweets = tweets - :tweets WHERE user_id = :user_id")


async def uncount_tweets(tx: Write, numbers: Mapping[UserId, int]) -> None:
    """Take so many tweets from each of these users' counts."""
    if numbers:
        await tx.many(_UNCOUNT_TWEETS, [(numbers[user_id], user_id) for user_id in sorted(numbers)])


_NOTE_TWEET = sql(
    "UPDATE user_counts SET tweets = tweets + 1, last_tweet_ms = :now_ms WHERE user_id = :user_id"
)


async def note_tweet(tx: Write, user_id: UserId, *, now_ms: int) -> None:
    """Count one more tweet and remember when it was."""
    await tx.run(_NOTE_TWEET, user_id=user_id, now_ms=now_ms)


_BUMP_HOME = sql("UPDATE users SET home_version = home_version + 1 WHERE id = ANY(:user_ids)")


async def bump_home_version(tx: Write, user_ids: Sequence[UserId]) -> None:
    """Declare these users' kept home timelines outdated: whom they follow has changed."""
    await tx.run(_BUMP_HOME, user_ids=user_ids)


_COUNTS = sql("SELECT tweets, followers, following, last_tweet_ms FROM user_counts WHERE user_id = :user_id")


async def counts(tx: Read, user_id: UserId) -> UserCounts:
    """Return how many tweets, followers and followees a user has."""
    row = await tx.one(_COUNTS, user_id=user_id)
    return UserCounts(*row) if row else UserCounts()


_TOUCH = sql("""
    UPDATE users SET changed_ms = CASE WHEN changed_ms < :now_ms THEN :now_ms ELSE changed_ms + 1 END
    WHERE id = :user_id
""")


async def touch(tx: Write, user_id: UserId, *, now_ms: int) -> bool:
    """Note that a user's profile or state changes, and keep other writers off it until the transaction ends.

    False when there is no such user.
    """
    return bool(await tx.run(_TOUCH, user_id=user_id, now_ms=now_ms))


_UPDATE_PROFILE = sql("""
    UPDATE users SET display_name = :display_name, bio = :bio, fields = :fields, locked = :locked, bot = :bot,
        discoverable = :discoverable, indexable = :indexable, hides_follows = :hides_follows,
        default_visibility = :default_visibility, default_sensitive = :default_sensitive,
        default_language = :default_language, default_quote_policy = :default_quote_policy
    WHERE id = :id
""")


async def update_profile(tx: Write, user: User) -> None:
    """Write what a user says of themselves; `touch` must have been called in the same transaction."""
    await tx.run(
        _UPDATE_PROFILE,
        id=user.id,
        display_name=user.display_name,
        bio=user.bio,
        fields=msgspec.json.encode(user.fields).decode(),
        locked=user.locked,
        bot=user.bot,
        discoverable=user.discoverable,
        indexable=user.indexable,
        hides_follows=user.hides_follows,
        default_visibility=int(user.default_visibility),
        default_sensitive=user.default_sensitive,
        default_language=user.default_language,
        default_quote_policy=int(user.default_quote_policy),
    )
    await user_words.replace(tx, [user_words.Names(user.id, user.username, user.display_name)])


_UPDATE_AVATAR = sql("UPDATE users SET avatar = :key WHERE id = :user_id")
_UPDATE_HEADER = sql("UPDATE users SET header = :key WHERE id = :user_id")


async def update_picture(tx: Write, user_id: UserId, purpose: MediaPurpose, key: str) -> None:
    """Write which object a profile shows (empty: none); `touch` must have been called in the same transaction."""
    statement = _UPDATE_AVATAR if purpose is MediaPurpose.AVATAR else _UPDATE_HEADER
    await tx.run(statement, user_id=user_id, key=key)


_UPDATE_STATE = sql("UPDATE users SET state = :state WHERE id = :user_id")


async def update_state(tx: Write, user_id: UserId, state: UserState) -> None:
    """Write where a user stands; `touch` must have been called in the same transaction."""
    await tx.run(_UPDATE_STATE, user_id=user_id, state=state.value)


_UPDATE_ROLE = sql("UPDATE users SET role = :role WHERE id = :user_id")


async def update_role(tx: Write, user_id: UserId, role: str) -> None:
    """Write what a user may do, as `User.role` names it; `touch` must have been called in the same transaction."""
    await tx.run(_UPDATE_ROLE, user_id=user_id, role=role)


_DELETE_COUNTS = sql("DELETE FROM user_counts WHERE user_id = :user_id")
_DELETE = sql("DELETE FROM users WHERE id = :user_id")


async def delete(tx: Write, user_id: UserId) -> None:
    """Remove a user's profile and counts. The name is free again, unless it was retired."""
    await tx.run(_DELETE_COUNTS, user_id=user_id)
    await user_words.delete(tx, user_id)
    await tx.run(_DELETE, user_id=user_id)


_RETIRE_NAME = sql("INSERT INTO retired_usernames (name_hash) VALUES (:name_hash) ON CONFLICT DO NOTHING")


async def retire_name(tx: Write, username: str) -> None:
    """Keep a name from being taken again, without keeping the name itself."""
    await tx.run(_RETIRE_NAME, name_hash=hash_of(username_key(username)))


_ADMIN_IDS = sql("SELECT id FROM users WHERE role = 'admin' AND state = 'active' ORDER BY id LIMIT :limit")


async def admin_ids(tx: Read, *, limit: int) -> list[UserId]:
    """Return the administrators, at most so many."""
    return [row[0] for row in await tx.all(_ADMIN_IDS, limit=limit)]
