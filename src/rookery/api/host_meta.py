"""Where WebFinger is (RFC 6415): the one answer of the API that is XML, so it stands beside the catalogue."""

from collections.abc import Callable
from typing import Final
from xml.sax.saxutils import quoteattr

from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from rookery.api.calls import AnyRequest

PATH: Final = "/.well-known/host-meta"


def handler(base_url_of: Callable[[AnyRequest], str]) -> HTTPRouteHandler:
    """Return the route; `base_url_of` tells which instance a request is for."""

    async def handle(request: AnyRequest) -> ASGIResponse:
        return ASGIResponse(
            body=_document(base_url_of(request)), media_type="application/xrd+xml; charset=utf-8"
        )

    return HTTPRouteHandler(PATH, http_method="GET", name="host_meta.show")(handle)


def _document(base_url: str) -> bytes:
    template = quoteattr(f"{base_url}/.well-known/webfinger?resource={{uri}}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f'  <Link rel="lrdd" template={template}/>\n'
        "</XRD>\n"
    ).encode()
