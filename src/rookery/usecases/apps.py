"""Apps introduce themselves before they ask users for anything."""

from collections.abc import Sequence

from rookery.domain.ids import AppId
from rookery.domain.oauth import APP_NAME_CHARS_MAX, REDIRECT_URIS_MAX, App, is_website, redirect_problem
from rookery.domain.tokens import hash_of, new_secret
from rookery.errors import Invalid, NotFound
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import apps


async def register_app(
    services: Services, *, name: str, redirect_uris: Sequence[str], scopes: Sequence[str], website: str
) -> tuple[App, str]:
    """Enter an app and return it with its secret, which is shown this once. The caller has checked the scopes."""
    secret = new_secret()
    app = App(
        id=AppId(services.new_id()),
        client_id=new_secret(),
        secret_hash=hash_of(secret),
        name=_name(name),
        website=_website(website),
        redirect_uris=_redirect_uris(redirect_uris),
        scopes=tuple(scopes),
        created_ms=services.now_ms(),
    )

    async def work(tx: Write) -> None:
        await apps.insert(tx, app)

    await services.db.write(work)
    return app, secret


async def get_app(services: Services, app_id: AppId) -> App:
    """Return an app, or raise NotFound."""
    async with services.db.read() as tx:
        app = await apps.get(tx, app_id)
    if app is None:
        raise NotFound
    return app


def _name(name: str) -> str:
    # Control and direction characters could make the consent page say something else.
    plain = " ".join("".join(character if character.isprintable() else " " for character in name).split())
    if not plain:
        raise Invalid("Application name can't be blank", field="client_name")
    if len(plain) > APP_NAME_CHARS_MAX:
        raise Invalid(
            f"Application name is too long (maximum is {APP_NAME_CHARS_MAX} characters)", field="client_name"
        )
    return plain


def _website(website: str) -> str | None:
    url = website.strip()
    if url and not is_website(url):
        raise Invalid("Website must be a valid URL", field="website")
    return url or None


def _redirect_uris(uris: Sequence[str]) -> tuple[str, ...]:
    known = tuple(dict.fromkeys(uris))
    if not known:
        raise Invalid("Redirect URI can't be blank", field="redirect_uris")
    if len(known) > REDIRECT_URIS_MAX:
        raise Invalid(f"Redirect URI is given more than {REDIRECT_URIS_MAX} times", field="redirect_uris")
    for uri in known:
        if (problem := redirect_problem(uri)) is not None:
            raise Invalid(f"Redirect URI {problem}", field="redirect_uris")
    return known
