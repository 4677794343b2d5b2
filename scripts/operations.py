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

EMPTY: Final = {
    "/api/v1/accounts/{}/endorsements": "nobody can be endorsed yet",
    "/api/v1/accounts/{}/featured_tags": "hashtags can't be featured yet",
    "/api/v1/accounts/{}/identity_proofs": "Mastodon has given them up as well",
    "/api/v1/accounts/{}/lists": "there are no lists yet",
    "/api/v1/announcements": "there are no announcements yet",
    "/api/v1/conversations": "direct messages are not grouped yet",
    "/api/v1/custom_emojis": "there are no custom emojis",
    "/api/v1/domain_blocks": "there is no federation",
    "/api/v1/endorsements": "nobody can be endorsed yet",
    "/api/v1/featured_tags": "hashtags can't be featured yet",
    "/api/v1/filters": "there are no filters yet",
    "/api/v1/followed_tags": "hashtags can't be followed yet",
    "/api/v1/instance/domain_blocks": "there is no federation",
    "/api/v1/instance/peers": "there is no federation",
    "/api/v1/instance/rules": "an administrator can't set rules yet",
    "/api/v1/instance/translation_languages": "nothing is translated",
    "/api/v1/lists": "there are no lists yet",
    "/api/v1/notifications": "there are no notifications yet",
    "/api/v1/scheduled_statuses": "statuses can't be scheduled yet",
    "/api/v1/suggestions": "nobody is suggested yet",
    "/api/v1/trends": "nothing is counted for trends yet",
    "/api/v2/filters": "there are no filters yet",
    "/api/v2/notifications": "there are no notifications yet",
    "/api/v2/suggestions": "nobody is suggested yet",
}
"""Operations (and those below them) that answer that there is nothing, and why that is the truth."""

ABSENT: Final = {
    "/api/v1/accounts/{}/collections": "collections are not planned",
    "/api/v1/accounts/{}/in_collections": "collections are not planned",
    "/api/v1/accounts/{}/endorse": "endorsing comes later",
    "/api/v1/accounts/{}/note": "personal notes come later",
    "/api/v1/accounts/{}/pin": "endorsing comes later",
    "/api/v1/accounts/{}/unendorse": "endorsing comes later",
    "/api/v1/accounts/{}/unpin": "endorsing comes later",
    "/api/v1/announcements": "announcements come later",
    "/api/v1/annual_reports": "there are no annual reports",
    "/api/v1/collections": "collections are not planned",
    "/api/v1/conversations": "grouping direct messages comes later",
    "/api/v1/domain_blocks": "there is no federation",
    "/api/v1/featured_tags": "featuring hashtags comes later",
    "/api/v1/filters": "filters come later",
    "/api/v1/instance/activity": "sign-ins are not counted by week",
    "/api/v1/instance/privacy_policy": "an administrator can't write one yet",
    "/api/v1/instance/terms_of_service": "an administrator can't write them yet",
    "/api/v1/lists": "lists come later",
    "/api/v1/media": "photos and videos come later",
    "/api/v1/notifications": "notifications come later",
    "/api/v1/polls": "polls come later",
    "/api/v1/push": "push messages come later",
    "/api/v1/scheduled_statuses": "scheduling comes later",
    "/api/v1/statuses": "editing comes later",
    "/api/v1/statuses/{}/interaction_policy": "quoting comes later",
    "/api/v1/statuses/{}/quotes": "quoting comes later",
    "/api/v1/statuses/{}/translate": "nothing is translated",
    "/api/v1/suggestions": "suggestions come later",
    "/api/v1/tags": "following and featuring hashtags come later",
    "/api/v1/timelines/direct": "Mastodon has given it up as well",
    "/api/v1/timelines/link": "trends come later",
    "/api/v1/timelines/list": "lists come later",
    "/api/v1_alpha/async_refreshes": "nothing is refreshed from elsewhere",
    "/api/v2/filters": "filters come later",
    "/api/v2/media": "photos and videos come later",
    "/api/v2/notifications": "notifications come later",
    "/api/oembed": "embedding elsewhere comes later",
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
    method, _, path = operation.shape.partition(" ")
    if not is_served:
        return _nearest(ABSENT, path) or _unexplained(operation)
    if operation.name in PAGES:
        return PAGES[operation.name]
    nothing = _nearest(EMPTY, path) if method == "GET" else None
    return f"empty: {nothing}" if nothing else ""


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
