"""Posting, reading and deleting tweets."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rookery import access, filtering, hydration, posting, tasks
from rookery.domain import threads
from rookery.domain.composing import Manuscript
from rookery.domain.filters import FilterContext
from rookery.domain.ids import TweetId, UserId
from rookery.domain.visibility import TweetView, is_quiet, may_see
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import drafts, media, removals
from rookery.storage import tasks as task_records
from rookery.storage import tweets as tweet_records


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
    manuscript: Manuscript,
    *,
    idempotency_key: str | None = None,
    draft_id: int | None = None,
) -> TweetView:
    """Post a tweet; what is not said comes from the author's preferences. The same key again posts nothing more.

    The draft that it was written from is thrown away with it.

    Raises Invalid naming the field, NotFound when the tweet to answer is not there for the author.
    """
    posting.check(manuscript, idempotency_key)

    async def work(tx: Write) -> TweetView:
        if draft_id is not None and await drafts.delete(tx, draft_id, author_id):
            await media.release(tx, draft_id, now_ms=services.now_ms())
        return await posting.post(services, tx, author_id, manuscript, idempotency_key=idempotency_key)

    view = await services.db.write(work)
    services.tweet_cache.put(view.tweet.id, view.tweet)
    return view


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


async def delete_tweet(
    services: Services, viewer_id: UserId, tweet_id: TweetId, *, keeps_media: bool = False
) -> TweetView:
    """Delete an own tweet for good and return what it was. Answers to it stay.

    What it shows may be kept for a day, for those who want to write it anew.
    """

    async def work(tx: Write) -> TweetView:
        view = await access.own_tweet(services, tx, viewer_id, tweet_id)
        await removals.remove_tweet(services, tx, view.tweet, keeps_media=keeps_media)
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
