"""Posting, reading and deleting tweets."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from rookery import access, filtering, hydration, tasks
from rookery.domain import composing, threads
from rookery.domain import polls as poll_rules
from rookery.domain.composing import Draft
from rookery.domain.filters import FilterContext
from rookery.domain.ids import AppId, TweetId, UserId
from rookery.domain.limits import IDEMPOTENCY_KEY_CHARS_MAX
from rookery.domain.live import TweetPosted
from rookery.domain.notifications import NotificationKind
from rookery.domain.polls import Poll, PollDraft, PollStanding
from rookery.domain.timelines import is_delivered
from rookery.domain.tweets import Mention, OwnMarks, Place, PostedWith, Tweet, TweetCounts, Visibility
from rookery.domain.users import UserView
from rookery.domain.visibility import TweetView, is_quiet, may_see
from rookery.errors import Invalid, NotFound, Unavailable
from rookery.notifying import notify
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import (
    apps,
    conversations,
    follows,
    hashtags,
    hot_users,
    idempotency,
    mentions,
    polls,
    removals,
)
from rookery.storage import tasks as task_records
from rookery.storage import tweets as tweet_records
from rookery.storage import users as user_records


class ThreadBounds(NamedTuple):
    """How much of a conversation is shown."""

    ancestors_max: int
    descendants_max: int
    depth_max: int


SIGNED_IN_THREAD: Final = ThreadBounds(ancestors_max=4_096, descendants_max=4_096, depth_max=4_096)
SIGNED_OUT_THREAD: Final = ThreadBounds(ancestors_max=40, descendants_max=60, depth_max=20)


async def post_tweet(
    services: Services,
    author_id: UserId,
    *,
    text: str,
    spoiler: str = "",
    visibility: Visibility | None = None,
    sensitive: bool | None = None,
    language: str | None = None,
    reply_to_id: TweetId | None = None,
    place: Place | None = None,
    poll: PollDraft | None = None,
    app_id: AppId | None = None,
    idempotency_key: str | None = None,
) -> TweetView:
    """Post a tweet; what is not said comes from the author's preferences. The same key again posts nothing more.

    Raises Invalid naming the field, NotFound when the tweet to answer is not there for the author.
    """
    _check_idempotency_key(idempotency_key)
    if poll is not None:
        poll_rules.check(poll)

    async def work(tx: Write) -> TweetView:
        author = await _author(services, tx, author_id)
        draft = composing.compose(
            author.user,
            text=text,
            spoiler=spoiler,
            visibility=visibility,
            sensitive=sensitive,
            language=language,
            place=place,
            limits=services.limits,
            domain=services.instance.domain,
        )
        tweet_id = TweetId(services.new_id())
        now_ms = services.now_ms()
        if idempotency_key:
            first = await idempotency.claim(tx, author_id, idempotency_key, tweet_id, now_ms=now_ms)
            if first != tweet_id:
                return await access.visible_view(services, tx, author_id, first)
        parent = await _parent(services, tx, author_id, reply_to_id)
        app = await apps.posted_with(tx, app_id) if app_id is not None else None
        addressed = await mentions.mentionable(tx, author_id, draft.mentioned)
        tweet = _tweet(draft, tweet_id, author_id, parent=parent, mentions=addressed, app=app, now_ms=now_ms)
        if poll is not None:
            tweet = msgspec.structs.replace(tweet, poll=_poll(poll, now_ms=now_ms))
        await _record(services, tx, tweet, author, draft.hashtags)
        return _fresh_view(tweet, author, parent)

    view = await services.db.write(work)
    services.tweet_cache.put(view.tweet.id, view.tweet)
    return view


def _check_idempotency_key(key: str | None) -> None:
    if key is not None and len(key) > IDEMPOTENCY_KEY_CHARS_MAX:
        raise Invalid(
            f"The idempotency key may have {IDEMPOTENCY_KEY_CHARS_MAX} characters", field="idempotency_key"
        )


async def _record(services: Services, tx: Write, tweet: Tweet, author: UserView, tags: Sequence[str]) -> None:
    """Write the tweet and all that hangs on it, and queue its deliveries."""
    if not await tweet_records.insert(tx, tweet):
        raise Unavailable("the tweet's id was taken meanwhile; try again")
    if tweet.poll is not None:
        await polls.insert(tx, tweet.id, tweet.poll)
        await task_records.insert(
            tx, tasks.EndPoll(tweet.id), new_id=services.new_id(), run_at_ms=tweet.poll.ends_ms
        )
    await mentions.insert(tx, tweet.id, tweet.mentions)
    await conversations.add(services, tx, tweet)
    await hashtags.insert(services, tx, tweet.id, tweet.author_id, tags)
    followers_max = services.limits.hot_user_followers
    if is_delivered(
        tweet.visibility,
        strategy=services.instance.timeline_strategy,
        followers=author.counts.followers,
        followers_max=followers_max,
    ):
        await task_records.enqueue(services, tx, tasks.FanOutTweet(tweet.id, tweet.author_id))
    else:
        # The limit may have been lowered since the last follow: whose tweets are not delivered must be merged.
        await hot_users.insert_if_hot(
            tx, tweet.author_id, followers_max=followers_max, now_ms=tweet.created_ms
        )
    await services.live.announce(tx, TweetPosted(tweet.id, tweet.author_id))
    await notify(
        services,
        tx,
        NotificationKind.MENTION,
        recipients=[mention.user_id for mention in tweet.mentions],
        by=tweet.author_id,
        tweet=tweet,
    )
    if _rings(tweet) and await follows.has_bells(tx, tweet.author_id):
        await task_records.enqueue(services, tx, tasks.RingBells(tweet.id, tweet.author_id))
    # Rows that many write to come last, so that they are locked for a moment only.
    if tweet.reply_to_id is not None and tweet.visibility <= Visibility.UNLISTED:
        await tweet_records.add_counts(tx, tweet.reply_to_id, replies=1)
    if tweet.visibility is not Visibility.DIRECT:
        await user_records.note_tweet(tx, tweet.author_id, now_ms=tweet.created_ms)


def _rings(tweet: Tweet) -> bool:
    """Tell whether a new tweet rings its author's followers' bells: not what is said to somebody else."""
    return tweet.visibility <= Visibility.FOLLOWERS and tweet.reply_to_author_id in {None, tweet.author_id}


async def _author(services: Services, tx: Read, author_id: UserId) -> UserView:
    views, _ = await hydration.users(services, tx, None, [author_id])
    if not views:
        raise NotFound
    return views[0]


async def _parent(
    services: Services, tx: Read, author_id: UserId, reply_to_id: TweetId | None
) -> TweetView | None:
    if reply_to_id is None:
        return None
    try:
        view = await access.visible_view(services, tx, author_id, reply_to_id)
    except NotFound:
        raise NotFound(
            "The post you are trying to reply to does not appear to exist.", field="reply_to_id"
        ) from None
    return view.retweet_of or view


def _tweet(
    draft: Draft,
    tweet_id: TweetId,
    author_id: UserId,
    *,
    parent: TweetView | None,
    mentions: tuple[Mention, ...],
    app: PostedWith | None,
    now_ms: int,
) -> Tweet:
    return Tweet(
        id=tweet_id,
        author_id=author_id,
        text=draft.text,
        spoiler=draft.spoiler,
        language=draft.language,
        visibility=draft.visibility,
        sensitive=draft.sensitive,
        reply_to_id=parent.tweet.id if parent else None,
        reply_to_author_id=parent.tweet.author_id if parent else None,
        thread_id=parent.tweet.thread_id if parent else tweet_id,
        mentions=mentions,
        place=draft.place,
        app=app,
        created_ms=now_ms,
    )


def _poll(draft: PollDraft, *, now_ms: int) -> Poll:
    return Poll(
        options=tuple(option.strip() for option in draft.options),
        multiple=draft.multiple,
        hides_totals=draft.hides_totals,
        ends_ms=now_ms + draft.duration_s * 1000,
    )


def _fresh_view(tweet: Tweet, author: UserView, parent: TweetView | None) -> TweetView:
    """Return the new tweet as its author sees it, without asking the records again."""
    counts = author.counts
    if tweet.visibility is not Visibility.DIRECT:
        counts = msgspec.structs.replace(counts, tweets=counts.tweets + 1, last_tweet_ms=tweet.created_ms)
    muted = parent is not None and parent.marks.thread_muted
    marks = OwnMarks(thread_muted=muted)
    standing = None
    if tweet.poll is not None:
        standing = PollStanding(votes=(0,) * len(tweet.poll.options), voters=0, own=(), ended=False)
    return TweetView(tweet, TweetCounts(), UserView(author.user, counts), marks, poll=standing)


async def get_tweet(services: Services, viewer_id: UserId | None, tweet_id: TweetId) -> TweetView:
    """Return a tweet as the viewer sees it, or raise NotFound."""
    async with services.db.read() as tx:
        view = await access.visible_view(services, tx, viewer_id, tweet_id)
        return (await filtering.apply(services, tx, viewer_id, None, [view]))[0]


async def get_tweets(
    services: Services, viewer_id: UserId | None, tweet_ids: Sequence[TweetId]
) -> list[TweetView]:
    """Return those of the tweets that the viewer may see, in the order of the ids."""
    async with services.db.read() as tx:
        views = await _visible(services, tx, viewer_id, tweet_ids)
        return await filtering.apply(services, tx, viewer_id, None, views)


async def delete_tweet(services: Services, viewer_id: UserId, tweet_id: TweetId) -> TweetView:
    """Delete an own tweet for good and return what it was. Answers to it stay."""

    async def work(tx: Write) -> TweetView:
        view = await access.own_tweet(services, tx, viewer_id, tweet_id)
        await removals.remove_tweet(services, tx, view.tweet)
        return view

    return await services.db.write(work)


async def clear_deleted_tweet(services: Services, task: tasks.ClearDeletedTweet) -> None:
    """Remove a slice of what others did with a deleted tweet and queue the rest."""

    async def work(tx: Write) -> None:
        if await removals.clear_slice(services, tx, TweetId(task.tweet_id)):
            await task_records.enqueue(services, tx, task)

    await services.db.write(work)


class Thread(NamedTuple):
    """What led to a tweet and what came of it."""

    ancestors: list[TweetView]
    """The beginning of the thread first."""
    descendants: list[TweetView]
    """Each answer followed by the answers to it."""


async def get_thread(services: Services, viewer_id: UserId | None, tweet_id: TweetId) -> Thread:
    """Return the conversation around a tweet, without those whom the viewer blocks or mutes; bounded."""
    bounds = SIGNED_OUT_THREAD if viewer_id is None else SIGNED_IN_THREAD
    async with services.db.read() as tx:
        view = await access.visible_view(services, tx, viewer_id, tweet_id)
        shown = (view.retweet_of or view).tweet
        above = await tweet_records.ancestors(tx, shown.id, limit=bounds.ancestors_max)
        rows = await tweet_records.descendants(
            tx, shown.id, limit=bounds.descendants_max, depth_max=bounds.depth_max
        )
        below = threads.in_reading_order(shown.id, [threads.Reply(*row) for row in rows])
        views = await _visible(services, tx, viewer_id, [*above, *below], quiet=True)
        views = await filtering.apply(services, tx, viewer_id, FilterContext.THREAD, views)
    ancestors = set(above)
    return Thread(
        [view for view in views if view.tweet.id in ancestors],
        [view for view in views if view.tweet.id not in ancestors],
    )


async def _visible(
    services: Services,
    tx: Read,
    viewer_id: UserId | None,
    tweet_ids: Sequence[TweetId],
    *,
    quiet: bool = False,
) -> list[TweetView]:
    hydrated = await hydration.tweets(services, tx, viewer_id, tweet_ids)
    standings = hydrated.standings
    return [
        view
        for view in hydrated.views
        if may_see(view, viewer_id, standings) and not (quiet and not is_quiet(view, viewer_id, standings))
    ]
