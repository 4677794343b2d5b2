"""The web client as it was built: its files, given out from memory, and its page, in which other pages are shown."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec
from litestar.response.base import ASGIResponse

from rookery.api.pages.visits import Answer, Page, Visit
from rookery.domain.instance import Instance
from rookery.errors import Misconfigured

PAGE: Final = "index.html"
"""The client's own page, which becomes the layout of others."""
BUILD: Final = "build.json"
"""What was built from which source, and what it needs besides: Vite's manifest."""
WORKER: Final = "/sw.js"
MANIFEST: Final = "/manifest.webmanifest"
FOLDERS: Final = ("assets", "icons")
"""What is given out, besides the files above."""
YEAR_S: Final = 31_536_000
DAY_S: Final = 86_400

_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
"""How files may lie compressed beside themselves, the best first."""
_SENTENCES: Final = "virtual:messages/"
_MORE: Final = "/more"
"""What the start page does not say."""
_OTHER_LANGUAGE: Final = "en"
_SHOWN_BY: Final = {
    "hashtag.html": "src/timeline/TagPage.svelte",
    "profile.html": "src/profile/ProfilePage.svelte",
    "tweet.html": "src/thread/ThreadPage.svelte",
}
"""By the template of a page the client's part that shows it; the start page comes with the entry."""
_TAG: Final = "<html"
_HEAD: Final = "<!-- head -->"
_NOSCRIPT: Final = "<!-- noscript -->"
_SIGNED_IN: Final = '{% if visit.user %} data-signed-in="{{ visit.user.username }}"{% endif %}'
_IN_HEAD: Final = """\
<title>{% block title %}{{ instance.title }}{% endblock %}</title>
<meta name="rookery-title" content="{{ instance.title }}">
{% if visit.user %}<meta name="rookery-csrf" content="{{ visit.csrf }}">{% endif %}
<noscript><link rel="stylesheet" href="/static/style.css?v={{ style_version }}"></noscript>
{% for part in parts %}<link rel="{{ "stylesheet" if part.endswith(".css") else "modulepreload" }}" crossorigin href="{{ part }}">
{% endfor %}
{% block head %}{% endblock %}
"""
_WITHOUT_SCRIPT: Final = (
    '{% include "bar.html" %}\n<main>{% block main %}{% endblock %}</main>\n{% include "foot.html" %}'
)
_LOOPBACK: Final = frozenset(("localhost", "127.0.0.1", "::1"))
_NO_CODING: Final = re.compile(r"q=0(?:\.0{0,3})?")


class _File(NamedTuple):
    kind: str
    keep: str
    etag: str
    content: bytes
    compressed: dict[str, bytes]
    """By the name of the coding (RFC 9110, section 8.4.1)."""


class _Chunk(msgspec.Struct, frozen=True):
    """A file of the client's, as Vite's manifest tells of it; by the names it has there, what it imports."""

    file: str
    css: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


class WebClient:
    """A built client, held in memory."""

    def __init__(self, folder: Path, instance: Instance, *, file_origins: Sequence[str] = ()) -> None:
        """Read what was built; `file_origins` are where media is fetched besides here. Raises Misconfigured."""
        self.layout = _layout(folder / PAGE)
        self.policy = _policy(instance, file_origins)
        self._files = {
            f"/{path.relative_to(folder).as_posix()}": _read(path, keep=_keep(name))
            for name in FOLDERS
            for path in sorted((folder / name).rglob("*"))
            if path.suffix in _KINDS
        }
        self._files[MANIFEST] = _made(_manifest(instance), kind="application/manifest+json")
        self._chunks = msgspec.json.decode((folder / BUILD).read_bytes(), type=dict[str, _Chunk])
        worker = folder / WORKER.removeprefix("/")
        if worker.is_file():
            self._files[WORKER] = _read(worker, keep="no-cache")

    def file(self, path: str, *, codings: str, known: str, is_head: bool) -> ASGIResponse | None:
        """Return a file in one of the codings that the browser takes, or that it knows it already; None: there is none.

        `codings` and `known` are what the browser sends as Accept-Encoding and If-None-Match; both may be empty.
        """
        file = self._files.get(path)
        if file is None:
            return None
        headers = {
            "Content-Type": file.kind,
            "Cache-Control": file.keep,
            "ETag": file.etag,
            "X-Content-Type-Options": "nosniff",
            # A worker obeys the policy that it came with, not its page's.
            "Content-Security-Policy": self.policy,
        }
        if file.compressed:
            headers["Vary"] = "Accept-Encoding"
        if file.etag in known:
            del headers["Content-Type"]
            return ASGIResponse(status_code=304, headers=headers)
        content = file.content
        coding = _coding(codings, file.compressed)
        if coding:
            content = file.compressed[coding]
            headers["Content-Encoding"] = coding
        headers["Content-Length"] = str(len(content))
        return ASGIResponse(body=b"" if is_head else content, headers=headers, is_head_response=is_head)

    def parts(self, template: str, languages: str) -> list[str]:
        """Return the files that a page needs besides the entry, so that a browser need not find them one by one.

        `languages` is what the browser sends as Accept-Language. Who has chosen another language in the client fetches
        that besides.
        """
        page = _SHOWN_BY.get(template)
        known = (each.partition(";")[0].strip().lower().partition("-")[0] for each in languages.split(","))
        language = next((one for one in known if f"{_SENTENCES}{one}" in self._chunks), _OTHER_LANGUAGE)
        sentences = f"{_SENTENCES}{language}"
        needed = [sentences] if page is None else [sentences, f"{sentences}{_MORE}", page]
        files: dict[str, None] = {}
        for name in needed:
            self._add(name, files)
        return list(files)

    def _add(self, name: str, files: dict[str, None]) -> None:
        chunk = self._chunks.get(name)
        if chunk is None or name == PAGE or f"/{chunk.file}" in files:
            return
        files |= {f"/{file}": None for file in (chunk.file, *chunk.css)}
        for imported in chunk.imports:
            self._add(imported, files)


async def client_page(visit: Visit) -> Answer:  # noqa: ARG001  every page is called alike
    """Show what only the client can show: without a script a sentence that says so."""
    return Page("client_only.html")


def same_machine(host: str, base_url: str) -> bool:
    """Tell whether a Host header names the loopback address of `base_url` in another way: localhost for 127.0.0.1."""
    try:
        asked, own = urlsplit(f"http://{host}"), urlsplit(base_url)
        ports = (asked.port, own.port)
    except ValueError:
        return False
    return (
        asked.hostname != own.hostname
        and {asked.hostname, own.hostname} <= _LOOPBACK
        and own.scheme == "http"
        and ports[0] == ports[1]
    )


def _layout(path: Path) -> str:
    """Return the client's page as a template, with room for what pages put into their layout."""
    written = path.read_text(encoding="utf-8")
    for mark, meant in ((_TAG, _TAG + _SIGNED_IN), (_HEAD, _IN_HEAD), (_NOSCRIPT, _WITHOUT_SCRIPT)):
        if written.count(mark) != 1:
            raise Misconfigured(
                f"the web client's page must hold {mark} once, and {path} does not: build it anew"
            )
        written = written.replace(mark, f"{{% endraw %}}{meant}{{% raw %}}")
    return f"{{% raw %}}{written}{{% endraw %}}"


def _policy(instance: Instance, file_origins: Sequence[str]) -> str:
    """Return the Content-Security-Policy: our own script, made into HTML by named policies only."""
    files = "".join(f" {origin}" for origin in file_origins)
    # Not every browser counts WebSockets in when a policy says 'self'.
    streaming = f"ws{instance.base_url.removeprefix('http')}"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"connect-src 'self' {streaming}{files}; img-src 'self' data: blob:{files}; media-src 'self' blob:{files}; "
        "font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html rookery default"
    )


def _manifest(instance: Instance) -> bytes:
    """Return what a device is told when somebody installs the client (https://www.w3.org/TR/appmanifest/)."""
    icons = [
        {"src": f"/icons/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any"}
        for size in (192, 512)
    ]
    icons.append(
        {"src": "/icons/maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"}
    )
    return msgspec.json.encode(
        {
            "id": "/",
            "name": instance.title,
            "short_name": instance.title,
            "description": instance.description,
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#FBFAF7",
            "theme_color": "#FBFAF7",
            "categories": ["social"],
            "icons": icons,
            "share_target": {
                "action": "/compose",
                "method": "GET",
                "params": {"title": "title", "text": "text", "url": "url"},
            },
        }
    )


def _keep(folder: str) -> str:
    """Return how long browsers may keep files: for good when their names change with what they hold."""
    return f"public, max-age={YEAR_S}, immutable" if folder == "assets" else f"public, max-age={DAY_S}"


def _read(path: Path, *, keep: str) -> _File:
    compressed = {
        coding: beside.read_bytes()
        for coding, suffix in _ENCODINGS
        if (beside := path.with_name(path.name + suffix)).is_file()
    }
    content = path.read_bytes()
    return _File(_KINDS[path.suffix], keep, _etag(content), content, compressed)


def _made(content: bytes, *, kind: str) -> _File:
    return _File(kind, "no-cache", _etag(content), content, {})


def _etag(content: bytes) -> str:
    # Weak: it stands for the file in every coding.
    return f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'


def _coding(accepted: str, there: dict[str, bytes]) -> str:
    """Return the best coding that is there and that the browser takes, or nothing (RFC 9110, section 12.5.3)."""
    taken: set[str] = set()
    for each in accepted.lower().split(","):
        name, _, weight = each.partition(";")
        if not _NO_CODING.fullmatch(weight.strip()):
            taken.add(name.strip())
    return next((coding for coding, _ in _ENCODINGS if coding in taken and coding in there), "")
