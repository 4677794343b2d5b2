"""The first page: what this is, and how to point an app at it."""

from rookery.api.pages.visits import Answer, Page, Visit


async def welcome(visit: Visit) -> Answer:  # noqa: ARG001  every page is called alike
    """Show what this is."""
    return Page("welcome.html")
