"""The forms of users' names (`domain.search.names`), by which users are found."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from rookery.domain.ids import UserId
from rookery.domain.search import names
from rookery.ports import Read, Row, Write
from rookery.sql import sql, sql_per_engine

_END: Final = "\U0010ffff"
"""Comes behind everything that a form may go on with."""

_OF_USERS = sql("SELECT user_id, word FROM user_words WHERE user_id = ANY(:user_ids)")
_INSERT = sql("INSERT INTO user_words (user_id, word) VALUES (:user_id, :word) ON CONFLICT DO NOTHING")
_DELETE = sql("DELETE FROM user_words WHERE user_id = :user_id AND word = :word")
_DELETE_ALL = sql("DELETE FROM user_words WHERE user_id = :user_id")


class Names(NamedTuple):
    """What a user is called."""

    user_id: UserId
    username: str
    display_name: str


async def insert(tx: Write, users: Iterable[Names]) -> None:
    """Let new users be found."""
    await tx.many(
        _INSERT,
        [
            (user.user_id, form)
            for user in users
            for form in sorted(names.forms(user.username, user.display_name))
        ],
    )


async def replace(tx: Write, users: Sequence[Names]) -> None:
    """Let users be found by what they are called now, and by nothing else."""
    if not users:
        return
    kept = {(row[0], row[1]) for row in await tx.all(_OF_USERS, user_ids=[user.user_id for user in users])}
    wanted = {
        (user.user_id, form) for user in users for form in names.forms(user.username, user.display_name)
    }
    if kept - wanted:
        await tx.many(_DELETE, sorted(kept - wanted))
    if wanted - kept:
        await tx.many(_INSERT, sorted(wanted - kept))


async def delete(tx: Write, user_id: UserId) -> None:
    """Let a user be found no more."""
    await tx.run(_DELETE_ALL, user_id=user_id)


_STATE = sql("SELECT norm_version, below_id FROM search_state WHERE part = 'users'")
_SAVE_STATE = sql("""
    INSERT INTO search_state (part, norm_version, below_id) VALUES ('users', :norm_version, :below_id)
    ON CONFLICT (part) DO UPDATE SET norm_version = excluded.norm_version, below_id = excluded.below_id
""")
# PostgreSQL: whoever changes a name meanwhile waits, and then replaces what is entered here.
_USERS_BELOW = sql_per_engine(
    postgres="""
        SELECT id, username, display_name FROM users WHERE id < :below ORDER BY id DESC LIMIT :limit FOR SHARE
    """,
    sqlite="SELECT id, username, display_name FROM users WHERE id < :below ORDER BY id DESC LIMIT :limit",
)


async def is_complete(tx: Read) -> bool:
    """Tell whether every user's names were brought to the present forms."""
    state = await tx.one(_STATE)
    return state is not None and state[0] == names.NAMES_VERSION and state[1] == 0


async def index_slice(tx: Write, *, limit: int, top: int) -> bool:
    """Enter some users from before there were forms, or these ones, the newest first; False at the end."""
    state = await tx.one(_STATE)
    below = state[1] if state is not None and state[0] == names.NAMES_VERSION else top
    if below == 0:
        return False
    rows = await tx.all(_USERS_BELOW, below=below, limit=limit)
    await replace(tx, [Names(*row) for row in rows])
    more = len(rows) >= limit
    await tx.run(_SAVE_STATE, norm_version=names.NAMES_VERSION, below_id=rows[-1][0] if more and rows else 0)
    return more


# Ordered in its innermost part, which PostgreSQL then takes from the index of the words. It believes that a ninth of all words
# lies between two that it does not know: asked whether there is one, it walks through the whole key for each beginning.
_BEGINNING_WITH = sql("""
    SELECT f.value, f.hits FROM (
        SELECT k.value, (
            SELECT string_agg(CAST(w.user_id AS TEXT) || ' ' || w.word, ',') FROM (
                SELECT u.user_id, u.word FROM user_words u
                WHERE u.word >= k.value AND u.word < k.value || CAST(:end AS TEXT)
                ORDER BY u.word, u.user_id LIMIT :each) w) AS hits
        FROM unnest(CAST(:beginnings AS TEXT[])) AS k(value)) f
    WHERE f.hits IS NOT NULL
""")


class Hit(NamedTuple):
    """A form of a user's names."""

    user_id: UserId
    form: str


async def beginning_with(tx: Read, beginnings: Sequence[str], *, each: int) -> dict[str, list[Hit]]:
    """Return who has a form that begins so, for each beginning that somebody has: the shortest forms first.

    `each` bounds how many are looked at of one beginning.
    """
    if not beginnings:
        return {}
    rows = await tx.all(_BEGINNING_WITH, beginnings=list(beginnings), end=_END, each=each)
    return {row[0]: [_hit(pair) for pair in row[1].split(",")] for row in rows}


def _hit(pair: str) -> Hit:
    user_id, _, form = pair.partition(" ")
    return Hit(UserId(int(user_id)), form)


_KNOWN_BEGINNING_WITH = sql("""
    SELECT f.followee_id FROM follows f WHERE f.follower_id = :viewer_id AND EXISTS (
        SELECT 1 FROM user_words w
        WHERE w.user_id = f.followee_id AND w.word >= :lowest AND w.word < :highest)
    UNION
    SELECT h.user_id FROM hot_users h WHERE EXISTS (
        SELECT 1 FROM user_words w WHERE w.user_id = h.user_id AND w.word >= :lowest AND w.word < :highest)
""")
_OF_THEM = sql("""
    SELECT user_id, MIN(word) FROM user_words
    WHERE user_id = ANY(:user_ids) AND word >= :lowest AND word < :highest
    GROUP BY user_id
""")


async def known_beginning_with(tx: Read, viewer_id: UserId, beginning: str) -> list[Hit]:
    """Return whom the viewer or very many follow, of those who have a form that begins so."""
    bounds = {"lowest": beginning, "highest": beginning + _END}
    user_ids = [row[0] for row in await tx.all(_KNOWN_BEGINNING_WITH, viewer_id=viewer_id, **bounds)]
    return [Hit(*row) for row in await tx.all(_OF_THEM, user_ids=user_ids, **bounds)]


# A value, which PostgreSQL asks for user by user: of EXISTS it makes a join, and takes all words with the second beginning.
_WITH_BOTH = sql("""
    SELECT DISTINCT w.user_id FROM (
        SELECT u.user_id FROM user_words u WHERE u.word >= :first AND u.word < :first_end
        ORDER BY u.word, u.user_id LIMIT :looked) w
    WHERE (
        SELECT o.user_id FROM user_words o
        WHERE o.user_id = w.user_id AND o.word >= :second AND o.word < :second_end LIMIT 1) IS NOT NULL
""")


async def with_both(tx: Read, first: str, second: str, *, looked: int) -> set[UserId]:
    """Return who has forms that begin with the one and with the other, among so many with the first."""
    rows = await tx.all(
        _WITH_BOTH,
        first=first,
        first_end=first + _END,
        second=second,
        second_end=second + _END,
        looked=looked,
    )
    return {row[0] for row in rows}


_STANDINGS = sql("""
    SELECT u.id, u.username, u.username_key, u.display_name, u.discoverable, c.followers, f.followee_id
    FROM users u JOIN user_counts c ON c.user_id = u.id
    LEFT JOIN follows f ON f.follower_id = :viewer_id AND f.followee_id = u.id
    WHERE u.id = ANY(:user_ids) AND u.state = 'active'
""")


async def standings(tx: Read, viewer_id: UserId, user_ids: Sequence[UserId]) -> Sequence[Row]:
    """Return what ranks those of the users who are active.

    Columns: id, user name, its key, display name, whether strangers may find them, followers, and their id where the viewer follows.
    """
    return await tx.all(_STANDINGS, viewer_id=viewer_id, user_ids=list(user_ids))
