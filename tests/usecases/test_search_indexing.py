"""What is indexed while people edit, and what files a tweet shows: the index says what the tweet says now."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from rookery.domain.ids import TweetId
from rookery.domain.media import MediaId, Upload
from rookery.domain.users import User
from rookery.ports import Write
from rookery.settings import Settings
from rookery.sql import Sql
from rookery.storage import search as search_records
from rookery.storage import tweets as tweet_records
from rookery.usecases.deletion import delete_user
from rookery.usecases.edits import edit_tweet
from rookery.usecases.search import Wanted, search_tweets
from rookery.usecases.uploads import take_in
from tests import samples
from tests.world import World, ids, open_world

WAITING = (
    "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


async def find(world: World, text: str) -> list[int]:
    return ids((await search_tweets(world.services, None, text, Wanted())).items)


class Pause:
    """A transaction that has done its work and not ended yet."""

    def __init__(self, world: World, work: Callable[[Write], Awaitable[object]]) -> None:
        self._reached, self._go_on = asyncio.Event(), asyncio.Event()

        async def paused(tx: Write) -> None:
            await work(tx)
            self._reached.set()
            await self._go_on.wait()

        self._world = world
        self._writing = asyncio.create_task(world.services.db.write(paused))

    async def while_it_lasts(self, other: Awaitable[object]) -> None:
        """Let something else begin, see it wait (or come to its end) and let both end."""
        await self._reached.wait()
        beside = asyncio.ensure_future(other)
        while not beside.done() and (await self._world.rows(WAITING))[0][0] == 0:
            await asyncio.wait([beside], timeout=0.01)
        self._go_on.set()
        await asyncio.gather(self._writing, beside)


async def written(world: World, text: str) -> None:
    async def work(tx: Write) -> None:
        await tx.run(Sql(text, text, ()))

    await world.services.db.write(work)


def editing(tweet_id: TweetId, text: str) -> Callable[[Write], Awaitable[None]]:
    async def work(tx: Write) -> None:
        await tweet_records.lock(tx, [tweet_id])
        before = await tweet_records.get(tx, tweet_id)
        assert before is not None
        after = msgspec.structs.replace(before, text=text)
        await tweet_records.update(tx, after, now_ms=before.created_ms)
        await search_records.replace(tx, [after])

    return work


async def indexing(tx: Write) -> None:
    await search_records.index_slice(tx, limit=100)


async def test_an_edit_during_the_indexing_is_what_is_found(postgres_url: str, tmp_path: Path):
    """SQLite has one writer at a time; PostgreSQL's transactions meet in every order."""
    settings = Settings(
        database_url=postgres_url, media_url=f"file:///{tmp_path / 'media'}", link_previews="off"
    )
    async with open_world(settings) as world:
        ada, bob = await world.user("ada"), await world.user("bob")
        for number, indexed_before in enumerate((False, True)):
            tweet = (await world.tweet(ada, "bird")).tweet.id
            if not indexed_before:
                await written(world, "DELETE FROM search_tweets")
            await written(world, "UPDATE search_tweets SET norm_version = 'old'")
            await written(world, "DELETE FROM search_state")
            edit = edit_tweet(world.services, ada.id, tweet, text=f"fish{number}")
            await Pause(world, indexing).while_it_lasts(edit)
            assert (await find(world, "bird"), await find(world, f"fish{number}")) == ([], [tweet])
        for number, indexed_before in enumerate((False, True)):
            tweet = (await world.tweet(ada, "bird")).tweet.id
            if not indexed_before:
                await written(world, "DELETE FROM search_tweets")
            await written(world, "UPDATE search_tweets SET norm_version = 'old'")
            await written(world, "DELETE FROM search_state")
            pause = Pause(world, editing(tweet, f"worm{number}"))
            await pause.while_it_lasts(world.services.db.write(indexing))
            assert (await find(world, "bird"), await find(world, f"worm{number}")) == ([], [tweet])
        tweet = (await world.tweet(ada, "bird @bob")).tweet.id
        await delete_user(world.services, bob.id)
        await Pause(world, editing(tweet, "nest @bob")).while_it_lasts(world.settle())
        assert (await find(world, "bird"), await find(world, "nest")) == ([], [tweet])


async def upload(world: World, by: User, content: bytes) -> MediaId:
    path = Path(world.settings.media_url.removeprefix("file:///")).with_name("upload")
    await asyncio.to_thread(path.write_bytes, content)
    media = await take_in(world.services, by.id, Upload(path=str(path), size_bytes=len(content)))
    await world.settle()
    return media.id


async def test_tweets_are_found_by_the_kinds_of_files_they_show(world: World, tmp_path: Path):
    """Real files, converted as for people; the same when the index was made later."""
    ada = await world.user("ada")
    contents = {
        "photo": samples.photo(),
        "gif": samples.moving(frames=3),
        "video": samples.video(tmp_path / "clip.mp4", size=(64, 48)),
        "audio": samples.audio(tmp_path / "sound.mp3"),
    }
    made = {"none": (await world.tweet(ada, "bird none")).tweet.id}
    for name, content in contents.items():
        world.advance(seconds=1)
        media_id = await upload(world, ada, content)
        made[name] = (await world.tweet(ada, f"bird {name}", media_ids=(media_id,))).tweet.id
    names = {tweet_id: name for name, tweet_id in made.items()}
    expected = {
        "has:media": ["audio", "video", "gif", "photo"],
        "has:image": ["photo"],
        "has:photo": ["photo"],
        "has:video": ["video", "gif"],
        "has:audio": ["audio"],
        "-has:media": ["none"],
        "-has:video": ["audio", "photo", "none"],
    }

    async def found() -> dict[str, list[str]]:
        return {text: [names[tweet] for tweet in await find(world, f"bird {text}")] for text in expected}

    assert await found() == expected
    await written(world, "DELETE FROM search_tweets")
    await written(world, "DELETE FROM search_state")
    assert (await found())["has:media"] == []
    await world.services.db.write(indexing)
    assert await found() == expected
