"""Skeletons of timelines: ids from the records."""

from collections.abc import Sequence
from typing import Any

from rookery.domain.ids import TweetId, UserId
from rookery.domain.timelines import PageRequest
from rookery.ports import Read
from rookery.sql import Sql, sql

_FOLLOWED = sql("""
    SELECT t.id FROM tweets t
    WHERE t.id > :after AND t.id < :before
    AND t.author_id IN (
        SELECT followee_id FROM follows WHERE follower_id = :viewer_id
        UNION ALL SELECT CAST(:viewer_id AS BIGINT))
    ORDER BY t.id DESC LIMIT :limit
""")
_FOLLOWED_OLDEST = sql("""
    SELECT t.id FROM tweets t
    WHERE t.id > :after AND t.id < :before
    AND t.author_id IN (
        SELECT followee_id FROM follows WHERE follower_id = :viewer_id
        UNION ALL SELECT CAST(:viewer_id AS BIGINT))
    ORDER BY t.id LIMIT :limit
""")


async def followed(tx: Read, viewer_id: UserId, page: PageRequest) -> list[TweetId]:
    """Return tweets by those the viewer follows and by the viewer, in the order the page asks for them.

    Every author is looked at over the whole range: ask for ranges that hold a few pages (`domain.windows`).
    """
    return await _ids(tx, _FOLLOWED, _FOLLOWED_OLDEST, page, viewer_id=viewer_id)


_BY_AUTHORS = sql("""
    SELECT id FROM tweets WHERE author_id = ANY(:author_ids) AND id > :after AND id < :before
    ORDER BY id DESC LIMIT :limit
""")
_BY_AUTHORS_OLDEST = sql("""
    SELECT id FROM tweets WHERE author_id = ANY(:author_ids) AND id > :after AND id < :before
    ORDER BY id LIMIT :limit
""")


async def by_authors(tx: Read, author_ids: Sequence[UserId], page: PageRequest) -> list[TweetId]:
    """Return tweets by these authors, in the order the page asks for them; as for `followed`, keep ranges small."""
    return await _ids(tx, _BY_AUTHORS, _BY_AUTHORS_OLDEST, page, author_ids=author_ids)


_PUBLIC = sql("""
    SELECT id FROM tweets WHERE visibility = 0 AND retweet_of_id IS NULL AND id > :after AND id < :before
    ORDER BY id DESC LIMIT :limit
""")
_PUBLIC_OLDEST = sql("""
    SELECT id FROM tweets WHERE visibility = 0 AND retweet_of_id IS NULL AND id > :after AND id < :before
    ORDER BY id LIMIT :limit
""")


async def public(tx: Read, page: PageRequest) -> list[TweetId]:
    """Return public tweets that are not retweets, in the order the page asks for them."""
    return await _ids(tx, _PUBLIC, _PUBLIC_OLDEST, page)


_BY_AUTHOR = sql("""
    SELECT id FROM tweets WHERE author_id = :author_id AND id > :after AND id < :before
    ORDER BY id DESC LIMIT :limit
""")
_BY_AUTHOR_OLDEST = sql("""
    SELECT id FROM tweets WHERE author_id = :author_id AND id > :after AND id < :before
    ORDER BY id LIMIT :limit
""")


async def by_author(tx: Read, author_id: UserId, page: PageRequest) -> list[TweetId]:
    """Return one author's tweets and retweets, in the order the page asks for them."""
    return await _ids(tx, _BY_AUTHOR, _BY_AUTHOR_OLDEST, page, author_id=author_id)


async def _ids(tx: Read, newest: Sql, oldest: Sql, page: PageRequest, **parameters: Any) -> list[TweetId]:
    rows = await tx.all(
        oldest if page.oldest else newest,
        before=page.before,
        after=page.after,
        limit=page.limit,
        **parameters,
    )
    return [row[0] for row in rows]
