"""How far a long command is: a bar for people at a terminal, some plain lines for everybody else."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from rookery.cli.terminal import say

TENTHS: Final = 10


@contextmanager
def progress(name: str, total: int) -> Generator[tuple[Callable[[int], None], Callable[[str], None]]]:
    """Give what a command tells how many of the `total` are done, and what prints a line of its output meanwhile."""
    if not sys.stderr.isatty():
        yield _lines(name, total), print
        return
    # Heavy, and only people look at it.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=Console(stderr=True), redirect_stdout=sys.stdout.isatty(), transient=True
    ) as bar:
        task = bar.add_task(name, total=total)
        yield lambda done: bar.update(task, completed=done), print


def _lines(name: str, total: int) -> Callable[[int], None]:
    """Return what says each further tenth."""
    told = 0

    def tell(done: int) -> None:
        nonlocal told
        tenth = TENTHS * done // max(total, 1)
        if tenth > told:
            told = tenth
            say(f"{name}: {done:,} of {total:,}")

    return tell
