"""Times as clients read them."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=4096)
def timestamp(time_ms: int) -> str:
    """Return ISO 8601 in UTC with milliseconds: `2026-01-31T09:30:00.000Z`."""
    moment = datetime.fromtimestamp(time_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ms % 1000:03d}Z"
