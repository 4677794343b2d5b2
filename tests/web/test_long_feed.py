"""A long home: however many tweets were scrolled past, few are in the page, and the way back finds the same pixel."""

import asyncio
import copy
import re
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Page, Route, expect

from tests.web.conftest import PATIENCE_MS, OpenWindow, Service, call, post
from tests.web.test_reading import WHERE, scrolled

TWEETS: Final = 10_000
PAGE: Final = 500
ROWS_MAX: Final = 60
"""How many may be in the page at once: what is in sight, and what is about to be."""


class LongHome:
    """Answers for the server when home is asked for: that many tweets, page by page."""

    def __init__(self, template: dict[str, Any]) -> None:
        self._template = template
        self._newest = int(template["id"])

    async def __call__(self, route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        begin = self._newest - int(asked["max_id"][0]) + 1 if "max_id" in asked else 0
        numbers = range(begin, min(begin + PAGE, TWEETS)) if "min_id" not in asked else range(0)
        headers = {}
        if numbers and numbers[-1] + 1 < TWEETS:
            url = route.request.url.partition("?")[0]
            headers["Link"] = f'<{url}?max_id={self._newest - numbers[-1]}>; rel="next"'
        await route.fulfill(json=[self._tweet(number) for number in numbers], headers=headers)

    def _tweet(self, number: int) -> dict[str, Any]:
        tweet = copy.copy(self._template)
        tweet["id"] = str(self._newest - number)
        tweet["content"] = f"<p>Number {number} {'of the seeds ' * (number % 9)}</p>"
        return tweet


async def test_among_ten_thousand_tweets_few_are_in_the_page_and_the_way_back_is_to_the_pixel(
    service: Service, signed_in: OpenWindow
):
    page = await signed_in(service.person("swift"))
    await post(page, "The one that stands for all")
    [template] = await call(page, "GET", "/api/v1/timelines/home")
    await page.route(re.compile(r"/api/v1/timelines/home"), LongHome(template))
    await page.reload()
    await expect(page.get_by_text("Number 0", exact=True)).to_be_visible()
    await _to_the_end(page)
    await expect(page.get_by_role("article")).not_to_have_count(0)
    assert await page.get_by_role("article").count() <= ROWS_MAX

    await page.mouse.move(640, 450)
    await page.mouse.wheel(0, -40_000)
    read, top = await scrolled(page, 4)
    await page.locator(f'article[data-tweet="{read}"] a.when').click()
    await expect(page.get_by_role("heading", name="Tweet")).to_be_focused()
    await page.go_back()
    await expect(page.locator(f'article[data-tweet="{read}"]')).to_be_in_viewport()
    assert await page.evaluate(WHERE, read) == top


async def _to_the_end(page: Page) -> None:
    """Go to where the list ends, again and again, until it says so."""
    end = page.get_by_text("That is all")
    again = page.get_by_role("main").get_by_role("button", name="Retry")
    async with asyncio.timeout(4 * PATIENCE_MS / 1000):
        while not await end.is_visible():
            # Half a megabyte at a time: on a busy machine an answer may come too late.
            if await again.is_visible():
                await again.click()
            await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
            await page.wait_for_timeout(50)
