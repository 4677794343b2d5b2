"""Measure the web client by Lighthouse, as a visitor with a slow phone has it, over the town of `rookery demo`.

Lighthouse is fetched by npx when it is asked for; nothing else needs it. Each page is measured three times; what is
printed are the medians, with the load of the machine beside them: a busy machine makes a slow phone.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any, Final

from scripts.web_client import npx
from tests.browser import program
from tests.processes import ROOKERY, Process, environment

LIGHTHOUSE: Final = "lighthouse@13.5.0"
RUNS: Final = 3
CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")
AUDITS: Final = {
    "first-contentful-paint": "first paint",
    "largest-contentful-paint": "largest paint",
    "total-blocking-time": "blocked",
    "speed-index": "speed index",
}
"""In milliseconds."""
SHIFT: Final = "cumulative-layout-shift"


def main() -> None:
    """Fill a service, measure its pages, and print a table."""
    with tempfile.TemporaryDirectory(prefix="rookery-lighthouse-") as name:
        folder = Path(name)
        settings = {"database_url": f"sqlite:///{folder}/town.db", "rate_limits": "off"}
        print("The town comes to life …", file=sys.stderr, flush=True)
        filled = subprocess.run(
            [ROOKERY, "demo"],
            cwd=folder,
            env=environment(**settings),
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if filled.returncode:
            sys.exit("rookery demo failed")
        with Process(folder, **settings) as process:
            print(f"| page | {' | '.join((*CATEGORIES, *AUDITS.values(), 'shift', 'load'))} |")
            print("|---|" + "---:|" * (len(CATEGORIES) + len(AUDITS) + 2))
            for page, path in (("start page", "/"), ("a tweet with a photo", _tweet(process.url))):
                print(_row(page, process.url + path), flush=True)


def _tweet(url: str) -> str:
    """Return the path of the newest tweet with a photo."""
    with urllib.request.urlopen(f"{url}/api/v1/timelines/public?limit=40&only_media=true") as answer:  # noqa: S310  our own
        tweet = json.load(answer)[0]
    return f"/@{tweet['account']['acct']}/{tweet['id']}"


def _row(page: str, url: str) -> str:
    reports = [_measured(url) for _ in range(RUNS)]
    load, _, _ = os.getloadavg()
    cells = [f"{100 * _median(reports, 'categories', name, 'score'):.0f}" for name in CATEGORIES]
    cells += [f"{_median(reports, 'audits', name, 'numericValue'):,.0f} ms" for name in AUDITS]
    cells += [f"{_median(reports, 'audits', SHIFT, 'numericValue'):.3f}", f"{load:.1f}"]
    return f"| {page} | {' | '.join(cells)} |"


def _median(reports: list[dict[str, Any]], part: str, name: str, value: str) -> float:
    return statistics.median(float(report[part][name][value]) for report in reports)


def _measured(url: str) -> dict[str, Any]:
    said = npx(
        "--yes",
        LIGHTHOUSE,
        url,
        "--quiet",
        "--output=json",
        "--throttling-method=simulate",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
        CHROME_PATH=program(),
    )
    report: dict[str, Any] = json.loads(said[said.index("{") :])
    if report.get("runtimeError"):
        sys.exit(f"Lighthouse could not measure {url}: {report['runtimeError']['message']}")
    return report


if __name__ == "__main__":
    main()
