"""Users: profiles, counts, and the private part (`people`)."""

from collections.abc import Iterable, Sequence

import msgspec

from rookery.domain.ids import UserId
from rookery.domain.tweets import Visibility
from rookery.domain.users import ProfileField, User, UserCounts, UserState
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
_INSERT_COUNTS = sql("""
    INSERT INTO user_counts (user_id, tweets, followers, following) VALUES (:user_id, 0, 0, 0)
    ON CONFLICT DO NOTHING
""")


def username_key(username: str) -> str:
    """Return the form under which a user name is unique and found."""
    return username.casefold()


async def insert(tx: Write, user: User) -> bool:
    """Enter a user; False when the name is taken."""
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
        b.target_id, d.user_id, m.target_id, m.until_ms, f.shows_retweets
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
    block of the viewer, mute by the viewer, its end (ms), and the follow's `shows_retweets`.
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


_HOME_VERSION = sql("SELECT home_version FROM users WHERE id = :user_id")


async def home_version(tx: Read, user_id: UserId) -> int:
    """Return the number that grows whenever the user's follows change."""
    row = await tx.one(_HOME_VERSION, user_id=user_id)
    return row[0] if row else 0


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
