"""The first page: what this is, and how to point an app at it."""

from rookery.api import heads
from rookery.api.pages.visits import Answer, Page, Visit


async def welcome(visit: Visit) -> Answer:
    """Show what this is."""
    return Page("welcome.html", {"head": heads.of_site(visit.services.instance)})
