"""Drafts of tweets."""

import msgspec

from rookery.domain.composing import Manuscript
from rookery.domain.drafts import KeptDraft
from rookery.domain.ids import UserId
from rookery.domain.timelines import PageRequest
from rookery.ports import Read, Row, Write
from rookery.sql import sql
from rookery.storage import paging

_MANUSCRIPT = msgspec.json.Decoder(Manuscript)

_INSERT = sql("""
    INSERT INTO drafts (id, user_id, manuscript, revision, changed_ms)
    VALUES (:id, :user_id, :manuscript, 1, :now_ms)
""")


async def insert(tx: Write, draft_id: int, user_id: UserId, manuscript: str, *, now_ms: int) -> None:
    """Keep a new draft, encoded."""
    await tx.run(_INSERT, id=draft_id, user_id=user_id, manuscript=manuscript, now_ms=now_ms)


_UPDATE = sql("""
    UPDATE drafts SET manuscript = :manuscript, revision = revision + 1, changed_ms = :now_ms
    WHERE id = :id AND user_id = :user_id AND (revision = :revision OR CAST(:revision AS BIGINT) = 0)
""")


async def update(
    tx: Write, draft_id: int, user_id: UserId, manuscript: str, *, revision: int, now_ms: int
) -> bool:
    """Write a draft anew; False when it is not there, or at another revision than that (0: any)."""
    return bool(
        await tx.run(
            _UPDATE, id=draft_id, user_id=user_id, manuscript=manuscript, revision=revision, now_ms=now_ms
        )
    )


_GET = sql("""
    SELECT id, user_id, manuscript, revision, changed_ms FROM drafts WHERE id = :id AND user_id = :user_id
""")


async def get(tx: Read, draft_id: int, user_id: UserId) -> KeptDraft | None:
    """Return a user's draft, or None."""
    row = await tx.one(_GET, id=draft_id, user_id=user_id)
    return _draft(row) if row else None


def _draft(row: Row) -> KeptDraft:
    return KeptDraft(
        id=row[0],
        user_id=row[1],
        manuscript=_MANUSCRIPT.decode(row[2]),
        revision=row[3],
        changed_ms=row[4],
    )


_PAGE = sql("""
    SELECT id, user_id, manuscript, revision, changed_ms FROM drafts
    WHERE user_id = :user_id AND id < :before AND id > :after ORDER BY id DESC LIMIT :limit
""")
_PAGE_OLDEST = sql("""
    SELECT id, user_id, manuscript, revision, changed_ms FROM drafts
    WHERE user_id = :user_id AND id < :before AND id > :after ORDER BY id LIMIT :limit
""")


async def page(tx: Read, user_id: UserId, request: PageRequest) -> list[KeptDraft]:
    """Return a user's drafts, the one begun last first."""
    return [_draft(row) for row in await paging.page(tx, _PAGE, _PAGE_OLDEST, request, user_id=user_id)]


_COUNT = sql("SELECT COUNT(*) FROM drafts WHERE user_id = :user_id")


async def count(tx: Read, user_id: UserId) -> int:
    """Return how many drafts a user has."""
    row = await tx.one(_COUNT, user_id=user_id)
    return int(row[0]) if row else 0


_DELETE = sql("DELETE FROM drafts WHERE id = :id AND user_id = :user_id")


async def delete(tx: Write, draft_id: int, user_id: UserId) -> bool:
    """Throw a user's draft away; False when it is gone."""
    return bool(await tx.run(_DELETE, id=draft_id, user_id=user_id))
