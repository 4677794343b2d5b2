"""Apps: https://docs.joinmastodon.org/methods/apps/."""

from typing import Final

import msgspec

from rookery.api import scopes
from rookery.api.endpoints import Access, Call, Json, RateLimit, endpoint
from rookery.api.entities.applications import CredentialApplication, VerifiedApplication
from rookery.errors import Invalid, Unauthorized
from rookery.usecases import apps

REGISTRATIONS: Final = RateLimit("app registrations", requests_max=60, window_ms=600_000)


class NewApp(msgspec.Struct, frozen=True, kw_only=True):
    """What an app says of itself."""

    client_name: str = ""
    redirect_uris: str | list[str] = ""
    """One address or several: a list, or lines of one text."""
    scopes: str | list[str] = ""
    website: str | None = None


@endpoint("POST", "/api/v1/apps", access=Access.CLIENT, limit=REGISTRATIONS)
async def register(call: Call, params: NewApp) -> Json[CredentialApplication]:
    """Register an app; the answer holds the secret by which it proves itself."""
    asked = params.scopes if isinstance(params.scopes, str) else " ".join(params.scopes)
    wanted = scopes.parse(asked)
    if wanted is None:
        raise Invalid("Scopes doesn't match configured on the server.", field="scopes")
    uris = params.redirect_uris if isinstance(params.redirect_uris, str) else "\n".join(params.redirect_uris)
    app, secret = await apps.register_app(
        call.services,
        name=params.client_name,
        redirect_uris=uris.split(),
        scopes=wanted,
        website=params.website or "",
    )
    return Json.of(
        CredentialApplication(
            id=str(app.id),
            name=app.name,
            website=app.website,
            scopes=list(app.scopes),
            redirect_uri="\n".join(app.redirect_uris),
            vapid_key=call.services.push.public_key,
            redirect_uris=list(app.redirect_uris),
            client_id=app.client_id,
            client_secret=secret,
        ),
        headers={"Cache-Control": "no-store"},
    )


@endpoint("GET", "/api/v1/apps/verify_credentials", access=Access.APP)
async def verify_credentials(call: Call) -> Json[VerifiedApplication]:
    """Return the app that the token was issued to."""
    if call.credentials is None:
        raise Unauthorized
    app = await apps.get_app(call.services, call.credentials.app_id)
    return Json.of(
        VerifiedApplication(
            id=str(app.id),
            name=app.name,
            website=app.website,
            scopes=list(app.scopes),
            redirect_uri="\n".join(app.redirect_uris),
            vapid_key=call.services.push.public_key,
            redirect_uris=list(app.redirect_uris),
        )
    )
