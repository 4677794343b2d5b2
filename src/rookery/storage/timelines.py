"""Skeletons of timelines: ids from the records."""

from collections.abc import Sequence
from typing import Any

from rookery.domain.ids import TweetId, UserId
from rookery.domain.timelines import PageRequest
from rookery.ports import Read
from rookery.sql import Sql, sql, sql_in_both_orders

_FOLLOWED, _FOLLOWED_OLDEST = sql_in_both_orders("""
    SELECT t.id FROM tweets t
    WHERE t.id > :after AND t.id < :before
    AND t.author_id IN (
        SELECT followee_id FROM follows WHERE follower_id = :viewer_id
        UNION ALL SELECT CAST(:viewer_id AS BIGINT))
    ORDER BY t.id DESC LIMIT :limit
""")


async def followed(tx: Read, viewer_id: UserId, page: PageRequest) -> list[TweetId]:
    """Return tweets by those the viewer follows and by the viewer, in the order the page asks for them.

    Every author is looked at over the whole range: ask for ranges that hold a few pages (`domain.windows`).
    """
    return await _ids(tx, _FOLLOWED, _FOLLOWED_OLDEST, page, viewer_id=viewer_id)


_BY_AUTHORS, _BY_AUTHORS_OLDEST = sql_in_both_orders("""
    SELECT id FROM tweets WHERE author_id = ANY(:author_ids) AND id > :after AND id < :before
    ORDER BY id DESC LIMIT :limit
""")


async def by_authors(tx: Read, author_ids: Sequence[UserId], page: PageRequest) -> list[TweetId]:
    """Return tweets by these authors, in the order the page asks for them; as for `followed`, keep ranges small."""
    return await _ids(tx, _BY_AUTHORS, _BY_AUTHORS_OLDEST, page, author_ids=author_ids)


_BY_LIST_MEMBERS, _BY_LIST_MEMBERS_OLDEST = sql_in_both_orders("""
    SELECT t.id FROM tweets t
    WHERE t.id > :after AND t.id < :before
    AND t.author_id IN (SELECT user_id FROM list_members WHERE list_id = :list_id)
    ORDER BY t.id DESC LIMIT :limit
""")


async def by_list_members(tx: Read, list_id: int, page: PageRequest) -> list[TweetId]:
    """Return tweets by those on a list, in the order the page asks for them; as for `followed`, keep ranges small."""
    return await _ids(tx, _BY_LIST_MEMBERS, _BY_LIST_MEMBERS_OLDEST, page, list_id=list_id)


_PUBLIC, _PUBLIC_OLDEST = sql_in_both_orders("""
    SELECT id FROM tweets WHERE visibility = 0 AND retweet_of_id IS NULL AND id > :after AND id < :before
    ORDER BY id DESC LIMIT :limit
""")


async def public(tx: Read, page: PageRequest) -> list[TweetId]:
    """Return public tweets that are not retweets, in the order the page asks for them."""
    return await _ids(tx, _PUBLIC, _PUBLIC_OLDEST, page)


_PUBLIC_MEDIA, _PUBLIC_MEDIA_OLDEST = sql_in_both_orders("""
    SELECT id FROM tweets
    WHERE media_count > 0 AND visibility = 0 AND retweet_of_id IS NULL AND id > :after AND id < :before
    ORDER BY id DESC LIMIT :limit
""")


async def public_media(tx: Read, page: PageRequest) -> list[TweetId]:
    """Return public tweets that carry media, in the order the page asks for them."""
    return await _ids(tx, _PUBLIC_MEDIA, _PUBLIC_MEDIA_OLDEST, page)


_MEDIA_BY_AUTHOR, _MEDIA_BY_AUTHOR_OLDEST = sql_in_both_orders("""
    SELECT id FROM tweets WHERE media_count > 0 AND author_id = :author_id AND id > :after AND id < :before
    ORDER BY id DESC LIMIT :limit
""")


async def media_by_author(tx: Read, author_id: UserId, page: PageRequest) -> list[TweetId]:
    """Return one author's tweets that carry media, in the order the page asks for them."""
    return await _ids(tx, _MEDIA_BY_AUTHOR, _MEDIA_BY_AUTHOR_OLDEST, page, author_id=author_id)


_BY_AUTHOR, _BY_AUTHOR_OLDEST = sql_in_both_orders("""
    SELECT id FROM tweets WHERE author_id = :author_id AND id > :after AND id < :before
    ORDER BY id DESC LIMIT :limit
""")

# Every tweet is of exactly one of three kinds, each with an index: whatever is left out costs nothing.
_OWN, _OWN_OLDEST = sql_in_both_orders("""
    SELECT id FROM tweets WHERE author_id = :author_id AND id > :after AND id < :before
    AND retweet_of_id IS NULL AND (reply_to_id IS NULL OR reply_to_author_id = author_id)
    ORDER BY id DESC LIMIT :limit
""")
_ANSWERS, _ANSWERS_OLDEST = sql_in_both_orders("""
    SELECT id FROM tweets WHERE author_id = :author_id AND id > :after AND id < :before
    AND reply_to_id IS NOT NULL AND (reply_to_author_id IS NULL OR reply_to_author_id <> author_id)
    ORDER BY id DESC LIMIT :limit
""")
_RETWEETS, _RETWEETS_OLDEST = sql_in_both_orders("""
    SELECT id FROM tweets WHERE author_id = :author_id AND id > :after AND id < :before
    AND retweet_of_id IS NOT NULL
    ORDER BY id DESC LIMIT :limit
""")


async def by_author(
    tx: Read, author_id: UserId, page: PageRequest, *, replies: bool = True, retweets: bool = True
) -> list[TweetId]:
    """Return one author's tweets, with or without answers to others and retweets, in the page's order."""
    if replies and retweets:
        return await _ids(tx, _BY_AUTHOR, _BY_AUTHOR_OLDEST, page, author_id=author_id)
    found = await _ids(tx, _OWN, _OWN_OLDEST, page, author_id=author_id)
    if replies:
        found += await _ids(tx, _ANSWERS, _ANSWERS_OLDEST, page, author_id=author_id)
    if retweets:
        found += await retweets_by(tx, author_id, page)
    return sorted(found, reverse=not page.oldest)[: page.limit]


async def retweets_by(tx: Read, author_id: UserId, page: PageRequest) -> list[TweetId]:
    """Return what one user retweeted, as the retweets' own ids, in the page's order."""
    return await _ids(tx, _RETWEETS, _RETWEETS_OLDEST, page, author_id=author_id)


_BY_AUTHOR_WITH_HASHTAG, _BY_AUTHOR_WITH_HASHTAG_OLDEST = sql_in_both_orders("""
    SELECT tweet_id FROM hashtag_tweets
    WHERE author_id = :author_id AND hashtag_id = :hashtag_id AND tweet_id > :after AND tweet_id < :before
    ORDER BY tweet_id DESC LIMIT :limit
""")


async def by_author_with_hashtag(
    tx: Read, author_id: UserId, hashtag_id: int, page: PageRequest
) -> list[TweetId]:
    """Return one author's tweets that carry a hashtag, in the page's order."""
    return await _ids(
        tx,
        _BY_AUTHOR_WITH_HASHTAG,
        _BY_AUTHOR_WITH_HASHTAG_OLDEST,
        page,
        author_id=author_id,
        hashtag_id=hashtag_id,
    )


_WITH_HASHTAG, _WITH_HASHTAG_OLDEST = sql_in_both_orders("""
    SELECT h.tweet_id FROM hashtag_tweets h JOIN tweets t ON t.id = h.tweet_id
    WHERE h.hashtag_id = :hashtag_id AND h.tweet_id > :after AND h.tweet_id < :before AND t.visibility = 0
    ORDER BY h.tweet_id DESC LIMIT :limit
""")


async def with_hashtag(tx: Read, hashtag_id: int, page: PageRequest) -> list[TweetId]:
    """Return public tweets that carry a hashtag, in the page's order."""
    return await _ids(tx, _WITH_HASHTAG, _WITH_HASHTAG_OLDEST, page, hashtag_id=hashtag_id)


_WITH_LINK, _WITH_LINK_OLDEST = sql_in_both_orders("""
    SELECT k.tweet_id FROM tweet_links k JOIN tweets t ON t.id = k.tweet_id
    WHERE k.link_id = :link_id AND k.tweet_id > :after AND k.tweet_id < :before AND t.visibility = 0
    ORDER BY k.tweet_id DESC LIMIT :limit
""")


async def with_link(tx: Read, link_id: int, page: PageRequest) -> list[TweetId]:
    """Return public tweets whose first link is this one, in the page's order."""
    return await _ids(tx, _WITH_LINK, _WITH_LINK_OLDEST, page, link_id=link_id)


_WITH_HASHTAGS, _WITH_HASHTAGS_OLDEST = sql_in_both_orders("""
    SELECT DISTINCT h.tweet_id FROM hashtag_tweets h JOIN tweets t ON t.id = h.tweet_id
    WHERE h.hashtag_id = ANY(:any_ids) AND h.tweet_id > :after AND h.tweet_id < :before AND t.visibility = 0
    AND NOT EXISTS (SELECT 1 FROM hashtag_tweets n WHERE n.hashtag_id = ANY(:none_ids) AND n.tweet_id = h.tweet_id)
    AND (SELECT COUNT(*) FROM hashtag_tweets a
        WHERE a.hashtag_id = ANY(:all_ids) AND a.tweet_id = h.tweet_id) = CAST(:all_count AS BIGINT)
    ORDER BY h.tweet_id DESC LIMIT :limit
""")


async def with_hashtags(
    tx: Read, page: PageRequest, *, any_ids: Sequence[int], all_ids: Sequence[int], none_ids: Sequence[int]
) -> list[TweetId]:
    """Return public tweets with any of the first, all of the second and none of the third hashtags.

    Every hashtag is looked at over the whole range: ask for ranges that hold a few pages (`domain.windows`).
    """
    return await _ids(
        tx,
        _WITH_HASHTAGS,
        _WITH_HASHTAGS_OLDEST,
        page,
        any_ids=any_ids,
        all_ids=all_ids,
        none_ids=none_ids,
        all_count=len(all_ids),
    )


async def _ids(tx: Read, newest: Sql, oldest: Sql, page: PageRequest, **parameters: Any) -> list[TweetId]:
    rows = await tx.all(
        oldest if page.oldest else newest,
        before=page.before,
        after=page.after,
        limit=page.limit,
        **parameters,
    )
    return [row[0] for row in rows]


_SHOWING = sql("""
    SELECT id FROM tweets
    WHERE id = ANY(:among) AND (id = ANY(:shown_ids) OR retweet_of_id = ANY(:shown_ids))
""")


async def showing(tx: Read, shown_ids: Sequence[TweetId], *, among: Sequence[TweetId]) -> list[TweetId]:
    """Return those `among` the ids that are one of the tweets shown, or retweets of one."""
    return [row[0] for row in await tx.all(_SHOWING, shown_ids=shown_ids, among=among)]
