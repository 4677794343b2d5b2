"""`rookery user …`: people, looked after by whoever may run commands here."""

import getpass
import sys
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter

from rookery.cli.sessions import with_services
from rookery.domain.users import User
from rookery.errors import Invalid
from rookery.services import Services
from rookery.usecases import administration, deletion, emails, sign_in, sign_up, two_factor
from rookery.usecases.administration import named_user

app = App(name="user", help="Create, list and delete users, let them in, set passwords.")

Name = Annotated[str, Parameter(help="The user's name, without the @.")]
FromInput = Annotated[
    bool, Parameter(help="Read the password from the input's first line.", negative=(), show_default=False)
]


@app.command
def create(
    name: Name,
    /,
    *,
    email: Annotated[str, Parameter(help="The address that signs in.")],
    password_stdin: FromInput = False,
    admin: Annotated[bool, Parameter(help="Make an administrator.", negative=(), show_default=False)] = False,
) -> None:
    """Create a user who can sign in at once.

    The password is asked for, unless it comes from the input.
    """
    password = new_password(from_input=password_stdin)

    async def work(services: Services) -> User:
        return await sign_up.create_user(
            services, username=name, email=email, password=password, role="admin" if admin else "user"
        )

    user = with_services(work)
    print(f"{user.username} can sign in now{' as an administrator' if admin else ''}.")


@app.command
def promote(name: Name, /) -> None:
    """Make a user an administrator, the one who has signed up first for example."""
    _set_role(name, admin=True)
    print(f"{name} is an administrator now.")


@app.command
def demote(name: Name, /) -> None:
    """Make an administrator a user like all others."""
    _set_role(name, admin=False)
    print(f"{name} is no administrator now.")


def _set_role(name: str, *, admin: bool) -> None:
    async def work(services: Services) -> None:
        await administration.set_role(services, (await named_user(services, name)).id, admin=admin)

    with_services(work)


@app.command
def passwd(name: Name, /, *, password_stdin: FromInput = False) -> None:
    """Set a user's password.

    Whoever was signed in with the old one is signed out. Passkeys and the second
    factor stay: `rookery user reset-two-factor` takes them away.
    """
    password = new_password(from_input=password_stdin)

    async def work(services: Services) -> None:
        await sign_in.set_password(services, (await named_user(services, name)).id, password=password)

    with_services(work)
    print(f"{name} has a new password.")


@app.command
def reset_link(name: Name, /) -> None:
    """Print a link with which a user chooses a new password, once, within an hour.

    For whoever has forgotten it, where no e-mail is sent. Make sure who asks.
    """

    async def work(services: Services) -> None:
        print(await emails.make_reset_link(services, name))

    with_services(work)


@app.command
def reset_two_factor(name: Name, /) -> None:
    """Take a user's second factor away, for whoever has lost the device.

    Recovery codes and passkeys go too, and browsers are signed out: the password
    alone signs in. Make sure who asks for it.
    """

    async def work(services: Services) -> None:
        await two_factor.reset(services, (await named_user(services, name)).id)

    with_services(work)
    print(f"{name} signs in with the password alone now.")


@app.command
def approve(name: Name, /) -> None:
    """Let in a user who waits for approval or has not confirmed the address."""

    async def work(services: Services) -> None:
        await sign_up.approve_user(services, (await named_user(services, name)).id)

    with_services(work)
    print(f"{name} is let in.")


@app.command
def reject(name: Name, /) -> None:
    """Turn away a user who waits to be let in.

    Nothing of the sign-up is kept, and the name is free again.
    """

    async def work(services: Services) -> None:
        await sign_up.reject_user(services, (await named_user(services, name)).id)

    with_services(work)
    print(f"{name} is turned away.")


@app.command
def disable(name: Name, /) -> None:
    """Shut a user out.

    Nobody sees them and they cannot sign in; nothing is deleted.
    """

    async def work(services: Services) -> None:
        await administration.disable_user(services, (await named_user(services, name)).id)

    with_services(work)
    print(f"{name} is shut out.")


@app.command
def enable(name: Name, /) -> None:
    """Let a user back in who was shut out."""

    async def work(services: Services) -> None:
        await administration.enable_user(services, (await named_user(services, name)).id)

    with_services(work)
    print(f"{name} is back.")


@app.command
def delete(
    name: Name,
    /,
    *,
    yes: Annotated[
        bool, Parameter(help="Do not ask whether that is meant.", negative=(), show_default=False)
    ] = False,
) -> None:
    """Delete a user for good, with everything of theirs.

    They are out of sight at once; their rows are removed by the next worker.
    """
    if not yes and not _confirmed(f"Delete {name} and everything of theirs?"):
        raise Invalid("nothing was deleted")

    async def work(services: Services) -> None:
        await deletion.delete_user(services, (await named_user(services, name)).id)

    with_services(work)
    print(f"{name} is deleted.")


@app.command(name="list")
def list_users(
    *,
    pending: Annotated[
        bool, Parameter(help="Only those who wait to be let in.", negative=(), show_default=False)
    ] = False,
) -> None:
    """List users, one per line, in columns separated by tabs.

    The columns: name, e-mail address, role, state, day of sign-up. With
    --pending: name, e-mail address, state, day of sign-up, reason, and for those
    who have not confirmed their address a fresh link that does so.
    """
    with_services(_list_waiting if pending else _list_all)


async def _list_all(services: Services) -> None:
    after_id = 0
    while listed := await administration.list_everybody(services, after_id=after_id):
        for user in listed:
            _print_row(user.username, user.email or "", user.role, user.state.value, _day(user.created_ms))
        after_id = listed[-1].user_id


async def _list_waiting(services: Services) -> None:
    after_id = 0
    while waiting := await sign_up.list_waiting(services, after_id=after_id):
        for user in waiting:
            link = services.instance.links.confirmation + user.code if user.code else ""
            _print_row(user.username, user.email, user.state.value, _day(user.created_ms), user.reason, link)
        after_id = waiting[-1].user_id


def _print_row(*columns: str) -> None:
    # Whatever people have typed must not make columns or lines of its own.
    print("\t".join(" ".join(column.split()) for column in columns).rstrip("\t"))


def _day(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).date().isoformat()


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise Invalid("no terminal to ask whether that is meant: add --yes")
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def new_password(*, from_input: bool) -> str:
    """Ask for a password, or read it from the input's first line. Raises Invalid when there is none."""
    if from_input:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise Invalid("the input holds no password: its first line is empty")
        return password
    if not sys.stdin.isatty():
        raise Invalid("no terminal to ask for a password: add --password-stdin and give it on the input")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise Invalid("the two passwords differ")
    return password
