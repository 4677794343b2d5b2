"""Archives that users have asked for, at most one each."""

from rookery import tasks
from rookery.domain.archives import Archive, ArchiveState
from rookery.domain.ids import UserId
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.sql import sql
from rookery.storage import tasks as task_records

_GET = sql("""
    SELECT object_key, state, asked_ms, ready_ms, size_bytes FROM archives WHERE user_id = :user_id
""")


async def get(tx: Read, user_id: UserId) -> Archive | None:
    """Return a user's archive, or None."""
    row = await tx.one(_GET, user_id=user_id)
    if row is None:
        return None
    return Archive(
        object_key=row[0], state=ArchiveState(row[1]), asked_ms=row[2], ready_ms=row[3], size_bytes=row[4]
    )


_INSERT = sql("""
    INSERT INTO archives (user_id, object_key, state, asked_ms, ready_ms, size_bytes)
    VALUES (:user_id, :object_key, 'making', :now_ms, NULL, 0)
    ON CONFLICT (user_id) DO NOTHING
""")


async def insert(tx: Write, user_id: UserId, *, object_key: str, now_ms: int) -> bool:
    """Enter that an archive is to be made; False when there is one."""
    return bool(await tx.run(_INSERT, user_id=user_id, object_key=object_key, now_ms=now_ms))


_FINISH = sql("""
    UPDATE archives SET state = 'ready', ready_ms = :now_ms, size_bytes = :size_bytes
    WHERE user_id = :user_id AND object_key = :object_key
""")


async def finish(tx: Write, user_id: UserId, *, object_key: str, size_bytes: int, now_ms: int) -> bool:
    """Note that an archive can be fetched; False when nobody waits for it any more."""
    return bool(
        await tx.run(_FINISH, user_id=user_id, object_key=object_key, size_bytes=size_bytes, now_ms=now_ms)
    )


_FAIL = sql("UPDATE archives SET state = 'failed' WHERE user_id = :user_id AND object_key = :object_key")


async def fail(tx: Write, user_id: UserId, *, object_key: str) -> None:
    """Note that an archive could not be made."""
    await tx.run(_FAIL, user_id=user_id, object_key=object_key)


_DELETE = sql("DELETE FROM archives WHERE user_id = :user_id RETURNING object_key")


async def delete(services: Services, tx: Write, user_id: UserId) -> None:
    """Forget a user's archive, and have its file removed."""
    row = await tx.one(_DELETE, user_id=user_id)
    if row is not None:
        await task_records.enqueue(services, tx, tasks.RemoveArchive(row[0]))


_DELETE_ONE = sql("DELETE FROM archives WHERE object_key = :object_key")


async def delete_one(tx: Write, object_key: str) -> None:
    """Forget this archive; another that was asked for since stays."""
    await tx.run(_DELETE_ONE, object_key=object_key)
