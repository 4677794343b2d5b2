"""Writing in the web client: nothing that was typed is lost, and what is posted is as it was meant."""

import asyncio
import re
from pathlib import Path
from typing import Final

from playwright.async_api import FilePayload, Locator, Page, Request, Route, expect

from tests import samples
from tests.web.conftest import PATIENCE_MS, PHONE, OpenWindow, Service, axe, call

TEXT: Final = "What is happening?"


def _photo() -> FilePayload:
    return FilePayload(name="dusk.png", mimeType="image/png", buffer=samples.photo((96, 64), form="PNG"))


async def _compose(page: Page) -> Locator:
    """Open the composer and return where one writes."""
    await page.get_by_role("button", name="Post", exact=True).click()
    field = page.get_by_label(TEXT)
    await expect(field).to_be_focused()
    return field


def _tweet(page: Page, text: str) -> Locator:
    return page.get_by_role("article").filter(has_text=text)


async def _choose(page: Page, tweet: Locator, item: str) -> None:
    await tweet.get_by_role("button", name="More", exact=True).click()
    await page.get_by_role("menuitem", name=item, exact=True).click()


async def test_a_photo_is_posted_with_the_words_that_were_given_to_it_while_it_was_sent(
    service: Service, signed_in: OpenWindow
):
    page = await signed_in(service.person("ada"))
    field = await _compose(page)
    await field.fill("Dusk over the reeds")
    await page.locator("input[type=file]").set_input_files(_photo())
    await page.get_by_role("button", name="Describe file 1 of 1").click()
    await page.get_by_label("Description", exact=True).fill("Reeds before a green sky")
    await page.get_by_role("button", name="What to show in small pictures").press("ArrowUp")
    await page.get_by_role("button", name="Done").click()
    await field.press("Control+Enter")
    await expect(
        _tweet(page, "Dusk over the reeds").get_by_alt_text("Reeds before a green sky")
    ).to_be_visible()
    await page.reload()
    await expect(
        _tweet(page, "Dusk over the reeds").get_by_alt_text("Reeds before a green sky")
    ).to_be_visible()


async def test_what_was_typed_stands_there_again_after_closing_and_reloading(
    service: Service, signed_in: OpenWindow
):
    page = await signed_in(service.person("bert"))
    field = await _compose(page)
    await field.fill("Half a thought")
    await page.locator("input[type=file]").set_input_files(_photo())
    await page.get_by_role("button", name="Describe file 1 of 1").click()
    await page.get_by_label("Description", exact=True).fill("Reeds")
    await page.get_by_role("button", name="Done").click()
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("Draft saved")).to_be_visible()
    await page.reload()
    field = await _compose(page)
    await expect(field).to_have_value("Half a thought")
    await expect(page.get_by_role("button", name="Change the description of file 1 of 1")).to_be_visible()
    await page.get_by_role("dialog").get_by_role("button", name="Post", exact=True).click()
    await expect(_tweet(page, "Half a thought").get_by_alt_text("Reeds")).to_be_visible()
    await expect(await _compose(page)).to_have_value("")


async def test_a_reply_addresses_whom_it_answers_and_is_seen_by_no_more_people(
    service: Service, signed_in: OpenWindow
):
    cleo, dora = service.person("cleo"), service.person("dora")
    page = await signed_in(cleo)
    field = await _compose(page)
    await field.fill(f"@{dora} only for you")
    await page.get_by_role("button", name=re.compile("Who can see it")).click()
    await page.get_by_role("menuitemradio", name="Only people mentioned").click()
    await field.press("Control+Enter")
    await page.get_by_role("button", name="View").click()
    path = page.url
    other = await signed_in(dora)
    await other.goto(path)
    await _tweet(other, "only for you").get_by_role("button", name=re.compile("^Reply")).click()
    await expect(other.get_by_label(TEXT)).to_have_value(f"@{cleo} ")
    await other.get_by_role("button", name=re.compile("Who can see it")).click()
    await expect(other.get_by_role("menuitemradio")).to_have_count(1)


async def test_an_edit_says_something_else_and_the_first_words_stay_to_be_read(
    service: Service, signed_in: OpenWindow
):
    page = await signed_in(service.person("emil"))
    await (await _compose(page)).fill("A robbin sings")
    await page.keyboard.press("Control+Enter")
    await _choose(page, _tweet(page, "A robbin sings"), "Edit")
    await expect(page.get_by_label(TEXT)).to_have_value("A robbin sings")
    await page.get_by_label(TEXT).fill("A robin sings")
    await page.get_by_role("button", name="Save").click()
    await _choose(page, _tweet(page, "A robin sings"), "Edit history")
    await expect(page.get_by_role("dialog").get_by_text("A robbin sings")).to_be_visible()


async def test_deleting_is_taken_back_and_done_when_one_leaves(service: Service, signed_in: OpenWindow):
    page = await signed_in(service.person("fritz"))
    await (await _compose(page)).fill("Rash words")
    await page.keyboard.press("Control+Enter")
    await _choose(page, _tweet(page, "Rash words"), "Delete")
    await page.get_by_role("button", name="Undo").click()
    await _choose(page, _tweet(page, "Rash words"), "Delete")
    await expect(page.get_by_role("button", name="Undo")).to_be_visible()
    await page.goto("/drafts")
    account = await call(page, "GET", "/api/v1/accounts/verify_credentials")
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while await call(page, "GET", f"/api/v1/accounts/{account['id']}/statuses"):
            await page.wait_for_timeout(100)
    await page.goto("/")
    await expect(page.get_by_role("heading", name="Home")).to_be_visible()
    await expect(_tweet(page, "Rash words")).to_have_count(0)


async def test_a_poll_is_asked_and_answered(service: Service, signed_in: OpenWindow):
    gerd = service.person("gerd")
    page = await signed_in(gerd)
    await (await _compose(page)).fill("Reeds or rushes?")
    await page.get_by_role("button", name="Poll", exact=True).click()
    await page.get_by_label("Choice 1").fill("Reeds")
    await page.get_by_label("Choice 2").fill("Rushes")
    await axe(page)
    await page.get_by_role("dialog").get_by_role("button", name="Post", exact=True).click()
    await page.get_by_role("button", name="View").click()
    path = page.url
    other = await signed_in(service.person("hilde"))
    await other.goto(path)
    asked = _tweet(other, "Reeds or rushes?")
    await asked.get_by_label("Rushes").check()
    await asked.get_by_role("button", name="Vote").click()
    await expect(asked.get_by_text("100 %")).to_be_visible()


async def test_without_a_connection_a_tweet_waits_and_is_posted_once(service: Service, signed_in: OpenWindow):
    page = await signed_in(service.person("ida"), viewport=PHONE)
    field = await _compose(page)
    await page.context.set_offline(True)
    await field.fill("From the tunnel")
    await field.press("Control+Enter")
    await expect(page.get_by_text("will be posted when there is one")).to_be_visible()
    await page.context.set_offline(False)
    await expect(_tweet(page, "From the tunnel")).to_be_visible()
    await page.reload()
    await expect(_tweet(page, "From the tunnel")).to_have_count(1)


async def test_a_draft_is_written_on_at_another_device_and_posted_later(
    service: Service, signed_in: OpenWindow
):
    kurt = service.person("kurt")
    page = await signed_in(kurt)
    await (await _compose(page)).fill("Begun on the train")
    await page.keyboard.press("Escape")
    await page.goto("/drafts")
    await page.get_by_role("button", name="Keep for all devices").click()
    await expect(page.get_by_role("heading", name="On all your devices")).to_be_visible()
    other = await signed_in(kurt)
    await other.goto("/drafts")
    await expect(other.get_by_role("heading", name="On all your devices")).to_be_visible()
    await axe(other)
    await other.get_by_role("button", name="Go on writing").click()
    await expect(other.get_by_label(TEXT)).to_have_value("Begun on the train")
    await other.get_by_label(TEXT).fill("Begun on the train, ended at home")
    await other.get_by_role("button", name="Post later").click()
    await other.get_by_label("Post on").fill("2031-05-01T10:00")
    await other.get_by_role("button", name="Schedule", exact=True).click()
    await other.get_by_role("button", name="View").click()
    await expect(other.get_by_text("Begun on the train, ended at home")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("There are no drafts.")).to_be_visible()


async def test_people_and_emojis_are_completed_by_keys_and_photos_are_asked_for_words_once(
    service: Service, signed_in: OpenWindow
):
    lena = service.person("lena")
    page = await signed_in(service.person("mark"), color_scheme="dark")
    field = await _compose(page)
    await field.press_sequentially(f"@{lena[:-1]}")
    await expect(page.get_by_role("option", name=f"@{lena}")).to_be_visible()
    await axe(page)
    await field.press("Enter")
    await field.press_sequentially(":thumbsu")
    await expect(page.get_by_role("option", name=":thumbsup:")).to_be_visible()
    await field.press("Tab")
    await expect(field).to_have_value(f"@{lena} 👍 ")
    await page.locator("input[type=file]").set_input_files(_photo())
    await field.press("Control+Enter")
    await page.get_by_role("alert").get_by_role("button", name="Describe").click()
    await axe(page)
    await page.get_by_label("Description", exact=True).fill("Reeds")
    await page.get_by_role("button", name="Done").click()
    await field.press("Control+Enter")
    await expect(_tweet(page, "👍").get_by_alt_text("Reeds")).to_be_visible()


async def test_a_thread_goes_on_where_it_stopped_and_no_tweet_of_it_is_posted_twice(
    service: Service, signed_in: OpenWindow
):
    page = await signed_in(service.person("nora"))
    first = await _compose(page)
    await first.fill("One rook")
    await page.get_by_role("button", name="Content warning").click()
    await page.get_by_label("What the warning says").fill("Birds")
    for number, text in enumerate(("two rooks", "three rooks"), start=2):
        await page.get_by_role("button", name="Add another tweet").click()
        field = page.get_by_label(f"Tweet {number} of {number}", exact=True)
        await expect(field).to_be_focused()
        await field.fill(text)
    await page.locator("input[type=file]").set_input_files(_photo())
    await page.get_by_role("button", name="Describe file 1 of 1").click()
    await page.get_by_label("Description", exact=True).fill("Reeds")
    await page.get_by_role("button", name="Done").click()
    await axe(page)
    await page.keyboard.press("Escape")
    await page.goto("/drafts")
    await expect(page.get_by_text("Thread of 3 tweets")).to_be_visible()
    await page.get_by_role("button", name="Go on writing").click()
    await expect(page.get_by_label("What the warning says")).to_have_count(3)
    troubles = 0

    async def trouble(route: Route, request: Request) -> None:
        nonlocal troubles
        if request.method != "POST" or "two rooks" not in (request.post_data or "") or troubles == 2:
            await route.continue_()
            return
        troubles += 1
        if troubles == 1:
            await route.fulfill(status=503, json={"error": "Too much at once."})
        else:
            # The server has it, but its answer is lost.
            await route.fetch()
            await route.abort()

    await page.route("**/api/v1/statuses", trouble)
    await page.get_by_role("button", name="Post all 3").click()
    await expect(page.get_by_text("1 tweet of 3 is posted, the rest is still here.")).to_be_visible()
    await expect(page.get_by_label("Tweet 1 of 2", exact=True)).to_have_value("two rooks")
    await page.get_by_role("button", name="Post all 2").click()
    await expect(page.get_by_text("will be posted when there is one")).to_be_visible()
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.get_by_text("Your thread was posted.")).to_be_visible()
    account = await call(page, "GET", "/api/v1/accounts/verify_credentials")
    posted = await call(page, "GET", f"/api/v1/accounts/{account['id']}/statuses")
    assert [one["spoiler_text"] for one in posted] == ["Birds"] * 3
    assert [one["in_reply_to_id"] for one in posted] == [posted[1]["id"], posted[2]["id"], None]
    assert [one["description"] for one in posted[0]["media_attachments"]] == ["Reeds"]


async def test_files_stand_in_the_order_they_are_put_into_and_an_emoji_is_picked_by_keys(
    service: Service, signed_in: OpenWindow
):
    page = await signed_in(service.person("otto"))
    field = await _compose(page)
    await field.fill("A and C")
    await page.locator("input[type=file]").set_input_files([_photo(), _photo(), _photo()])
    for number, words in enumerate(("first", "second", "third"), start=1):
        await page.get_by_role("button", name=f"Describe file {number} of 3").click()
        await page.get_by_label("Description", exact=True).fill(words)
        await page.get_by_role("button", name="Done").click()
    later = page.get_by_role("button", name="Move file 1 of 3 later")
    await later.press("Enter")
    await expect(page.get_by_role("button", name="Move file 2 of 3 later")).to_be_focused()
    await expect(page.get_by_text("Now file 2 of 3")).to_be_attached()
    pictures = page.get_by_role("list", name="Photos and videos").get_by_role("listitem")
    await pictures.nth(2).drag_to(pictures.nth(0))
    await expect(pictures.nth(0).get_by_alt_text("third")).to_be_visible()
    await field.evaluate("field => field.setSelectionRange(2, 2)")
    await page.get_by_role("button", name="Emoji").click()
    search = page.get_by_label("Search emojis")
    await expect(search).to_be_focused()
    await axe(page)
    await search.fill("bird")
    await search.press("ArrowDown")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("A 🐦️and C")
    await expect(field).to_be_focused()
    await page.get_by_role("button", name="Emoji").click()
    await expect(page.get_by_role("rowgroup", name="Used lately").get_by_role("button")).to_have_count(1)
    await page.keyboard.press("Escape")
    await field.press("Control+Enter")
    tweet = _tweet(page, "and C")
    await expect(tweet).to_be_visible()
    account = await call(page, "GET", "/api/v1/accounts/verify_credentials")
    (posted,) = await call(page, "GET", f"/api/v1/accounts/{account['id']}/statuses")
    assert [one["description"] for one in posted["media_attachments"]] == ["third", "second", "first"]


async def test_a_video_is_converted_and_shown_and_its_author_takes_it_out_of_a_quote(
    service: Service, signed_in: OpenWindow, tmp_path: Path
):
    page = await signed_in(service.person("paula"))
    field = await _compose(page)
    await field.fill("Flying past")
    film = FilePayload(name="rooks.mp4", mimeType="video/mp4", buffer=samples.video(tmp_path / "rooks.mp4"))
    await page.locator("input[type=file]").set_input_files(film)
    await page.get_by_role("button", name="Describe file 1 of 1").click()
    await page.get_by_label("Description", exact=True).fill("Rooks in flight")
    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("button", name="change the description of file 1 of 1")).to_be_focused()
    await page.keyboard.press("Control+Enter")
    shown = _tweet(page, "Flying past").locator("video")
    await expect(shown).to_have_attribute("aria-label", "Rooks in flight")
    await expect(shown).to_have_attribute("poster", re.compile("http"))
    account = await call(page, "GET", "/api/v1/accounts/verify_credentials")
    (posted,) = await call(page, "GET", f"/api/v1/accounts/{account['id']}/statuses")
    other = await signed_in(service.person("quirin"))
    quote = {"status": "Look at them", "quoted_status_id": posted["id"]}
    quoting = await call(other, "POST", "/api/v1/statuses", quote)
    await page.goto(f"/@{quoting['account']['acct']}/{quoting['id']}")
    tweet = _tweet(page, "Look at them")
    await expect(tweet.get_by_text("Flying past")).to_be_visible()
    await _choose(page, tweet.first, "Take my tweet out of this quote")
    await expect(page.get_by_text("Your tweet is not quoted there any more.")).to_be_visible()
    await expect(tweet.get_by_text("Flying past")).to_have_count(0)
