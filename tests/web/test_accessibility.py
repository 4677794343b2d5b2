"""Every page of the web client in both themes, over the demo's town: axe-core finds nothing to object to."""

import pytest
from playwright.async_api import Page, expect

from tests.web.conftest import PASSWORD, PHONE, Service, Window, axe, call, sign_in

SETTLED = (
    "new Promise(done => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 100))"
)
"""Rows of a list are measured unseen before they are shown, and colours change with the next frame."""
PAGES = (
    "/",
    "/explore",
    "/explore/people",
    "/explore/hashtags",
    "/search?q=fountain",
    "/search?q=fountain&type=accounts",
    "/notifications",
    "/notifications/requests",
    "/messages",
    "/@rook",
    "/@rook/followers",
    "/tags/newfountain",
    "/bookmarks",
    "/lists",
    "/welcome",
    "/nearby",
    "/drafts",
    "/settings",
    "/settings/profile",
    "/settings/appearance",
    "/settings/posting",
    "/settings/notifications",
    "/settings/filters",
    "/settings/people/blocked",
    "/settings/hashtags",
    "/settings/security",
    "/settings/sessions",
    "/nowhere",
)


@pytest.fixture(scope="module", autouse=True)
def town(service: Service) -> None:
    """Let the demo's birds live in the service."""
    service.command("demo", "--no-pictures", "--password-stdin", text=f"{PASSWORD}\n")


async def look_at(page: Page, path: str) -> None:
    """Open a page, wait until it has what it shows, and look at it in both themes."""
    await page.goto(path)
    await expect(page.locator("main h1")).to_have_count(1)
    await expect(page.get_by_text("Loading", exact=True)).to_have_count(0)
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)
    await page.evaluate(SETTLED)
    await axe(page)
    # The other theme differs in its colours.
    await page.evaluate("document.documentElement.dataset.theme = 'dark'")
    await page.evaluate(SETTLED)
    await axe(page, only=("color-contrast",))


async def test_every_page_is_accessible_in_both_themes(window: Window):
    page = await window(reduced_motion="reduce")
    await sign_in(page, "rook")
    problems: list[str] = []
    conversations = await call(page, "GET", "/api/v1/conversations")
    tweets = await call(page, "GET", "/api/v1/timelines/home")
    more = (f"/messages/{conversations[0]['id']}", f"/@{tweets[0]['account']['acct']}/{tweets[0]['id']}")
    for path in (*PAGES, *more):
        try:
            await look_at(page, path)
        except AssertionError as error:
            problems.append(str(error))
    assert not problems, "\n\n".join(problems)


async def test_what_strangers_see_on_a_phone_is_accessible(window: Window):
    page = await window(viewport=PHONE, reduced_motion="reduce")
    for path in ("/", "/explore", "/@rook"):
        await look_at(page, path)


async def test_the_composer_is_accessible(window: Window):
    page = await window(reduced_motion="reduce")
    await sign_in(page, "rook")
    await page.get_by_role("button", name="Post", exact=True).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await axe(page)
