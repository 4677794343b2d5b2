"""Links by their address, and the tweets that carry them: of each tweet the first one."""

from collections.abc import Sequence

from rookery.domain.ids import TweetId, UserId
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.sql import sql
from rookery.storage import media, media_objects

_ID = sql("SELECT id FROM links WHERE url = :url")
_INSERT_LINK = sql("INSERT INTO links (id, url) VALUES (:id, :url) ON CONFLICT DO NOTHING")


async def enter(services: Services, tx: Write, url: str) -> int:
    """Return the id of a link, entering it if no tweet has carried it yet."""
    row = await tx.one(_ID, url=url)
    if row is None:
        await tx.run(_INSERT_LINK, id=services.new_id(), url=url)
        row = await tx.one(_ID, url=url)
    return row[0] if row is not None else 0


_INSERT = sql("""
    INSERT INTO tweet_links (tweet_id, link_id, author_id) VALUES (:tweet_id, :link_id, :author_id)
    ON CONFLICT (tweet_id) DO UPDATE SET link_id = excluded.link_id
""")


async def insert(tx: Write, tweet_id: TweetId, link_id: int, author_id: UserId) -> None:
    """Enter which link an author's tweet carries."""
    await tx.run(_INSERT, tweet_id=tweet_id, link_id=link_id, author_id=author_id)


_DELETE = sql("DELETE FROM tweet_links WHERE tweet_id = ANY(:tweet_ids) RETURNING link_id")
_DELETE_UNUSED = sql("""
    DELETE FROM links WHERE id = ANY(:link_ids)
    AND NOT EXISTS (SELECT 1 FROM tweet_links t WHERE t.link_id = links.id)
    RETURNING id
""")
_DELETE_PREVIEWS = sql("""
    DELETE FROM link_previews WHERE link_id = ANY(:link_ids)
    AND NOT EXISTS (SELECT 1 FROM links l WHERE l.id = link_previews.link_id)
""")


async def delete(services: Services, tx: Write, tweet_ids: Sequence[TweetId]) -> None:
    """Remove which links tweets carry, and the links that no other tweet does, with what is known of them."""
    link_ids = sorted({row[0] for row in await tx.all(_DELETE, tweet_ids=tweet_ids)})
    if not link_ids:
        return
    gone = [row[0] for row in await tx.all(_DELETE_UNUSED, link_ids=link_ids)]
    await tx.run(_DELETE_PREVIEWS, link_ids=link_ids)
    await media_objects.let_go(services, tx, await media.delete(tx, gone))


_OF_TWEETS = sql("SELECT tweet_id, link_id FROM tweet_links WHERE tweet_id = ANY(:tweet_ids)")


async def of_tweets(tx: Read, tweet_ids: Sequence[TweetId]) -> dict[TweetId, int]:
    """Return which links these tweets carry."""
    return {row[0]: row[1] for row in await tx.all(_OF_TWEETS, tweet_ids=tweet_ids)}


_URLS = sql("SELECT id, url FROM links WHERE id = ANY(:link_ids)")


async def urls(tx: Read, link_ids: Sequence[int]) -> dict[int, str]:
    """Return the addresses of links."""
    return {row[0]: row[1] for row in await tx.all(_URLS, link_ids=link_ids)}


async def id_of(tx: Read, url: str) -> int | None:
    """Return the id of a link that some tweet has carried, or None."""
    row = await tx.one(_ID, url=url)
    return row[0] if row is not None else None


_USES = sql("""
    SELECT n.id,
        (SELECT COUNT(*) FROM (
            SELECT 1 FROM tweet_links h JOIN tweets t ON t.id = h.tweet_id
            WHERE h.link_id = n.id AND h.tweet_id >= :first_id AND h.tweet_id < :end_id AND t.visibility = 0
            ORDER BY h.tweet_id LIMIT :limit) AS used),
        (SELECT COUNT(DISTINCT author_id) FROM (
            SELECT t.author_id FROM tweet_links h JOIN tweets t ON t.id = h.tweet_id
            WHERE h.link_id = n.id AND h.tweet_id >= :first_id AND h.tweet_id < :end_id AND t.visibility = 0
            ORDER BY h.tweet_id LIMIT :limit) AS wrote)
    FROM links n WHERE n.id = ANY(:link_ids)
""")


async def uses(
    tx: Read, link_ids: Sequence[int], *, first_id: int, end_id: int, limit: int
) -> dict[int, tuple[int, int]]:
    """Return how many public tweets with ids in a range carry each link, and by how many authors, up to the limit."""
    rows = await tx.all(_USES, link_ids=link_ids, first_id=first_id, end_id=end_id, limit=limit)
    return {row[0]: (row[1], row[2]) for row in rows}
