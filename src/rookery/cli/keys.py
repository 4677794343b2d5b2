"""`rookery keys …`: the keys with which personal data in the database is encrypted."""

from cyclopts import App

from rookery.cli.sessions import with_services
from rookery.cli.terminal import say
from rookery.engines.vault import new_key
from rookery.services import Services
from rookery.usecases import keys
from rookery.usecases.keys import KeyUse

app = App(name="keys", help="Exchange the secret keys with which personal data is encrypted.")


@app.command
def new() -> None:
    """Print a new key, and nothing else, on the output.

    It is kept nowhere.
    """
    print(new_key())


@app.command(name="status")
def list_keys() -> None:
    """List the keys in use, one per line, in columns separated by tabs.

    The columns: the key's id, how many rows are encrypted with it, and "encrypts"
    for the one with which everything is encrypted from now on.
    """

    async def work(services: Services) -> list[KeyUse]:
        return await keys.key_uses(services)

    for use in with_services(work):
        print("\t".join((use.key_id, str(use.rows), "encrypts" if use.encrypts else "")).rstrip("\t"))


@app.command
def rotate() -> None:
    """Encrypt with the first key whatever is encrypted with another.

    The service goes on meanwhile. Afterwards the other keys are not needed any
    more, except for backups that were made before.
    """

    async def work(services: Services) -> int:
        return await keys.rotate(services)

    rows = with_services(work)
    say(f"{rows} {'row was' if rows == 1 else 'rows were'} encrypted anew; only the first key is in use now.")
