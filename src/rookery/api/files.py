"""Files of media over HTTP: whole or in ranges, kept by caches for good, and never run as anything."""

import asyncio
import re
from typing import Any, Final, NamedTuple

import msgspec
import structlog
from litestar.types import Receive, Scope, Send

from rookery.api.errors import RETRY_AFTER_S, Error
from rookery.domain.instance import MEDIA_PATH
from rookery.domain.media import content_type_of, digest_in
from rookery.errors import NotFound, RookeryError, Unavailable
from rookery.services import Services
from rookery.usecases.media_reads import MediaReads

LINK_LASTS_S: Final = 3_600
_RANGE: Final = re.compile(rb"(?i:bytes)=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})")
_ALWAYS: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
_KEPT: Final = (b"cache-control", b"public, max-age=31536000, immutable")
_log = structlog.get_logger(__name__)


class _Part(NamedTuple):
    """From which byte to before which."""

    start: int
    end: int


class Files:
    """Everything under `/media/`."""

    def __init__(self, services: Services, *, signs: bool) -> None:
        """Take the services, and whether clients are sent on to the object store."""
        self._services = services
        self._signs = signs
        self._reads = MediaReads(services)

    @staticmethod
    def owns(scope: Scope) -> bool:
        """Tell whether a request is for a file."""
        return (
            scope["type"] == "http"
            and scope["method"] in {"GET", "HEAD"}
            and scope["path"].startswith(f"{MEDIA_PATH}/")
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file or a part of it."""
        scope["path_template"] = f"{MEDIA_PATH}/{{key}}"
        try:
            await self._answer(scope, receive, send)
        except NotFound as error:
            await _refuse(send, 404, error.message)
        except Unavailable as error:
            await _refuse(send, 503, error.message, (b"retry-after", b"%d" % RETRY_AFTER_S))
        except RookeryError as error:
            await _refuse(send, 500, error.message)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = scope["path"].removeprefix(f"{MEDIA_PATH}/")
        content_type = content_type_of(key)
        digest = digest_in(key)
        if content_type is None or digest is None:
            raise NotFound
        headers = dict(scope["headers"])
        etag = b'"%b"' % digest.encode()
        about = [*_ALWAYS, _KEPT, (b"etag", etag), (b"accept-ranges", b"bytes")]
        if etag in headers.get(b"if-none-match", b""):
            await _send(send, 304, about)
            return
        asking: Any = scope
        is_head: bool = asking["method"] == "HEAD"
        if (
            self._signs
            and not is_head
            and (link := await self._services.objects.link(key, lasts_s=LINK_LASTS_S))
        ):
            self._reads.note(key)
            moved = [*_ALWAYS, (b"location", link.encode()), (b"cache-control", b"private, max-age=1800")]
            await _send(send, 302, [*moved, (b"content-length", b"0")])
            return
        info = await self._services.objects.head(key)
        if info is None:
            raise NotFound
        self._reads.note(key)
        asked = headers.get(b"range") if headers.get(b"if-range", etag) == etag and not is_head else None
        part = _part(asked, info.size_bytes)
        if part is not None and part.start >= part.end:
            await _send(
                send,
                416,
                [*_ALWAYS, (b"content-range", b"bytes */%d" % info.size_bytes), (b"content-length", b"0")],
            )
            return
        about.append((b"content-type", content_type.encode()))
        if part is not None:
            about.append((b"content-range", b"bytes %d-%d/%d" % (part.start, part.end - 1, info.size_bytes)))
        shown = part or _Part(0, info.size_bytes)
        about.append((b"content-length", b"%d" % (shown.end - shown.start)))
        status = 200 if part is None else 206
        if is_head:
            await _send(send, status, about)
            return
        await self._stream(receive, send, status, about, _Content(key, shown))

    async def _stream(
        self,
        receive: Receive,
        send: Send,
        status: int,
        about: list[tuple[bytes, bytes]],
        content: "_Content",
    ) -> None:
        start: Any = {"type": "http.response.start", "status": status, "headers": about}
        begun = False
        left = asyncio.create_task(_left(receive))
        try:
            async for chunk in self._services.objects.read(
                content.key, start=content.part.start, end=content.part.end
            ):
                if left.done():
                    return  # players go at every jump; nobody reads on for them
                if not begun:
                    begun = True
                    await send(start)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except RookeryError:
            if not begun:
                raise
            # What has been promised cannot be kept: an answer that ends too early says so.
            _log.warning("a file broke off while it was sent", key=content.key)
            return
        finally:
            left.cancel()
        if not begun:
            await send(start)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Content(NamedTuple):
    key: str
    part: _Part


async def _left(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _part(asked: bytes | None, size: int) -> _Part | None:
    """Return the range that is asked for (empty: one that lies outside), or None for the whole (RFC 9110, 14.2)."""
    found = _RANGE.fullmatch(asked.strip()) if asked else None
    if found is None:
        return None
    first, last = found["first"], found["last"]
    if not first:
        if not last:
            return None
        return _Part(max(0, size - int(last)), size)
    end = min(size, int(last) + 1) if last else size
    if last and int(last) < int(first):
        return None
    return _Part(int(first), end)


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _refuse(send: Send, status: int, sentence: str, *more: tuple[bytes, bytes]) -> None:
    body = msgspec.json.encode(Error(sentence))
    headers = [
        *_ALWAYS,
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
