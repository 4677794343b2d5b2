"""Hashtags by their kept form (`text.hashtag_key`), and the tweets that carry them."""

from collections.abc import Iterable, Sequence

from rookery.domain.ids import TweetId, UserId
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.sql import sql, sql_per_engine

_IDS = sql("SELECT name, id FROM hashtags WHERE name = ANY(:names)")


async def ids(tx: Read, names: Sequence[str]) -> dict[str, int]:
    """Return the ids of those hashtags that any tweet has ever carried."""
    return {row[0]: row[1] for row in await tx.all(_IDS, names=names)} if names else {}


_NAMES = sql("SELECT id, name FROM hashtags WHERE id = ANY(:hashtag_ids)")


async def names(tx: Read, hashtag_ids: Sequence[int]) -> dict[int, str]:
    """Return the names of hashtags."""
    return {row[0]: row[1] for row in await tx.all(_NAMES, hashtag_ids=hashtag_ids)} if hashtag_ids else {}


_NAMES_BY_PREFIX = sql_per_engine(
    postgres="""
        SELECT name FROM hashtags WHERE name COLLATE "C" >= :lowest AND name COLLATE "C" < :highest
        ORDER BY name COLLATE "C" LIMIT :limit
    """,
    sqlite="""
        SELECT name FROM hashtags WHERE name >= :lowest AND name < :highest ORDER BY name LIMIT :limit
    """,
)


async def names_by_prefix(tx: Read, prefix: str, *, limit: int) -> list[str]:
    """Return hashtags that any tweet has ever carried and that begin so, in the order of their names."""
    rows = await tx.all(_NAMES_BY_PREFIX, lowest=prefix, highest=prefix + "\U0010ffff", limit=limit)
    return [row[0] for row in rows]


_INSERT_NAME = sql("INSERT INTO hashtags (id, name) VALUES (:id, :name) ON CONFLICT DO NOTHING")
_INSERT = sql("""
    INSERT INTO hashtag_tweets (hashtag_id, tweet_id, author_id) VALUES (:hashtag_id, :tweet_id, :author_id)
    ON CONFLICT DO NOTHING
""")


async def insert(
    services: Services, tx: Write, tweet_id: TweetId, author_id: UserId, names: Sequence[str]
) -> None:
    """Enter the hashtags that an author's tweet carries."""
    if not names:
        return
    known = await ids(tx, names)
    # In one order for everybody, so that two tweets with the same new hashtags don't wait for each other.
    new = sorted(name for name in names if name not in known)
    if new:
        await tx.many(_INSERT_NAME, [(services.new_id(), name) for name in new])
        known = await ids(tx, names)
    await tx.many(_INSERT, [(hashtag_id, tweet_id, author_id) for hashtag_id in known.values()])


async def enter(services: Services, tx: Write, name: str) -> int:
    """Return the id of a hashtag, entering it if no tweet has carried it yet."""
    known = await ids(tx, [name])
    if name not in known:
        await tx.run(_INSERT_NAME, id=services.new_id(), name=name)
        known = await ids(tx, [name])
    return known[name]


_DELETE = sql("DELETE FROM hashtag_tweets WHERE hashtag_id = :hashtag_id AND tweet_id = :tweet_id")


async def delete(tx: Write, carried: Iterable[tuple[TweetId, str]]) -> None:
    """Remove hashtags from the tweets that carried them."""
    pairs = list(carried)
    known = await ids(tx, sorted({name for _, name in pairs}))
    rows = [(known[name], tweet_id) for tweet_id, name in pairs if name in known]
    if rows:
        await tx.many(_DELETE, rows)


_USES = sql("""
    SELECT n.name,
        (SELECT COUNT(*) FROM (
            SELECT 1 FROM hashtag_tweets h JOIN tweets t ON t.id = h.tweet_id
            WHERE h.hashtag_id = n.id AND h.tweet_id >= :first_id AND h.tweet_id < :end_id AND t.visibility = 0
            ORDER BY h.tweet_id LIMIT :limit) AS used),
        (SELECT COUNT(DISTINCT author_id) FROM (
            SELECT t.author_id FROM hashtag_tweets h JOIN tweets t ON t.id = h.tweet_id
            WHERE h.hashtag_id = n.id AND h.tweet_id >= :first_id AND h.tweet_id < :end_id AND t.visibility = 0
            ORDER BY h.tweet_id LIMIT :limit) AS wrote)
    FROM hashtags n WHERE n.name = ANY(:names)
""")


async def uses(
    tx: Read, names: Sequence[str], *, first_id: int, end_id: int, limit: int
) -> dict[str, tuple[int, int]]:
    """Return how many public tweets with ids in a range carry each hashtag, and by how many authors.

    Each is counted up to the limit, from the first; of a hashtag nobody has used nothing is returned.
    """
    rows = await tx.all(_USES, names=names, first_id=first_id, end_id=end_id, limit=limit)
    return {row[0]: (row[1], row[2]) for row in rows}
