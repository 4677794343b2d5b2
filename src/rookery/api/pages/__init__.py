"""Pages for browsers, rendered on the server without any script."""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec
import structlog
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from rookery.api import parameters
from rookery.api.addresses import (
    CONFIRMATION_PATH,
    EMAIL_PATH,
    EXPORT_PATH,
    FORGOTTEN_PATH,
    RESET_PATH,
    SETTINGS_PATH,
    SIGNED_IN_PATH,
)
from rookery.api.endpoints import RateLimit
from rookery.api.errors import status_of
from rookery.api.pages import (
    about,
    authorizing,
    client,
    forgetting,
    joining,
    own_settings,
    protecting,
    reading,
    signing_in,
    taking_along,
    welcome,
)
from rookery.api.pages.client import WebClient, client_page, same_machine
from rookery.api.pages.files import file_response
from rookery.api.pages.rendering import Renderer
from rookery.api.pages.visits import Answer, AnyRequest, Form, Page, Redirect, Visit
from rookery.api.server import REQUESTS_MAX, WINDOW_MS, ApiOptions, count_request, parts_of
from rookery.errors import NotFound, RookeryError
from rookery.services import Services

SIGN_UPS: Final = RateLimit("sign-up forms", requests_max=25, window_ms=WINDOW_MS)

_ANY_PAGE: Final = RateLimit("requests", requests_max=REQUESTS_MAX, window_ms=WINDOW_MS)

_log = structlog.get_logger(__name__)

Show = Callable[..., Awaitable[Answer]]

_CLIENT_PLACES: Final = (
    "/search", "/bookmarks", "/favorites", "/nearby", "/compose", "/drafts", "/sign-in", SIGNED_IN_PATH,
    "/welcome",
)  # fmt: skip
_CLIENT_PLACES_WITH_MORE: Final = ("/explore", "/notifications", "/messages", "/lists", "/settings")
"""Where paths go on below."""


class _PageRoute(NamedTuple):
    path: str
    show: Show
    params: type[msgspec.Struct] | None
    limit: RateLimit
    by_client: bool
    """Whether the web client shows it, where there is one."""
    needs_client: bool


def _routes() -> list[HTTPRouteHandler]:
    return [
        _route("GET", "/", welcome.welcome, by_client=True),
        _route("GET", "/about", about.about_page),
        _route("GET", "/privacy", about.privacy_page),
        _route("GET", "/terms", about.terms_page),
        _route("GET", "/auth/sign_in", signing_in.sign_in_page, signing_in.SignInPage),
        _route("POST", "/auth/sign_in", signing_in.sign_in_submitted, signing_in.SignInForm),
        _route("GET", signing_in.SECOND_STEP, signing_in.second_step_page, signing_in.SignInPage),
        _route("POST", signing_in.SECOND_STEP, signing_in.second_step_submitted, signing_in.CodeForm),
        _route("POST", "/auth/second_step/passkey/ask", signing_in.second_passkey_asked, Form),
        _route(
            "POST", "/auth/second_step/passkey", signing_in.second_passkey_submitted, signing_in.PasskeyForm
        ),
        _route("POST", "/auth/passkey/ask", signing_in.passkey_asked, Form),
        _route("POST", "/auth/passkey", signing_in.passkey_submitted, signing_in.PasskeyForm),
        _route("POST", "/auth/sign_out", signing_in.sign_out_submitted, Form),
        _route("GET", "/auth/sign_up", joining.sign_up_page, joining.SignUpPage),
        _route("POST", "/auth/sign_up", joining.sign_up_submitted, joining.SignUpForm, limit=SIGN_UPS),
        _route("GET", CONFIRMATION_PATH, joining.confirmation_page, joining.ConfirmationPage),
        _route("GET", EMAIL_PATH, joining.email_page, joining.ConfirmationPage),
        _route("GET", FORGOTTEN_PATH, forgetting.forgotten_page),
        _route(
            "POST", FORGOTTEN_PATH, forgetting.forgotten_submitted, forgetting.ForgottenForm, limit=SIGN_UPS
        ),
        _route("GET", RESET_PATH, forgetting.reset_page, forgetting.ResetPage),
        _route("POST", RESET_PATH, forgetting.reset_submitted, forgetting.ResetForm),
        _route("GET", "/oauth/authorize", authorizing.consent_page, authorizing.AuthorizationRequest),
        _route("POST", "/oauth/authorize", authorizing.consent_submitted, authorizing.AuthorizationRequest),
        _route("GET", SETTINGS_PATH, own_settings.settings_page),
        _route("POST", "/settings/password", own_settings.password_submitted, own_settings.PasswordForm),
        _route("POST", "/settings/reading", own_settings.reading_submitted, own_settings.ReadingForm),
        _route("POST", "/settings/revoke", own_settings.revocation_submitted, own_settings.RevocationForm),
        _route(
            "POST", "/settings/sessions/end", own_settings.session_end_submitted, own_settings.SessionForm
        ),
        _route("POST", "/settings/archive", taking_along.archive_submitted, Form),
        _route("GET", f"{EXPORT_PATH}/{{name:str}}", taking_along.export_page, taking_along.ExportPage),
        *_protection(),
        _route("POST", "/settings/delete", own_settings.deletion_submitted, own_settings.DeletionForm),
        *_reading(),
        *_client(),
        *_files(),
    ]


def _protection() -> list[HTTPRouteHandler]:
    page = protecting
    return [
        _route("GET", "/settings/two_factor", page.two_factor_page),
        _route("POST", "/settings/two_factor/begin", page.begin_submitted, page.PasswordForm),
        _route("POST", "/settings/two_factor/turn_on", page.turn_on_submitted, page.CodeForm),
        _route("POST", "/settings/two_factor/recovery_codes", page.recovery_submitted, page.PasswordForm),
        _route("POST", "/settings/two_factor/turn_off", page.turn_off_submitted, page.TurnOffForm),
        _route("GET", "/settings/passkeys", page.passkeys_page),
        _route("POST", "/settings/passkeys/ask", page.passkey_asked, page.PasswordForm),
        _route("POST", "/settings/passkeys/add", page.passkey_submitted, page.NewPasskeyForm),
        _route("POST", "/settings/passkeys/remove", page.removal_submitted, page.RemovalForm),
    ]


def _reading() -> list[HTTPRouteHandler]:
    profile, profile_params = reading.profile_page, reading.ProfilePage
    return [
        _route("GET", "/tags/{name:str}", reading.hashtag_page, reading.HashtagPage, by_client=True),
        _route("GET", "/{handle:str}", profile, profile_params, by_client=True),
        *(
            _route(
                "GET", f"/{{handle:str}}/{tab}", profile, profile_params, by_client=True, needs_client=True
            )
            for tab in ("replies", "media", "followers", "following")
        ),
        _route("GET", "/{handle:str}/{tweet_id:str}", reading.tweet_page, reading.TweetPage, by_client=True),
    ]


def _client() -> list[HTTPRouteHandler]:
    """Return the routes of what only the web client shows."""
    below = [f"{place}/{{rest:path}}" for place in _CLIENT_PLACES_WITH_MORE]
    return [
        _route("GET", path, client_page, by_client=True, needs_client=True)
        for path in (*_CLIENT_PLACES, *_CLIENT_PLACES_WITH_MORE, *below)
    ]


def _route(
    method: str,
    path: str,
    show: Show,
    params: type[msgspec.Struct] | None = None,
    *,
    limit: RateLimit | None = None,
    by_client: bool = False,
    needs_client: bool = False,
) -> HTTPRouteHandler:
    page = _PageRoute(path, show, params, limit or _ANY_PAGE, by_client, needs_client)

    async def handle(request: AnyRequest) -> ASGIResponse:
        return await _pages_of(request).answer(request, page)

    methods: Any = ["GET", "HEAD"] if method == "GET" else [method]
    return HTTPRouteHandler(path, http_method=methods, status_code=200, name=f"pages.{method}{path}")(handle)


def _files() -> list[HTTPRouteHandler]:
    async def handle(request: AnyRequest) -> ASGIResponse:
        return _pages_of(request).file(request)

    async def handle_client(request: AnyRequest) -> ASGIResponse:
        return _pages_of(request).client_file(request)

    methods: Any = ["GET", "HEAD"]
    folders = [f"/{name}/{{path:path}}" for name in client.FOLDERS]
    return [
        HTTPRouteHandler(path, http_method=methods, status_code=200, name=f"pages.files{path}")(each)
        for each, paths in (
            (handle, ["/static/{name:str}"]),
            (handle_client, [client.WORKER, client.MANIFEST, *folders]),
        )
        for path in paths
    ]


def _pages_of(request: AnyRequest) -> "Pages":
    return parts_of(request).pages


class Pages:
    """Carries out pages: whose browser is it, did the form come from us, and what came of it."""

    @staticmethod
    def routes() -> list[HTTPRouteHandler]:
        """Return the routes of every page."""
        return _routes()

    def __init__(self, services: Services, options: ApiOptions, *, client_folder: Path | None = None) -> None:
        """Take the services, what the operator decides about the API, and where the built web client lies.

        Raises Misconfigured when what lies there is no web client.
        """
        self._services = services
        self._options = options
        origins = [*_origin(services.instance.media_url), *options.signed_origins]
        self._client = (
            WebClient(client_folder, services.instance, file_origins=origins)
            if client_folder is not None
            else None
        )
        self._renderer = Renderer(services.instance, file_origins=origins, client=self._client)

    def file(self, request: AnyRequest) -> ASGIResponse:
        """Answer one of the files that pages are made of."""
        name = request.scope["path_params"]["name"]
        is_head = request.method == "HEAD"
        try:
            return file_response(name, versioned="v" in request.query_params, is_head=is_head)
        except RookeryError as error:
            visit = Visit(self._services, request, self._options.trusted_proxies)
            return self._renderer.respond(visit, _failure(error), is_head=is_head)

    def client_file(self, request: AnyRequest) -> ASGIResponse:
        """Answer one of the files that the web client is made of."""
        is_head = request.method == "HEAD"
        if self._client is not None:
            found = self._client.file(
                request.scope["path"],
                codings=request.headers.get("accept-encoding", ""),
                known=request.headers.get("if-none-match", ""),
                is_head=is_head,
            )
            if found is not None:
                return found
        visit = Visit(self._services, request, self._options.trusted_proxies)
        return self._renderer.respond(visit, _failure(NotFound()), is_head=is_head)

    async def answer(self, request: AnyRequest, page: _PageRoute) -> ASGIResponse:
        """Answer a page."""
        visit = Visit(self._services, request, self._options.trusted_proxies)
        is_head = request.method == "HEAD"
        try:
            await visit.begin()
            await self._count(visit, page.limit)
            answer = self._by_our_name(request, page) or await self._shown(visit, request, page)
            return self._renderer.respond(visit, answer, is_head=is_head, by_client=page.by_client)
        except RookeryError as error:
            failure = error
        except Exception:  # noqa: BLE001  a page must not end in a traceback
            _log.exception("a page failed", path=page.path)
            failure = RookeryError("Something went wrong on this server")
        return self._renderer.respond(visit, _failure(failure), is_head=is_head, by_client=page.by_client)

    def _by_our_name(self, request: AnyRequest, page: _PageRoute) -> Redirect | None:
        """Send a browser on that reached the client by another name of its own machine, where nobody can sign in."""
        base_url = self._services.instance.base_url
        if (
            not page.by_client
            or self._client is None
            or not same_machine(request.headers.get("host", ""), base_url)
        ):
            return None
        query = f"?{request.scope['query_string'].decode('latin-1')}" if request.scope["query_string"] else ""
        return Redirect(f"{base_url}{request.scope['raw_path'].decode('latin-1')}{query}")

    async def _shown(self, visit: Visit, request: AnyRequest, page: _PageRoute) -> Answer:
        if page.needs_client and self._client is None:
            raise NotFound
        if page.params is None:
            return await page.show(visit)
        with ExitStack() as kept:
            values = await parameters.parse(
                request,
                page.params,
                request.scope["path_params"],
                limits=self._services.limits.media,
                kept=kept,
            )
            if request.method == "POST":
                visit.require_own_form(values)
            return await page.show(visit, values)

    async def _count(self, visit: Visit, bound: RateLimit) -> None:
        if not self._options.rate_limits:
            return
        await count_request(
            self._services,
            f"{bound.name}:address:{visit.network}",
            self._options,
            requests_max=bound.requests_max,
            window_ms=bound.window_ms,
        )


def _origin(url: str) -> list[str]:
    """Return scheme and host of where files are fetched, if that is elsewhere."""
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def _failure(error: RookeryError) -> Page:
    status = status_of(error)
    titles = {403: "Not allowed", 404: "Nothing here", 429: "Too many requests", 503: "Busy"}
    text = "There is no such page, or it is not public." if status == 404 else error.message
    return Page(
        "message.html",
        {"title": titles.get(status, "That did not work"), "text": text},
        status=status,
    )
