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
            raise Invalid("Validation failed: You cannot vote in your own poll")
        rules.check_choices(poll, places)
        if not await polls.vote(tx, view.tweet.id, viewer_id, places):
            raise Invalid("Validation failed: You have already voted on this poll")
        await services.live.announce(tx, TweetEdited(view.tweet.id, view.tweet.author_id))
        return await _view(services, tx, viewer_id, tweet_id)

    return await services.db.write(work)


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
        if tweet is None or tweet.poll is None or tweet.poll.ends_ms > services.now_ms():
            return
        voters = await polls.voters_slice(tx, tweet.id, after=task.after_voter, limit=TOLD_SLICE)
        recipients = voters
        if not task.after_voter:
            recipients = [tweet.author_id, *voters]
            await services.live.announce(tx, TweetEdited(tweet.id, tweet.author_id))
        await notifying.notify(
            services, tx, NotificationKind.POLL, recipients=recipients, by=tweet.author_id, tweet=tweet
        )
        if len(voters) >= TOLD_SLICE:
            rest = tasks.EndPoll(task.tweet_id, after_voter=voters[-1])
            await task_records.enqueue(services, tx, rest)

    await services.db.write(work)
