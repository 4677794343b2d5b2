"""Tweets that are posted later, exactly once, when their time has come."""

from collections.abc import Sequence

import msgspec

from rookery import access, posting, tasks
from rookery.domain import composing
from rookery.domain.composing import Manuscript
from rookery.domain.ids import TweetId, UserId
from rookery.domain.scheduling import DAY_MS, WAITING_A_DAY_MAX, WAITING_MAX, ScheduledTweet, check_time
from rookery.domain.timelines import Page, PageRequest, paged
from rookery.errors import Conflict, Forbidden, Invalid, NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import drafts, idempotency, media, scheduled_tweets, users
from rookery.storage import tasks as task_records


async def schedule_tweet(
    services: Services,
    author_id: UserId,
    manuscript: Manuscript,
    *,
    post_at_ms: int,
    idempotency_key: str | None = None,
    draft_id: int | None = None,
) -> ScheduledTweet:
    """Let a tweet wait for its time; what is wrong with it is said now. The same key again returns the first one.

    Raises Invalid naming the field, NotFound, and Conflict when the key has posted something already.
    """
    check_time(post_at_ms, now_ms=services.now_ms())
    posting.check(manuscript, idempotency_key)
    waiting = ScheduledTweet(services.new_id(), author_id, post_at_ms, manuscript)

    async def work(tx: Write) -> ScheduledTweet:
        author = await access.visible_user(tx, author_id)
        if idempotency_key:
            first = await idempotency.claim(
                tx, author_id, idempotency_key, TweetId(waiting.id), now_ms=services.now_ms()
            )
            if first != waiting.id:
                return await _scheduled_first(tx, first)
        composing.compose(
            author,
            text=manuscript.text,
            spoiler=manuscript.spoiler,
            visibility=manuscript.visibility,
            sensitive=manuscript.sensitive,
            language=manuscript.language,
            place=manuscript.place,
            limits=services.limits,
            domain=services.instance.domain,
            shows_more=manuscript.quoted_id is not None or bool(manuscript.media_ids),
        )
        if manuscript.reply_to_id is not None:
            await access.visible_view(services, tx, author_id, manuscript.reply_to_id)
        shown = await posting.attachable(services, tx, author_id, manuscript.media_ids)
        await posting.quotable(services, tx, author_id, manuscript.quoted_id)
        await _refuse_above_limit(tx, author_id, post_at_ms)
        await scheduled_tweets.insert(tx, waiting)
        await media.hold(tx, waiting.id, manuscript.media_ids, now_ms=services.now_ms())
        if draft_id is not None and await drafts.delete(tx, draft_id, author_id):
            await media.release(tx, draft_id, now_ms=services.now_ms())
        await _queue(services, tx, waiting)
        return msgspec.structs.replace(waiting, media=shown)

    return await services.db.write(work)


async def _scheduled_first(tx: Read, scheduled_id: int) -> ScheduledTweet:
    earlier = await scheduled_tweets.get(tx, scheduled_id)
    if earlier is None:
        raise Conflict("This was posted already, or does not wait any more")
    return (await _shown(tx, earlier.user_id, [earlier]))[0]


async def _refuse_above_limit(tx: Write, author_id: UserId, post_at_ms: int) -> None:
    # Whoever schedules at the same time waits here, so that both are counted.
    await users.lock_counts(tx, [author_id])
    day_ms = post_at_ms - post_at_ms % DAY_MS
    total, that_day = await scheduled_tweets.count(tx, author_id, from_ms=day_ms, to_ms=day_ms + DAY_MS)
    if total >= WAITING_MAX:
        raise Invalid(f"You have exceeded the limit of {WAITING_MAX} scheduled posts", field="scheduled_at")
    if that_day >= WAITING_A_DAY_MAX:
        raise Invalid(
            f"You have exceeded the limit of {WAITING_A_DAY_MAX} scheduled posts for that day",
            field="scheduled_at",
        )


async def _queue(services: Services, tx: Write, waiting: ScheduledTweet) -> None:
    task = tasks.PostScheduled(waiting.id, waiting.post_at_ms)
    await task_records.insert(tx, task, new_id=services.new_id(), run_at_ms=waiting.post_at_ms)


async def page_scheduled(services: Services, author_id: UserId, page: PageRequest) -> Page[ScheduledTweet]:
    """Return a page of the author's tweets that wait."""
    async with services.db.read() as tx:
        waiting = await _shown(tx, author_id, await scheduled_tweets.page(tx, author_id, page))
    return paged(page, waiting, [one.id for one in waiting])


async def get_scheduled(services: Services, author_id: UserId, scheduled_id: int) -> ScheduledTweet:
    """Return one of the author's tweets that wait, or raise NotFound."""
    async with services.db.read() as tx:
        return await _own(tx, author_id, scheduled_id)


async def reschedule(
    services: Services, author_id: UserId, scheduled_id: int, *, post_at_ms: int
) -> ScheduledTweet:
    """Let a tweet wait for another time. Raises Invalid, NotFound."""
    check_time(post_at_ms, now_ms=services.now_ms())

    async def work(tx: Write) -> ScheduledTweet:
        await _own(tx, author_id, scheduled_id)
        await scheduled_tweets.move(tx, scheduled_id, post_at_ms=post_at_ms)
        moved = await _own(tx, author_id, scheduled_id)
        await _queue(services, tx, moved)
        return moved

    return await services.db.write(work)


async def cancel_scheduled(services: Services, author_id: UserId, scheduled_id: int) -> None:
    """Take a tweet back that waits; raise NotFound when it does not (any more)."""

    async def work(tx: Write) -> None:
        waiting = await _own(tx, author_id, scheduled_id)
        if not await scheduled_tweets.delete(tx, scheduled_id, post_at_ms=waiting.post_at_ms):
            raise NotFound  # it was posted meanwhile
        await media.release(tx, scheduled_id, now_ms=services.now_ms())

    await services.db.write(work)


async def post_scheduled(services: Services, task: tasks.PostScheduled) -> None:
    """Post a tweet whose time has come and forget that it waited, both or neither.

    One that cannot be posted any more stays, with the reason, for its author to see.
    """

    async def work(tx: Write) -> None:
        waiting = await scheduled_tweets.get(tx, task.scheduled_id)
        # Of a tweet that was moved an earlier task may still come by.
        if waiting is None or waiting.post_at_ms != task.post_at_ms:
            return
        if await scheduled_tweets.delete(tx, waiting.id, post_at_ms=task.post_at_ms):
            await media.release(tx, waiting.id, now_ms=services.now_ms())
            await posting.post(services, tx, waiting.user_id, waiting.manuscript)

    try:
        await services.db.write(work)
    except (Invalid, NotFound, Forbidden) as error:
        failure = error.message

        async def note(tx: Write) -> None:
            await scheduled_tweets.fail(tx, task.scheduled_id, failure=failure)

        await services.db.write(note)


async def _own(tx: Read, author_id: UserId, scheduled_id: int) -> ScheduledTweet:
    waiting = await scheduled_tweets.get(tx, scheduled_id)
    if waiting is None or waiting.user_id != author_id:
        raise NotFound
    return (await _shown(tx, author_id, [waiting]))[0]


async def _shown(tx: Read, author_id: UserId, waiting: Sequence[ScheduledTweet]) -> list[ScheduledTweet]:
    """Return tweets that wait with what they are to show."""
    shown = await media.of_manuscripts(tx, author_id, [one.manuscript for one in waiting])
    return [msgspec.structs.replace(one, media=each) for one, each in zip(waiting, shown, strict=True)]
