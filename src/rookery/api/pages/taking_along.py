"""Files that a user takes along: lists for other services, and the archive of everything."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

import msgspec

from rookery.api.addresses import ARCHIVE_FILE, EXPORT_PATH, SETTINGS_PATH
from rookery.api.pages.visits import Answer, Download, Form, Page, Redirect, Visit
from rookery.domain.archives import ArchiveState, ExportKind
from rookery.errors import NotFound, TooMany
from rookery.usecases import archives, exports

_HEADINGS: Final = {
    ExportKind.FOLLOWS: b"Account address,Show boosts,Notify on new posts,Languages\n",
    ExportKind.MUTES: b"Account address,Hide notifications\n",
}
"""First lines, where Mastodon expects them when it reads the file."""


class ExportPage(msgspec.Struct, frozen=True, kw_only=True):
    """Which file."""

    name: str


async def export_page(visit: Visit, params: ExportPage) -> Answer:
    """Give out a list, or the archive if it is ready."""
    if visit.user is None:
        return Redirect(f"/auth/sign_in?next={EXPORT_PATH}/{params.name}")
    if params.name == ARCHIVE_FILE:
        archive = await archives.get_archive(visit.services, visit.user.id)
        if archive is None or archive.state is not ArchiveState.READY:
            raise NotFound
        name = f"{visit.services.instance.domain.partition(':')[0]}-{visit.user.username}.zip"
        return Download(name, "application/zip", archives.read_archive(visit.services, archive))
    for kind in ExportKind:
        if params.name == f"{kind}.csv":
            pieces = exports.export_list(visit.services, visit.user.id, kind)
            return Download(params.name, "text/csv; charset=utf-8", _headed(kind, pieces))
    raise NotFound


async def archive_submitted(visit: Visit, form: Form) -> Answer:  # noqa: ARG001  every page is called alike
    """Have an archive made."""
    if visit.user is None:
        return Redirect(f"/auth/sign_in?next={SETTINGS_PATH}")
    try:
        await archives.ask_for_archive(visit.services, visit.user.id)
    except TooMany as error:
        return Page("message.html", {"title": "Not yet", "text": error.message}, status=429)
    return Redirect(f"{SETTINGS_PATH}#data")


async def _headed(kind: ExportKind, pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    if kind in _HEADINGS:
        yield _HEADINGS[kind]
    async for piece in pieces:
        yield piece
