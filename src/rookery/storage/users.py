"""Users: profiles, counts, and the private part (`people`)."""

from collections.abc import Iterable, Sequence

import msgspec

from rookery.domain.ids import UserId
from rookery.domain.tokens import hash_of
from rookery.domain.tweets import Visibility
from rookery.domain.users import Person, ProfileField, User, UserCounts, UserState
from rookery.ports import Read, Row, Write
from rookery.sql import sql

_FIELDS = msgspec.json.Decoder(tuple[ProfileField, ...])

_INSERT = sql("""
    INSERT INTO users (id, username, username_key, display_name, bio, fields, locked, bot, discoverable, indexable,
        hides_follows, default_visibility, default_sensitive, default_language, state, role, created_ms, changed_ms)
    VALUES (:id, :username, :username_key, :display_name, :bio, :fields, :locked, :bot, :discoverable, :indexable,
        :hides_follows, :default_visibility, :default_sensitive, :default_language, :state, :role, :created_ms,
        :changed_ms)
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
    inserted = await tx.run(
        _INSERT,
        id=user.id,
        username=user.username,
        username_key=username_key(user.username),
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
        state=user.state.value,
        role=user.role,
        created_ms=user.created_ms,
        changed_ms=user.changed_ms,
    )
    if inserted:
        await tx.run(_INSERT_COUNTS, user_id=user.id)
    return bool(inserted)


_LOAD = sql("""
    SELECT id, username, display_name, bio, fields, locked, bot, discoverable, indexable, hides_follows,
        default_visibility, default_sensitive, default_language, state, role, created_ms, changed_ms
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
        b.target_id, d.user_id, m.target_id, m.until_ms, f.shows_retweets, f.languages
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
    block of the viewer, mute by the viewer, its end (ms), and the follow's `shows_retweets` and `languages`.
    """
    return await tx.all(_STAMPS, user_ids=user_ids, viewer_id=viewer_id)


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


_INSERT_PERSON = sql("""
    INSERT INTO people (user_id, email, email_key, password_hash, born_on, sign_up_reason, confirmed_ms)
    VALUES (:user_id, :email, :email_key, :password_hash, :born_on, :sign_up_reason, :confirmed_ms)
    ON CONFLICT DO NOTHING
""")


async def insert_person(
    tx: Write,
    user_id: UserId,
    *,
    email: str,
    email_key: str | None,
    password_hash: str | None,
    born_on: str,
    sign_up_reason: str,
    confirmed_ms: int | None,
) -> bool:
    """Enter the private part of a user; False when the e-mail address is taken."""
    return bool(
        await tx.run(
            _INSERT_PERSON,
            user_id=user_id,
            email=email,
            email_key=email_key,
            password_hash=password_hash,
            born_on=born_on,
            sign_up_reason=sign_up_reason,
            confirmed_ms=confirmed_ms,
        )
    )


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
        default_language = :default_language
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
    )


_UPDATE_STATE = sql("UPDATE users SET state = :state WHERE id = :user_id")


async def update_state(tx: Write, user_id: UserId, state: UserState) -> None:
    """Write where a user stands; `touch` must have been called in the same transaction."""
    await tx.run(_UPDATE_STATE, user_id=user_id, state=state.value)


_NOTE_SEEN = sql("UPDATE people SET last_seen_ms = :now_ms WHERE user_id = :user_id")


async def note_seen(tx: Write, user_id: UserId, *, now_ms: int) -> None:
    """Remember when a user was last here."""
    await tx.run(_NOTE_SEEN, user_id=user_id, now_ms=now_ms)


_IDS_BY_PREFIX = sql("""
    SELECT id FROM users
    WHERE username_key >= :lowest AND username_key < :highest AND state = 'active'
    ORDER BY username_key LIMIT :limit OFFSET :skip
""")
_FOLLOWED_IDS_BY_PREFIX = sql("""
    SELECT u.id FROM users u
    JOIN follows f ON f.follower_id = :follower_id AND f.followee_id = u.id
    WHERE u.username_key >= :lowest AND u.username_key < :highest AND u.state = 'active'
    ORDER BY u.username_key LIMIT :limit OFFSET :skip
""")
_HIGHEST = "\U0010ffff"


async def ids_by_prefix(
    tx: Read, prefix: str, *, followed_by: UserId | None, limit: int, skip: int
) -> list[UserId]:
    """Return active users whose names begin so, in the names' order; only those somebody follows if so asked."""
    lowest = username_key(prefix)
    bounds = {"lowest": lowest, "highest": lowest + _HIGHEST, "limit": limit, "skip": skip}
    if followed_by is None:
        return [row[0] for row in await tx.all(_IDS_BY_PREFIX, **bounds)]
    return [row[0] for row in await tx.all(_FOLLOWED_IDS_BY_PREFIX, follower_id=followed_by, **bounds)]


_NEWEST_DISCOVERABLE = sql("""
    SELECT u.id FROM users u WHERE u.discoverable AND u.state = 'active'
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = :viewer_id AND b.target_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM blocks d WHERE d.user_id = u.id AND d.target_id = :viewer_id)
    AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.user_id = :viewer_id AND m.target_id = u.id
        AND (m.until_ms IS NULL OR m.until_ms > :now_ms))
    ORDER BY u.id DESC LIMIT :limit OFFSET :skip
""")
_LATEST_AUTHORS = sql("""
    SELECT u.id FROM users u
    JOIN (
        SELECT author_id, MAX(id) AS latest_id FROM (
            SELECT id, author_id FROM tweets WHERE visibility = 0 AND retweet_of_id IS NULL
            ORDER BY id DESC LIMIT :tweets) t
        GROUP BY author_id) a ON a.author_id = u.id
    WHERE u.discoverable AND u.state = 'active'
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = :viewer_id AND b.target_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM blocks d WHERE d.user_id = u.id AND d.target_id = :viewer_id)
    AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.user_id = :viewer_id AND m.target_id = u.id
        AND (m.until_ms IS NULL OR m.until_ms > :now_ms))
    ORDER BY a.latest_id DESC LIMIT :limit OFFSET :skip
""")


async def newest_discoverable(
    tx: Read, *, viewer_id: UserId, now_ms: int, limit: int, skip: int
) -> list[UserId]:
    """Return users who want to be found, the newest first, without those the viewer blocks, mutes or is blocked by."""
    rows = await tx.all(_NEWEST_DISCOVERABLE, viewer_id=viewer_id, now_ms=now_ms, limit=limit, skip=skip)
    return [row[0] for row in rows]


async def latest_authors(
    tx: Read, *, viewer_id: UserId, now_ms: int, tweets: int, limit: int, skip: int
) -> list[UserId]:
    """Return users who want to be found and wrote one of that many latest public tweets, the latest first."""
    rows = await tx.all(
        _LATEST_AUTHORS, viewer_id=viewer_id, now_ms=now_ms, tweets=tweets, limit=limit, skip=skip
    )
    return [row[0] for row in rows]


_ID_BY_EMAIL = sql("SELECT user_id FROM people WHERE email_key = :email_key")


async def id_by_email(tx: Read, email_key: str) -> UserId | None:
    """Return whose e-mail address this is, or None."""
    row = await tx.one(_ID_BY_EMAIL, email_key=email_key)
    return UserId(row[0]) if row else None


_PASSWORD_HASH = sql("SELECT password_hash FROM people WHERE user_id = :user_id")


async def password_hash(tx: Read, user_id: UserId) -> str | None:
    """Return the hash of the user's password, or None when there is none."""
    row = await tx.one(_PASSWORD_HASH, user_id=user_id)
    return row[0] if row else None


_SET_PASSWORD_HASH = sql("UPDATE people SET password_hash = :password_hash WHERE user_id = :user_id")


async def set_password_hash(tx: Write, user_id: UserId, password_hash: str) -> None:
    """Replace the hash of the user's password."""
    await tx.run(_SET_PASSWORD_HASH, user_id=user_id, password_hash=password_hash)


_PERSON = sql("""
    SELECT user_id, email, born_on, sign_up_reason, confirmed_ms, last_login_ms, last_seen_ms FROM people
    WHERE user_id = :user_id
""")


async def person(tx: Read, user_id: UserId) -> Person | None:
    """Return the private part of a user, or None."""
    row = await tx.one(_PERSON, user_id=user_id)
    return Person(*row) if row else None


_NOTE_LOGIN = sql(
    "UPDATE people SET last_login_ms = :now_ms, last_seen_ms = :now_ms WHERE user_id = :user_id"
)


async def note_login(tx: Write, user_id: UserId, *, now_ms: int) -> None:
    """Remember when the user signed in."""
    await tx.run(_NOTE_LOGIN, user_id=user_id, now_ms=now_ms)


_CONFIRM = sql("UPDATE people SET confirmed_ms = :now_ms WHERE user_id = :user_id AND confirmed_ms IS NULL")


async def note_confirmation(tx: Write, user_id: UserId, *, now_ms: int) -> None:
    """Remember when the e-mail address was proved."""
    await tx.run(_CONFIRM, user_id=user_id, now_ms=now_ms)


_SET_EMAIL = sql("UPDATE people SET email = :email, email_key = :email_key WHERE user_id = :user_id")


async def set_email(tx: Write, user_id: UserId, *, email: str, email_key: str) -> None:
    """Replace the e-mail address; the caller has made sure that it is free."""
    await tx.run(_SET_EMAIL, user_id=user_id, email=email, email_key=email_key)


_WAITING = sql("""
    SELECT u.id, u.username, p.email, p.sign_up_reason, u.state, u.created_ms FROM users u
    JOIN people p ON p.user_id = u.id
    WHERE u.state IN ('unconfirmed', 'pending') AND u.id > :after_id
    ORDER BY u.id LIMIT :limit
""")


async def waiting(tx: Read, *, after_id: int, limit: int) -> Sequence[Row]:
    """Return users who are not let in yet, in the order of their sign-up.

    Columns: id, username, e-mail, reason, state, created (ms).
    """
    return await tx.all(_WAITING, after_id=after_id, limit=limit)


_DELETE_PERSON = sql("DELETE FROM people WHERE user_id = :user_id")
_DELETE_COUNTS = sql("DELETE FROM user_counts WHERE user_id = :user_id")
_DELETE = sql("DELETE FROM users WHERE id = :user_id")


async def delete_person(tx: Write, user_id: UserId) -> None:
    """Remove the private part of a user."""
    await tx.run(_DELETE_PERSON, user_id=user_id)


async def delete(tx: Write, user_id: UserId) -> None:
    """Remove a user's own rows: profile, counts and private part. The name is free again, unless it was retired."""
    await delete_person(tx, user_id)
    await tx.run(_DELETE_COUNTS, user_id=user_id)
    await tx.run(_DELETE, user_id=user_id)


_RETIRE_NAME = sql("INSERT INTO retired_usernames (name_hash) VALUES (:name_hash) ON CONFLICT DO NOTHING")


async def retire_name(tx: Write, username: str) -> None:
    """Keep a name from being taken again, without keeping the name itself."""
    await tx.run(_RETIRE_NAME, name_hash=hash_of(username_key(username)))


_ROLL = sql("""
    SELECT u.id, u.username, p.email, u.role, u.state, u.created_ms FROM users u
    LEFT JOIN people p ON p.user_id = u.id
    WHERE u.id > :after_id ORDER BY u.id LIMIT :limit
""")


async def roll(tx: Read, *, after_id: int, limit: int) -> Sequence[Row]:
    """Return all users in the order of their sign-up.

    Columns: id, username, e-mail (None: no private part any more), role, state, created (ms).
    """
    return await tx.all(_ROLL, after_id=after_id, limit=limit)
