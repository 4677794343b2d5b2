"""Two people at once: what one does arrives in the other's window."""

import re

from playwright.async_api import expect

from tests.web.conftest import OpenWindow, Service, post


async def test_a_mention_arrives_live_and_is_marked_as_read(service: Service, signed_in: OpenWindow):
    name = service.person("wren")
    reader = await signed_in(name)
    writer = await signed_in(service.person("robin"))
    await post(writer, f"@{name} do you hear me?")
    link = reader.get_by_role("link", name="Notifications, 1 new")
    await expect(link).to_be_visible()
    await link.click()
    await expect(reader.get_by_text("do you hear me?")).to_be_visible()
    await expect(reader.get_by_role("link", name="Notifications", exact=True)).to_be_visible()
    await post(writer, f"@{name} and now?")
    await reader.get_by_role("button", name="1 new notification").click()
    await expect(reader.get_by_text("and now?")).to_be_visible()


async def test_a_message_there_and_back(service: Service, signed_in: OpenWindow):
    wren, robin = service.person("wren"), service.person("robin")
    one, other = await signed_in(wren), await signed_in(robin)
    await post(one, f"@{robin} only for you", visibility="direct")
    await other.get_by_role("link", name=re.compile("^Messages, 1 new")).click()
    await other.get_by_role("link", name=re.compile(wren)).click()
    await expect(other.get_by_text("only for you")).to_be_visible()
    await other.get_by_label("Message", exact=True).fill("and back")
    await other.get_by_role("button", name="Send").click()
    await one.get_by_role("link", name=re.compile("^Messages, 1 new")).click()
    await one.get_by_role("link", name=re.compile(robin)).click()
    await expect(one.get_by_text("and back")).to_be_visible()


async def test_search_suggests_people_and_finds_tweets(service: Service, signed_in: OpenWindow):
    name = service.person("kingfisher")
    page = await signed_in(name)
    await post(page, "An uncommonly blue morning")
    field = page.get_by_role("combobox", name="Search")
    await field.fill(name[:8])
    await expect(page.get_by_role("option", name=re.compile(f"@{name}"))).to_be_visible()
    await field.fill("uncommonly")
    await field.press("Enter")
    await expect(page.get_by_text("An uncommonly blue morning")).to_be_visible()


async def test_theme_and_language_are_kept(service: Service, signed_in: OpenWindow):
    page = await signed_in(service.person("amsel"))
    await page.goto("/settings/appearance")
    await page.get_by_label("Dark").check()
    await page.get_by_role("combobox", name="Language").select_option("ar")
    await expect(page.get_by_role("heading", name="المظهر")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="المظهر")).to_be_visible()
    assert await page.evaluate("[document.documentElement.dir, document.documentElement.dataset.theme]") == [
        "rtl",
        "dark",
    ]


async def test_a_filter_covers_what_one_would_rather_not_read(service: Service, signed_in: OpenWindow):
    name = service.person("owl")
    writer, reader = await signed_in(name), await signed_in(service.person("wren"))
    await post(writer, "Loud fireworks everywhere")
    await reader.goto("/settings/filters")
    await reader.get_by_role("button", name="New filter").click()
    await reader.get_by_label("Words, one on each line").fill("fireworks")
    await reader.get_by_role("button", name="Save").click()
    await expect(reader.get_by_role("button", name="Edit the filter fireworks")).to_be_visible()
    await reader.goto("/explore/public")
    await expect(reader.get_by_text("Filtered: fireworks")).to_be_visible()
    await expect(reader.get_by_text("Loud fireworks")).to_have_count(0)
    await reader.get_by_role("button", name="Show", exact=True).click()
    await expect(reader.get_by_text("Loud fireworks")).to_be_visible()
