"""Photos, videos and audio, and the files they became."""

from collections.abc import Iterable, Sequence
from typing import Final

from rookery.domain.composing import Manuscript
from rookery.domain.ids import TweetId, UserId, id_at
from rookery.domain.media import FileRole, Media, MediaFile, MediaId, MediaKind, MediaPurpose, MediaState
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import media_objects

MANUSCRIPT_MEDIA_MAX: Final = 20
"""Uploads that a manuscript keeps and shows, however many it names."""

_INSERT = sql("""
    INSERT INTO media (id, owner_id, purpose, kind, state, description, focus_x, focus_y, progress_percent, failure,
        size_bytes, created_ms, loose_ms)
    VALUES (:id, :owner_id, :purpose, :kind, 'processing', :description, :focus_x, :focus_y, 0, '', :size_bytes,
        :now_ms, :now_ms)
""")


async def insert(tx: Write, media: Media, *, size_bytes: int, now_ms: int) -> None:
    """Enter an upload that is still to be converted."""
    await tx.run(
        _INSERT,
        id=media.id,
        owner_id=media.owner_id,
        purpose=media.purpose.value,
        kind=media.kind.value,
        description=media.description,
        focus_x=media.focus_x,
        focus_y=media.focus_y,
        size_bytes=size_bytes,
        now_ms=now_ms,
    )


_LOAD = sql("""
    SELECT m.id, m.owner_id, m.kind, m.state, m.purpose, m.tweet_id, m.description, m.focus_x, m.focus_y, m.blurhash,
        m.progress_percent, m.failure, f.role, f.key, f.content_type, f.size_bytes, f.width, f.height, f.duration_ms,
        f.frame_rate, f.bitrate_bps
    FROM media m LEFT JOIN media_files f ON f.media_id = m.id
    WHERE m.id = ANY(:media_ids)
""")
_OF_TWEETS = sql("""
    SELECT m.id, m.owner_id, m.kind, m.state, m.purpose, m.tweet_id, m.description, m.focus_x, m.focus_y, m.blurhash,
        m.progress_percent, m.failure, f.role, f.key, f.content_type, f.size_bytes, f.width, f.height, f.duration_ms,
        f.frame_rate, f.bitrate_bps
    FROM media m LEFT JOIN media_files f ON f.media_id = m.id
    WHERE m.tweet_id = ANY(:tweet_ids) AND m.place IS NOT NULL
    ORDER BY m.tweet_id, m.place
""")


async def load(tx: Read, media_ids: Iterable[MediaId]) -> dict[MediaId, Media]:
    """Return those of the media that exist, with their files."""
    return {media.id: media for media in _media(await tx.all(_LOAD, media_ids=list(media_ids)))}


async def get(tx: Read, media_id: MediaId) -> Media | None:
    """Return a medium with its files, or None."""
    return (await load(tx, [media_id])).get(media_id)


async def of_manuscripts(
    tx: Read, owner_id: UserId, manuscripts: Sequence[Manuscript]
) -> list[tuple[Media, ...]]:
    """Return for each of a user's manuscripts those of its uploads that are theirs, in its order."""
    found = await load(
        tx, {media_id for each in manuscripts for media_id in each.media_ids[:MANUSCRIPT_MEDIA_MAX]}
    )
    return [
        tuple(
            found[media_id]
            for media_id in dict.fromkeys(each.media_ids)
            if media_id in found and found[media_id].owner_id == owner_id
        )
        for each in manuscripts
    ]


async def of_tweets(tx: Read, tweet_ids: Sequence[TweetId]) -> dict[TweetId, tuple[Media, ...]]:
    """Return what tweets show, in its order."""
    found: dict[TweetId, tuple[Media, ...]] = {}
    for media in _media(await tx.all(_OF_TWEETS, tweet_ids=tweet_ids)):
        if media.tweet_id is not None:
            found[media.tweet_id] = (*found.get(media.tweet_id, ()), media)
    return found


def _media(rows: Sequence[Row]) -> list[Media]:
    files: dict[MediaId, list[MediaFile]] = {}
    firsts: dict[MediaId, Row] = {}
    for row in rows:
        firsts.setdefault(row[0], row)
        if row[12] is not None:
            files.setdefault(row[0], []).append(
                MediaFile(
                    role=FileRole(row[12]),
                    key=row[13],
                    content_type=row[14],
                    size_bytes=row[15],
                    width=row[16],
                    height=row[17],
                    duration_ms=row[18],
                    frame_rate=row[19],
                    bitrate_bps=row[20],
                )
            )
    return [
        Media(
            id=media_id,
            owner_id=row[1],
            kind=MediaKind(row[2]),
            state=MediaState(row[3]),
            purpose=MediaPurpose(row[4]),
            tweet_id=row[5],
            files=tuple(files.get(media_id, ())),
            description=row[6],
            focus_x=row[7],
            focus_y=row[8],
            blurhash=row[9],
            progress_percent=row[10],
            failure=row[11],
        )
        for media_id, row in firsts.items()
    ]


_FINISH = sql("""
    UPDATE media SET state = 'ready', kind = :kind, blurhash = COALESCE(blurhash, :blurhash), progress_percent = 100
    WHERE id = :id AND state = 'processing'
""")
_INSERT_FILE = sql("""
    INSERT INTO media_files (media_id, role, key, content_type, size_bytes, width, height, duration_ms, frame_rate,
        bitrate_bps)
    VALUES (:media_id, :role, :key, :content_type, :size_bytes, :width, :height, :duration_ms, :frame_rate,
        :bitrate_bps)
    ON CONFLICT (media_id, role) DO NOTHING
""")


async def finish(
    tx: Write, media_id: MediaId, *, kind: MediaKind, blurhash: str | None, files: Sequence[MediaFile]
) -> bool:
    """Enter what an upload became; False when it is gone or was finished before."""
    if not await tx.run(_FINISH, id=media_id, kind=kind.value, blurhash=blurhash):
        return False
    await insert_files(tx, media_id, files)
    return True


async def insert_files(tx: Write, media_id: MediaId, files: Sequence[MediaFile]) -> None:
    """Enter files of a medium."""
    await tx.many(
        _INSERT_FILE,
        [
            (
                media_id,
                file.role.value,
                file.key,
                file.content_type,
                file.size_bytes,
                file.width,
                file.height,
                file.duration_ms,
                file.frame_rate,
                file.bitrate_bps,
            )
            for file in files
        ],
    )


_DELETE_SMALL = sql("DELETE FROM media_files WHERE media_id = :media_id AND role = 'small' RETURNING key")
_SET_BLURHASH = sql("UPDATE media SET blurhash = :blurhash WHERE id = :id")


async def replace_small(tx: Write, media_id: MediaId, file: MediaFile, *, blurhash: str | None) -> list[str]:
    """Let another picture stand for a medium; return the keys of what stood for it before."""
    before = [row[0] for row in await tx.all(_DELETE_SMALL, media_id=media_id)]
    await media_objects.check_soon(tx, before)
    await insert_files(tx, media_id, [file])
    await tx.run(_SET_BLURHASH, id=media_id, blurhash=blurhash)
    return before


_FAIL = sql("UPDATE media SET state = 'failed', failure = :failure WHERE id = :id AND state = 'processing'")


async def fail(tx: Write, media_id: MediaId, *, failure: str) -> bool:
    """Note why an upload cannot be shown; False when nothing waits for its conversion any more."""
    return bool(await tx.run(_FAIL, id=media_id, failure=failure))


_PROGRESS = sql("UPDATE media SET progress_percent = :percent WHERE id = :id AND state = 'processing'")


async def note_progress(tx: Write, media_id: MediaId, *, percent: int) -> None:
    """Note how far a conversion is."""
    await tx.run(_PROGRESS, id=media_id, percent=percent)


_DESCRIBE = sql("""
    UPDATE media SET description = :description, focus_x = :focus_x, focus_y = :focus_y WHERE id = :id
""")


async def describe(tx: Write, one: Media) -> None:
    """Write what a medium shows, and where to look."""
    await tx.run(_DESCRIBE, id=one.id, description=one.description, focus_x=one.focus_x, focus_y=one.focus_y)


_ATTACH = sql("""
    UPDATE media SET tweet_id = :tweet_id, place = :place
    WHERE id = :id AND (tweet_id IS NULL OR tweet_id = :tweet_id)
""")
_LET_GO = sql("UPDATE media SET place = NULL WHERE tweet_id = :tweet_id")


async def attach(tx: Write, tweet_id: TweetId, media_ids: Sequence[MediaId]) -> bool:
    """Let a tweet show these and no others, in this order; False when another tweet has taken one meanwhile."""
    await tx.run(_LET_GO, tweet_id=tweet_id)
    for place, media_id in enumerate(media_ids):
        if not await tx.run(_ATTACH, id=media_id, tweet_id=tweet_id, place=place):
            return False
    return True


_DETACH = sql("""
    UPDATE media SET tweet_id = NULL, place = NULL, loose_ms = :now_ms WHERE tweet_id = ANY(:tweet_ids)
""")


async def detach(tx: Write, tweet_ids: Sequence[TweetId], *, now_ms: int) -> None:
    """Let everything loose that tweets show or have shown."""
    await tx.run(_DETACH, tweet_ids=tweet_ids, now_ms=now_ms)


_DELETE = sql("DELETE FROM media WHERE id = ANY(:media_ids)")
_DELETE_FILES = sql("DELETE FROM media_files WHERE media_id = ANY(:media_ids) RETURNING key")
_DELETE_HOLDS = sql("DELETE FROM media_holds WHERE media_id = ANY(:media_ids)")


async def delete(tx: Write, media_ids: Sequence[MediaId]) -> list[str]:
    """Remove media and return the keys of their files, which others may show as well."""
    if not media_ids:
        return []
    keys = [row[0] for row in await tx.all(_DELETE_FILES, media_ids=media_ids)]
    await media_objects.check_soon(tx, keys)
    await tx.run(_DELETE_HOLDS, media_ids=media_ids)
    await tx.run(_DELETE, media_ids=media_ids)
    return sorted(set(keys))


_DELETE_LOOSE = sql("""
    DELETE FROM media WHERE id = ANY(:media_ids) AND tweet_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM media_holds h WHERE h.media_id = media.id)
    RETURNING id
""")


async def delete_loose(tx: Write, media_ids: Sequence[MediaId]) -> tuple[list[MediaId], list[str]]:
    """Remove those of the media that nothing shows or holds at this moment; return them, and the keys of their files."""
    gone = [row[0] for row in await tx.all(_DELETE_LOOSE, media_ids=media_ids)]
    return gone, await delete(tx, gone)


_IDS_OF_TWEETS = sql("SELECT id FROM media WHERE tweet_id = ANY(:tweet_ids)")


async def ids_of_tweets(tx: Read, tweet_ids: Sequence[TweetId]) -> list[MediaId]:
    """Return all that tweets show or have shown."""
    return [row[0] for row in await tx.all(_IDS_OF_TWEETS, tweet_ids=tweet_ids)]


_IDS_OF_OWNER = sql("SELECT id FROM media WHERE owner_id = :owner_id ORDER BY id LIMIT :limit")


async def ids_of_owner(tx: Read, owner_id: UserId, *, limit: int) -> list[MediaId]:
    """Return some of a user's media."""
    return [row[0] for row in await tx.all(_IDS_OF_OWNER, owner_id=owner_id, limit=limit)]


_IDS_FOR = sql("""
    SELECT id FROM media WHERE owner_id = :owner_id AND purpose = :purpose AND id < :before
""")


async def ids_for(tx: Read, owner_id: UserId, purpose: MediaPurpose, *, before: int) -> list[MediaId]:
    """Return a user's earlier avatars or headers."""
    return [row[0] for row in await tx.all(_IDS_FOR, owner_id=owner_id, purpose=purpose.value, before=before)]


_LOOSE = sql("""
    SELECT id FROM media
    WHERE tweet_id IS NULL AND purpose = 'tweet' AND held = FALSE AND loose_ms < :before_ms AND id < :before
    ORDER BY loose_ms, id LIMIT :limit
""")


async def loose(tx: Read, *, before_ms: int, limit: int) -> list[MediaId]:
    """Return uploads from before a time that nothing has shown or held since."""
    rows = await tx.all(_LOOSE, before_ms=before_ms, before=id_at(before_ms), limit=limit)
    return [row[0] for row in rows]


_HOLD = sql("""
    INSERT INTO media_holds (media_id, holder_id) VALUES (:media_id, :holder_id) ON CONFLICT DO NOTHING
""")
_NOTE_HELD = sql("UPDATE media SET held = TRUE WHERE id = ANY(:media_ids)")
_RELEASE = sql("DELETE FROM media_holds WHERE holder_id = :holder_id RETURNING media_id")
_NOTE_RELEASED = sql("""
    UPDATE media SET held = FALSE, loose_ms = :now_ms
    WHERE id = ANY(:media_ids) AND NOT EXISTS (SELECT 1 FROM media_holds h WHERE h.media_id = media.id)
""")


async def hold(tx: Write, holder_id: int, media_ids: Sequence[MediaId], *, now_ms: int) -> None:
    """Keep uploads for a scheduled tweet or a draft, these and no others."""
    await release(tx, holder_id, now_ms=now_ms)
    if media_ids:
        await tx.many(_HOLD, [(media_id, holder_id) for media_id in dict.fromkeys(media_ids)])
        await tx.run(_NOTE_HELD, media_ids=media_ids)


async def release(tx: Write, holder_id: int, *, now_ms: int) -> None:
    """Let go of what was kept for a scheduled tweet or a draft."""
    if released := [row[0] for row in await tx.all(_RELEASE, holder_id=holder_id)]:
        await tx.run(_NOTE_RELEASED, media_ids=released, now_ms=now_ms)


_WAITING = sql("""
    SELECT COUNT(*), CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM media
    WHERE owner_id = :owner_id AND state = 'processing'
""")
_KEPT = sql("""
    SELECT CAST(COALESCE(SUM(f.size_bytes), 0) AS BIGINT)
    FROM media m JOIN media_files f ON f.media_id = m.id WHERE m.owner_id = :owner_id
""")


async def waiting(tx: Read, owner_id: UserId) -> tuple[int, int]:
    """Return how many of a user's uploads wait for their conversion or are converted, and their bytes."""
    row = await tx.one(_WAITING, owner_id=owner_id)
    return (int(row[0]), int(row[1])) if row else (0, 0)


async def kept_bytes(tx: Read, owner_id: UserId) -> int:
    """Return how many bytes all files of a user's media have."""
    row = await tx.one(_KEPT, owner_id=owner_id)
    return int(row[0]) if row else 0


_LARGEST_OWNERS = sql("""
    SELECT u.username, COUNT(DISTINCT m.id), CAST(SUM(f.size_bytes) AS BIGINT)
    FROM media m JOIN media_files f ON f.media_id = m.id JOIN users u ON u.id = m.owner_id
    GROUP BY u.id, u.username ORDER BY 3 DESC, 1 LIMIT :limit
""")


async def largest_owners(tx: Read, *, limit: int) -> Sequence[Row]:
    """Return the (username, media, bytes) of those whose media take most."""
    return await tx.all(_LARGEST_OWNERS, limit=limit)


_PROCESSING = sql("SELECT id FROM media WHERE id = ANY(:media_ids) AND state = 'processing'")


async def processing(tx: Read, media_ids: Sequence[int]) -> set[int]:
    """Return those of the uploads that wait for their conversion."""
    return {row[0] for row in await tx.all(_PROCESSING, media_ids=media_ids)}
