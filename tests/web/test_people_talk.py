"""Two people at once: what one does arrives in the other's window."""

import re

from playwright.async_api import FilePayload, expect

from tests import samples
from tests.web.conftest import OpenWindow, Service, Window, axe, post, sign_up


async def test_two_who_sign_up_share_a_photo_answer_it_and_find_it_again(window: Window):
    writer, reader = await window(), await window()
    for page, name in ((writer, "amsel"), (reader, "bluetit")):
        await page.goto("/")
        await page.get_by_role("link", name=re.compile("^Create (the first )?account")).first.click()
        await sign_up(page, name)
        await expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    await reader.goto("/@amsel")
    await reader.get_by_role("button", name="Follow, @amsel").click()
    await expect(reader.get_by_role("button", name="Following, @amsel")).to_be_visible()
    await reader.get_by_role("link", name="Home").first.click()
    await expect(reader.get_by_text("Nobody here yet.")).to_be_visible()

    await writer.get_by_role("link", name="Home").first.click()
    await writer.get_by_role("button", name="Post", exact=True).click()
    await writer.get_by_label("What is happening?").fill("Dusk over the reeds")
    photo = FilePayload(name="dusk.png", mimeType="image/png", buffer=samples.photo((96, 64), form="PNG"))
    await writer.locator("input[type=file]").set_input_files(photo)
    await writer.get_by_role("button", name="Describe file 1 of 1").click()
    await writer.get_by_label("Description", exact=True).fill("A green sky")
    await writer.get_by_role("button", name="Done").click()
    await writer.get_by_role("dialog").get_by_role("button", name="Post", exact=True).click()

    seen = reader.get_by_role("article").filter(has_text="Dusk over the reeds")
    await expect(seen.get_by_alt_text("A green sky")).to_be_visible()
    await seen.get_by_role("button", name=re.compile("^Favorite")).click()
    await seen.get_by_role("button", name=re.compile("^Reply")).click()
    await reader.get_by_label("What is happening?").press_sequentially("How still it is")
    await reader.get_by_role("dialog").get_by_role("button", name="Post", exact=True).click()

    await writer.get_by_role("link", name="Notifications, 2 new").click()
    await expect(writer.get_by_text("bluetit favorited your tweet")).to_be_visible()
    await expect(writer.get_by_text("How still it is")).to_be_visible()
    await axe(writer)
    field = writer.get_by_role("combobox", name="Search")
    await field.fill("reeds")
    await field.press("Enter")
    await expect(writer.get_by_role("article").filter(has_text="Dusk over the reeds")).to_be_visible()


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
