"""Fetching what pages say about themselves (docs/decisions/0031-link-previews.md): hostile until proven otherwise.

Sources: the Open Graph protocol (https://ogp.me), oEmbed's discovery (https://oembed.com), schema.org in JSON-LD.
"""

import asyncio
import re
import zlib
from collections import Counter
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import quote, urljoin, urlsplit

import msgspec

from rookery import __version__
from rookery.domain.measurements import Kind, Measurement
from rookery.domain.previews import (
    DESCRIPTION_CHARS_MAX,
    NAME_CHARS_MAX,
    TITLE_CHARS_MAX,
    Preview,
    plain,
)
from rookery.engines.public_addresses import public_pool

PAGE_BYTES_MAX: Final = 1_048_576
"""Of a longer page, or one that becomes longer when unpacked, the beginning is read."""
OEMBED_BYTES_MAX: Final = 65_536
PICTURE_BYTES_MAX: Final = 8 * 1_048_576
"""A larger picture is left aside."""
FETCH_TIMEOUT_S: Final = 10.0
"""How long a page may take, with all its redirects, from the look-up of the name to the last byte."""
REDIRECTS_MAX: Final = 4
URL_CHARS_MAX: Final = 2_048
CONNECTIONS_MAX: Final = 8
_HTML: Final = frozenset(("text/html", "application/xhtml+xml"))
_JSON: Final = frozenset(("application/json", "text/json", "application/json+oembed"))
_PICTURES: Final = frozenset(
    ("image/jpeg", "image/jpg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp")
)
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_KNOWN_CHARSET: Final = re.compile(
    r"(utf-?8|utf-?16(le|be)?|us-ascii|ascii|iso-?8859-\d{1,2}|latin-?1|windows-\d{3,4}|cp\d{3,4}|shift[_-]jis|sjis"
    r"|euc-(jp|kr)|iso-2022-jp|gb2312|gbk|gb18030|big5(-hkscs)?|koi8-[ru]|tis-620|macintosh)",
    re.IGNORECASE,
)
"""Encodings that pages are written in; Python knows others that take their time or are none."""


class _Answer(NamedTuple):
    url: str
    kind: str
    charset: str
    body: bytes


_FoundT = TypeVar("_FoundT")


class HttpPreviewFetcher:
    """The `PreviewFetcher` port over HTTP."""

    def __init__(self, *, private_addresses: bool, timeout_s: float = FETCH_TIMEOUT_S) -> None:
        """Take whether pages in private networks are fine, and how long one may take."""
        self._private_addresses = private_addresses
        self._timeout_s = timeout_s
        self._pool: Any = None
        self._counts: Counter[str] = Counter()

    async def fetch(self, url: str, /) -> Preview | None:
        """Return what a page says about itself; None when it says nothing or cannot be had."""
        found = await self._within_bounds(self._fetch(url))
        self._counts["empty" if found is None else "fetched"] += 1
        return found

    async def fetch_picture(self, url: str, /) -> bytes | None:
        """Return a picture as it is; None when it is none, too large, or cannot be had."""
        found = await self._within_bounds(
            self._get(url, kinds=_PICTURES, accept="image/*", bytes_max=PICTURE_BYTES_MAX + 1)
        )
        return found.body if found is not None and len(found.body) <= PICTURE_BYTES_MAX else None

    async def _within_bounds(self, asking: Awaitable[_FoundT | None]) -> _FoundT | None:
        """Return what comes within the time, and None for whatever goes wrong on the way."""
        import httpcore  # noqa: PLC0415  heavy, and few need it

        if self._pool is None:
            self._pool = public_pool(
                private_addresses=self._private_addresses, connections_max=CONNECTIONS_MAX
            )
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asking
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
            ValueError,
            zlib.error,
        ):
            return None

    async def _fetch(self, url: str) -> Preview | None:
        page = await self._get(url, kinds=_HTML, accept="text/html", bytes_max=PAGE_BYTES_MAX)
        if page is None:
            return None
        # Reading a page takes a moment: not on the event loop.
        said = await asyncio.to_thread(read_page, page.body, page.charset)
        if (address := said.get("oembed")) and not (said.get("title") and said.get("author_name")):
            more = await self._get(
                urljoin(page.url, address), kinds=_JSON, accept="application/json", bytes_max=OEMBED_BYTES_MAX
            )
            if more is not None:
                for name, value in _oembed(more.body).items():
                    said.setdefault(name, value)
        return preview_of(said, page.url)

    async def _get(self, url: str, *, kinds: frozenset[str], accept: str, bytes_max: int) -> _Answer | None:
        """Return the beginning of what lies at an address, where redirects end."""
        for _ in range(REDIRECTS_MAX + 1):
            if len(url) > URL_CHARS_MAX or urlsplit(url).scheme not in {"http", "https"}:
                return None
            headers = {
                "Accept": accept,
                "Accept-Encoding": "gzip, identity",
                "User-Agent": f"Rookery/{__version__} (link preview)",
            }
            async with self._pool.stream("GET", _ascii(url), headers=headers) as answer:
                said = {name.lower(): value for name, value in answer.headers}
                if answer.status in {301, 302, 303, 307, 308} and b"location" in said:
                    url = urljoin(url, said[b"location"].decode("ascii")).partition("#")[0]
                    continue
                content_type = said.get(b"content-type", b"").decode("latin-1")
                kind = content_type.partition(";")[0].strip().lower()
                if answer.status != 200 or kind not in kinds:
                    return None
                packed = said.get(b"content-encoding", b"identity").strip().lower()
                body = await _beginning(answer, packed, bytes_max=bytes_max)
            charset = _CHARSET.search(content_type)
            return None if body is None else _Answer(url, kind, charset[1] if charset else "", body)
        return None

    def measurements(self) -> Sequence[Measurement]:
        """Return what this part counts about itself."""
        return [
            Measurement(
                f"rookery_previews_{outcome}",
                f"Links {words}.",
                Kind.COUNTER,
                lambda outcome=outcome: self._counts[outcome],
            )
            for outcome, words in (
                ("fetched", "whose page said something about itself"),
                ("empty", "whose page could not be had or said nothing"),
            )
        ]

    async def close(self) -> None:
        """Let go of connections."""
        if self._pool is not None:
            await self._pool.aclose()


async def _beginning(answer: Any, packed: bytes, *, bytes_max: int) -> bytes | None:
    """Return at most so many bytes of an answer, unpacked; None where it is packed in another way than asked for."""
    if packed not in {b"identity", b"gzip", b""}:
        return None
    unpacker = zlib.decompressobj(wbits=31) if packed == b"gzip" else None
    body = bytearray()
    received = 0
    async for piece in answer.aiter_stream():
        received += len(piece)
        body += piece if unpacker is None else unpacker.decompress(piece, bytes_max - len(body))
        if len(body) >= bytes_max or received >= bytes_max or (unpacker is not None and unpacker.eof):
            break
    return bytes(body[:bytes_max])


def _decoded(body: bytes, charset: str) -> str:
    """Return a page's text by the charset it is sent with, or else by the one it names, or else as UTF-8."""
    if body.startswith(b"\xef\xbb\xbf"):
        charset = "utf-8-sig"
    elif not charset and (named := _CHARSET.search(body[:2_048].decode("latin-1"))):
        charset = named[1]
    if charset != "utf-8-sig" and _KNOWN_CHARSET.fullmatch(charset) is None:
        charset = "utf-8"
    try:
        return body.decode(charset, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def read_page(body: bytes, charset: str = "") -> dict[str, str]:
    """Return what a page says about itself, each thing by the best of the ways in which pages say it."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415  heavy, and few need it

    page = LexborHTMLParser(_decoded(body, charset))
    metas: dict[str, str] = {}
    for node in page.css("meta"):
        name = node.attributes.get("property") or node.attributes.get("name")
        content = node.attributes.get("content")
        if name and content:
            metas.setdefault(name.lower(), content)
    title = page.css_first("title")
    root = page.css_first("html")
    linked = _linked_data(node.text() for node in page.css('script[type="application/ld+json"]'))
    oembed = page.css_first('link[type="application/json+oembed"]')
    offered = {
        "title": [
            metas.get("og:title"),
            metas.get("twitter:title"),
            linked.get("title"),
            title and title.text(),
        ],
        "description": [
            metas.get("og:description"),
            metas.get("twitter:description"),
            linked.get("description"),
            metas.get("description"),
        ],
        "author_name": [linked.get("author_name"), metas.get("author"), metas.get("article:author")],
        "provider_name": [
            metas.get("og:site_name"),
            linked.get("provider_name"),
            metas.get("application-name"),
        ],
        "language": [metas.get("og:locale"), root.attributes.get("lang") if root else None],
        "picture_url": [metas.get(name) for name in _PICTURE_NAMES],
        "picture_description": [metas.get("og:image:alt"), metas.get("twitter:image:alt")],
        "oembed": [oembed.attributes.get("href") if oembed else None],
    }
    return {
        name: value
        for name, values in offered.items()
        if (value := next((each for each in values if each and each.strip()), None)) is not None
    }


_PICTURE_NAMES: Final = (
    *("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"),
    "thumbnail",
)


def _linked_data(texts: Iterable[str]) -> dict[str, str]:
    """Return what the first article or page in JSON-LD says."""
    for text in texts:
        try:
            found: Any = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            continue
        for thing in found if isinstance(found, list) else [found]:  # type: ignore[reportUnknownVariableType]
            said = _named(thing)
            if said.get("title"):
                return said
    return {}


def _named(thing: Any) -> dict[str, str]:
    if not isinstance(thing, dict):
        return {}
    offered: dict[str, Any] = {
        "title": thing.get("headline") or thing.get("name"),  # type: ignore[reportUnknownMemberType]
        "description": thing.get("description"),  # type: ignore[reportUnknownMemberType]
        "author_name": _name_of(thing.get("author")),  # type: ignore[reportUnknownMemberType]
        "provider_name": _name_of(thing.get("publisher")),  # type: ignore[reportUnknownMemberType]
    }
    return {name: value for name, value in offered.items() if isinstance(value, str)}


def _name_of(thing: Any) -> Any:
    if isinstance(thing, list) and thing:
        thing = thing[0]  # type: ignore[reportUnknownVariableType]
    return thing.get("name") if isinstance(thing, dict) else thing  # type: ignore[reportUnknownMemberType]


def _oembed(body: bytes) -> dict[str, str]:
    found: Any = msgspec.json.decode(body)
    if not isinstance(found, dict):
        return {}
    names = {name: name for name in ("title", "author_name", "author_url", "provider_name")}
    names["thumbnail_url"] = "picture_url"
    return {name: found[said] for said, name in names.items() if isinstance(found.get(said), str)}  # type: ignore[reportUnknownMemberType]


def preview_of(said: dict[str, str], url: str) -> Preview | None:
    """Return the preview, in plain text of bounded length; None without a title."""
    title = plain(said.get("title", ""), TITLE_CHARS_MAX)
    if not title:
        return None
    author_url = said.get("author_url", "")
    return Preview(
        title=title,
        description=plain(said.get("description", ""), DESCRIPTION_CHARS_MAX),
        author_name=plain(said.get("author_name", ""), NAME_CHARS_MAX),
        author_url=author_url
        if author_url.startswith(("https://", "http://")) and len(author_url) <= URL_CHARS_MAX
        else "",
        provider_name=plain(said.get("provider_name", ""), NAME_CHARS_MAX) or (urlsplit(url).hostname or ""),
        language=said.get("language", "").replace("_", "-").split("-")[0].lower()[:3],
        picture_url=_picture_url(said.get("picture_url", ""), url),
        picture_description=plain(said.get("picture_description", ""), DESCRIPTION_CHARS_MAX),
    )


def _picture_url(said: str, page_url: str) -> str:
    """Return the address of the page's picture, or nothing where that is no address to ask."""
    try:
        url = urljoin(page_url, said.strip()) if said else ""
    except ValueError:
        return ""
    return url if url.startswith(("https://", "http://")) and len(url) <= URL_CHARS_MAX else ""


def _ascii(url: str) -> str:
    """Return an address as it goes over the wire: the host in IDNA's form, the rest percent-encoded."""
    parts = urlsplit(url)
    host = (
        (parts.hostname or "").encode("idna").decode("ascii")
        if not (parts.hostname or "").isascii()
        else None
    )
    netloc = parts.netloc if host is None else host + (f":{parts.port}" if parts.port else "")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe=chr(47) + '%:@!$&()*+,;=~-._?[]')}" if parts.query else ""
    return f"{parts.scheme}://{netloc}{path}{query}"
