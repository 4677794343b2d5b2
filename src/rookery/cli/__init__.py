"""The command line: one module per group of commands, imported when one of them is called."""

import os
import sys
from collections.abc import Sequence
from typing import Final

from cyclopts import App
from cyclopts.exceptions import CycloptsError

from rookery import __version__
from rookery.cli.terminal import complain
from rookery.errors import RookeryError

FAILED: Final = 1
"""Exit code: the command could not do what it was asked for, and has said why."""
UNFORESEEN: Final = 70
"""Exit code: a fault of the program (sysexits.h calls it EX_SOFTWARE)."""
INTERRUPTED: Final = 130

app = App(
    name="rookery",
    help=(
        "A microblog that one command starts: `rookery serve` runs it, and the other\n"
        "commands look after it. Settings come from the file rookery.toml and from the\n"
        "environment (ROOKERY_...); docs/reference/settings.md lists them."
    ),
    version=f"Rookery {__version__}",
    help_format="plaintext",
    help_formatter="plain",
)
# Commands are named here and imported when they run, so their help stands here too.
app.command(
    "rookery.cli.processes:serve",
    help=(
        "Answer requests and run tasks until stopped.\n\n"
        "SIGTERM or Ctrl-C stops it: what has begun is finished first. Any number of\n"
        "processes may serve one database."
    ),
)
app.command(
    "rookery.cli.processes:work",
    help=(
        "Run tasks only, beside processes that serve, until stopped.\n\n"
        "SIGTERM or Ctrl-C stops it: tasks that have begun are finished first."
    ),
)
app.command(
    "rookery.cli.processes:migrate",
    help=(
        "Bring the database to this program's version.\n\n"
        "Every command does so when it starts; this one does nothing else. A database\n"
        "that is newer is refused."
    ),
)
app.command(
    "rookery.cli.demo:command",
    name="demo",
    help=(
        "Fill an empty database with a small town of birds, to try the service with.\n\n"
        "Profiles, photos, a video, threads, polls, lists and trends of the last days,\n"
        "always the same. A database with people in it is refused."
    ),
)
app.command(
    "rookery.cli.users:app", name="user", help="Create, list and delete users, let them in, set passwords."
)
app.command(
    "rookery.cli.keys:app",
    name="keys",
    help=(
        "Exchange the secret keys with which personal data is encrypted.\n\n"
        "1. Put a new key (`rookery keys new`) in front of the old one, in the key file\n"
        "or in ROOKERY_SECRET_KEYS, for every process, and start each of them again.\n\n"
        "2. `rookery keys rotate` encrypts everything anew, while the service runs.\n\n"
        "3. Take the old key out, and keep it with backups of that time."
    ),
)
app.command(
    "rookery.cli.media:app",
    name="media",
    help=(
        "Look after photos and videos: count, check and move them.\n\n"
        "docs/moving-media.md tells how they move to another directory or bucket."
    ),
)
app.command("rookery.cli.tokens:app", name="token", help="Make access tokens for bots and tests.")
app.command(
    "rookery.cli.imports:app",
    name="import",
    help=(
        "Bring in follows and tweets from files.\n\n"
        "Doing it twice is doing it once. docs/reference/import-formats.md tells what\n"
        "the files look like."
    ),
)
app.command(
    "rookery.cli.announcements:app",
    name="announcement",
    help="Tell everybody something, in the apps and at a time.",
)
app.command(
    "rookery.cli.rules:app", name="rule", help="Set the rules that people agree to when they sign up."
)
app.command(
    "rookery.cli.texts:app",
    name="text",
    help="Write what the instance is, how it treats personal data, on which terms it is used.",
)
app.command("rookery.cli.trends:app", name="trends", help="List what trends, and hide what must not.")
app.command(
    "rookery.cli.bench:command",
    name="bench",
    help=(
        "Measure what this program costs on this machine, and print tables.\n\n"
        "Everything happens in a temporary folder and on loopback; the service's own\n"
        "database is not touched."
    ),
)


def main() -> None:
    """Run the command that was typed, and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; whatever goes wrong is one sentence on the error output."""
    try:
        app(
            arguments,
            exit_on_error=False,
            print_error=False,
            help_on_error=False,
            result_action="return_value",
        )
    except RookeryError as error:
        complain(error.message)
        return FAILED
    except CycloptsError as error:
        complain(f"{error} `rookery --help` tells more.")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; the interpreter must not stumble over it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # noqa: BLE001  a person gets a sentence, the log gets the rest
        from rookery.cli.logs import note_fault  # noqa: PLC0415

        note_fault(error)
        complain("Something went wrong inside Rookery; the lines above say where.")
        return UNFORESEEN
    return 0
