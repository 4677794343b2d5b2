"""From answers to HTTP: templates, and the headers that keep pages from doing anything but what they say."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse
from markupsafe import Markup

from rookery.api.pages.client import WebClient
from rookery.api.pages.visits import Answer, Data, Download, Feed, Page, Redirect, Visit
from rookery.domain import text
from rookery.domain.instance import Instance
from rookery.domain.media import FileRole, Media
from rookery.domain.visibility import TweetView

HERE: Final = Path(__file__).parent
FILES: Final = HERE / "static"
STYLE: Final = (FILES / "style.css").read_bytes()
STYLE_VERSION: Final = hashlib.sha256(STYLE).hexdigest()[:12]
SCRIPT: Final = (FILES / "passkeys.js").read_bytes()
SCRIPT_VERSION: Final = hashlib.sha256(SCRIPT).hexdigest()[:12]

FEED_KEPT_S: Final = 60
"""How long a feed may be shown without asking again."""
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Cookie",
}


class Renderer:
    """Renders pages for one instance."""

    def __init__(
        self, instance: Instance, *, file_origins: Sequence[str] = (), client: WebClient | None = None
    ) -> None:
        """Load the templates' environment; each template is compiled when it is first shown.

        `file_origins` are where media is fetched besides here; `client` is the web client, if there is one.
        """
        self._base_url = instance.base_url
        self._file_origins = "".join(f" {origin}" for origin in file_origins)
        self._client = client
        templates = FileSystemLoader(HERE / "templates")
        environment: Any = Environment(
            loader=templates,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals |= {
            "instance": instance,
            "style_version": STYLE_VERSION,
            "script_version": SCRIPT_VERSION,
        }
        environment.filters |= {
            "date": _date,
            "moment": _moment,
            "tweet_html": self._tweet_html,
            "bio_html": self._bio_html,
            "avatar_url": instance.avatar_url,
            "header_url": instance.header_url,
            "full_url": _address_of(instance, FileRole.FULL),
            "small_url": _address_of(instance, FileRole.SMALL),
        }

        self._environment = environment
        self._in_client: Any = None
        """The same templates with the web client's page as their layout."""
        if client is not None:
            layout = DictLoader({"layout.html": client.layout})
            self._in_client = environment.overlay(loader=ChoiceLoader([layout, templates]))

    def respond(
        self, visit: Visit, answer: Answer, *, is_head: bool, by_client: bool = False
    ) -> ASGIResponse:
        """Return the finished response; `by_client` leaves the page to the web client, if there is one."""
        if isinstance(answer, Redirect):
            return ASGIResponse(
                status_code=303,
                headers={**_HEADERS, "Location": answer.location},
                cookies=answer.cookies,
                media_type="text/plain",
                is_head_response=is_head,
            )
        if isinstance(answer, Data):
            return ASGIResponse(
                body=answer.text.encode(),
                status_code=answer.status,
                headers=_HEADERS,
                media_type="application/json",
                is_head_response=is_head,
            )
        if isinstance(answer, Feed):
            return _feed_response(answer, known=visit.known_versions, is_head=is_head)
        if isinstance(answer, Download):
            return ASGIStreamingResponse(
                iterator=answer.pieces,
                headers={**_HEADERS, "Content-Disposition": f'attachment; filename="{answer.name}"'},
                media_type=answer.content_type,
                is_head_response=is_head,
            )
        client = self._client if by_client else None
        body = self._render(visit, answer, client)
        policy = client.policy if client is not None else _policy(answer, self._file_origins)
        cookies = [*answer.cookies, *visit.visitor_cookies()]
        return ASGIResponse(
            body=b"" if is_head else body.encode("utf-8", "replace"),
            status_code=answer.status,
            headers={**_HEADERS, "Content-Security-Policy": policy},
            cookies=cookies,
            media_type="text/html",
            is_head_response=is_head,
        )

    def _render(self, visit: Visit, page: Page, client: WebClient | None) -> str:
        environment = self._environment if client is None else self._in_client
        parts = [] if client is None else client.parts(page.template, visit.languages)
        return environment.get_template(page.template).render(visit=visit, parts=parts, **page.shown)

    def _tweet_html(self, view: TweetView) -> Markup:
        # `domain.text` escapes what people wrote; only its own tags are left.
        return Markup(text.to_html(view.tweet.text, view.tweet.mentions, self._base_url))  # noqa: S704

    def _bio_html(self, written: str) -> Markup:
        return Markup(text.bio_to_html(written, self._base_url))  # noqa: S704


def _feed_response(feed: Feed, *, known: str, is_head: bool) -> ASGIResponse:
    """Answer a feed, or that the reader has it already: readers ask often, and little has changed."""
    etag = f'"{hashlib.sha256(feed.content).hexdigest()[:32]}"'
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": f"public, max-age={FEED_KEPT_S}",
        "ETag": etag,
    }
    if not feed.is_listed:
        headers["X-Robots-Tag"] = "noindex"
    if etag in known:
        return ASGIResponse(status_code=304, headers=headers)
    return ASGIResponse(
        body=b"" if is_head else feed.content,
        headers=headers,
        media_type=feed.content_type,
        is_head_response=is_head,
    )


def _address_of(instance: Instance, role: FileRole) -> Callable[[Media], str]:
    def address(one: Media) -> str:
        file = one.file(role)
        return instance.file_url(file.key) if file is not None else ""

    return address


def _policy(page: Page, files: str) -> str:
    """Return a Content-Security-Policy: at most our own script, nothing from elsewhere, in nobody's frame."""
    targets = f"'self' {page.forms_lead_to}".strip()
    script = "script-src 'self'; connect-src 'self'; " if page.runs_passkeys else ""
    return (
        f"default-src 'none'; {script}style-src 'self'; img-src 'self'{files}; media-src 'self'{files}; "
        f"base-uri 'none'; frame-ancestors 'none'; form-action {targets}"
    )


def _date(time_ms: int) -> str:
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return f"{moment.day} {moment:%B %Y}"


def _moment(time_ms: int) -> str:
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
