"""The page of commands: what `--help` says of each, read off the command line itself."""

import io
from pathlib import Path
from typing import Final

from cyclopts import App
from rich.console import Console

from rookery.cli import app

PAGE: Final = Path(__file__).parent.parent / "docs" / "reference" / "command-line.md"
WIDTH_CHARS: Final = 90
_HEADING: Final = """\
# The command line

Written by `make docs` from what `rookery --help` says; a test keeps it true.

Every command reads the [settings](settings.md), brings the database to its version first, and prints answers on the
output and everything else on the error output. Exit codes: 0 done; 1 not done, for the reason in the one sentence on the
error output; 70 a fault of the program, which the lines above that sentence describe; 130 stopped by Ctrl-C.

What files for `rookery import` look like: [import formats](import-formats.md).
"""


def commands() -> str:
    """Return the page."""
    return _HEADING + "".join(_part(path) for path in _paths(app, ()))


def _paths(group: App, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the words of every command, groups before their members."""
    found = [path]
    for name in group:
        if not name.startswith("-"):
            found += _paths(group[name], (*path, name))
    return found


def _part(path: tuple[str, ...]) -> str:
    text = io.StringIO()
    console = Console(file=text, width=WIDTH_CHARS, force_terminal=False, color_system=None)
    app.help_print(list(path), console=console)
    lines = "\n".join(line.rstrip() for line in text.getvalue().strip().splitlines())
    return f"\n## `{' '.join(('rookery', *path))}`\n\n```\n{lines}\n```\n"
