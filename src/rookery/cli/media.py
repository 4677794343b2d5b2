"""`rookery media …`: how much photos and videos take, whether all are there, and moving them to another place."""

from typing import Annotated, Final

from cyclopts import App, Parameter

from rookery import settings
from rookery.cli.progress import progress
from rookery.cli.sessions import with_services
from rookery.cli.terminal import say
from rookery.errors import Invalid
from rookery.services import Services
from rookery.usecases import media_checks, media_stores
from rookery.usecases.media_checks import Findings, OwnersUsage, Usage
from rookery.usecases.media_stores import Moved

MEGABYTE: Final = 1_048_576

app = App(name="media", help="Look after photos and videos: count, check and move them.")


@app.command
def usage(
    *,
    users: Annotated[int, Parameter(help="List so many users instead, those who take most.")] = 0,
) -> None:
    """List how much photos and videos take, one kind per line, in columns separated by tabs.

    The columns: the content type, "first" or "cold" for the store, how many files,
    and their bytes; with --users the name, how many photos and videos, and their
    bytes. The sum goes to the error output.
    """
    if users > 0:
        _print_owners(users)
        return

    async def work(services: Services) -> list[Usage]:
        return await media_checks.media_usage(services)

    kinds = with_services(work)
    for kind in kinds:
        print(kind.content_type, "cold" if kind.is_cold else "first", kind.files, kind.size_bytes, sep="\t")
    size = sum(kind.size_bytes for kind in kinds)
    most = settings.load().media_gigabytes_max
    say(
        f"{_files(sum(kind.files for kind in kinds))}, {size / MEGABYTE:,.1f} MB"
        + (f" of {most * 1024:,} MB that they may take." if most else ".")
    )


def _print_owners(most: int) -> None:
    async def work(services: Services) -> list[OwnersUsage]:
        return await media_checks.largest_owners(services, most=most)

    for owner in with_services(work):
        print(owner.username, owner.media, owner.size_bytes, sep="\t")
    bound = settings.load().media_user_megabytes_max
    say(
        f"One user may take {bound:,} MB."
        if bound
        else "media_user_megabytes_max sets no bound for one user."
    )


@app.command
def verify(
    *,
    repair: Annotated[bool, Parameter(negative="", help="Remove what is orphaned.")] = False,
) -> None:
    """Read every file and say which are missing, damaged or orphaned.

    One line each, in columns separated by tabs: what is wrong, and the file's key.
    A file is damaged when its content is not what its name says, and orphaned when
    it has lain in a store for a day and nothing knows it. The service may go on
    meanwhile. Ends with an error when files are missing or damaged: then copy those
    files back from a backup.
    """

    async def work(services: Services) -> Findings:
        with progress("verify", await media_checks.count_files(services)) as (told, line):
            return await media_checks.verify_media(
                services, repair=repair, found=lambda fault, key: line(f"{fault}\t{key}"), told=told
            )

    found = with_services(work)
    summary = (
        f"{_files(found.files)} were looked at: {found.missing:,} missing, {found.damaged:,} damaged; "
        f"{found.orphaned:,} orphaned, {found.removed:,} of them removed."
    )
    if found.missing or found.damaged:
        raise Invalid(summary)
    say(summary)


@app.command
def move(
    to_url: Annotated[str, Parameter(help="The new store, written as in media_url.")],
    /,
    *,
    cold: Annotated[bool, Parameter(negative="", help="Move the cold store rather than the first.")] = False,
) -> None:
    """Move all photos and videos to another directory or bucket, while the service runs.

    1. Set media_other_url to the new store for every process, and start each again.

    2. Run this command: it copies what there is.

    3. Let media_url (with --cold, media_cold_url) and media_other_url change places,
    and start each process again: new files go to the new store.

    4. Run this command again: it copies what came in between, and removes from the
    old store what the new one has. Then take media_other_url out.

    It may be stopped and run again at any time.
    """
    loaded = settings.load()
    is_last = to_url == (loaded.media_cold_url if cold else loaded.media_url)
    if is_last and not loaded.media_other_url:
        raise Invalid("media_other_url names no store to move from")
    if not is_last and to_url != loaded.media_other_url:
        raise Invalid("set media_other_url to the new store first, and start every process again")

    async def work(services: Services) -> Moved:
        stores = services.media_stores
        present = stores.cold if cold else stores.first
        if present is None or stores.other is None:
            raise Invalid("there is no cold store to move: media_cold_url is empty")
        source, target = (stores.other, present) if is_last else (present, stores.other)
        with progress("move", await media_checks.count_files(services)) as (told, line):
            return await media_stores.move_everything(
                services,
                source,
                target,
                remove=is_last,
                found=lambda fault, key: line(f"{fault}\t{key}"),
                told=told,
            )

    moved = with_services(work)
    if moved.damaged:
        raise Invalid(
            f"{_files(moved.damaged)} stay where they are, since they are damaged; {moved.copied:,} were copied"
        )
    setting = "media_cold_url" if cold else "media_url"
    rest = (
        "nothing is left in the old store: take media_other_url out"
        if is_last
        else f"now let {setting} and media_other_url change places, start every process again, and run this again"
    )
    say(f"{moved.copied:,} of {_files(moved.files)} were copied; {rest}.")


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
