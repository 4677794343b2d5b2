"""Lists as comma-separated values, with the columns that other services expect."""

import csv
import io
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final

from rookery.domain.archives import ExportKind
from rookery.domain.ids import UserId
from rookery.domain.instance import Instance
from rookery.ports import Row
from rookery.services import Services
from rookery.storage import exports

SLICE_ROWS: Final = 1_000


async def csv_pieces(services: Services, user_id: UserId, kind: ExportKind) -> AsyncGenerator[bytes]:
    """Yield a list of a user's without a heading, piece by piece."""
    after_id = 0
    while True:
        async with services.db.read() as tx:
            rows = await exports.rows(tx, kind, user_id, after_id=after_id, limit=SLICE_ROWS)
        if not rows:
            return
        yield _written([_line(services.instance, kind, row) for row in rows])
        after_id = rows[-1][-1]


async def favorite_pieces(services: Services, user_id: UserId) -> AsyncGenerator[bytes]:
    """Yield the addresses of what a user has marked as favorite, piece by piece."""
    after_id = 0
    while True:
        async with services.db.read() as tx:
            rows = await exports.favorites(tx, user_id, after_id=after_id, limit=SLICE_ROWS)
        if not rows:
            return
        yield _written([(tweet_address(services.instance, row[0], row[1]),) for row in rows])
        after_id = rows[-1][-1]


def tweet_address(instance: Instance, username: str, tweet_id: int) -> str:
    """Return where a tweet is shown."""
    return f"{instance.base_url}/@{username}/{tweet_id}"


def _written(lines: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode("utf-8", "replace")


def _line(instance: Instance, kind: ExportKind, row: Row) -> Sequence[Any]:
    if kind is ExportKind.FOLLOWS:
        languages = ", ".join(row[3].split()) if row[3] else ""
        return (_name(instance, row[0]), _yes(row[1]), _yes(row[2]), languages)
    if kind is ExportKind.BLOCKS:
        return (_name(instance, row[0]),)
    if kind is ExportKind.MUTES:
        return (_name(instance, row[0]), _yes(row[1]))
    if kind is ExportKind.LISTS:
        return (_title(row[0]), _name(instance, row[1]))
    return (tweet_address(instance, row[0], row[1]),)


def _name(instance: Instance, username: str) -> str:
    return f"{username}@{instance.domain}"


def _yes(value: object) -> str:
    return "true" if value else "false"


def _title(title: str) -> str:
    """Return a list's title so that no spreadsheet takes it for a formula."""
    return f"'{title}" if title[:1] in {"=", "+", "-", "@", "\t"} else title
