"""`rookery announcement …`: what the administrator tells everybody."""

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter

from rookery.cli.sessions import with_services
from rookery.domain.announcements import Announcement
from rookery.errors import Invalid
from rookery.services import Services
from rookery.usecases import announcements

app = App(name="announcement", help="Tell everybody something, in the apps and at a time.")

Number = Annotated[int, Parameter(help="The announcement's number, as the list shows it.")]
Text = Annotated[str, Parameter(help="What to say; addresses, @names and #hashtags become links.")]
Starts = Annotated[
    str, Parameter(help="When that begins of which it tells: 2026-12-31 or 2026-12-31T18:00, UTC.")
]
Ends = Annotated[str, Parameter(help="When that ends; it is shown no longer from then on.")]
Publish = Annotated[str, Parameter(help="When to begin to show it; at once, if left out.")]
AllDay = Annotated[
    bool, Parameter(help="Only the days of beginning and end matter.", negative=(), show_default=False)
]


@app.command
def add(
    text: Text, /, *, starts: Starts = "", ends: Ends = "", publish: Publish = "", all_day: AllDay = False
) -> None:
    """Tell everybody something."""
    asked = announcements.Change(
        text=text,
        starts_ms=_time(starts, "--starts"),
        ends_ms=_time(ends, "--ends"),
        all_day=all_day,
        publish_ms=_time(publish, "--publish"),
    )

    async def work(services: Services) -> Announcement:
        return await announcements.publish(services, asked)

    print(f"Announcement {with_services(work).id} is made.")


@app.command
def edit(
    number: Number,
    /,
    *,
    text: Text = "",
    starts: Starts = "",
    ends: Ends = "",
    publish: Publish = "",
) -> None:
    """Let an announcement say something else; what is left out stays as it is."""
    asked = announcements.Change(
        text=text or None,
        starts_ms=_time(starts, "--starts"),
        ends_ms=_time(ends, "--ends"),
        publish_ms=_time(publish, "--publish"),
    )

    async def work(services: Services) -> None:
        await announcements.change_announcement(services, number, asked)

    with_services(work)
    print(f"Announcement {number} is changed.")


@app.command
def remove(number: Number, /) -> None:
    """Remove an announcement."""

    async def work(services: Services) -> None:
        await announcements.remove_announcement(services, number)

    with_services(work)
    print(f"Announcement {number} is removed.")


@app.command(name="list")
def list_announcements() -> None:
    """List announcements, one per line, in columns separated by tabs.

    The columns: number, shown from, until, beginning, text.
    """

    async def work(services: Services) -> list[Announcement]:
        return await announcements.list_kept(services)

    for each in with_services(work):
        columns = (
            str(each.id),
            _shown(each.publish_ms),
            _shown(each.ends_ms),
            _shown(each.starts_ms),
            each.text,
        )
        print("\t".join(" ".join(column.split()) for column in columns))


def _time(written: str, option: str) -> int | None:
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise Invalid(f"{option} must be a day or a time as in 2026-12-31T18:00, not {written!r}") from None
    return int((moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _shown(time_ms: int | None) -> str:
    return "" if time_ms is None else datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M")
