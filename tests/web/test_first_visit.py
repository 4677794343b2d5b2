"""The first visit to an empty service, and what newcomers are offered."""

import re

from playwright.async_api import expect

from tests.web.conftest import Window, axe, sign_up


async def test_an_empty_service_leads_its_first_user_to_a_tweet_and_the_next_to_the_first_user(
    window: Window,
):
    page = await window()
    await page.goto("/")
    await expect(page.get_by_role("heading", name="Nobody lives here yet")).to_be_visible()
    await expect(page.get_by_text("rookery demo")).to_be_visible()
    await axe(page)

    await page.get_by_role("link", name="Create the first account").click()
    await sign_up(page, "robin")
    await expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    await expect(page.get_by_text("Nobody else to follow yet")).to_be_visible()
    await page.get_by_label("Name", exact=True).fill("Robin Redbreast")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved")).to_be_visible()

    await page.get_by_role("link", name="To Home").first.click()
    await page.get_by_role("link", name="First steps").click()
    await page.get_by_role("button", name="Write").click()
    await page.get_by_role("textbox", name=re.compile("What")).fill("Hello, hello")
    await page.get_by_role("dialog").get_by_role("button", name="Post", exact=True).click()
    await page.get_by_role("link", name="To Home").first.click()
    await expect(page.get_by_role("article").filter(has_text="Robin Redbreast")).to_contain_text(
        "Hello, hello"
    )

    page = await window()
    await page.goto("/")
    await page.get_by_role("link", name="Create account").click()
    await sign_up(page, "wren")
    await page.get_by_role("button", name="Follow, @robin").click()
    await expect(page.get_by_role("button", name="Following, @robin")).to_be_visible()
    await axe(page)
    await page.get_by_role("link", name="To Home").first.click()
    await expect(page.get_by_text("Hello, hello")).to_be_visible()
