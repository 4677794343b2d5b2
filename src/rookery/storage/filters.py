"""Filters with their keywords and the tweets they name."""

from collections.abc import Sequence

from rookery.domain.filters import Filter, FilterAction, FilterContext, FilteredTweet, FilterKeyword
from rookery.domain.ids import TweetId, UserId
from rookery.ports import Read, Write
from rookery.sql import sql

_VERSION = sql("SELECT filters_version FROM users WHERE id = :user_id")


async def version(tx: Read, user_id: UserId) -> int:
    """Return what grows whenever a user's filters change; 0: they have none."""
    row = await tx.one(_VERSION, user_id=user_id)
    return row[0] if row else 0


_FILTERS = sql("""
    SELECT id, title, contexts, action, expires_ms FROM filters WHERE user_id = :user_id ORDER BY id
""")
_KEYWORDS = sql("""
    SELECT filter_id, id, text, whole_word FROM filter_keywords WHERE user_id = :user_id ORDER BY id
""")
_TWEETS = sql("SELECT filter_id, id, tweet_id FROM filter_tweets WHERE user_id = :user_id ORDER BY id")


async def list_by_user(tx: Read, user_id: UserId) -> list[Filter]:
    """Return a user's filters, the oldest first."""
    rows = await tx.all(_FILTERS, user_id=user_id)
    if not rows:
        return []
    keywords: dict[int, list[FilterKeyword]] = {}
    for filter_id, keyword_id, text, whole_word in await tx.all(_KEYWORDS, user_id=user_id):
        keywords.setdefault(filter_id, []).append(FilterKeyword(keyword_id, text, bool(whole_word)))
    tweets: dict[int, list[FilteredTweet]] = {}
    for filter_id, entry_id, tweet_id in await tx.all(_TWEETS, user_id=user_id):
        tweets.setdefault(filter_id, []).append(FilteredTweet(entry_id, tweet_id))
    return [
        Filter(
            id=row[0],
            title=row[1],
            contexts=tuple(FilterContext(word) for word in row[2].split()),
            action=FilterAction(row[3]),
            expires_ms=row[4],
            keywords=tuple(keywords.get(row[0], ())),
            tweets=tuple(tweets.get(row[0], ())),
        )
        for row in rows
    ]


_INSERT = sql("""
    INSERT INTO filters (id, user_id, title, contexts, action, expires_ms)
    VALUES (:id, :user_id, :title, :contexts, :action, :expires_ms)
    ON CONFLICT (id) DO UPDATE SET title = excluded.title, contexts = excluded.contexts,
        action = excluded.action, expires_ms = excluded.expires_ms
""")


async def put(tx: Write, user_id: UserId, one: Filter) -> None:
    """Enter a filter or change it; its keywords and tweets have functions of their own."""
    await tx.run(
        _INSERT,
        id=one.id,
        user_id=user_id,
        title=one.title,
        contexts=" ".join(one.contexts),
        action=one.action.value,
        expires_ms=one.expires_ms,
    )


_PUT_KEYWORD = sql("""
    INSERT INTO filter_keywords (id, filter_id, user_id, text, whole_word)
    VALUES (:id, :filter_id, :user_id, :text, :whole_word)
    ON CONFLICT (id) DO UPDATE SET text = excluded.text, whole_word = excluded.whole_word
""")


async def put_keyword(tx: Write, user_id: UserId, filter_id: int, keyword: FilterKeyword) -> None:
    """Enter a keyword or change it."""
    await tx.run(
        _PUT_KEYWORD,
        id=keyword.id,
        filter_id=filter_id,
        user_id=user_id,
        text=keyword.text,
        whole_word=keyword.whole_word,
    )


_DELETE_KEYWORDS = sql("DELETE FROM filter_keywords WHERE user_id = :user_id AND id = ANY(:ids)")


async def delete_keywords(tx: Write, user_id: UserId, ids: Sequence[int]) -> int:
    """Remove keywords; return how many there were."""
    return await tx.run(_DELETE_KEYWORDS, user_id=user_id, ids=ids)


_INSERT_TWEET = sql("""
    INSERT INTO filter_tweets (id, filter_id, user_id, tweet_id) VALUES (:id, :filter_id, :user_id, :tweet_id)
    ON CONFLICT DO NOTHING
""")


async def insert_tweet(tx: Write, user_id: UserId, filter_id: int, tweet_id: TweetId, *, new_id: int) -> bool:
    """Let a filter name a tweet; False when it does already."""
    return bool(
        await tx.run(_INSERT_TWEET, id=new_id, filter_id=filter_id, user_id=user_id, tweet_id=tweet_id)
    )


_DELETE_TWEETS = sql("DELETE FROM filter_tweets WHERE user_id = :user_id AND id = ANY(:ids)")


async def delete_tweets(tx: Write, user_id: UserId, ids: Sequence[int]) -> int:
    """Let filters name tweets no more; return how many there were."""
    return await tx.run(_DELETE_TWEETS, user_id=user_id, ids=ids)


_DELETE_KEYWORDS_OF = sql("DELETE FROM filter_keywords WHERE user_id = :user_id AND filter_id = :filter_id")
_DELETE_TWEETS_OF = sql("DELETE FROM filter_tweets WHERE user_id = :user_id AND filter_id = :filter_id")
_DELETE = sql("DELETE FROM filters WHERE id = :filter_id AND user_id = :user_id")


async def delete(tx: Write, user_id: UserId, filter_id: int) -> None:
    """Remove a filter with all it looks for."""
    await tx.run(_DELETE_KEYWORDS_OF, user_id=user_id, filter_id=filter_id)
    await tx.run(_DELETE_TWEETS_OF, user_id=user_id, filter_id=filter_id)
    await tx.run(_DELETE, user_id=user_id, filter_id=filter_id)


_CHANGED = sql("UPDATE users SET filters_version = :version WHERE id = :user_id")
_NONE_LEFT = sql("""
    UPDATE users SET filters_version = 0
    WHERE id = :user_id AND NOT EXISTS (SELECT 1 FROM filters WHERE user_id = :user_id)
""")


async def note_change(tx: Write, user_id: UserId, *, version: int) -> None:
    """Let every process read this user's filters anew; 0 stays for those who have none."""
    # The first statement waits for whoever changes them at the same time, so that the second sees what they did.
    await tx.run(_CHANGED, user_id=user_id, version=version)
    await tx.run(_NONE_LEFT, user_id=user_id)


_NAMED = sql("SELECT DISTINCT tweet_id FROM filter_tweets WHERE tweet_id = ANY(:tweet_ids)")


async def named(tx: Read, tweet_ids: Sequence[TweetId]) -> set[TweetId]:
    """Return those of the tweets that some filter names."""
    return {row[0] for row in await tx.all(_NAMED, tweet_ids=tweet_ids)}


_DELETE_OF_TWEET = sql("""
    DELETE FROM filter_tweets WHERE id IN (SELECT id FROM filter_tweets WHERE tweet_id = :tweet_id LIMIT :limit)
""")


async def delete_of_tweet(tx: Write, tweet_id: TweetId, *, limit: int) -> int:
    """Remove at most so many mentions of a tweet in filters; return how many there were."""
    return await tx.run(_DELETE_OF_TWEET, tweet_id=tweet_id, limit=limit)
