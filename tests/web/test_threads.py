"""Threads: what is said about replies is true, however late the answer comes."""

from playwright.async_api import expect

from tests.web.conftest import OpenWindow, Service, call, post


async def test_a_tweet_with_replies_is_never_said_to_have_none(service: Service, signed_in: OpenWindow):
    name = service.person("crow")
    page = await signed_in(name)
    await post(page, "Any questions?")
    tweet = (await call(page, "GET", "/api/v1/timelines/home"))[0]["id"]
    await page.goto("/")
    await page.get_by_role("article").filter(has_text="Any questions?").get_by_role("link").last.click()
    await expect(page.get_by_text("No replies yet")).to_be_visible()
    await page.goto(f"/@{name}")
    await page.route("**/context", lambda route: route.fulfill(json={"ancestors": [], "descendants": []}))
    await post(page, "One", in_reply_to_id=tweet)
    await page.goto(f"/@{name}/{tweet}")
    await expect(page.get_by_text("There is a reply, but it is not for you to see.")).to_be_visible()
    await page.unroute("**/context")
    await page.reload()
    await expect(page.get_by_text("One", exact=True)).to_be_visible()
