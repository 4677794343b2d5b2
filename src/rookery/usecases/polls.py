"""Voting in polls, and telling of their end."""

from collections.abc import Sequence
from typing import Final

from rookery import access, notifying, tasks
from rookery.domain import polls as rules
from rookery.domain.ids import TweetId, UserId
from rookery.domain.live import TweetEdited
from rookery.domain.notifications import NotificationKind
from rookery.domain.visibility import TweetView
from rookery.errors import Invalid, NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import polls, tweets
from rookery.storage import tasks as task_records

TOLD_SLICE: Final = 500
"""Voters whom one task tells of the end."""
TELL_EVERY_MS: Final = 3_000
"""How long live readers wait for new votes: many votes are told as one change."""
TELLING_LOST_MS: Final = 60_000
"""When a task that was to tell of votes counts as lost."""
CLEARED_SLICE: Final = 2_000
"""Voters whose outdated votes one task removes."""


async def get_poll(services: Services, viewer_id: UserId | None, tweet_id: TweetId) -> TweetView:
    """Return a tweet that the viewer may see and that holds a poll, or raise NotFound."""
    async with services.db.read() as tx:
        return await _view(services, tx, viewer_id, tweet_id)


async def vote(services: Services, viewer_id: UserId, tweet_id: TweetId, choices: Sequence[int]) -> TweetView:
    """Choose in a poll, once, and return how it stands. Raises NotFound, and Invalid saying why not."""
    places = sorted(set(choices))

    async def work(tx: Write) -> TweetView:
        view = await _view(services, tx, viewer_id, tweet_id)
        poll = view.tweet.poll
        if poll is None:
            raise NotFound
        if poll.ends_ms <= services.now_ms():
            raise Invalid("Validation failed: The poll has already ended")
        if view.tweet.author_id == viewer_id:
            raise Invalid("Validation failed: You cannot vote in your own polls")
        rules.check_choices(poll, places)
        if not await polls.vote(tx, view.tweet.id, viewer_id, places, seen=poll):
            raise Invalid("Validation failed: You have already voted on this poll")
        await _tell_soon(services, tx, view.tweet.id)
        return await _view(services, tx, viewer_id, tweet_id)

    return await services.db.write(work)


async def _tell_soon(services: Services, tx: Write, tweet_id: TweetId) -> None:
    """Have readers told of new votes, all of the next seconds at once."""
    now_ms = services.now_ms()
    at_ms = now_ms + TELL_EVERY_MS
    if await polls.expect_telling(tx, tweet_id, at_ms=at_ms, lost_ms=now_ms - TELLING_LOST_MS):
        await task_records.insert(tx, tasks.TellOfVotes(tweet_id), new_id=services.new_id(), run_at_ms=at_ms)
        tx.after_commit(services.desk.wake)


async def tell_of_votes(services: Services, task: tasks.TellOfVotes) -> None:
    """Tell live readers how a poll stands, if nobody has since it was asked for."""

    async def work(tx: Write) -> None:
        tweet_id = TweetId(task.tweet_id)
        tweet = await tweets.get(tx, tweet_id)
        if tweet is not None and await polls.begin_telling(tx, tweet_id):
            await services.live.announce(tx, TweetEdited(tweet_id, tweet.author_id))

    await services.db.write(work)


async def clear_votes(services: Services, task: tasks.ClearVotes) -> None:
    """Remove a slice of the votes from before a poll asked what it asks now, and queue the rest."""

    async def work(tx: Write) -> None:
        if await polls.delete_earlier_votes(tx, TweetId(task.tweet_id), limit=CLEARED_SLICE):
            await task_records.enqueue(services, tx, task)

    await services.db.write(work)


async def _view(services: Services, tx: Read, viewer_id: UserId | None, tweet_id: TweetId) -> TweetView:
    view = await access.visible_view(services, tx, viewer_id, tweet_id)
    view = view.retweet_of or view
    if view.tweet.poll is None:
        raise NotFound
    return view


async def end_poll(services: Services, task: tasks.EndPoll) -> None:
    """Tell the author and a slice of the voters that the poll has ended, and queue the rest."""

    async def work(tx: Write) -> None:
        tweet = await tweets.get(tx, TweetId(task.tweet_id))
        if tweet is None or tweet.poll is None or tweet.poll.ends_ms != task.ends_ms:
            return  # it is gone, or ends at another time: then another task is there
        voters = await polls.voters_slice(tx, tweet.id, after=task.after_voter, limit=TOLD_SLICE)
        recipients = voters
        if not task.after_voter:
            recipients = [tweet.author_id, *voters]
            await services.live.announce(tx, TweetEdited(tweet.id, tweet.author_id))
        await notifying.notify(
            services, tx, NotificationKind.POLL, recipients=recipients, by=tweet.author_id, tweet=tweet
        )
        if len(voters) >= TOLD_SLICE:
            rest = tasks.EndPoll(task.tweet_id, task.ends_ms, after_voter=voters[-1])
            await task_records.enqueue(services, tx, rest)

    await services.db.write(work)
