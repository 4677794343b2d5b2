"""What the inside asks of the outside.

A port exists where two real implementations ship; `PasswordHasher` and `Vault` are exceptions
(docs/decisions/0003-layers.md, 0018-personal-data.md).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from rookery.domain.ids import TweetId, UserId
from rookery.domain.letters import Letter
from rookery.domain.live import LiveEvent
from rookery.domain.measurements import Measurement
from rookery.domain.media import Converted, MediaPurpose
from rookery.domain.previews import Preview
from rookery.domain.push import Push, PushResult
from rookery.sql import Sql

T = TypeVar("T")
BUILD_MS_MAX: Final = 60_000
"""How long a home timeline may be under construction; one whose builder has died is free for another after this."""
Row = Sequence[Any]


class Read(Protocol):
    """A connection that may look but not touch."""

    async def one(self, statement: Sql, /, **parameters: Any) -> Row | None:
        """Return the first row, or None."""
        ...

    async def all(self, statement: Sql, /, **parameters: Any) -> Sequence[Row]:
        """Return every row."""
        ...


class Write(Read, Protocol):
    """A transaction: everything in it is kept, or nothing."""

    async def run(self, statement: Sql, /, **parameters: Any) -> int:
        """Carry out a statement and return how many rows it changed."""
        ...

    async def many(self, statement: Sql, rows: Iterable[Sequence[Any]], /) -> None:
        """Carry out a statement for each row of values, given in the order of the statement's `names`."""
        ...

    def after_commit(self, wake: Callable[[], None], /) -> None:
        """Call `wake` (a hint, quick and safe to lose) on the event loop once this transaction is kept."""
        ...


class Database(Protocol):
    """The records."""

    def read(self) -> AbstractAsyncContextManager[Read]:
        """Open a reader for a few short statements. Wait for nothing else meanwhile: readers are few."""
        ...

    async def write(self, work: Callable[[Write], Awaitable[T]], /) -> T:
        """Run `work` in one transaction and return its result once that is durable.

        `work` does nothing but its transaction: the embedded engine runs it to its end on a writer thread, the
        cluster may run it again after a failover.
        """
        ...

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        ...

    async def close(self) -> None:
        """Finish what was accepted and let go of every connection."""
        ...


@dataclass(frozen=True, slots=True)
class KeptTimeline:
    """A piece of a kept home timeline: ids newest first, and whether older ones lie below in the records."""

    ids: Sequence[TweetId]
    floor: int
    """Every entry at or above this id is in the kept timeline; older pages come from the records."""


class HomeTimelines(Protocol):
    """Home timelines that are kept ready: hints, never the only copy, rebuilt from the records when lost."""

    async def page(
        self, user_id: UserId, *, version: int, before: int, after: int, limit: int, oldest: bool
    ) -> KeptTimeline | None:
        """Return kept ids with after < id < before: the newest `limit`, or the oldest if so asked.

        None when no timeline of this `version` (it grows when the user's follows change) is kept.
        """
        ...

    async def expect(self, user_id: UserId, *, version: int) -> bool:
        """Collect what is delivered to this user from now on, until `keep`; False when it is kept or expected already.

        Whoever is told True has `BUILD_MS_MAX` to call `keep`.
        """
        ...

    async def keep(self, user_id: UserId, *, version: int, ids: Sequence[TweetId], floor: int) -> None:
        """Keep these ids (newest first), complete down to `floor`, joined with what was delivered meanwhile."""
        ...

    async def deliver(self, tweet_id: TweetId, user_ids: Sequence[UserId]) -> None:
        """Add a tweet to the timelines that are kept among these users'. Twice is once."""
        ...

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class LiveEvents(Protocol):
    """What happens, told at once to every process that has listeners. An event may be lost, never invented."""

    async def announce(self, tx: Write, /, *events: LiveEvent) -> None:
        """Let the events leave with the transaction's commit."""
        ...

    async def listen(self, hear: Callable[[LiveEvent], None], /) -> Callable[[], None]:
        """Call `hear` (quick, never failing) on the event loop for every event from now on; return what ends that."""
        ...

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Counters(Protocol):
    """Shared counters that run out: rate limits and throttles."""

    async def add(self, key: str, *, window_ms: int, now_ms: int) -> tuple[int, int]:
        """Count one more in the present window; return the count and when (ms, UTC) the window ends."""
        ...

    async def reset(self, key: str) -> None:
        """Forget a counter."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a store says of an object."""

    key: str
    size_bytes: int
    changed_ms: int


class ObjectStore(Protocol):
    """Files by key: a directory, or an S3-compatible service."""

    async def put(
        self, key: str, content: Path | bytes | AsyncIterator[bytes], /, *, content_type: str
    ) -> int:
        """Keep content under a key, replacing what is there; return its bytes. Raises Unavailable."""
        ...

    async def head(self, key: str, /) -> ObjectInfo | None:
        """Return what lies under a key, or None. Raises Unavailable."""
        ...

    def read(self, key: str, /, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` to before `end`. Raises NotFound, Unavailable."""
        ...

    async def delete(self, keys: Sequence[str], /) -> None:
        """Remove what lies under these keys; what is absent is no error. Raises Unavailable."""
        ...

    def list(self, *, prefix: str = "") -> AsyncIterator[ObjectInfo]:
        """Yield every object whose key begins so. Raises Unavailable."""
        ...

    async def link(self, key: str, /, *, lasts_s: int) -> str | None:
        """Return an address from which clients may fetch the object themselves, or None where there is none."""
        ...

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        ...


class MediaConverter(Protocol):
    """Turning what people upload into what clients show. Apart from this process, which no file can harm."""

    async def convert(
        self, source: Path, /, *, into: Path, purpose: MediaPurpose, progress: Callable[[int], None]
    ) -> Converted:
        """Write the files to show into a directory; `progress` hears of percent. Raises Invalid with a sentence."""
        ...

    async def close(self) -> None:
        """End what is under way."""
        ...


class PasswordHasher(Protocol):
    """Slow hashing of passwords, off the event loop."""

    async def hash(self, password: str, /) -> str:
        """Return the hash with its parameters."""
        ...

    async def verify(self, stored: str | None, password: str, /) -> bool:
        """Tell whether the password fits; a missing hash takes just as long and never fits."""
        ...


class Mailer(Protocol):
    """Sending e-mail."""

    is_on: bool
    """Whether there is a server to send through."""

    async def send(self, letter: Letter, /) -> None:
        """Send a letter. Raises Unavailable when it should be tried again, Invalid when that is no use."""
        ...

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        ...


class PushSender(Protocol):
    """Sending messages to phones and browsers."""

    public_key: str
    """What clients subscribe with, base64url."""

    async def send(self, push: Push, /) -> PushResult:
        """Hand a message to its push service. Raises Unavailable when that cannot be reached."""
        ...

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class PreviewFetcher(Protocol):
    """Asking the pages that people link to what they say about themselves."""

    async def fetch(self, url: str, /) -> Preview | None:
        """Return what a page says about itself; None when it says nothing or cannot be had."""
        ...

    async def fetch_picture(self, url: str, /) -> bytes | None:
        """Return a picture as it is; None when it is none, too large, or cannot be had."""
        ...

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Vault(Protocol):
    """Encryption of what the database must not tell by itself, with keys that live elsewhere."""

    key_id: str
    """The key that encrypts from now on."""
    key_ids: Sequence[str]
    """Every key that can be read with, the encrypting one first."""

    def encrypt(self, text: str, /, *, context: str) -> str:
        """Return the text encrypted; empty stays empty. It can be read in the same context only."""
        ...

    def decrypt(self, kept: str, /, *, context: str) -> str:
        """Return what was encrypted; raises Unreadable when the key is missing, or text or context are others."""
        ...

    def lookups(self, text: str, /, *, context: str) -> dict[str, bytes]:
        """Return under which hashes the text is found, by the id of the key: with every key, the first one first."""
        ...

    def check_value(self, key_id: str, /) -> str:
        """Return what proves that a key is the one it says, without telling anything of it."""
        ...
