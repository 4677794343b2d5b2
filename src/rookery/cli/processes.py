"""`rookery serve`, `rookery work`, `rookery migrate`."""

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import uvloop
from cyclopts import Parameter

from rookery import app, serving
from rookery.cli.sessions import prepared
from rookery.cli.terminal import say
from rookery.settings import Settings
from rookery.storage.migrate import migrate as migrate_database


def serve(
    *,
    host: Annotated[str, Parameter(help="Address to listen on; 0.0.0.0 for every one.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="Port to listen on; 0 for any free one.")] = 8000,
    worker: Annotated[bool, Parameter(help="Run tasks here too, or leave them to `rookery work`.")] = True,
) -> None:
    """Answer requests and run tasks until stopped."""
    uvloop.run(serving.serve(prepared(verbose=True), host=host, port=port, works=worker, begun=_greet))


def _greet(settings: Settings, address: str) -> None:
    say(f"Rookery listens on {address}")
    if settings.registrations == "closed":
        say("Signing up is closed.")
    else:
        say(f"Sign up in a browser: {settings.base_url}/auth/sign_up")
    say(f"Or make the first user on the command line: {_program()} user create NAME --email ADDRESS --admin")
    say("Stop with Ctrl-C.")


def work() -> None:
    """Run tasks only until stopped."""
    uvloop.run(
        serving.work(prepared(verbose=True), begun=lambda: say("Rookery runs tasks. Stop with Ctrl-C."))
    )


def migrate() -> None:
    """Bring the database to this program's version."""

    async def session() -> tuple[int, int]:
        database = await app.open_database(prepared(verbose=False).database_url)
        try:
            return await migrate_database(database)
        finally:
            await database.close()

    before, after = uvloop.run(session())
    if before == after:
        print(f"The database has schema version {after} already.")
    else:
        print(f"The database was brought from schema version {before} to {after}.")


def _program() -> str:
    """Return what to type for this program: its name, or where it lies when the shell would not find it."""
    return "rookery" if shutil.which("rookery") else os.path.relpath(Path(sys.argv[0]).with_name("rookery"))
