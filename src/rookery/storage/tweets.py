"""Tweets, retweets and their counts."""

from collections.abc import Iterable, Sequence

import msgspec

from rookery.domain.ids import TweetId, UserId
from rookery.domain.polls import Poll
from rookery.domain.quotes import Quote, QuotePolicy
from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Mention, Place, PostedWith, Tweet, Visibility
from rookery.ports import Read, Row, Write
from rookery.sql import sql, sql_per_engine
from rookery.storage import media, paging, previews

_MENTIONS = msgspec.json.Decoder(tuple[Mention, ...])

_OPTIONS = msgspec.json.Decoder(tuple[str, ...])

_INSERT = sql("""
    INSERT INTO tweets (id, author_id, text, spoiler, language, visibility, sensitive, reply_to_id,
        reply_to_author_id, thread_id, retweet_of_id, mentions, latitude, longitude, place_name, app_id, quote_policy,
        media_count, created_ms)
    VALUES (:id, :author_id, :text, :spoiler, :language, :visibility, :sensitive, :reply_to_id,
        :reply_to_author_id, :thread_id, :retweet_of_id, :mentions, :latitude, :longitude, :place_name, :app_id,
        :quote_policy, :media_count, :created_ms)
    ON CONFLICT DO NOTHING
""")


async def insert(tx: Write, tweet: Tweet) -> bool:
    """Enter a tweet; False when the author's retweet of the same tweet (or the id) is there already."""
    return bool(await tx.run(_INSERT, **_columns(tweet)))


async def insert_all(tx: Write, tweets: Sequence[Tweet]) -> None:
    """Enter tweets; those whose ids are there already are left as they are."""
    rows = [_columns(tweet) for tweet in tweets]
    await tx.many(_INSERT, [tuple([row[name] for name in _INSERT.names]) for row in rows])


def _columns(tweet: Tweet) -> dict[str, int | float | str | None]:
    place = tweet.place or Place()
    return {
        "id": tweet.id,
        "author_id": tweet.author_id,
        "text": tweet.text,
        "spoiler": tweet.spoiler,
        "language": tweet.language,
        "visibility": int(tweet.visibility),
        "sensitive": tweet.sensitive,
        "reply_to_id": tweet.reply_to_id,
        "reply_to_author_id": tweet.reply_to_author_id,
        "thread_id": tweet.thread_id,
        "retweet_of_id": tweet.retweet_of_id,
        "mentions": msgspec.json.encode(tweet.mentions).decode() if tweet.mentions else "",
        "latitude": place.latitude,
        "longitude": place.longitude,
        "place_name": place.name,
        "app_id": tweet.app.id if tweet.app is not None else None,
        "quote_policy": int(tweet.quote_policy),
        "media_count": len(tweet.media),
        "created_ms": tweet.created_ms,
    }


_LOAD = sql("""
    SELECT t.id, t.author_id, text, spoiler, t.language, visibility, sensitive, reply_to_id, reply_to_author_id,
        thread_id, retweet_of_id, mentions, latitude, longitude, place_name, app_id, t.created_ms, edited_ms,
        revision, a.name, a.website, p.options, p.multiple, p.hides_totals, p.ends_ms,
        quote_policy, q.revoked, q.quoted_id, media_count,
        l.url, w.title, w.description, w.author_name, w.author_url, w.provider_name, w.language,
        f.key, f.width, f.height, m.description, m.blurhash
    FROM tweets t LEFT JOIN apps a ON a.id = t.app_id LEFT JOIN polls p ON p.tweet_id = t.id
    LEFT JOIN quotes q ON q.tweet_id = t.id
    LEFT JOIN tweet_links k ON k.tweet_id = t.id LEFT JOIN links l ON l.id = k.link_id
    LEFT JOIN link_previews w ON w.link_id = k.link_id
    LEFT JOIN media m ON m.id = k.link_id LEFT JOIN media_files f ON f.media_id = m.id
    WHERE t.id = ANY(:tweet_ids)
""")


def _tweet(row: Row) -> Tweet:
    mentions, latitude, longitude, place_name = row[11:15]
    somewhere = latitude is not None or place_name is not None
    return Tweet(
        id=row[0],
        author_id=row[1],
        text=row[2],
        spoiler=row[3],
        language=row[4],
        visibility=Visibility(row[5]),
        sensitive=bool(row[6]),
        reply_to_id=row[7],
        reply_to_author_id=row[8],
        thread_id=row[9],
        retweet_of_id=row[10],
        mentions=_MENTIONS.decode(mentions) if mentions else (),
        place=Place(latitude, longitude, place_name) if somewhere else None,
        poll=_poll(row[21:25]) if row[21] is not None else None,
        quote=Quote(row[27], bool(row[26])) if row[26] is not None else None,
        quote_policy=QuotePolicy(row[25]),
        card=previews.card(row[29:41]) if row[30] and row[29] else None,
        app=PostedWith(row[15], row[19], row[20]) if row[19] is not None else None,
        created_ms=row[16],
        edited_ms=row[17],
        revision=row[18],
    )


def _poll(columns: Row) -> Poll:
    options, multiple, hides_totals, ends_ms = columns
    return Poll(_OPTIONS.decode(options), bool(multiple), bool(hides_totals), ends_ms)


async def load(tx: Read, tweet_ids: Iterable[TweetId]) -> list[Tweet]:
    """Return those of the tweets that exist, in no order."""
    rows = await tx.all(_LOAD, tweet_ids=list(tweet_ids))
    tweets = [_tweet(row) for row in rows]
    with_media = [row[0] for row in rows if row[28]]
    if not with_media:
        return tweets
    shown = await media.of_tweets(tx, with_media)
    return [
        msgspec.structs.replace(tweet, media=shown[tweet.id]) if tweet.id in shown else tweet
        for tweet in tweets
    ]


async def get(tx: Read, tweet_id: TweetId) -> Tweet | None:
    """Return the tweet, or None."""
    found = await load(tx, [tweet_id])
    return found[0] if found else None


# SQLite has one writer at a time.
_LOCK = sql_per_engine(
    postgres="SELECT id FROM tweets WHERE id = ANY(:ids) ORDER BY id FOR UPDATE",
    sqlite="SELECT id FROM tweets WHERE id = ANY(:ids) LIMIT 0",
)


async def lock(tx: Write, tweet_ids: Sequence[TweetId]) -> None:
    """Keep other writers off tweets until the transaction ends; what is read of them from now on is what they left."""
    await tx.all(_LOCK, ids=tweet_ids)


_UPDATE = sql("""
    UPDATE tweets SET text = :text, spoiler = :spoiler, sensitive = :sensitive, language = :language,
        mentions = :mentions, quote_policy = :quote_policy, media_count = :media_count, edited_ms = :now_ms, revision = revision + 1
    WHERE id = :id
""")


async def update(tx: Write, tweet: Tweet, *, now_ms: int) -> None:
    """Let a tweet say what it says now."""
    await tx.run(
        _UPDATE,
        id=tweet.id,
        text=tweet.text,
        spoiler=tweet.spoiler,
        sensitive=tweet.sensitive,
        language=tweet.language,
        mentions=msgspec.json.encode(tweet.mentions).decode() if tweet.mentions else "",
        quote_policy=int(tweet.quote_policy),
        media_count=len(tweet.media),
        now_ms=now_ms,
    )


_UPDATE_QUOTE_POLICY = sql("""
    UPDATE tweets SET quote_policy = :quote_policy, revision = revision + 1
    WHERE id = :id AND quote_policy <> :quote_policy
""")


async def update_quote_policy(tx: Write, tweet_id: TweetId, policy: QuotePolicy) -> bool:
    """Let others quote a tweet from now on; False when they could do so before."""
    return bool(await tx.run(_UPDATE_QUOTE_POLICY, id=tweet_id, quote_policy=int(policy)))


_REVISE = sql("UPDATE tweets SET revision = revision + 1 WHERE id = :id")


async def revise(tx: Write, tweet_id: TweetId) -> None:
    """Tell every cache that what belongs to the tweet has changed."""
    await tx.run(_REVISE, id=tweet_id)


_STAMPS = sql("""
    SELECT t.id, t.revision, c.replies, c.retweets, c.favorites, c.quotes,
        f.tweet_id, b.tweet_id, r.id, m.thread_id, p.tweet_id
    FROM tweets t
    LEFT JOIN tweet_counts c ON c.tweet_id = t.id
    LEFT JOIN favorites f ON f.user_id = :viewer_id AND f.tweet_id = t.id
    LEFT JOIN bookmarks b ON b.user_id = :viewer_id AND b.tweet_id = t.id
    LEFT JOIN tweets r ON r.retweet_of_id = t.id AND r.author_id = :viewer_id
    LEFT JOIN thread_mutes m ON m.user_id = :viewer_id AND m.thread_id = t.thread_id
    LEFT JOIN pins p ON p.user_id = :viewer_id AND p.tweet_id = t.id
    WHERE t.id = ANY(:tweet_ids)
""")


async def stamps(tx: Read, tweet_ids: Sequence[TweetId], *, viewer_id: UserId) -> Sequence[Row]:
    """Return what changes about tweets, a row each, in no order.

    Columns: id, revision, replies, retweets, favorites, quotes (None: no counts yet), then the viewer's own marks, None
    when absent: favorite, bookmark, retweet, thread mute, pin.
    """
    return await tx.all(_STAMPS, tweet_ids=tweet_ids, viewer_id=viewer_id)


# The tweet is kept from being deleted meanwhile, so that no counts outlive it. SQLite has one writer at a time.
_ADD_COUNTS = sql_per_engine(
    postgres="""
        INSERT INTO tweet_counts (tweet_id, replies, retweets, favorites, quotes)
        SELECT id, CAST(:replies AS BIGINT), CAST(:retweets AS BIGINT), CAST(:favorites AS BIGINT),
            CAST(:quotes AS BIGINT)
        FROM tweets WHERE id = :tweet_id FOR KEY SHARE
        ON CONFLICT (tweet_id) DO UPDATE SET replies = tweet_counts.replies + excluded.replies,
            retweets = tweet_counts.retweets + excluded.retweets,
            favorites = tweet_counts.favorites + excluded.favorites,
            quotes = tweet_counts.quotes + excluded.quotes
    """,
    sqlite="""
        INSERT INTO tweet_counts (tweet_id, replies, retweets, favorites, quotes)
        SELECT id, :replies, :retweets, :favorites, :quotes FROM tweets WHERE id = :tweet_id
        ON CONFLICT (tweet_id) DO UPDATE SET replies = tweet_counts.replies + excluded.replies,
            retweets = tweet_counts.retweets + excluded.retweets,
            favorites = tweet_counts.favorites + excluded.favorites,
            quotes = tweet_counts.quotes + excluded.quotes
    """,
)


async def add_counts(
    tx: Write, tweet_id: TweetId, *, replies: int = 0, retweets: int = 0, favorites: int = 0, quotes: int = 0
) -> bool:
    """Add to (or with negative numbers take from) a tweet's counts; False when the tweet is gone."""
    return bool(
        await tx.run(
            _ADD_COUNTS,
            tweet_id=tweet_id,
            replies=replies,
            retweets=retweets,
            favorites=favorites,
            quotes=quotes,
        )
    )


_DELETE = sql("DELETE FROM tweets WHERE id = ANY(:tweet_ids) RETURNING id")
_DELETE_COUNTS = sql("""
    DELETE FROM tweet_counts WHERE tweet_id = ANY(:tweet_ids) RETURNING tweet_id, retweets, favorites
""")


async def delete(tx: Write, tweet_ids: Sequence[TweetId]) -> tuple[set[TweetId], set[TweetId]]:
    """Remove tweets and their counts; return which were there, and which of them were retweeted or favorited.

    The tweets go first: whoever is about to count something for one has committed by then, or finds it gone.
    """
    deleted = {TweetId(row[0]) for row in await tx.all(_DELETE, tweet_ids=tweet_ids)}
    counts = await tx.all(_DELETE_COUNTS, tweet_ids=tweet_ids)
    return deleted, {TweetId(row[0]) for row in counts if row[1] > 0 or row[2] > 0}


_DELETE_RETWEETS = sql("""
    DELETE FROM tweets WHERE id IN (
        SELECT id FROM tweets WHERE retweet_of_id = :tweet_id ORDER BY id LIMIT :limit)
    RETURNING id, author_id, visibility
""")


async def delete_retweets(tx: Write, tweet_id: TweetId, *, limit: int) -> Sequence[Row]:
    """Remove at most so many retweets of a tweet; return (id, author, visibility) of those that were removed."""
    retweets = await tx.all(_DELETE_RETWEETS, tweet_id=tweet_id, limit=limit)
    await tx.all(_DELETE_COUNTS, tweet_ids=[row[0] for row in retweets])
    return retweets


_RETWEET_ID = sql("SELECT id FROM tweets WHERE retweet_of_id = :tweet_id AND author_id = :author_id")


async def retweet_id(tx: Read, author_id: UserId, tweet_id: TweetId) -> TweetId | None:
    """Return the author's retweet of a tweet, or None."""
    row = await tx.one(_RETWEET_ID, author_id=author_id, tweet_id=tweet_id)
    return row[0] if row else None


_RETWEETS_PAGE = sql("""
    SELECT id, author_id FROM tweets WHERE retweet_of_id = :tweet_id AND id < :before AND id > :after
    ORDER BY id DESC LIMIT :limit
""")
_RETWEETS_PAGE_OLDEST = sql("""
    SELECT id, author_id FROM tweets WHERE retweet_of_id = :tweet_id AND id < :before AND id > :after
    ORDER BY id LIMIT :limit
""")


async def retweets_page(tx: Read, tweet_id: TweetId, page: PageRequest) -> Sequence[Row]:
    """Return (retweet id, user id) of those who retweeted a tweet, newest first."""
    return await paging.page(tx, _RETWEETS_PAGE, _RETWEETS_PAGE_OLDEST, page, tweet_id=tweet_id)


_ANCESTORS = sql("""
    WITH RECURSIVE above (id, reply_to_id, height) AS (
        SELECT id, reply_to_id, CAST(0 AS BIGINT) FROM tweets WHERE id = :tweet_id
        UNION ALL
        SELECT t.id, t.reply_to_id, a.height + 1 FROM above a JOIN tweets t ON t.id = a.reply_to_id
        WHERE a.height < :limit)
    SELECT id FROM above WHERE height > 0 ORDER BY height DESC
""")


async def ancestors(tx: Read, tweet_id: TweetId, *, limit: int) -> list[TweetId]:
    """Return the tweets that led to this one, the beginning first; of a long thread those nearest to this tweet."""
    return [row[0] for row in await tx.all(_ANCESTORS, tweet_id=tweet_id, limit=limit)]


# PostgreSQL stops as soon as it has enough. SQLite collects all answers to a tweet before it gives out the first, so
# there each tweet's answers are limited too.
_DESCENDANTS = sql_per_engine(
    postgres="""
        WITH RECURSIVE below (id, reply_to_id, author_id, reply_to_author_id, depth) AS (
            SELECT id, reply_to_id, author_id, reply_to_author_id, CAST(1 AS BIGINT) FROM tweets
            WHERE reply_to_id = :tweet_id
            UNION ALL
            SELECT t.id, t.reply_to_id, t.author_id, t.reply_to_author_id, b.depth + 1
            FROM below b JOIN tweets t ON t.reply_to_id = b.id
            WHERE b.depth < :depth_max)
        SELECT id, reply_to_id, author_id, reply_to_author_id FROM below LIMIT :limit
    """,
    sqlite="""
        WITH RECURSIVE below (id, reply_to_id, author_id, reply_to_author_id, depth) AS (
            SELECT id, reply_to_id, author_id, reply_to_author_id, 1 FROM tweets
            WHERE id IN (SELECT id FROM tweets WHERE reply_to_id = :tweet_id ORDER BY id LIMIT :limit)
            UNION ALL
            SELECT t.id, t.reply_to_id, t.author_id, t.reply_to_author_id, b.depth + 1
            FROM below b CROSS JOIN tweets t
            ON t.id IN (SELECT a.id FROM tweets a WHERE a.reply_to_id = b.id ORDER BY a.id LIMIT :limit)
            WHERE b.depth < :depth_max
            LIMIT :limit)
        SELECT id, reply_to_id, author_id, reply_to_author_id FROM below
    """,
)


async def descendants(tx: Read, tweet_id: TweetId, *, limit: int, depth_max: int) -> Sequence[Row]:
    """Return (id, the answered tweet, author, the answered author) of the replies below a tweet, level by level."""
    return await tx.all(_DESCENDANTS, tweet_id=tweet_id, limit=limit, depth_max=depth_max)
