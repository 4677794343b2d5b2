"""`rookery import follows` and `rookery import tweets`: files in, with a progress bar, line by line."""

import gzip
import io
import sys
import zlib
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Final, TypeVar

from cyclopts import App, Parameter

from rookery.cli.sessions import with_services
from rookery.cli.terminal import say
from rookery.domain import importing
from rookery.errors import Invalid
from rookery.services import Services
from rookery.usecases import importing as usecases
from rookery.usecases.importing import Tally

T = TypeVar("T")

REPORTED_MAX: Final = 100
"""Refused lines that are shown one by one."""
_GZIP: Final = b"\x1f\x8b"

File = Annotated[Path, Parameter(help="The file, plain or gzip.")]

app = App(name="import", help="Bring in follows and tweets from files.")


@app.command
def follows(file: File, /) -> None:
    """Bring in who follows whom.

    Each line holds two whole numbers: the follower, then who is followed. Users
    that are missing are made and called u<NUMBER>. Lines that say something else
    are reported with their numbers, and the rest goes on.
    """

    async def work(services: Services) -> None:
        async def enter(lines: list[importing.FollowLine]) -> Tally:
            return await usecases.import_follows(services, lines)

        reader = _Reader(file, line_bytes_max=importing.FOLLOW_LINE_BYTES_MAX)
        total = await _carried_over(reader, importing.parse_follow, enter, usecases.FOLLOWS_PER_COMMIT)
        say(
            f"{total.added:,} follows and {total.users_added:,} users are new, {total.present:,} follows were there, "
            f"{_lines(reader.refused)} refused."
        )

    with_services(work)


@app.command
def tweets(file: File, /) -> None:
    """Bring in tweets, one JSON object per line.

    Needed are "author" (a user name), "text" and "time" (ISO 8601, or milliseconds
    since 1970); "id", "reply" (the "id" of an earlier line) and "place"
    ("latitude", "longitude", "name") are optional. Nobody is notified. Lines that
    say something else are reported with their numbers, and the rest goes on.
    """

    async def work(services: Services) -> None:
        tweet_import = usecases.TweetImport(services)

        def parse(number: int, line: bytes) -> importing.TweetLine:
            return importing.parse_tweet(number, line, now_ms=services.now_ms())

        reader = _Reader(file, line_bytes_max=importing.TWEET_LINE_BYTES_MAX)
        total = await _carried_over(reader, parse, tweet_import.add, usecases.TWEETS_PER_COMMIT)
        await tweet_import.finish()
        say(
            f"{total.added:,} tweets are new, {total.present:,} were there, {_lines(reader.refused)} refused."
        )

    with_services(work)


def _lines(count: int) -> str:
    return "1 line was" if count == 1 else f"{count:,} lines were"


async def _carried_over(
    reader: "_Reader",
    parse: Callable[[int, bytes], T],
    enter: Callable[[list[T]], Awaitable[Tally]],
    batch_lines: int,
) -> Tally:
    """Parse the file's lines and enter them batch by batch; return what came of all of them."""
    total = Tally()

    async def flush(batch: list[T]) -> None:
        tally = await enter(batch)
        total.added += tally.added
        total.present += tally.present
        total.users_added += tally.users_added
        for number, sentence in tally.refused:
            reader.refuse(number, sentence)

    with reader.opened() as lines:
        batch: list[T] = []
        for number, line in lines:
            try:
                batch.append(parse(number, line))
            except Invalid as error:
                reader.refuse(number, error.message)
            if len(batch) >= batch_lines:
                await flush(batch)
                batch = []
        if batch:
            await flush(batch)
    reader.report_the_rest()
    return total


class _Reader:
    """Reads a file's lines, shows how far it is, and reports lines that were refused."""

    def __init__(self, file: Path, *, line_bytes_max: int) -> None:
        self.refused = 0
        self._file = file
        self._line_bytes_max = line_bytes_max
        self._say = say

    def refuse(self, number: int, sentence: str) -> None:
        """Report a line."""
        self.refused += 1
        if self.refused <= REPORTED_MAX:
            self._say(f"line {number}: {sentence}")

    def report_the_rest(self) -> None:
        """Say how many lines were not reported one by one."""
        if self.refused > REPORTED_MAX:
            say(f"… and {self.refused - REPORTED_MAX:,} more lines")

    @contextmanager
    def opened(self) -> Generator[Iterator[tuple[int, bytes]]]:
        """Open the file and give its lines that say something, with their numbers."""
        try:
            with self._file.open("rb") as raw, self._progress(raw) as advance:
                packed = raw.read(len(_GZIP)) == _GZIP
                raw.seek(0)
                content = io.BufferedReader(gzip.GzipFile(fileobj=raw)) if packed else raw  # pyright: ignore[reportArgumentType]
                yield self._lines(content, advance)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise Invalid(f"{self._file} is damaged: {error}") from error
        except OSError as error:
            raise Invalid(f"cannot read {self._file}: {error.strerror or error}") from error

    def _lines(self, content: IO[bytes], advance: Callable[[], None]) -> Iterator[tuple[int, bytes]]:
        number = 0
        while line := content.readline(self._line_bytes_max):
            number += 1
            if not line.endswith(b"\n") and len(line) == self._line_bytes_max:
                self.refuse(number, f"it is longer than {self._line_bytes_max:,} bytes")
                while (rest := content.readline(self._line_bytes_max)) and not rest.endswith(b"\n"):
                    pass
                continue
            if not importing.is_empty(line):
                yield number, line
            if number % 1_000 == 0:
                advance()

    @contextmanager
    def _progress(self, raw: IO[bytes]) -> Generator[Callable[[], None]]:
        if not sys.stderr.isatty():
            yield lambda: None
            return
        # Heavy, and only people look at it.
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(self._file.name, total=self._file.stat().st_size)
            self._say = progress.console.print
            yield lambda: progress.update(task, completed=raw.tell())
            self._say = say
