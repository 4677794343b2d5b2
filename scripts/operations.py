"""The page that tells which of Mastodon's published operations Rookery serves, read off the catalogue of endpoints."""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rookery.api.endpoints import ENDPOINTS
from rookery.api.server import load_routes
from rookery.api.streaming import channels

FOLDER: Final = Path(__file__).parent.parent / "docs" / "reference"
PUBLISHED: Final = FOLDER / "client-operations.tsv"
PAGE: Final = FOLDER / "client-api.md"
PAGES: Final = {
    "GET /oauth/authorize": "a page for people, beside the API",
    "GET /health": "beside the API, without a token",
}
"""Operations that are served outside the catalogue."""

FEDERATION: Final = "there is no federation"
EMPTY: Final = {
    "GET /api/v1/accounts/{}/identity_proofs": "Mastodon has given them up as well",
    "GET /api/v1/custom_emojis": "there are no custom emojis",
    "GET /api/v1/instance/domain_blocks": FEDERATION,
    "GET /api/v1/instance/peers": FEDERATION,
    "GET /api/v1/instance/translation_languages": "nothing is translated",
    "GET /api/v1/streaming/public/remote": FEDERATION,
}
"""Operations that answer that there is nothing, and why that is the truth; a test finds those that always do."""

REMARKS: Final = {
    "GET /api/v1_alpha/async_refreshes/{}": "404: every answer is complete, nothing is refreshed behind it",
    "GET /api/v2/search": "people by their names, mistyped or not, hashtags by the beginning of theirs, statuses by what they say (`docs/search.md`)",
    "POST /api/v1/domain_blocks": f"the list is kept for its user; {FEDERATION}",
    "POST /api/v1/statuses/{}/translate": "404, as from Mastodon without a translation service",
}
"""What is to be known of operations that are served."""

ALLOWED: Final = frozenset((FEDERATION,))
"""Reasons for which an operation that some app uses may be absent."""

ABSENT: Final = {
    "/api/v1/instance/activity": "sign-ins are not counted by week",
}
"""Operations (and those below them) that answer 404 or 405, and why."""

_PARAMETER: Final = re.compile(r"\{\w+\}")
_HEADING: Final = """\
# The client API, operation by operation

Written by `make docs` from the catalogue of endpoints; a test keeps it true. The operations and who uses them are those
of `client-operations.tsv` beside this page: Mastodon's published API description (version 4.7), and the source of
Mastodon.py 2.3.3 (m), toot 0.52.1 (t), Elk (e), Phanpy (p), Tusky (y, an older version) and Mastodon's Android app (a).
Need: S an app fails to sign in or to start without it, C core (four of the five apps), U used by some, - by none.
What is served is described field by field in `openapi.json`.
"""


@dataclass(frozen=True)
class Operation:
    """A published operation."""

    name: str
    """Method and path."""
    group: str
    need: str
    clients: str
    deprecated: bool

    @property
    def shape(self) -> str:
        """Method and path without the parameters' names, by which two descriptions are compared."""
        return _PARAMETER.sub("{}", self.name)


def published() -> list[Operation]:
    """Return every published operation in the published order."""
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return [
            Operation(row["operation"], row["group"], row["need"], row["clients"], bool(row["deprecated"]))
            for row in csv.DictReader(file, delimiter="\t")
        ]


def served() -> dict[str, str]:
    """Return every served operation's name by its shape."""
    load_routes()
    streams = [f"GET {path}" for path in (*[each.path for each in channels.OPERATIONS], channels.HEALTH)]
    names = [*[f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS], *PAGES, *streams]
    return {_PARAMETER.sub("{}", name): name for name in names}


def client_api() -> str:
    """Return the page."""
    here = served()
    operations = published()
    page = [_HEADING, "\n", _totals(operations, here)]
    group = ""
    for operation in operations:
        if operation.group != group:
            group = operation.group
            page.append(
                f"\n## {group}\n\n| Operation | Need | Clients | Served | Why |\n|---|---|---|---|---|\n"
            )
        is_served = operation.shape in here
        name = f"`{operation.name}`" + (" (deprecated)" if operation.deprecated else "")
        page.append(
            f"| {name} | {operation.need} | {operation.clients or 'none'} | {'yes' if is_served else 'no'} "
            f"| {reason(operation, is_served=is_served)} |\n"
        )
    shapes = {operation.shape for operation in operations}
    page.append("\n## Served and not in the published description\n\n")
    page += [f"- `{name}`\n" for shape, name in sorted(here.items()) if shape not in shapes]
    return "".join(page)


def reason(operation: Operation, *, is_served: bool) -> str:
    """Return why an operation is not served, or what is to be known of one that is; raise when nobody has said."""
    shape = operation.shape
    if not is_served:
        return _nearest(ABSENT, shape.partition(" ")[2]) or _unexplained(operation)
    nothing = EMPTY.get(shape)
    return f"empty: {nothing}" if nothing else PAGES.get(shape) or REMARKS.get(shape, "")


def _nearest(reasons: dict[str, str], path: str) -> str | None:
    """Return the reason given for the path or for the nearest path above it."""
    while path:
        if path in reasons:
            return reasons[path]
        path = path.rpartition("/")[0]
    return None


def _unexplained(operation: Operation) -> str:
    raise LookupError(f"{operation.name} is not served, and scripts/operations.py does not say why")


def _totals(operations: list[Operation], here: dict[str, str]) -> str:
    published_count = Counter(operation.need for operation in operations)
    served_count = Counter(operation.need for operation in operations if operation.shape in here)
    rows = [f"| {need} | {published_count[need]} | {served_count[need]} |\n" for need in ("S", "C", "U", "-")]
    total = f"| all | {len(operations)} | {served_count.total()} |\n"
    return "".join(["| Need | Published | Served |\n|---|---|---|\n", *rows, total])
