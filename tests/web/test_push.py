"""Web Push in the web client: from what somebody does, by a push service, to a notification and the page that it opens."""

import asyncio
import json
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest
import pytest_asyncio
from playwright import async_api as playwright
from playwright.async_api import Page, expect

from tests import browser as chromium
from tests.push_service import Browser, PushService
from tests.web.conftest import OpenWindow, Service, Window, call, launched

SUBSCRIBED = """({endpoint, keys}) => {
    // This browser's maker is out of reach: the push service of the test stands in its place.
    const made = {endpoint, toJSON: () => ({endpoint, keys}), unsubscribe: async () => {
        delete localStorage["push.test"];
        return true;
    }};
    PushManager.prototype.getSubscription = async () => localStorage["push.test"] ? made : null;
    PushManager.prototype.subscribe = async ({userVisibleOnly, applicationServerKey}) => {
        if (!userVisibleOnly || !applicationServerKey) throw new DOMException("no", "NotAllowedError");
        localStorage["push.test"] = "1";
        return made;
    };
}"""
SHOWN = """async () => {
    const {registration} = self;
    return (await registration.getNotifications()).map(({title, body, lang, dir}) => ({title, body, lang, dir}));
}"""
CLICK = """async () => {
    const [notification] = await self.registration.getNotifications();
    const event = new NotificationEvent("notificationclick", {notification});
    let work;
    event.waitUntil = (given) => (work = given);
    self.dispatchEvent(event);
    // No hand has pressed: the browser gives no window the focus for it.
    await work.catch((error) => { if (error.name !== "InvalidAccessError") throw error; });
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncGenerator[playwright.Browser]:
    """The browser with its windows: only that one notifies anybody."""
    async with launched(chromium.program) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def push_service(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[PushService]:
    """A push service over HTTPS."""
    async with PushService(tmp_path_factory.mktemp("push")) as running:
        yield running


@pytest.fixture(scope="module")
def more_settings(push_service: PushService) -> Generator[dict[str, str]]:
    """Let the service push to this machine, and trust the push service."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(push_service.certificate))
        yield {"push_private_addresses": "on"}


async def deliver(page: Page, message: dict[str, Any]) -> None:
    """Hand a decrypted message to the page's worker, as the browser's end of a push service does."""
    session = await page.context.new_cdp_session(page)
    known: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def note(told: dict[str, Any]) -> None:
        for one in told["registrations"]:
            if not known.done():
                known.set_result(one["registrationId"])

    session.on("ServiceWorker.workerRegistrationUpdated", note)
    await session.send("ServiceWorker.enable")
    origin = await page.evaluate("location.origin")
    asked = {"origin": origin, "registrationId": await known, "data": json.dumps(message)}
    await session.send("ServiceWorker.deliverPushMessage", asked)
    await session.detach()


async def notifications(page: Page, *, title: str) -> list[dict[str, Any]]:
    """Wait until a notification of this title stands there; return all there are."""
    shown: list[dict[str, Any]] = []
    while title not in [one["title"] for one in shown]:
        shown = await page.context.service_workers[0].evaluate(SHOWN)
    return shown


async def test_a_favorite_becomes_a_notification_that_leads_to_the_tweet(
    service: Service, signed_in: OpenWindow, push_service: PushService
):
    wren, robin = service.person("wren"), service.person("robin")
    keys = Browser()
    reader, other = await signed_in(wren, permissions=["notifications"]), await signed_in(robin)
    endpoint = {"endpoint": f"{push_service.origin}/{wren}", "keys": keys.keys}
    await reader.add_init_script(f"({SUBSCRIBED})({json.dumps(endpoint)})")
    await reader.evaluate("localStorage['rookery.language'] = 'de'")
    await reader.goto("/settings/notifications")
    await reader.get_by_role("button", name="Einschalten").click()
    await expect(reader.get_by_text("Dieses Gerät hört Mitteilungen")).to_be_visible()
    await reader.reload()
    await expect(reader.get_by_role("button", name="Ausschalten")).to_be_visible()

    tweet = await call(reader, "POST", "/api/v1/statuses", {"status": "Seeds at the brook"})
    await call(other, "POST", f"/api/v1/statuses/{tweet['id']}/favourite")
    message = keys.read(await push_service.next())
    await reader.evaluate("navigator.serviceWorker.ready")
    title = f"Favorisiert von {robin}"
    for _ in range(2):  # push services may deliver twice
        await deliver(reader, message)
        (shown,) = await notifications(reader, title=title)
        assert (shown["body"], shown["lang"], shown["dir"]) == ("Seeds at the brook", "de", "auto")
    await reader.context.service_workers[0].evaluate(CLICK)
    await expect(reader).to_have_url(f"{service.url}/@{wren}/{tweet['id']}")
    await expect(reader.get_by_role("article").get_by_text("Seeds at the brook")).to_be_visible()

    await reader.goto("/settings/notifications")
    await reader.get_by_role("button", name="Ausschalten").click()
    await expect(reader.get_by_role("button", name="Einschalten")).to_be_visible()


async def test_who_cannot_be_notified_is_told_why(service: Service, window: Window, signed_in: OpenWindow):
    wren = service.person("wren")
    refusing = await signed_in(wren)
    await refusing.goto("/settings/notifications")
    await refusing.get_by_role("button", name="Turn on").click()
    await expect(refusing.get_by_text("You have refused notifications to this site")).to_be_visible()

    # This browser has no push service: it is of no maker's, and opened for one journey.
    willing = await signed_in(wren, permissions=["notifications"])
    await willing.goto("/settings/notifications")
    await willing.get_by_role("button", name="Turn on").click()
    await expect(willing.get_by_text("This browser could not reach its push service")).to_be_visible()
    await expect(willing.get_by_role("button", name="Turn on")).to_be_enabled()
    window.complaints[:] = [said for said in window.complaints if "incognito mode" not in said]

    await willing.add_init_script("delete globalThis.PushManager")
    await willing.reload()
    await expect(willing.get_by_text("This browser cannot be notified")).to_be_visible()
