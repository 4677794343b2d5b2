"""`rookery token create`."""

from typing import Annotated

from cyclopts import App, Parameter

from rookery.api import scopes as known_scopes
from rookery.cli.sessions import with_services
from rookery.cli.users import Name
from rookery.errors import Invalid
from rookery.services import Services
from rookery.usecases.administration import named_user
from rookery.usecases.tokens import create_token

app = App(name="token", help="Make access tokens for bots and tests.")


@app.command
def create(
    name: Name,
    /,
    *,
    scopes: Annotated[
        str, Parameter(help="What the token allows, separated by blanks.")
    ] = "read write follow push",
    app_name: Annotated[str, Parameter(help="What the user's list of apps calls it.")] = "Command line",
) -> None:
    """Make an access token and print it, and nothing else, on the output.

    It is shown this once.
    """
    granted = known_scopes.parse(scopes)
    if granted is None:
        raise Invalid(f"unknown scopes in {scopes!r}; the widest are read, write, follow and push")

    async def work(services: Services) -> str:
        user = await named_user(services, name)
        return await create_token(services, user.id, scopes=" ".join(granted), app_name=app_name)

    print(with_services(work))
