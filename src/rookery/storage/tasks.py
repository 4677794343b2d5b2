"""The queue of background work, beside the records so that work leaves with the commit."""

from collections.abc import Sequence
from functools import partial

import rookery.tasks as catalogue
from rookery.ports import Read, Row, Write
from rookery.services import Services
from rookery.sql import sql, sql_per_engine

_INSERT = sql("""
    INSERT INTO tasks (id, queue, kind, payload, run_at_ms, lease_until_ms, attempts, period_key)
    VALUES (:id, :queue, :kind, :payload, :run_at_ms, :lease_until_ms, :attempts, :period_key)
    ON CONFLICT DO NOTHING
""")


async def insert(
    tx: Write, payload: catalogue.Task, *, new_id: int, run_at_ms: int, period_key: str | None = None
) -> bool:
    """Queue a task; False when one with the same `period_key` waits already."""
    return await _insert(tx, payload, new_id, run_at_ms=run_at_ms, lease_until_ms=None, period_key=period_key)


async def _insert(
    tx: Write,
    payload: catalogue.Task,
    task_id: int,
    *,
    run_at_ms: int,
    lease_until_ms: int | None,
    period_key: str | None = None,
) -> bool:
    return bool(
        await tx.run(
            _INSERT,
            id=task_id,
            queue=catalogue.POLICIES[type(payload)].queue,
            kind=type(payload).__name__,
            payload=catalogue.encode(payload),
            run_at_ms=run_at_ms,
            lease_until_ms=lease_until_ms,
            attempts=0 if lease_until_ms is None else 1,
            period_key=period_key,
        )
    )


_CLAIM = sql_per_engine(
    postgres="""
        UPDATE tasks SET run_at_ms = :lease_until_ms, lease_until_ms = :lease_until_ms, attempts = attempts + 1
        WHERE id IN (
            SELECT id FROM tasks
            WHERE failed_ms IS NULL AND run_at_ms <= :now_ms AND (queue = ANY(:queues)) = :within
            ORDER BY run_at_ms, id LIMIT :limit FOR UPDATE SKIP LOCKED)
        RETURNING id, kind, payload, attempts
    """,
    sqlite="""
        UPDATE tasks SET run_at_ms = :lease_until_ms, lease_until_ms = :lease_until_ms, attempts = attempts + 1
        WHERE id IN (
            SELECT id FROM tasks
            WHERE failed_ms IS NULL AND run_at_ms <= :now_ms AND (queue = ANY(:queues)) = :within
            ORDER BY run_at_ms, id LIMIT :limit)
        RETURNING id, kind, payload, attempts
    """,
)


async def claim(
    tx: Write, *, now_ms: int, lease_until_ms: int, limit: int, queues: Sequence[str], within: bool
) -> Sequence[Row]:
    """Take the tasks that are due in these queues (or, not `within`, in all others).

    They come back by themselves when the lease ends. Columns: id, kind, payload, attempts (this one counted).
    """
    rows = await tx.all(
        _CLAIM, now_ms=now_ms, lease_until_ms=lease_until_ms, limit=limit, queues=queues, within=within
    )
    return sorted(rows, key=lambda row: row[0])


_EXTEND = sql("""
    UPDATE tasks SET run_at_ms = :lease_until_ms, lease_until_ms = :lease_until_ms
    WHERE id = ANY(:ids) AND lease_until_ms IS NOT NULL
""")


async def extend(tx: Write, task_ids: Sequence[int], *, lease_until_ms: int) -> None:
    """Lengthen claims."""
    await tx.run(_EXTEND, ids=task_ids, lease_until_ms=lease_until_ms)


_DELETE = sql("DELETE FROM tasks WHERE id = ANY(:ids)")


async def delete(tx: Write, task_ids: Sequence[int]) -> None:
    """Remove tasks that are done."""
    await tx.run(_DELETE, ids=task_ids)


_RETRY = sql("""
    UPDATE tasks SET run_at_ms = :run_at_ms, lease_until_ms = NULL, error = :error WHERE id = :id
""")


async def retry(tx: Write, task_id: int, *, run_at_ms: int, error: str) -> None:
    """Let a failed task wait for its next attempt."""
    await tx.run(_RETRY, id=task_id, run_at_ms=run_at_ms, error=error)


_REST = sql("""
    UPDATE tasks SET run_at_ms = :run_at_ms, lease_until_ms = NULL, attempts = 0, error = :error WHERE id = :id
""")


async def rest(tx: Write, task_id: int, *, run_at_ms: int, error: str | None) -> None:
    """Let a periodic task wait for its next turn; `error` says what went wrong in this one."""
    await tx.run(_REST, id=task_id, run_at_ms=run_at_ms, error=error)


_FAIL = sql("""
    UPDATE tasks SET failed_ms = :now_ms, lease_until_ms = NULL, error = :error, period_key = NULL WHERE id = :id
""")


async def fail(tx: Write, task_id: int, *, now_ms: int, error: str) -> None:
    """Give a task up; it stays in the table to be looked at."""
    await tx.run(_FAIL, id=task_id, now_ms=now_ms, error=error)


_NEXT = sql("""
    SELECT run_at_ms FROM tasks WHERE failed_ms IS NULL AND NOT (queue = ANY(:full)) ORDER BY run_at_ms LIMIT 1
""")


async def next_run_at_ms(tx: Read, *, full: Sequence[str] = ()) -> int | None:
    """Return when the next task is due outside of the queues that are full, or None."""
    row = await tx.one(_NEXT, full=full)
    return row[0] if row else None


_COUNT = sql("""
    SELECT (SELECT COUNT(*) FROM tasks WHERE failed_ms IS NULL),
        (SELECT COUNT(*) FROM tasks WHERE failed_ms IS NOT NULL)
""")


async def count(tx: Read) -> tuple[int, int]:
    """Return how many tasks wait or run, and how many were given up."""
    row = await tx.one(_COUNT)
    return (row[0], row[1]) if row else (0, 0)


_DELETE_FAILED = sql("""
    DELETE FROM tasks WHERE id IN (
        SELECT id FROM tasks WHERE failed_ms < :before_ms ORDER BY failed_ms LIMIT :limit)
""")


async def delete_failed(tx: Write, *, before_ms: int, limit: int) -> int:
    """Remove tasks that were given up before that time; return how many."""
    return await tx.run(_DELETE_FAILED, before_ms=before_ms, limit=limit)


async def enqueue_all(services: Services, tx: Write, payloads: Sequence[catalogue.Task]) -> None:
    """Queue tasks that commit with the data, and wake this process's worker after the commit."""
    if not payloads:
        return
    now_ms = services.now_ms()
    rows = [
        (
            services.new_id(),
            catalogue.POLICIES[type(payload)].queue,
            type(payload).__name__,
            catalogue.encode(payload),
            now_ms,
            None,
            0,
            None,
        )
        for payload in payloads
    ]
    await tx.many(_INSERT, rows)
    tx.after_commit(services.desk.wake)


async def enqueue(services: Services, tx: Write, payload: catalogue.Task, *, ahead_ms: int = 0) -> None:
    """Queue a task that commits with the data, claimed already where this process's worker has room for it.

    In a slow queue it is done before those that were queued up to `ahead_ms` earlier.
    """
    task_id, now_ms, take = services.new_id(), services.now_ms(), services.desk.take
    if take is None or catalogue.POLICIES[type(payload)].queue in catalogue.SLOW_QUEUES:
        await insert(tx, payload, new_id=task_id, run_at_ms=now_ms - ahead_ms)
        tx.after_commit(services.desk.wake)
        return
    lease_until_ms = now_ms + catalogue.LEASE_MS
    await _insert(tx, payload, task_id, run_at_ms=lease_until_ms, lease_until_ms=lease_until_ms)
    tx.after_commit(partial(take, task_id, payload))
