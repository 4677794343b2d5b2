"""Reading: what is new never moves what is read, the way back leads to the same pixel, and much works without a net."""

import re

from playwright.async_api import Locator, Page, expect

from tests.web.conftest import OpenWindow, Service, Window, call, post

ANCHOR = """() => {
    const row = [...document.querySelectorAll("article[data-tweet]")]
        .find(row => row.getBoundingClientRect().top > 120);
    return [row.dataset.tweet, Math.round(row.getBoundingClientRect().top)];
}"""
WHERE = """id => {
    const row = document.querySelector(`article[data-tweet="${id}"]`);
    return row && Math.round(row.getBoundingClientRect().top);
}"""


async def scrolled(page: Page, tweets: int) -> tuple[str, int]:
    """Scroll down past so many tweets; return which one is read then, and how far from the top it stands."""
    for _ in range(tweets // 4):
        await page.mouse.wheel(0, 500)
        await page.wait_for_timeout(60)
    # Scrolling ends a moment after the wheel: the place counts once it is the same in two looks.
    before = None
    while (now := await page.evaluate(ANCHOR)) != before:
        before = now
        await page.wait_for_timeout(250)
    return now


async def pressed(page: Page, button: Locator) -> None:
    """Press a button where it is. Playwright's own click may scroll the page first, which no finger does."""
    await expect(button).to_be_visible()
    box = await button.bounding_box()
    assert box is not None
    await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


async def test_new_tweets_wait_behind_a_bar_and_move_nothing(service: Service, signed_in: OpenWindow):
    robin = service.person("robin")
    writer = await signed_in(robin)
    for number in range(30):
        await post(writer, f"Tweet {number} " + "about seeds " * (number % 7))
    reader = await signed_in(service.person("wren"))
    account = await call(reader, "GET", f"/api/v1/accounts/lookup?acct={robin}")
    await call(reader, "POST", f"/api/v1/accounts/{account['id']}/follow")
    await reader.reload()
    await expect(reader.get_by_text("Tweet 29")).to_be_visible()
    read, top = await scrolled(reader, 20)

    for number in range(3):
        await post(writer, f"Fresh {number}")
    bar = reader.get_by_role("button", name="3 new tweets")
    await expect(bar).to_be_visible()
    assert await reader.evaluate(WHERE, read) == top
    await pressed(reader, bar)
    await expect(reader.get_by_role("button", name="3 above")).to_be_visible()
    assert await reader.evaluate(WHERE, read) == top

    await pressed(reader, reader.get_by_role("button", name="3 above"))
    await expect(reader.get_by_text("Fresh 2")).to_be_in_viewport()
    await pressed(reader, reader.get_by_role("button", name="Back to where I was"))
    await expect(reader.locator(f'article[data-tweet="{read}"]')).to_be_in_viewport()


async def test_the_way_back_leads_to_the_same_pixel_and_the_same_link(
    service: Service, signed_in: OpenWindow
):
    page = await signed_in(service.person("rook"))
    for number in range(30):
        await post(page, f"Tweet {number} on #seeds " + "and more " * (number % 5))
    await page.reload()
    await expect(page.get_by_text("Tweet 29")).to_be_visible()
    read, top = await scrolled(page, 20)
    await page.locator(f'article[data-tweet="{read}"] a', has_text="seeds").click()
    await expect(page.get_by_role("heading", name="#seeds")).to_be_focused()
    await page.go_back()
    await expect(page.locator(f'article[data-tweet="{read}"] a', has_text="seeds")).to_be_focused()
    assert await page.evaluate(WHERE, read) == top


async def test_a_favorite_is_shown_at_once_and_taken_back_when_the_server_refuses(
    service: Service, signed_in: OpenWindow
):
    page = await signed_in(service.person("gull"))
    await post(page, "Chips")
    await page.reload()
    favorite = page.get_by_role("button", name=re.compile("^Favorite"))
    refusal = {"status": 422, "content_type": "application/json", "body": '{"error": "Not today"}'}
    await page.route("**/favourite", lambda route: route.fulfill(**refusal))
    await favorite.click()
    await expect(page.get_by_text("Not today")).to_be_visible()
    await expect(favorite).to_have_attribute("aria-pressed", "false")
    await page.unroute("**/favourite")
    await page.get_by_role("button", name="Retry").click()
    await expect(favorite).to_have_attribute("aria-pressed", "true")


async def test_without_a_connection_home_is_read_and_a_favorite_arrives_later(
    service: Service, signed_in: OpenWindow
):
    page = await signed_in(service.person("heron"))
    await post(page, "Standing in the pond")
    await page.reload()
    await expect(page.get_by_text("Standing in the pond")).to_be_visible()
    await page.evaluate("navigator.serviceWorker.ready")
    await page.reload()
    await expect(page.get_by_text("Standing in the pond")).to_be_visible()
    await page.context.set_offline(True)
    await page.reload()
    await expect(page.get_by_text("Standing in the pond")).to_be_visible()
    await expect(page.get_by_text("You are offline. What you have read")).to_be_visible()
    await page.get_by_role("button", name=re.compile("^Favorite")).click()
    await expect(page.get_by_text("1 action waits")).to_be_visible()
    async with page.expect_response("**/favourite") as answered:
        await page.context.set_offline(False)
    assert (await answered.value).status == 200
    await expect(page.get_by_text("You are offline. What you have read")).to_have_count(0)


async def test_strangers_read_what_is_public_and_are_asked_in(
    service: Service, signed_in: OpenWindow, window: Window
):
    writer = await signed_in(service.person("crow"))
    await post(writer, "Shiny things for everybody")
    stranger = await window(viewport={"width": 390, "height": 844}, color_scheme="dark")
    await stranger.goto("/")
    await expect(stranger.get_by_text("Shiny things for everybody")).to_be_visible()
    await stranger.get_by_role("button", name=re.compile("^Favorite")).first.click()
    await expect(stranger.get_by_label("Password")).to_be_visible()


async def test_keys_go_from_tweet_to_tweet_and_do_things(service: Service, signed_in: OpenWindow):
    page = await signed_in(service.person("lark"))
    for number in range(6):
        await post(page, f"Song {number}")
    await page.reload()
    await expect(page.get_by_text("Song 5")).to_be_visible()
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    focused = page.locator("article:focus")
    await expect(focused).to_contain_text("Song 4")
    await page.keyboard.press("f")
    await expect(focused.get_by_role("button", name=re.compile("^Favorite"))).to_have_attribute(
        "aria-pressed", "true"
    )
    await page.keyboard.press("k")
    await expect(focused).to_contain_text("Song 5")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/@lark[0-9]+/[0-9]+$"))
    await page.keyboard.press("g")
    await page.keyboard.press("s")
    await expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
