"""`rookery demo`: a small town of birds in an empty database, to try the service with."""

import asyncio
import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager

import msgspec

from rookery import app
from rookery.demo import town as towns
from rookery.demo.living import Life, TownPreviews
from rookery.errors import Conflict
from rookery.ports import PreviewFetcher
from rookery.settings import Settings
from rookery.usecases import administration
from rookery.workers.loop import Worker

Progress = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Takes how many events there will be; gives what is told how many are done."""


class Filled(msgspec.Struct, frozen=True):
    """What the town has become."""

    users: int
    tweets: int
    clerk: str
    """Who to sign in as."""


class _Calendar:
    """A clock that stands until it is put forward."""

    def __init__(self, at_ms: int) -> None:
        self.at_ms = at_ms

    def __call__(self) -> int:
        return self.at_ms


async def fill(
    settings: Settings, *, password: str, pictures: bool, now_ms: int, progress: Progress
) -> Filled:
    """Let the town live through its days until now. Raises Conflict when there are people already."""
    town = towns.load()
    events = towns.plan(town, now_ms)
    calendar = _Calendar(events[0][0])
    async with app.running(settings, clock=calendar) as parts:
        if await administration.list_everybody(parts.services):
            raise Conflict("there are people in this database already, and the town wants an empty one")
        previews: PreviewFetcher = TownPreviews(town.pages, pictures=pictures)
        services = dataclasses.replace(parts.services, previews=previews)
        life = Life(services, Worker(services, asyncio.Event()), town, password=password, pictures=pictures)
        await life.begin()
        done = 0
        with progress(len(events)) as tell:
            for at_ms, together in towns.moments(events):
                calendar.at_ms = at_ms
                await life.live(together)
                done += len(together)
                tell(done)
        await life.end()
    posts = sum(isinstance(event, towns.Post) for _, _, event in events)
    return Filled(len(town.birds), posts, towns.CLERK)
