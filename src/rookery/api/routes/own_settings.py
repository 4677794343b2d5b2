"""Apps, browsers, password and e-mail address, for the instance's own web client only: extensions of Rookery's.

A token of any other app is refused: an app that somebody lets in must not be able to end the others.
"""

import msgspec

from rookery.api.endpoints import Call, Json, Nothing, endpoint
from rookery.api.entities.own_settings import AuthorizedApp, BrowserSession, EmailAddress
from rookery.api.own_client import require_web_client
from rookery.api.timestamps import timestamp
from rookery.domain.ids import AppId
from rookery.usecases import authorizations, email_changes, sign_in


class AuthorizedAppId(msgspec.Struct, frozen=True, kw_only=True):
    """Which app."""

    id: AppId


class BrowserSessionId(msgspec.Struct, frozen=True, kw_only=True):
    """Which browser."""

    id: str


class PasswordChange(msgspec.Struct, frozen=True, kw_only=True):
    """The password until now, and the one from now on."""

    current_password: str
    new_password: str


class WantedEmail(msgspec.Struct, frozen=True, kw_only=True):
    """The address that is wanted, and the password, to be sure."""

    email: str
    password: str


@endpoint("GET", "/api/v1/settings/apps", scope="read:accounts")
async def list_apps(call: Call) -> Json[list[AuthorizedApp]]:
    """List the apps that act for the viewer, the newest first. For the web client only."""
    await require_web_client(call)
    here = call.credentials.app_id if call.credentials is not None else None
    found = await authorizations.authorized_apps(call.services, call.viewer)
    return Json.of(
        [
            AuthorizedApp(
                id=str(app.id),
                name=app.name,
                website=app.website,
                scopes=list(app.scopes),
                created_at=timestamp(app.since_ms),
                last_used_at=timestamp(app.last_used_ms) if app.last_used_ms is not None else None,
                current=app.id == here,
            )
            for app in found
        ]
    )


@endpoint("DELETE", "/api/v1/settings/apps/{id}", scope="write:accounts")
async def revoke_app(call: Call, which: AuthorizedAppId) -> Json[Nothing]:
    """End everything that an app was allowed, with its connections and pushes. For the web client only."""
    await require_web_client(call)
    await authorizations.revoke_app(call.services, call.viewer, which.id)
    return Json.of(Nothing())


@endpoint("GET", "/api/v1/settings/sessions", scope="read:accounts")
async def list_sessions(call: Call) -> Json[list[BrowserSession]]:
    """List the browsers that are signed in, the newest first. For the web client only."""
    await require_web_client(call)
    found = await sign_in.open_sessions(call.services, call.viewer, session=call.browser_session)
    return Json.of(
        [
            BrowserSession(
                id=one.name, browser=one.browser, created_at=timestamp(one.since_ms), current=one.is_here
            )
            for one in found
        ]
    )


@endpoint("DELETE", "/api/v1/settings/sessions/{id}", scope="write:accounts")
async def end_session(call: Call, which: BrowserSessionId) -> Json[Nothing]:
    """Sign a browser out; one that is out already is fine. For the web client only."""
    await require_web_client(call)
    await sign_in.end_session(call.services, call.viewer, which.id)
    return Json.of(Nothing())


@endpoint("POST", "/api/v1/settings/password", scope="write:accounts")
async def change_password(call: Call, change: PasswordChange) -> Json[Nothing]:
    """Change the password; other browsers are signed out, apps stay signed in. For the web client only."""
    await require_web_client(call)
    await sign_in.change_password(
        call.services,
        call.viewer,
        current=change.current_password,
        wanted=change.new_password,
        session=call.browser_session,
    )
    return Json.of(Nothing())


@endpoint("GET", "/api/v1/settings/email", scope="read:accounts")
async def show_email(call: Call) -> Json[EmailAddress]:
    """Return where the viewer is written to. For the web client only."""
    await require_web_client(call)
    return Json.of(await _address(call))


@endpoint("POST", "/api/v1/settings/email", scope="write:accounts")
async def change_email(call: Call, wanted: WantedEmail) -> Json[EmailAddress]:
    """Change the e-mail address: once the link in a letter to it is opened, or at once where no letters are sent.

    For the web client only.
    """
    await require_web_client(call)
    await sign_in.require_password(call.services, call.viewer, wanted.password)
    await email_changes.ask_to_change(call.services, call.viewer, email=wanted.email)
    return Json.of(await _address(call))


@endpoint("POST", "/api/v1/settings/email/letter", scope="write:accounts")
async def send_letter_again(call: Call) -> Json[EmailAddress]:
    """Send the letter to the address that waits to be confirmed once more. For the web client only."""
    await require_web_client(call)
    await email_changes.send_again(call.services, call.viewer)
    return Json.of(await _address(call))


async def _address(call: Call) -> EmailAddress:
    return EmailAddress(
        email=await sign_in.email_of(call.services, call.viewer),
        unconfirmed_email=await email_changes.wanted_email(call.services, call.viewer),
    )
