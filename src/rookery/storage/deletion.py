"""Removing what a deleted user left behind, in slices, with the counts of others it was part of.

When the last slice is done no row names the user any more. Only the user name stays taken, as a hash: nobody can
pass for somebody who has left.
"""

from typing import Final

import msgspec

from rookery.domain.ids import TweetId, UserId
from rookery.domain.tweets import Tweet
from rookery.domain.users import User
from rookery.ports import Write
from rookery.services import Services
from rookery.sql import Sql, sql
from rookery.storage import (
    announcements,
    archives,
    authorization_codes,
    confirmations,
    email_changes,
    media,
    media_objects,
    notifications,
    passkeys,
    people,
    polls,
    removals,
    search,
    sessions,
    sign_in_failures,
    sign_in_places,
    tokens,
    tweets,
    two_factor,
    users,
)

SLICE_ROWS: Final = 500
"""Rows naming the user that one transaction removes at the most. A tweet counts as one: what hangs on it (mentions,
hashtags, its pin and counts) goes with it, what others did with it is left to a task of its own."""

_DELETE_FOLLOWING = sql("""
    DELETE FROM follows WHERE follower_id = :user_id AND followee_id IN (
        SELECT followee_id FROM follows WHERE follower_id = :user_id LIMIT :limit)
    RETURNING followee_id
""")
_UNCOUNT_FOLLOWERS = sql("UPDATE user_counts SET followers = followers - 1 WHERE user_id = ANY(:user_ids)")


async def _remove_following(tx: Write, user_id: UserId, *, limit: int) -> int:
    followee_ids = [row[0] for row in await tx.all(_DELETE_FOLLOWING, user_id=user_id, limit=limit)]
    await users.lock_counts(tx, followee_ids)
    await tx.run(_UNCOUNT_FOLLOWERS, user_ids=followee_ids)
    return len(followee_ids)


_DELETE_FOLLOWERS = sql("""
    DELETE FROM follows WHERE followee_id = :user_id AND follower_id IN (
        SELECT follower_id FROM follows WHERE followee_id = :user_id LIMIT :limit)
    RETURNING follower_id
""")
_UNCOUNT_FOLLOWING = sql("UPDATE user_counts SET following = following - 1 WHERE user_id = ANY(:user_ids)")


async def _remove_followers(tx: Write, user_id: UserId, *, limit: int) -> int:
    follower_ids = [row[0] for row in await tx.all(_DELETE_FOLLOWERS, user_id=user_id, limit=limit)]
    await users.lock_counts(tx, follower_ids)
    await tx.run(_UNCOUNT_FOLLOWING, user_ids=follower_ids)
    await users.bump_home_version(tx, follower_ids)
    return len(follower_ids)


_DELETE_FAVORITES = sql("""
    DELETE FROM favorites WHERE user_id = :user_id AND tweet_id IN (
        SELECT tweet_id FROM favorites WHERE user_id = :user_id LIMIT :limit)
    RETURNING tweet_id
""")
_UNCOUNT_FAVORITES = sql("UPDATE tweet_counts SET favorites = favorites - 1 WHERE tweet_id = ANY(:tweet_ids)")


async def _remove_favorites(tx: Write, user_id: UserId, *, limit: int) -> int:
    tweet_ids = [row[0] for row in await tx.all(_DELETE_FAVORITES, user_id=user_id, limit=limit)]
    await tx.run(_UNCOUNT_FAVORITES, tweet_ids=tweet_ids)
    return len(tweet_ids)


_DELETE_MENTIONS = sql("""
    DELETE FROM mentions WHERE user_id = :user_id AND tweet_id IN (
        SELECT tweet_id FROM mentions WHERE user_id = :user_id LIMIT :limit)
    RETURNING tweet_id
""")
_UPDATE_MENTIONS = sql("UPDATE tweets SET mentions = :mentions, revision = revision + 1 WHERE id = :id")


async def _remove_mentions(tx: Write, user_id: UserId, *, limit: int) -> int:
    """Unlink the user in others' tweets; their words stay as they wrote them."""
    tweet_ids: list[TweetId] = [
        row[0] for row in await tx.all(_DELETE_MENTIONS, user_id=user_id, limit=limit)
    ]
    changed: list[tuple[str, int]] = []
    unlinked: list[Tweet] = []
    # Locked first, so that the index gets what an edit that is under way leaves.
    await tweets.lock(tx, tweet_ids)
    for tweet in await tweets.load(tx, tweet_ids):
        left = tuple(mention for mention in tweet.mentions if mention.user_id != user_id)
        changed.append((msgspec.json.encode(left).decode() if left else "", tweet.id))
        unlinked.append(msgspec.structs.replace(tweet, mentions=left))
    if changed:
        await tx.many(_UPDATE_MENTIONS, changed)
        await search.replace(tx, unlinked)
    return len(tweet_ids)


_FORGET_ANSWERED = sql("""
    UPDATE tweets SET reply_to_author_id = NULL, revision = revision + 1 WHERE id IN (
        SELECT id FROM tweets WHERE reply_to_author_id = :user_id LIMIT :limit)
""")
_TWEETS = sql("SELECT id FROM tweets WHERE author_id = :user_id LIMIT :limit")

_REST: Final[tuple[Sql, ...]] = (
    sql("""
        DELETE FROM follow_requests WHERE follower_id = :user_id AND followee_id IN (
            SELECT followee_id FROM follow_requests WHERE follower_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM follow_requests WHERE followee_id = :user_id AND follower_id IN (
            SELECT follower_id FROM follow_requests WHERE followee_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM blocks WHERE user_id = :user_id AND target_id IN (
            SELECT target_id FROM blocks WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM blocks WHERE target_id = :user_id AND user_id IN (
            SELECT user_id FROM blocks WHERE target_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM mutes WHERE user_id = :user_id AND target_id IN (
            SELECT target_id FROM mutes WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM mutes WHERE target_id = :user_id AND user_id IN (
            SELECT user_id FROM mutes WHERE target_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM bookmarks WHERE user_id = :user_id AND tweet_id IN (
            SELECT tweet_id FROM bookmarks WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM pins WHERE user_id = :user_id AND tweet_id IN (
            SELECT tweet_id FROM pins WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM thread_mutes WHERE user_id = :user_id AND thread_id IN (
            SELECT thread_id FROM thread_mutes WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM idempotency_keys WHERE user_id = :user_id AND key IN (
            SELECT key FROM idempotency_keys WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM markers WHERE user_id = :user_id AND timeline IN (
            SELECT timeline FROM markers WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM notification_groups WHERE user_id = :user_id AND group_key IN (
            SELECT group_key FROM notification_groups WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM notifications WHERE id IN (
            SELECT id FROM notifications WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM notification_requests WHERE user_id = :user_id AND from_id IN (
            SELECT from_id FROM notification_requests WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM notification_requests WHERE from_id = :user_id AND user_id IN (
            SELECT user_id FROM notification_requests WHERE from_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM notification_permissions WHERE user_id = :user_id AND from_id IN (
            SELECT from_id FROM notification_permissions WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM notification_permissions WHERE from_id = :user_id AND user_id IN (
            SELECT user_id FROM notification_permissions WHERE from_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM notification_policies WHERE user_id IN (
            SELECT user_id FROM notification_policies WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM list_members WHERE owner_id = :user_id AND user_id IN (
            SELECT user_id FROM list_members WHERE owner_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM list_members WHERE user_id = :user_id AND list_id IN (
            SELECT list_id FROM list_members WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM lists WHERE id IN (
            SELECT id FROM lists WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM followed_hashtags WHERE user_id = :user_id AND hashtag_id IN (
            SELECT hashtag_id FROM followed_hashtags WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM featured_hashtags WHERE user_id = :user_id AND hashtag_id IN (
            SELECT hashtag_id FROM featured_hashtags WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM scheduled_tweets WHERE id IN (
            SELECT id FROM scheduled_tweets WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM drafts WHERE id IN (
            SELECT id FROM drafts WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM filter_keywords WHERE id IN (
            SELECT id FROM filter_keywords WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM filter_tweets WHERE id IN (
            SELECT id FROM filter_tweets WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM filters WHERE id IN (
            SELECT id FROM filters WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM notes WHERE user_id = :user_id AND target_id IN (
            SELECT target_id FROM notes WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM notes WHERE target_id = :user_id AND user_id IN (
            SELECT user_id FROM notes WHERE target_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM endorsements WHERE user_id = :user_id AND target_id IN (
            SELECT target_id FROM endorsements WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM endorsements WHERE target_id = :user_id AND user_id IN (
            SELECT user_id FROM endorsements WHERE target_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM dismissed_suggestions WHERE user_id = :user_id AND target_id IN (
            SELECT target_id FROM dismissed_suggestions WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM dismissed_suggestions WHERE target_id = :user_id AND user_id IN (
            SELECT user_id FROM dismissed_suggestions WHERE target_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM domain_blocks WHERE user_id = :user_id AND domain IN (
            SELECT domain FROM domain_blocks WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM annual_reports WHERE user_id = :user_id AND year IN (
            SELECT year FROM annual_reports WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM collection_items WHERE id IN (
            SELECT id FROM collection_items WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM collection_items WHERE id IN (
            SELECT i.id FROM collections c JOIN collection_items i ON i.collection_id = c.id
            WHERE c.user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM collections WHERE id IN (
            SELECT id FROM collections WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM direct_tweets WHERE user_id = :user_id AND tweet_id IN (
            SELECT tweet_id FROM direct_tweets WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM conversations WHERE id IN (
            SELECT id FROM conversations WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM announcement_dismissals WHERE user_id = :user_id AND announcement_id IN (
            SELECT announcement_id FROM announcement_dismissals WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM reading_preferences WHERE user_id IN (
            SELECT user_id FROM reading_preferences WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM rankings WHERE user_id = :user_id AND id IN (
            SELECT id FROM rankings WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM ranking_facts WHERE user_id = :user_id AND ranking_id IN (
            SELECT ranking_id FROM ranking_facts WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM trend_log WHERE id IN (
            SELECT id FROM trend_log WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM trend_users WHERE user_id = :user_id AND (kind, subject_id) IN (
            SELECT kind, subject_id FROM trend_users WHERE user_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM trend_hours WHERE kind = 3 AND subject_id = :user_id AND (hour, scope) IN (
            SELECT hour, scope FROM trend_hours WHERE kind = 3 AND subject_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM reports WHERE id IN (
            SELECT id FROM reports WHERE reporter_id = :user_id LIMIT :limit)
    """),
    sql("""
        DELETE FROM reports WHERE id IN (
            SELECT id FROM reports WHERE target_id = :user_id LIMIT :limit)
    """),
)
"""What nobody else's counts depend on, a statement for each table and direction."""


async def _remove_tweets(services: Services, tx: Write, user_id: UserId, *, limit: int) -> int:
    tweet_ids = [row[0] for row in await tx.all(_TWEETS, user_id=user_id, limit=limit)]
    await removals.remove_tweets(services, tx, user_id, await tweets.load(tx, tweet_ids))
    return len(tweet_ids)


async def _remove_media(services: Services, tx: Write, user_id: UserId, *, limit: int) -> int:
    """Remove what the user has uploaded: avatar, header, and what no tweet showed."""
    media_ids = await media.ids_of_owner(tx, user_id, limit=limit)
    await media_objects.let_go(services, tx, await media.delete(tx, media_ids))
    return len(media_ids)


async def remove_slice(services: Services, tx: Write, user_id: UserId, *, limit: int = SLICE_ROWS) -> bool:
    """Remove at most so many rows of what the user left; True when there may be more."""
    await archives.delete(services, tx, user_id)
    left = limit
    for remove in (_remove_followers, _remove_following, _remove_favorites, _remove_mentions):
        if left > 0:
            left -= await remove(tx, user_id, limit=left)
    if left > 0:
        left -= await _remove_tweets(services, tx, user_id, limit=left)
    if left > 0:
        left -= await polls.take_votes(tx, user_id, limit=left)
    if left > 0:
        left -= await announcements.take_reactions(tx, user_id, limit=left)
    if left > 0:
        left -= await notifications.delete_sent(tx, user_id, limit=left)
    if left > 0:
        left -= await _remove_media(services, tx, user_id, limit=left)
    for statement in (_FORGET_ANSWERED, *_REST):
        if left > 0:
            left -= await tx.run(statement, user_id=user_id, limit=left)
    return left <= 0


async def forget_sign_in(tx: Write, user_id: UserId) -> None:
    """Remove the private part of a user and every way to act as them."""
    await tokens.delete_of_user(tx, user_id)
    await sign_in_places.delete_of_user(tx, user_id)
    await sessions.delete_others(tx, user_id, kept=b"")
    await authorization_codes.delete_of_user(tx, user_id)
    await confirmations.delete_of_user(tx, user_id)
    await email_changes.delete(tx, user_id)
    await sign_in_failures.delete(tx, sign_in_failures.user_key(user_id))
    await sign_in_failures.delete(tx, sign_in_failures.codes_key(user_id))
    await two_factor.delete(tx, user_id)
    await passkeys.delete_of_user(tx, user_id)
    await people.delete(tx, user_id)


_DELETE_HOT = sql("DELETE FROM hot_users WHERE user_id = :user_id")


async def finish(tx: Write, user: User) -> None:
    """Remove the last rows of a user of whom nothing else is left; the name stays taken, as a hash."""
    await forget_sign_in(tx, user.id)
    await tx.run(_DELETE_HOT, user_id=user.id)
    await users.retire_name(tx, user.username)
    await users.delete(tx, user.id)
