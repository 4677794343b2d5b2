"""Archives of everything that is a user's: asked for, made by a task, fetched for some days, removed."""

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Final

import msgspec

from rookery import exporting, tasks
from rookery.domain import archives as rules
from rookery.domain.archives import Archive, ArchiveState, ExportKind
from rookery.domain.ids import UserId
from rookery.domain.media import FileRole
from rookery.domain.tokens import new_secret
from rookery.errors import NotFound, TooMany
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import archives, exports, people, tweets, users
from rookery.storage import tasks as task_records

SLICE_TWEETS: Final = 500


async def get_archive(services: Services, user_id: UserId) -> Archive | None:
    """Return the user's archive, in whatever state, or None."""
    async with services.db.read() as tx:
        return await archives.get(tx, user_id)


async def ask_for_archive(services: Services, user_id: UserId) -> Archive:
    """Have an archive made. One that is being made is returned as it is.

    Raises TooMany while there is one of the last day.
    """
    now_ms = services.now_ms()
    # Its name tells nothing and cannot be guessed: the store may be open to the world.
    key = f"archives/{new_secret()}.zip"

    async def work(tx: Write) -> Archive:
        there = await archives.get(tx, user_id)
        if there is not None and there.state is ArchiveState.MAKING:
            return there
        if there is not None and not there.may_ask_anew(now_ms):
            again_ms = there.asked_ms + rules.ASKED_EVERY_MS
            raise TooMany("There is an archive of the last day", retry_at_ms=again_ms)
        await archives.delete(services, tx, user_id)
        await archives.insert(tx, user_id, object_key=key, now_ms=now_ms)
        await task_records.enqueue(services, tx, tasks.MakeArchive(user_id, key))
        return await archives.get(tx, user_id) or Archive(
            object_key=key, state=ArchiveState.MAKING, asked_ms=now_ms, ready_ms=None, size_bytes=0
        )

    return await services.db.write(work)


def read_archive(services: Services, archive: Archive) -> AsyncIterator[bytes]:
    """Yield the archive's bytes. Raises NotFound."""
    return services.objects.read(archive.object_key)


async def make_archive(services: Services, task: tasks.MakeArchive) -> None:
    """Write a user's archive into the store, and have it removed when its time is over."""
    user_id = UserId(task.user_id)
    there = await get_archive(services, user_id)
    if there is None or there.object_key != task.object_key or there.state is not ArchiveState.MAKING:
        return
    with tempfile.TemporaryDirectory(prefix="rookery-archive-") as folder:
        path = Path(folder) / "archive.zip"
        await _Writer(services, user_id, path).write()
        size_bytes = await services.objects.put(task.object_key, path, content_type="application/zip")
    now_ms = services.now_ms()

    async def work(tx: Write) -> None:
        removal = tasks.RemoveArchive(task.object_key)
        wanted = await archives.finish(
            tx, user_id, object_key=task.object_key, size_bytes=size_bytes, now_ms=now_ms
        )
        run_at_ms = now_ms + rules.KEPT_MS if wanted else now_ms
        await task_records.insert(tx, removal, new_id=services.new_id(), run_at_ms=run_at_ms)

    await services.db.write(work)


async def give_up(services: Services, tx: Write, task: tasks.MakeArchive) -> None:  # noqa: ARG001  as others
    """Note that an archive was tried often enough."""
    await archives.fail(tx, UserId(task.user_id), object_key=task.object_key)


async def remove_archive(services: Services, task: tasks.RemoveArchive) -> None:
    """Remove an archive's file and what is known of it."""
    await services.objects.delete([task.object_key])

    async def work(tx: Write) -> None:
        await archives.delete_one(tx, task.object_key)

    await services.db.write(work)


class _Writer:
    """Writes one archive: texts packed, media as they are, since nothing makes them smaller."""

    def __init__(self, services: Services, user_id: UserId, path: Path) -> None:
        self._services = services
        self._user_id = user_id
        self._path = path
        self._media: dict[str, int] = {}
        """What goes along, and its size, by its key in the store."""
        self._left_out: list[str] = []

    async def write(self) -> None:
        services, user_id = self._services, self._user_id
        async with services.db.read() as tx:
            user = await users.get(tx, user_id)
            person = await people.get(services, tx, user_id)
        if user is None:
            raise NotFound
        with zipfile.ZipFile(self._path, "w", zipfile.ZIP_DEFLATED) as archive:
            told = msgspec.json.format(msgspec.json.encode(rules.profile_told(user, person)))
            await asyncio.to_thread(archive.writestr, "profile.json", told)
            await self._add(archive, "tweets.jsonl", self._tweets(user.username))
            await self._add(archive, "favorites.csv", exporting.favorite_pieces(services, user_id))
            for kind in ExportKind:
                await self._add(archive, f"{kind}.csv", exporting.csv_pieces(services, user_id, kind))
            for key in (user.avatar, user.header):
                if key:
                    self._media[key] = 0
            await self._add_media(archive)
            instance = services.instance
            readme = rules.README.format(
                username=user.username,
                title=instance.title,
                base_url=instance.base_url,
                day=rules.moment(services.now_ms())[:10],
            )
            if self._left_out:
                readme += rules.LEFT_OUT.format(base_url=instance.file_url("").rstrip("/"))
                readme += "\n".join(self._left_out) + "\n"
            await asyncio.to_thread(archive.writestr, "README.txt", readme)

    async def _add(self, archive: zipfile.ZipFile, name: str, pieces: AsyncIterator[bytes]) -> None:
        """Write a file of pieces into the archive, without ever holding all of it."""
        member = await asyncio.to_thread(archive.open, name, "w", force_zip64=True)
        try:
            async for piece in pieces:
                await asyncio.to_thread(member.write, piece)
        finally:
            await asyncio.to_thread(member.close)

    async def _tweets(self, username: str) -> AsyncGenerator[bytes]:
        services, after_id = self._services, 0
        while True:
            async with services.db.read() as tx:
                ids = await exports.tweet_ids(tx, self._user_id, after_id=after_id, limit=SLICE_TWEETS)
                loaded = {tweet.id: tweet for tweet in await tweets.load(tx, ids)}
            if not ids:
                return
            lines: list[bytes] = []
            for tweet_id in ids:
                if (tweet := loaded.get(tweet_id)) is None:
                    continue
                address = exporting.tweet_address(services.instance, username, tweet_id)
                lines.append(msgspec.json.encode(rules.tweet_told(tweet, address)) + b"\n")
                for one in tweet.media:
                    if (file := one.file(FileRole.FULL)) is not None:
                        self._media[file.key] = file.size_bytes
            yield b"".join(lines)
            after_id = ids[-1]

    async def _add_media(self, archive: zipfile.ZipFile) -> None:
        """Add files, as long as there is room; what has got lost in the store is left out."""
        left = rules.MEDIA_BYTES_MAX
        for key, size_bytes in self._media.items():
            if size_bytes > left:
                self._left_out.append(key)
                continue
            path = self._path.with_name("file")
            try:
                with await asyncio.to_thread(path.open, "wb") as file:
                    async for chunk in self._services.objects.read(key):
                        await asyncio.to_thread(file.write, chunk)
            except NotFound:
                self._left_out.append(key)
                continue
            left -= (await asyncio.to_thread(path.stat)).st_size
            await asyncio.to_thread(archive.write, path, rules.file_name(key), zipfile.ZIP_STORED)
