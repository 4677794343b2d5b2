"""Settings, logs and services for one command."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from rookery import app, settings
from rookery.cli import logs
from rookery.services import Services

T = TypeVar("T")


def prepared(*, verbose: bool) -> settings.Settings:
    """Read the settings and begin to log as they say."""
    loaded = settings.load()
    logs.configure(loaded.log_format, verbose=verbose)
    return loaded


def with_services(work: Callable[[Services], Awaitable[T]]) -> T:
    """Open the service for one command, let it work, and close it."""

    async def session() -> T:
        async with app.running(prepared(verbose=False)) as parts:
            return await work(parts.services)

    return asyncio.run(session())
