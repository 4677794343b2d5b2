"""The catalogue of background work: what a task carries and how it is tried. Payloads are ids, never rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec


@dataclass(frozen=True, slots=True)
class Policy:
    """How a kind of task is run."""

    queue: str
    attempts_max: int
    deadline_s: int
    """How long one run may take; the worker holds a lease that is longer, and lengthens it meanwhile."""
    every_s: int | None = None
    """For periodic work: how often."""


SLOW_QUEUES: Final[Mapping[str, int]] = {
    "photos": 2,
    "videos": 1,
    "moves": 1,
    "archives": 1,
    "mail": 4,
    "push": 16,
    "previews": 4,
}
"""Queues of work that takes its time or waits for others, and how much of each a worker does at once, so that it holds
up nothing else."""
LEASE_MS: Final = 30_000
"""How long a worker has a task to itself; it lengthens this while the task runs, so that only a dead one's runs out."""


class Task(msgspec.Struct, frozen=True):
    """Work that was queued by a transaction and is done after it."""


CATALOGUE: Final[dict[str, type[Task]]] = {}
POLICIES: Final[dict[type[Task], Policy]] = {}

_TaskT = TypeVar("_TaskT", bound=Task)


def task(
    *, queue: str, attempts_max: int = 20, deadline_s: int = 30, every_s: int | None = None
) -> Callable[[type[_TaskT]], type[_TaskT]]:
    """Enter a payload class in the catalogue with its policy."""

    def enter(payload: type[_TaskT]) -> type[_TaskT]:
        CATALOGUE[payload.__name__] = payload
        POLICIES[payload] = Policy(queue, attempts_max, deadline_s, every_s)
        return payload

    return enter


def encode(payload: Task) -> str:
    """Return the payload as JSON."""
    return msgspec.json.encode(payload).decode()


def decode(kind: str, payload: str) -> Task:
    """Return the task of that kind; a kind this program does not know raises KeyError."""
    return msgspec.json.decode(payload, type=CATALOGUE[kind])


@task(queue="fan-out")
class FanOutTweet(Task, frozen=True):
    """Deliver a tweet to its author's followers' home timelines, one bounded slice at a time."""

    tweet_id: int
    author_id: int
    after_follow: int = 0
    """The id of the last follow that was served; the slice begins behind it."""


@task(queue="fan-out")
class RingBells(Task, frozen=True):
    """Tell of a tweet those followers whose bell is on for its author, one bounded slice at a time."""

    tweet_id: int
    author_id: int
    after_follow: int = 0


@task(queue="fan-out")
class TellOfEdit(Task, frozen=True):
    """Tell those who have retweeted a tweet that it says something else, one bounded slice at a time."""

    tweet_id: int
    after_retweet: int = 0


@task(queue="fan-out")
class TellQuotersOfEdit(Task, frozen=True):
    """Tell those who have quoted a tweet that it says something else, one bounded slice at a time."""

    tweet_id: int
    after_quote: int = 0


@task(queue="fan-out")
class EndPoll(Task, frozen=True):
    """Tell a poll's author and voters that it has ended, one bounded slice at a time."""

    tweet_id: int
    ends_ms: int
    after_voter: int = 0


@task(queue="fan-out")
class TellOfVotes(Task, frozen=True):
    """Tell live readers of the votes of the last seconds in a poll."""

    tweet_id: int


@task(queue="upkeep")
class ClearVotes(Task, frozen=True):
    """Remove the votes from before a poll asked what it asks now, one bounded slice at a time."""

    tweet_id: int


@task(queue="push")
class PushNotification(Task, frozen=True):
    """Send a notification to the phones and browsers of the user it is for."""

    notification_id: int


@task(queue="push", attempts_max=12, deadline_s=20)
class SendPush(Task, frozen=True):
    """Send a notification to one subscription of its user."""

    notification_id: int
    token_id: int
    subscription_id: int


@task(queue="photos", attempts_max=8, deadline_s=300)
class ConvertPhoto(Task, frozen=True):
    """Make of an uploaded picture the files that clients show."""

    media_id: int


@task(queue="videos", attempts_max=4, deadline_s=7_200)
class ConvertVideo(Task, frozen=True):
    """Make of an uploaded video or of audio the files that clients play."""

    media_id: int


@task(queue="upkeep", deadline_s=60)
class RemoveObjects(Task, frozen=True):
    """Remove those of these files from the media store that nothing shows any more."""

    keys: tuple[str, ...]


@task(queue="upkeep", deadline_s=60, every_s=600)
class SweepMedia(Task, frozen=True):
    """Remove uploads that nobody has attached for a day, and files whose removal was not finished."""


@task(queue="moves", deadline_s=1_800, every_s=600)
class MoveMedia(Task, frozen=True):
    """Move files that nobody reads any more to the cold store, and back what is read again: for a minute at a time."""


@task(queue="archives", attempts_max=3, deadline_s=3_600)
class MakeArchive(Task, frozen=True):
    """Write everything of a user's into one file for them to fetch."""

    user_id: int
    object_key: str


@task(queue="upkeep", deadline_s=60)
class RemoveArchive(Task, frozen=True):
    """Remove an archive whose time is over."""

    object_key: str


@task(queue="mail", attempts_max=12, deadline_s=60)
class SendEmail(Task, frozen=True):
    """Write to a user (a kind of `domain.letters`)."""

    kind: str
    user_id: int
    detail: str = ""


@task(queue="fan-out")
class PostScheduled(Task, frozen=True):
    """Post a tweet that has waited for this time."""

    scheduled_id: int
    post_at_ms: int


@task(queue="upkeep")
class ClearNotifications(Task, frozen=True):
    """Remove a user's notifications up to an id, one bounded slice at a time."""

    user_id: int
    up_to: int


@task(queue="fan-out")
class TellOfAnnouncement(Task, frozen=True):
    """Tell live readers of an announcement whose time has come or is over, if it still says the same."""

    announcement_id: int
    changed_ms: int


@task(queue="upkeep")
class ClearAnnouncement(Task, frozen=True):
    """Remove what people did with an announcement that was removed, one bounded slice at a time."""

    announcement_id: int


@task(queue="upkeep")
class ClearDeletedTweet(Task, frozen=True):
    """Remove what others did with a tweet that was deleted, one bounded slice at a time."""

    tweet_id: int


@task(queue="upkeep")
class CountYear(Task, frozen=True):
    """Count a slice of what a user did in a year, from below a tweet's id down."""

    user_id: int
    year: int
    before: int


@task(queue="users", deadline_s=60)
class DeleteUser(Task, frozen=True):
    """Remove what a deleted user left behind, one bounded slice at a time."""

    user_id: int
    last: bool = False
    """Whether every transaction that was under way at the deletion has ended: then nothing can be added any more."""


@task(queue="previews", attempts_max=3, deadline_s=120)
class FetchPreview(Task, frozen=True):
    """Fetch what the page behind a link says about itself, and its picture."""

    link_id: int


@task(queue="upkeep", deadline_s=60, every_s=120)
class RefreshTrends(Task, frozen=True):
    """Count who used what since the last time, and score what is used more than usual."""


@task(queue="upkeep", every_s=60)
class TrimDeliveries(Task, frozen=True):
    """Drop the delivery log's old end. A process that has not read it by then makes its timelines anew."""


@task(queue="upkeep", every_s=600)
class SweepExpired(Task, frozen=True):
    """Drop expired codes, sessions, mutes and idempotency keys, and tasks that were given up long ago."""


@task(queue="upkeep", deadline_s=60, every_s=60)
class IndexTweets(Task, frozen=True):
    """Let those tweets be found that the search index does not hold by its present rules, and keep it in good order."""


@task(queue="upkeep", deadline_s=60, every_s=60)
class IndexUsers(Task, frozen=True):
    """Let those users be found by name whose names were not brought to the present forms yet."""


@task(queue="upkeep", deadline_s=60, every_s=300)
class CountInstance(Task, frozen=True):
    """Count the instance's users and tweets."""
