"""What a use case may reach for, built once by `app.py`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from rookery.domain.caches import BoundedCache
from rookery.domain.filters import CompiledFilter
from rookery.domain.ids import Snowflake, TweetId, UserId
from rookery.domain.instance import Instance
from rookery.domain.limits import Limits
from rookery.domain.measurements import Kind, Measurement
from rookery.domain.media_names import MediaNames
from rookery.domain.tweets import Tweet
from rookery.domain.users import UserView
from rookery.domain.visibility import TweetView
from rookery.ports import (
    Counters,
    Database,
    HomeTimelines,
    LiveEvents,
    Mailer,
    MediaConverter,
    ObjectStore,
    PasswordHasher,
    PreviewFetcher,
    PushSender,
    Row,
    Vault,
)
from rookery.tasks import Task

TWEETS_CACHED_MAX = 20_000
USERS_CACHED_MAX = 10_000
FILTERING_USERS_CACHED_MAX = 2_000


@dataclass(slots=True)
class TaskDesk:
    """Where transactions leave tasks for this process's own worker."""

    wake: Callable[[], None]
    """Tells the worker, if one runs here, that a task is due in the database."""
    take: Callable[[int, Task], None] | None = None
    """Gives a task, once it is kept, straight to the worker; None while none runs here or it has no room."""


@dataclass(frozen=True, slots=True)
class MediaStores:
    """The stores behind `Services.objects`, for those who move files between them."""

    first: ObjectStore
    """Where new files go."""
    cold: ObjectStore | None = None
    """Where files lie that nobody reads any more."""
    other: ObjectStore | None = None
    """Where files lie on their way to or from another place, while an operator moves all of them."""


@dataclass(slots=True)
class RankingCounts:
    """What became of the homes that were to be ranked by this process."""

    made: int = 0
    empty: int = 0
    """There was nothing to rank, and home was shown newest first."""
    failed: int = 0
    """It failed, and home was shown newest first."""
    seconds: float = 0.0
    """What those that were made took."""

    def measurements(self) -> Sequence[Measurement]:
        """Return what is counted here."""
        return (
            Measurement("rookery_rankings", "Homes ranked.", Kind.COUNTER, lambda: self.made),
            Measurement(
                "rookery_rankings_empty",
                "Homes shown newest first since there was nothing to rank.",
                Kind.COUNTER,
                lambda: self.empty,
            ),
            Measurement(
                "rookery_rankings_failed",
                "Homes shown newest first since ranking them failed.",
                Kind.COUNTER,
                lambda: self.failed,
            ),
            Measurement(
                "rookery_ranking_seconds", "How long ranking homes took.", Kind.COUNTER, lambda: self.seconds
            ),
        )


@dataclass(frozen=True, slots=True)
class Services:
    """The service's parts, its limits and its clock."""

    db: Database
    timelines: HomeTimelines
    counters: Counters
    live: LiveEvents
    push: PushSender
    previews: PreviewFetcher
    mailer: Mailer
    passwords: PasswordHasher
    vault: Vault
    objects: ObjectStore
    """Files of media, in whichever store they lie."""
    media_stores: MediaStores
    media_names: MediaNames
    converter: MediaConverter
    instance: Instance
    limits: Limits
    now_ms: Callable[[], int]
    new_id: Snowflake
    later: Callable[[Callable[[], Awaitable[None]]], None]
    """Runs something in this process soon that may be lost without harm (rebuilding a kept timeline)."""
    desk: TaskDesk
    tweet_cache: BoundedCache[TweetId, Tweet]
    """Tweets' contents; an entry holds as long as the record's `revision` is the same."""
    user_cache: BoundedCache[UserId, UserView]
    """Users; an entry holds as long as the record's `changed_ms` and counts are the same."""
    filter_cache: BoundedCache[UserId, tuple[int, Sequence[CompiledFilter]]]
    """Users' filters, ready to look at tweets; an entry holds as long as `users.filters_version` is the same."""
    view_cache: BoundedCache[TweetId, tuple[TweetView, Row]]
    """Tweets as those see them who have done nothing with them, with the stamp they were made from."""
    rankings: RankingCounts = field(default_factory=RankingCounts)
