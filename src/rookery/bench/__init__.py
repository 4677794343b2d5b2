"""`rookery bench`: what the service costs, measured by itself, as ratios within one run."""

import json
import os
import platform
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import uvloop
from rich.console import Console

from rookery.bench import (
    delivering,
    homes,
    media,
    nearness,
    people,
    rankings,
    searching,
    serving,
    streams,
    trending,
)
from rookery.bench.report import Report
from rookery.errors import Invalid

SECONDS: Final = 4.0
"""How long each kind of request is asked for."""
QUICK_SHARE: Final = 100
"""What `--quick` divides by."""


def run(
    parts: Sequence[str],
    *,
    json_file: Path | None,
    seconds: float,
    hot_followers: int,
    postgres_url: str = "",
    kept_folder: Path | None = None,
    quick: bool = False,
) -> None:
    """Measure the parts (all when none is named), print tables and, if asked, write them as JSON.

    `quick` takes a hundredth of everything: then the program is tried and the figures say nothing. `postgres_url` names a
    server in databases of which the search, the trends and For you are measured as well.

    Everything happens on loopback, and in a temporary folder but for what is to be kept for a next run. Raises Invalid
    for a part that does not exist.
    """
    share = QUICK_SHARE if quick else 1
    report = Report()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="rookery-bench-") as name:
        folder = Path(name)
        keep = kept_folder is not None
        towns_folder = kept_folder or folder
        towns_folder.mkdir(parents=True, exist_ok=True)
        known: dict[str, Callable[[], Awaitable[None]]] = {
            "requests": lambda: serving.measure(report, folder, seconds=seconds / share),
            "streams": lambda: streams.measure(report, folder, seconds=seconds / share, share=share),
            "deliveries": lambda: delivering.measure(report, folder, share=share),
            "strategies": lambda: homes.compare_strategies(
                report, folder, hot_followers=hot_followers // share, share=share
            ),
            "media": lambda: media.measure(report, folder, share=share),
            "search": lambda: searching.measure(
                report, towns_folder, postgres_url=postgres_url, keep=keep, share=share
            ),
            "people": lambda: people.measure(
                report, towns_folder, postgres_url=postgres_url, keep=keep, share=share
            ),
            "nearby": lambda: nearness.measure(
                report, towns_folder, postgres_url=postgres_url, keep=keep, share=share
            ),
            "trends": lambda: trending.measure(report, folder, postgres_url=postgres_url, share=share),
            "for-you": lambda: rankings.measure(report, folder, postgres_url=postgres_url, share=share),
            "growth": lambda: homes.measure_growth(report, folder, share=share),
        }
        if unknown := set(parts) - set(known):
            raise Invalid(f"there is no part {', '.join(sorted(unknown))}; the parts are {', '.join(known)}")
        for part in parts or known:
            console.print(f"Measuring {part} …")
            uvloop.run(_awaited(known[part]()))
    console.print(f"{os.cpu_count()} processors, Python {platform.python_version()}, {platform.machine()}\n")
    report.print(console)
    if json_file is not None:
        json_file.write_text(
            json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )


async def _awaited(work: Awaitable[None]) -> None:
    await work
