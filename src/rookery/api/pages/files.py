"""The few files that pages and profiles refer to, held in memory."""

from typing import Final

from litestar.response.base import ASGIResponse

from rookery.api.pages.client import DAY_S, YEAR_S
from rookery.api.pages.rendering import FILES
from rookery.errors import NotFound

_KINDS: Final = {
    ".png": "image/png",
    ".css": "text/css",
    ".js": "text/javascript",
}
_FILES: Final = {
    file.name: (_KINDS[file.suffix], file.read_bytes())
    for file in sorted(FILES.iterdir())
    if file.suffix in _KINDS
}


def file_response(name: str, *, versioned: bool, is_head: bool) -> ASGIResponse:
    """Return a file with leave to keep it: for a year when its address names its version, else for a day."""
    if name not in _FILES:
        raise NotFound("There is no such file")
    kind, content = _FILES[name]
    keep = f"public, max-age={YEAR_S}, immutable" if versioned else f"public, max-age={DAY_S}"
    return ASGIResponse(
        body=b"" if is_head else content,
        headers={
            "Cache-Control": keep,
            "X-Content-Type-Options": "nosniff",
            "Access-Control-Allow-Origin": "*",
        },
        media_type=kind,
        is_head_response=is_head,
    )
