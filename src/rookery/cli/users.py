"""`rookery user …`: people, looked after by whoever may run commands here."""

import getpass
import sys
from datetime import UTC, datetime
from typing import Annotated, Final

from cyclopts import App, Parameter

from rookery.cli.sessions import with_services
from rookery.domain.users import User, UserState
from rookery.errors import Invalid, NotFound
from rookery.services import Services
from rookery.storage import users as records
from rookery.usecases import deletion, sign_in, sign_up

PAGE_USERS: Final = 1_000

app = App(name="user", help="Create, list and delete users, let them in, set passwords.")

Name = Annotated[str, Parameter(help="The user's name, without the @.")]
FromInput = Annotated[
    bool, Parameter(help="Read the password from the input's first line.", negative=(), show_default=False)
]


async def named(services: Services, name: str) -> User:
    """Return the user of that name, unless deleted. Raises NotFound with a sentence."""
    async with services.db.read() as tx:
        user = await records.get_by_name(tx, name.removeprefix("@"))
    if user is None or user.state is UserState.DELETED:
        raise NotFound(f"there is no user {name!r}")
    return user


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
    password = _new_password(from_input=password_stdin)

    async def work(services: Services) -> User:
        return await sign_up.create_user(
            services, username=name, email=email, password=password, role="admin" if admin else "user"
        )

    user = with_services(work)
    print(f"{user.username} can sign in now{' as an administrator' if admin else ''}.")


@app.command
def passwd(name: Name, /, *, password_stdin: FromInput = False) -> None:
    """Set a user's password.

    Whoever was signed in with the old one is signed out.
    """
    password = _new_password(from_input=password_stdin)

    async def work(services: Services) -> None:
        await sign_in.set_password(services, (await named(services, name)).id, password=password)

    with_services(work)
    print(f"{name} has a new password.")


@app.command
def approve(name: Name, /) -> None:
    """Let in a user who waits for approval or has not confirmed the address."""

    async def work(services: Services) -> None:
        await sign_up.approve_user(services, (await named(services, name)).id)

    with_services(work)
    print(f"{name} is let in.")


@app.command
def reject(name: Name, /) -> None:
    """Turn away a user who waits to be let in.

    Nothing of the sign-up is kept, and the name is free again.
    """

    async def work(services: Services) -> None:
        await sign_up.reject_user(services, (await named(services, name)).id)

    with_services(work)
    print(f"{name} is turned away.")


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
        await deletion.delete_user_as_admin(services, (await named(services, name)).id)

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
    while True:
        async with services.db.read() as tx:
            rows = await records.roll(tx, after_id=after_id, limit=PAGE_USERS)
        if not rows:
            return
        for _, name, email, role, state, created_ms in rows:
            _print_row(name, email or "", role, state, _day(created_ms))
        after_id = rows[-1][0]


async def _list_waiting(services: Services) -> None:
    after_id = 0
    while waiting := await sign_up.pending_links(services, after_id=after_id):
        for user in waiting:
            _print_row(
                user.username, user.email, user.state.value, _day(user.created_ms), user.reason, user.link
            )
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


def _new_password(*, from_input: bool) -> str:
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
