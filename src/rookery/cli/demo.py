"""`rookery demo`."""

import asyncio
import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Annotated

from cyclopts import Parameter

from rookery import app, demo
from rookery.cli.progress import progress
from rookery.cli.sessions import prepared
from rookery.cli.users import FromInput, new_password


def command(
    *,
    pictures: Annotated[
        bool, Parameter(help="Draw avatars, photos and a video, which takes most of the time.")
    ] = True,
    password_stdin: FromInput = False,
) -> None:
    """Fill an empty database with a small town of birds, and print how to sign in."""
    password = new_password(from_input=True) if password_stdin else secrets.token_urlsafe(9)
    settings = prepared(verbose=False)
    filled = asyncio.run(
        demo.fill(settings, password=password, pictures=pictures, now_ms=app.now_ms(), progress=_progress)
    )
    print(f"{filled.users} birds live here now and have posted {filled.tweets} tweets.")
    print(f"Sign in as {filled.clerk}, who is an administrator, or as any other; all have the same password.")
    if not password_stdin:
        print(f"Password: {password}")


@contextmanager
def _progress(total: int) -> Generator[Callable[[int], None]]:
    with progress("The town comes to life", total) as (tell, _):
        yield tell
