"""`rookery bench`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from rookery import bench


def command(
    *parts: Annotated[
        str,
        Parameter(
            help="Which to measure: requests, streams, deliveries, strategies, media, search, people, nearby, trends, growth; all if none."
        ),
    ],
    json: Annotated[Path | None, Parameter(help="Write the figures to this file as well.")] = None,
    seconds: Annotated[float, Parameter(help="How long each kind of request is asked for.")] = bench.SECONDS,
    hot_followers: Annotated[int, Parameter(help="Followers of the hot author.")] = 1_000_000,
    postgres: Annotated[
        str,
        Parameter(
            help="The URL of a PostgreSQL server: search, people, nearby and trends are measured there as well, in databases of their own.",
            show_default=False,
        ),
    ] = "",
    keep: Annotated[
        Path | None,
        Parameter(
            help="Keep the towns of search, people and nearby, which take long to make, here and in PostgreSQL for the next run."
        ),
    ] = None,
    quick: Annotated[
        bool,
        Parameter(help="A hundredth of everything: to see that it works.", negative=(), show_default=False),
    ] = False,
) -> None:
    """Measure what this program costs on this machine, and print tables."""
    bench.run(
        parts,
        json_file=json,
        seconds=seconds,
        hot_followers=hot_followers,
        postgres_url=postgres,
        kept_folder=keep,
        quick=quick,
    )
