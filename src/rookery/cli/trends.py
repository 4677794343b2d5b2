"""`rookery trends …`: what trends, and what must not."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from rookery.cli.sessions import with_services
from rookery.domain.trends import TrendKind
from rookery.services import Services
from rookery.usecases import trends
from rookery.usecases.trends import ListedTrend

app = App(name="trends", help="List what trends, and hide what must not.")

Kind = Annotated[Literal["hashtags", "tweets", "links"], Parameter(help="What to list.")]
Name = Annotated[
    str, Parameter(help="A hashtag, a tweet's number, or a link's address, as the list shows it.")
]
_KINDS = {"hashtags": TrendKind.HASHTAG, "tweets": TrendKind.TWEET, "links": TrendKind.LINK}


@app.command(name="list")
def list_trends(kind: Kind = "hashtags", /) -> None:
    """List what trends, the strongest first, one per line, in columns separated by tabs.

    The columns: name, score, and whether it is hidden.
    """

    async def work(services: Services) -> list[ListedTrend]:
        return await trends.list_trends(services, _KINDS[kind])

    for each in with_services(work):
        print(f"{each.name}\t{each.trend.score:.1f}\t{'hidden' if each.trend.hidden else 'shown'}")


@app.command
def hide(name: Name, /) -> None:
    """Let something never show as a trend."""

    async def work(services: Services) -> None:
        await trends.hide_trend(services, name)

    with_services(work)
    print(f"{name} is hidden from trends.")


@app.command
def show(name: Name, /) -> None:
    """Let something that was hidden show again."""

    async def work(services: Services) -> None:
        await trends.show_trend(services, name)

    with_services(work)
    print(f"{name} shows again when it trends.")
