"""What an upgrade of the service does to windows that are open: nothing is lost, no word and no place."""

from playwright.async_api import Route, expect

from tests.web.conftest import OpenWindow, Service, post

IN_SIGHT = """() => [...document.querySelectorAll("article[data-tweet]")]
    .find((row) => row.getBoundingClientRect().top >= 60)?.dataset.tweet"""


async def test_a_window_from_before_an_upgrade_begins_anew_by_itself_and_loses_nothing(
    service: Service, signed_in: OpenWindow
):
    page = await signed_in(service.person("wren"))
    for number in range(15):
        await post(page, f"Tweet {number}")
    await page.reload()
    await expect(page.get_by_text("Tweet 14")).to_be_visible()
    await page.get_by_role("button", name="Post", exact=True).click()
    await page.get_by_role("dialog").get_by_role("textbox").first.fill("Half a thought")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await page.evaluate("scrollTo(0, 600)")
    read = await page.evaluate(IN_SIGHT)

    refused: list[str] = []

    async def gone_once(route: Route) -> None:
        """Answer as a server does whose next release has other files; the new page asks for those."""
        if refused:
            await route.continue_()
        else:
            refused.append(route.request.url)
            await route.fulfill(status=404, body="")

    await page.context.route("**/assets/SettingsPage-*.js", gone_once)
    await page.get_by_role("link", name="Settings").click()
    await expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    assert refused
    assert await page.evaluate("performance.getEntriesByType('navigation')[0].type") == "reload"

    await page.go_back()
    await expect(page.get_by_role("heading", name="Home")).to_be_visible()
    await page.wait_for_function(f"id => ({IN_SIGHT})() === id", arg=read)
    await page.get_by_role("button", name="Post", exact=True).click()
    await expect(page.get_by_role("dialog").get_by_role("textbox").first).to_have_value("Half a thought")
