"""Direct conversations, a row for each who takes part, and which direct tweets belong to them."""

from collections.abc import Sequence

from rookery.domain import conversations as rules
from rookery.domain.conversations import Conversation
from rookery.domain.ids import TweetId, UserId
from rookery.domain.live import ConversationChanged
from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Tweet, Visibility
from rookery.ports import Read, Row, Write
from rookery.services import Services
from rookery.sql import sql
from rookery.storage import paging

_DEAF = sql("""
    SELECT user_id FROM thread_mutes WHERE user_id = ANY(:user_ids) AND thread_id = :thread_id
    UNION ALL
    SELECT user_id FROM mutes WHERE user_id = ANY(:user_ids) AND target_id = :author_id
    AND (until_ms IS NULL OR until_ms > :now_ms)
    UNION ALL
    SELECT user_id FROM blocks WHERE user_id = ANY(:user_ids) AND target_id = :author_id
""")
_PUT = sql("""
    INSERT INTO conversations (id, user_id, thread_id, members_hash, last_tweet_id, unread)
    VALUES (:id, :user_id, :thread_id, :members_hash, :tweet_id, :unread)
    ON CONFLICT (user_id, thread_id, members_hash) DO UPDATE SET
        last_tweet_id = CASE WHEN excluded.last_tweet_id > conversations.last_tweet_id
            THEN excluded.last_tweet_id ELSE conversations.last_tweet_id END,
        unread = CASE WHEN CAST(:keeps AS BOOLEAN) THEN conversations.unread ELSE excluded.unread END
    RETURNING id
""")
_INSERT_TWEET = sql("""
    INSERT INTO direct_tweets (user_id, tweet_id, conversation_id) VALUES (:user_id, :tweet_id, :conversation_id)
    ON CONFLICT DO NOTHING
""")


async def add(services: Services, tx: Write, tweet: Tweet) -> None:
    """Let a direct tweet be the last one in the conversations of its author and of those whom it mentions.

    It is unread for those who have muted neither its author nor the thread. What is no direct tweet is left alone.
    """
    if tweet.visibility is not Visibility.DIRECT or tweet.retweet_of_id is not None:
        return
    members = rules.members(tweet)
    members_hash = rules.members_hash(members)
    deaf = {
        row[0]
        for row in await tx.all(
            _DEAF,
            user_ids=list(members),
            thread_id=tweet.thread_id,
            author_id=tweet.author_id,
            now_ms=services.now_ms(),
        )
    }
    entries: list[tuple[UserId, TweetId, int]] = []
    # In the order of ids, so that two who write at the same time do not wait in a circle.
    for user_id in members:
        row = await tx.one(
            _PUT,
            id=services.new_id(),
            user_id=user_id,
            thread_id=tweet.thread_id,
            members_hash=members_hash,
            tweet_id=tweet.id,
            unread=user_id != tweet.author_id and user_id not in deaf,
            keeps=user_id in deaf,
        )
        if row is not None:
            entries.append((user_id, tweet.id, row[0]))
    await tx.many(_INSERT_TWEET, entries)
    await services.live.announce(
        tx, *[ConversationChanged(user_id, conversation_id) for user_id, _, conversation_id in entries]
    )


_DELETE_TWEET = sql("""
    DELETE FROM direct_tweets WHERE user_id = ANY(:user_ids) AND tweet_id = :tweet_id
    RETURNING user_id, conversation_id
""")
_FALL_BACK = sql("""
    UPDATE conversations SET last_tweet_id = (
        SELECT MAX(d.tweet_id) FROM direct_tweets d WHERE d.conversation_id = :id)
    WHERE id = :id AND EXISTS (SELECT 1 FROM direct_tweets d WHERE d.conversation_id = :id)
""")
_DELETE_EMPTY = sql("""
    DELETE FROM conversations
    WHERE id = :id AND NOT EXISTS (SELECT 1 FROM direct_tweets d WHERE d.conversation_id = :id)
""")


async def remove(tx: Write, tweets: Sequence[Tweet]) -> None:
    """Take tweets out of the conversations they are part of: these fall back to what was said before, or end."""
    left: set[tuple[UserId, int]] = set()
    for tweet in tweets:
        if tweet.visibility is Visibility.DIRECT:
            members = list(rules.members(tweet))
            rows = await tx.all(_DELETE_TWEET, user_ids=members, tweet_id=tweet.id)
            left.update((row[0], row[1]) for row in rows)
    if left:
        ids = [(conversation_id,) for _, conversation_id in sorted(left)]
        await tx.many(_FALL_BACK, ids)
        await tx.many(_DELETE_EMPTY, ids)


async def replace(services: Services, tx: Write, before: Tweet, after: Tweet) -> None:
    """Let an edited tweet leave the conversations of those whom it mentions no more, and enter those of the others."""
    if before.visibility is Visibility.DIRECT and rules.members(before) != rules.members(after):
        await remove(tx, [before])
        await add(services, tx, after)


_PAGE = sql("""
    SELECT last_tweet_id, id, unread FROM conversations
    WHERE user_id = :user_id AND last_tweet_id < :before AND last_tweet_id > :after
    ORDER BY last_tweet_id DESC LIMIT :limit
""")
_PAGE_OLDEST = sql("""
    SELECT last_tweet_id, id, unread FROM conversations
    WHERE user_id = :user_id AND last_tweet_id < :before AND last_tweet_id > :after
    ORDER BY last_tweet_id LIMIT :limit
""")


def _conversation(row: Row) -> Conversation:
    return Conversation(id=row[1], last_tweet_id=row[0], unread=bool(row[2]))


async def page(tx: Read, user_id: UserId, page: PageRequest) -> list[Conversation]:
    """Return a user's conversations, those first in which something was said last; paged by that tweet's id."""
    rows = await paging.page(tx, _PAGE, _PAGE_OLDEST, page, user_id=user_id)
    return [_conversation(row) for row in rows]


_GET = sql("SELECT last_tweet_id, id, unread FROM conversations WHERE id = :id AND user_id = :user_id")


async def get(tx: Read, user_id: UserId, conversation_id: int) -> Conversation | None:
    """Return one of a user's conversations, or None."""
    row = await tx.one(_GET, id=conversation_id, user_id=user_id)
    return _conversation(row) if row is not None else None


_SET_UNREAD = sql("""
    UPDATE conversations SET unread = :unread WHERE id = :id AND user_id = :user_id AND unread <> :unread
""")


async def set_unread(tx: Write, user_id: UserId, conversation_id: int, *, unread: bool) -> bool:
    """Mark a conversation as read or unread; False when it was so already."""
    return bool(await tx.run(_SET_UNREAD, id=conversation_id, user_id=user_id, unread=unread))


_DELETE = sql("DELETE FROM conversations WHERE id = :id AND user_id = :user_id")


async def delete(tx: Write, user_id: UserId, conversation_id: int) -> bool:
    """Remove a conversation from a user's list; False when it was not there. Its tweets stay."""
    return bool(await tx.run(_DELETE, id=conversation_id, user_id=user_id))


_TWEETS_PAGE = sql("""
    SELECT tweet_id FROM direct_tweets WHERE user_id = :user_id AND tweet_id < :before AND tweet_id > :after
    ORDER BY tweet_id DESC LIMIT :limit
""")
_TWEETS_PAGE_OLDEST = sql("""
    SELECT tweet_id FROM direct_tweets WHERE user_id = :user_id AND tweet_id < :before AND tweet_id > :after
    ORDER BY tweet_id LIMIT :limit
""")


async def tweets_page(tx: Read, user_id: UserId, page: PageRequest) -> list[TweetId]:
    """Return the direct tweets that a user wrote or is mentioned in: the first of the page in the asked direction."""
    statement = _TWEETS_PAGE_OLDEST if page.oldest else _TWEETS_PAGE
    rows = await tx.all(statement, user_id=user_id, before=page.before, after=page.after, limit=page.limit)
    return [row[0] for row in rows]
