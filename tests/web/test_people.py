"""People and conversations in the web client: profiles, threads, photos and lists, and a place that is never lost."""

import asyncio
from typing import Any, Final

from playwright.async_api import Locator, Page, Route, expect

from tests import samples
from tests.web.conftest import PHONE, OpenWindow, Service, axe

TOP: Final = "element => element.getBoundingClientRect().top"
TWO_FRAMES: Final = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Person:
    """Somebody who speaks to the service by its API."""

    def __init__(self, service: Service, page: Page, name: str) -> None:
        self.name = service.person(name)
        self._page = page
        scopes = ("--scopes", "read write follow")
        self._token = service.command("token", "create", self.name, *scopes).strip()

    async def ask(self, method: str, path: str, **given: Any) -> Any:
        """Return the answer to a request."""
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = await self._page.request.fetch(path, method=method, headers=headers, **given)
        assert answer.ok, await answer.text()
        return await answer.json()

    async def tweet(self, text: str, **more: Any) -> str:
        """Post a tweet; return its id."""
        return (await self.ask("POST", "/api/v1/statuses", data={"status": text, **more}))["id"]

    async def follow(self, other: "Person") -> None:
        """Follow somebody."""
        found = await self.ask("GET", f"/api/v1/accounts/lookup?acct={other.name}")
        await self.ask("POST", f"/api/v1/accounts/{found['id']}/follow")

    async def photo(self, description: str) -> str:
        """Upload a photo of 96 by 64 pixels; return its id."""
        file = {"name": "dusk.png", "mimeType": "image/png", "buffer": samples.photo((96, 64), form="PNG")}
        sent = await self.ask("POST", "/api/v1/media", multipart={"file": file, "description": description})
        return sent["id"]


def _tweet(page: Page, text: str) -> Locator:
    return page.get_by_role("article").filter(has_text=text)


async def test_whom_one_follows_is_heard_of_at_home(service: Service, signed_in: OpenWindow):
    page = await signed_in(service.person("ada"))
    bob = Person(service, page, "bob")
    await page.goto(f"/@{bob.name}")
    follow = page.get_by_role("button", name=f"Follow, @{bob.name}")
    await follow.click()
    await expect(page.get_by_role("button", name=f"Following, @{bob.name}")).to_be_visible()
    await expect(page.get_by_role("link", name="1 follower")).to_be_visible()
    await page.get_by_role("link", name="Home").first.click()
    await expect(page.get_by_text("Nobody here yet.")).to_be_visible()
    await bob.tweet("Bob is in town")
    await page.reload()
    await expect(_tweet(page, "Bob is in town")).to_be_visible()
    await bob.tweet("Bob has arrived")
    await page.get_by_role("button", name="1 new tweet").click()
    await expect(_tweet(page, "Bob has arrived")).to_be_visible()


async def test_a_thread_opens_at_its_tweet_which_does_not_move_when_the_others_come(
    service: Service, signed_in: OpenWindow
):
    page = await signed_in(service.person("ada"), viewport=PHONE)
    bob, cleo = Person(service, page, "bob"), Person(service, page, "cleo")
    chain = [await bob.tweet("Part 0")]
    for part in range(1, 10):
        chain.append(await bob.tweet(f"Part {part}", in_reply_to_id=chain[-1]))
    await cleo.tweet("A word of Cleo's", in_reply_to_id=chain[6])
    known = asyncio.Event()

    async def later(route: Route) -> None:
        await known.wait()
        await route.continue_()

    await page.route("**/context", later)
    await page.goto(f"/@{bob.name}/{chain[6]}")
    focused = page.locator("[data-focus]")
    await expect(focused).to_contain_text("Part 6")
    before = await focused.evaluate(TOP)
    known.set()
    await expect(_tweet(page, "Part 0")).to_be_attached()
    await page.evaluate(TWO_FRAMES)
    assert await focused.evaluate(TOP) == before
    assert await page.evaluate("scrollY") > 0
    read = await page.get_by_role("article").all_inner_texts()
    parts = [next(line for line in text.split("\n") if line.startswith(("Part", "A word"))) for text in read]
    assert parts == [*(f"Part {part}" for part in range(10)), "A word of Cleo's"]
    await page.get_by_role("button", name=f"Reply to @{bob.name}").click()
    await page.get_by_label("What is happening?").press_sequentially("An answer")
    await page.get_by_role("dialog").get_by_role("button", name="Post", exact=True).click()
    await expect(_tweet(page, "An answer")).to_be_visible()
    assert await focused.evaluate(TOP) == before
    await axe(page)


async def test_photos_are_looked_at_by_keys_and_left_by_going_back(service: Service, signed_in: OpenWindow):
    page = await signed_in(service.person("ada"))
    bob = Person(service, page, "bob")
    photos = [await bob.photo("Reeds"), await bob.photo("Gulls above the wall")]
    written = await bob.tweet("Two photos", media_ids=photos)
    await page.goto(f"/@{bob.name}/{written}")
    first = page.get_by_role("button", name="Open photo 1: Reeds")
    await first.press("Enter")
    viewer = page.get_by_role("dialog", name="Photos")
    await expect(viewer.get_by_role("note")).to_have_text("Reeds")
    await page.keyboard.press("ArrowRight")
    await expect(viewer.get_by_role("note")).to_have_text("Gulls above the wall")
    await expect(page).to_have_url(f"{service.url}/@{bob.name}/{written}?photo={written}.2")
    await viewer.get_by_role("button", name="Previous photo").click()
    await expect(viewer.get_by_role("note")).to_have_text("Reeds")
    await page.go_back()
    await expect(viewer).to_have_count(0)
    await expect(page).to_have_url(f"{service.url}/@{bob.name}/{written}")
    await expect(first).to_be_focused()
    await first.press("Enter")
    await expect(viewer).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(viewer).to_have_count(0)
    await expect(page).to_have_url(f"{service.url}/@{bob.name}/{written}")
    await expect(first).to_be_focused()


async def test_a_visit_to_a_profile_costs_no_pixel_of_ones_place(service: Service, signed_in: OpenWindow):
    page = await signed_in(service.person("ada"))
    bob, cleo = Person(service, page, "bob"), Person(service, page, "cleo")
    for number in range(40):
        await bob.tweet(f"Number {number} " + "and so on " * (number % 7))
    await cleo.follow(bob)
    await page.goto(f"/@{bob.name}")
    await expect(_tweet(page, "Number 39")).to_be_visible()
    await page.mouse.move(600, 500)
    await page.mouse.wheel(0, 1800)
    row = _tweet(page, "Number 25 ")
    await row.scroll_into_view_if_needed()
    await page.evaluate(TWO_FRAMES)
    before = await row.evaluate(TOP)
    await row.get_by_role("link", name=bob.name).first.focus()
    await row.locator("a.when").click()
    await expect(page.locator("[data-focus]")).to_contain_text("Number 25")
    await page.locator("[data-focus]").get_by_role("link", name=bob.name).first.click()
    await expect(page.get_by_role("link", name="1 follower")).to_be_visible()
    await page.go_back()
    await expect(page.locator("[data-focus]")).to_contain_text("Number 25")
    await page.go_back()
    await expect(row).to_be_visible()
    await expect(row.locator("a.when")).to_be_focused()
    assert await row.evaluate(TOP) == before


async def test_who_is_blocked_is_gone_and_can_be_let_in_again(service: Service, signed_in: OpenWindow):
    page = await signed_in(service.person("ada"))
    bob = Person(service, page, "bob")
    await bob.tweet("Something rude")
    await page.goto(f"/@{bob.name}")
    await expect(_tweet(page, "Something rude")).to_be_visible()
    await axe(page)
    await page.get_by_role("button", name=f"More about @{bob.name}").click()
    await page.get_by_role("menuitem", name=f"Block @{bob.name}").click()
    await expect(page.get_by_text(f"You have blocked @{bob.name}.")).to_be_visible()
    await expect(_tweet(page, "Something rude")).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(_tweet(page, "Something rude")).to_be_visible()
    await page.goto("/@nobody_of_this_name")
    await expect(page.get_by_text("Nobody goes by the name @nobody_of_this_name here")).to_be_visible()


async def test_a_list_becomes_a_tab_of_home(service: Service, signed_in: OpenWindow):
    page = await signed_in(service.person("ada"))
    bob = Person(service, page, "bob")
    await bob.tweet("News of the harbour")
    await page.goto(f"/@{bob.name}")
    await page.get_by_role("button", name=f"Follow, @{bob.name}").click()
    await expect(page.get_by_role("button", name=f"Following, @{bob.name}")).to_be_visible()
    await page.goto("/lists")
    await page.get_by_label("Name of a new list").fill("Harbour")
    await page.get_by_role("button", name="Make").click()
    await page.get_by_label("Search among those you follow").fill(bob.name)
    await page.get_by_role("button", name=f"Add @{bob.name}").click()
    await expect(page.get_by_role("button", name=f"Remove @{bob.name}").first).to_be_visible()
    await axe(page)
    await page.get_by_role("button", name="Close").click()
    await expect(_tweet(page, "News of the harbour")).to_be_visible()
    await page.get_by_role("button", name="Show as a tab of Home").click()
    await page.get_by_role("link", name="Home").first.click()
    await page.get_by_role("button", name="Harbour", exact=True).click()
    await expect(_tweet(page, "News of the harbour")).to_be_visible()


async def test_what_one_says_of_oneself_is_kept_until_it_is_saved(service: Service, signed_in: OpenWindow):
    name = service.person("ada")
    page = await signed_in(name)
    await page.goto(f"/@{name}")
    await page.get_by_role("link", name="Edit profile").click()
    await page.get_by_label("Name", exact=True).fill("Ada of the Reeds")
    await page.get_by_role("button", name="Add a field").click()
    await page.get_by_label("Name of field 1").fill("Town")
    await page.get_by_label("Content of field 1").fill("Reedham")
    await axe(page)
    await page.get_by_role("link", name="Home").first.click()
    await expect(page.get_by_role("heading", name="Home")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Ada of the Reeds")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="Ada of the Reeds")).to_be_visible()
    await expect(page.get_by_text("Reedham")).to_be_visible()
