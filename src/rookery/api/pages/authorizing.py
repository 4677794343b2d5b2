"""Pages on which a user decides whether an app may act for them: OAuth 2's authorization endpoint (RFC 6749)."""

from typing import Final
from urllib.parse import urlencode, urlsplit

from rookery.api import scopes
from rookery.api.pages.visits import Answer, Form, Page, Redirect, Visit
from rookery.domain import oauth
from rookery.domain.oauth import OUT_OF_BAND, App
from rookery.domain.users import User
from rookery.errors import Refused
from rookery.usecases import authorizations

_MEANINGS: Final = {
    "read": "Read everything you can see, also what is private",
    "write": "Post, follow, favorite and change your profile for you",
    "follow": "Follow, mute and block others for you",
    "push": "Receive your notifications",
    "profile": "See who you are, and nothing else",
}
_CARRIED: Final = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method",
)  # fmt: skip
"""Parameters that come back with the consent form."""


class AuthorizationRequest(Form, frozen=True, kw_only=True):
    """What an app asks the user for."""

    client_id: str = ""
    redirect_uri: str = ""
    response_type: str = ""
    scope: str = ""
    state: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""
    force_login: str = ""
    decision: str = ""


async def consent_page(visit: Visit, asked: AuthorizationRequest) -> Answer:
    """Ask the user, who has to sign in first."""
    app = await _app(visit, asked)
    if isinstance(app, Page):
        return app
    # Anybody may register an app: its address gets no browser, not even with an error, before its user has signed in
    # (RFC 9700, section 4.11.2).
    if visit.user is None or asked.force_login.lower() in {"true", "1", "t", "on"}:
        return _sign_in_first(asked)
    wanted, refusal = _checked(app, asked)
    if refusal is not None:
        return _answered(asked, {"error": refusal.reason, "error_description": refusal.message})
    if app.is_web_client and not visit.was_sent_by_another_site:
        # The user is where they have signed in: there is nobody else to allow anything.
        return await _allowed(visit, visit.user, app, asked, wanted)
    return Page(
        "authorize.html",
        {
            "app": app,
            "meanings": [_meaning(scope) for scope in wanted],
            "carried": _carried(asked),
            "target": _target(asked.redirect_uri),
            "other_user": _sign_in_first(asked).location,
        },
        forms_lead_to=_scheme(asked.redirect_uri),
    )


async def consent_submitted(visit: Visit, asked: AuthorizationRequest) -> Answer:
    """Send the app its code, or the news that the user has refused."""
    app = await _app(visit, asked)
    if isinstance(app, Page):
        return app
    if visit.user is None:
        return _sign_in_first(asked)
    wanted, refusal = _checked(app, asked)
    if refusal is not None:
        return _answered(asked, {"error": refusal.reason, "error_description": refusal.message})
    if asked.decision != "allow":
        refused = "The resource owner or authorization server denied the request."
        return _answered(asked, {"error": "access_denied", "error_description": refused})
    return await _allowed(visit, visit.user, app, asked, wanted)


async def _allowed(
    visit: Visit, user: User, app: App, asked: AuthorizationRequest, wanted: tuple[str, ...]
) -> Answer:
    code = await authorizations.authorize(
        visit.services,
        user.id,
        app,
        redirect_uri=asked.redirect_uri,
        scopes=wanted,
        challenge=asked.code_challenge or None,
        session=visit.session,
    )
    if asked.redirect_uri == OUT_OF_BAND:
        return Page("code.html", {"app": app, "code": code})
    return _answered(asked, {"code": code})


def _sign_in_first(asked: AuthorizationRequest) -> Redirect:
    path = f"/oauth/authorize?{urlencode(_carried(asked))}"
    return Redirect(f"/auth/sign_in?{urlencode({'next': path})}")


async def _app(visit: Visit, asked: AuthorizationRequest) -> App | Page:
    """Return the app, or a page saying what is wrong: as long as app or address are in doubt, nobody is sent there."""
    app = await authorizations.find_app(visit.services, asked.client_id)
    if app is None:
        return _fault("No app is known here by this client_id. Let the app register again.")
    if not asked.redirect_uri:
        return _fault("The app has not said where to send the answer (redirect_uri is missing).")
    if not app.may_be_answered_at(asked.redirect_uri):
        return _fault(
            "The app wants the answer sent to an address that it has not registered (redirect_uri)."
        )
    if len(asked.state) > oauth.STATE_CHARS_MAX:
        return _fault(f"The app's state is longer than {oauth.STATE_CHARS_MAX} characters.")
    return app


def _fault(sentence: str) -> Page:
    return Page("message.html", {"title": "This app cannot be authorized", "text": sentence}, status=400)


def _checked(app: App, asked: AuthorizationRequest) -> tuple[tuple[str, ...], Refused | None]:
    if asked.response_type != "code":
        return (), Refused(
            "unsupported_response_type", "The response type is not supported; it must be code."
        )
    if (asked.code_challenge or asked.code_challenge_method or app.is_web_client) and (
        asked.code_challenge_method != "S256" or not oauth.is_challenge(asked.code_challenge)
    ):
        return (), Refused(
            "invalid_request", "The code challenge must be 43 characters made by the method S256."
        )
    wanted = scopes.parse(asked.scope)
    if wanted is None:
        return (), Refused("invalid_scope", "The requested scope is unknown or malformed.")
    if not oauth.within(wanted, app.scopes):
        return (), Refused("invalid_scope", "The app asks for more than it has registered for.")
    return wanted, None


def _answered(asked: AuthorizationRequest, parameters: dict[str, str]) -> Answer:
    if asked.redirect_uri == OUT_OF_BAND:
        title = "Refused" if parameters["error"] == "access_denied" else "This app cannot be authorized"
        return Page(
            "message.html",
            {"title": title, "text": parameters["error_description"]},
            status=200 if parameters["error"] == "access_denied" else 400,
        )
    if asked.state:
        parameters = {**parameters, "state": asked.state}
    return Redirect(oauth.redirect_to(asked.redirect_uri, parameters))


def _carried(asked: AuthorizationRequest) -> dict[str, str]:
    return {name: value for name in _CARRIED if (value := getattr(asked, name))}


def _meaning(scope: str) -> tuple[str, str]:
    kind, _, noun = scope.partition(":")
    if noun:
        return scope, f"{'Read' if kind == 'read' else 'Change'} your {noun}"
    return scope, _MEANINGS[scope]


def _target(redirect_uri: str) -> str:
    """Return where the answer goes, as the user may know it."""
    if redirect_uri == OUT_OF_BAND:
        return ""
    parts = urlsplit(redirect_uri)
    return parts.netloc if parts.scheme in {"http", "https"} else f"the app on this device ({parts.scheme})"


def _scheme(redirect_uri: str) -> str:
    return "" if redirect_uri == OUT_OF_BAND else f"{urlsplit(redirect_uri).scheme}:"
