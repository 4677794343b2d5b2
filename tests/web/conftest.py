"""Journeys in a real browser: a service of its own, people who sign in at the real pages, and a look at accessibility."""

import inspect
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from rookery.serving import WEB_CLIENT
from tests import browser as chromium
from tests.e2e.test_command_line import run
from tests.processes import Process
from tests.servers import ServerMissingError

HERE: Final = Path(__file__).parent
AXE: Final = HERE.parent.parent / "web" / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD: Final = "correct horse battery"
PATIENCE_MS: Final = 30_000
PHONE: Final = {"width": 390, "height": 844}
DESKTOP: Final = {"width": 1280, "height": 900}
WCAG_2_2_AA: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
ANIMATIONS_ENDED: Final = """() => Promise.allSettled(
    document.getAnimations()
        .filter(one => Number.isFinite(one.effect.getComputedTiming().endTime))
        .map(one => one.finished))"""
_numbers = itertools.count()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let all journeys run in one event loop: the browser lives in it."""
    for item in items:
        if HERE in item.path.parents and inspect.iscoroutinefunction(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


class Service:
    """A running service and the people who use it."""

    def __init__(self, folder: Path, process: Process, database_url: str) -> None:
        self.url = f"http://localhost:{process.port}"
        self._folder = folder
        self._database_url = database_url

    def command(self, *arguments: str, text: str = "") -> str:
        """Run a command of the service's; return what it prints."""
        done = run(
            self._folder,
            *arguments,
            text=text,
            database_url=self._database_url,
            base_url=self.url,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def person(self, name: str, *options: str) -> str:
        """Make somebody who can sign in, under a name of their own that begins like this; return the name."""
        username = f"{name}{next(_numbers)}"
        given = ("--email", f"{username}@example.org", "--password-stdin", *options)
        self.command("user", "create", username, *given, text=f"{PASSWORD}\n")
        return username


@pytest.fixture(scope="module")
def more_settings() -> dict[str, str]:
    """Settings of the service that a module needs besides the usual ones."""
    return {}


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, more_settings: dict[str, str]
) -> Generator[Service]:
    """`rookery serve` with a database of its own, shared by the journeys of a module."""
    if not (WEB_CLIENT / "index.html").is_file():
        pytest.fail("the web client is not built: run sh scripts/build_web", pytrace=False)
    folder = tmp_path_factory.mktemp("service")
    database = folder / "rookery.db"
    database.write_bytes(sqlite_template.read_bytes())
    settings = {
        "database_url": f"sqlite:///{database}",
        "rate_limits": "off",
        "base_url": "http://localhost:{port}",
        **more_settings,
    }
    with Process(folder, **settings) as process:
        yield Service(folder, process, settings["database_url"])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncGenerator[Browser]:
    """Debian's Chromium, without windows of its own."""
    async with launched(chromium.windowless_program) as running:
        yield running


@asynccontextmanager
async def launched(program: Callable[[], str]) -> AsyncGenerator[Browser]:
    """Start a browser that lies there; without one the test fails with a sentence."""
    try:
        lies_at = program()
    except ServerMissingError as error:
        pytest.fail(str(error), pytrace=False)
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=lies_at, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield running
        await running.close()


class Window:
    """Opens windows: each is a browser of its own, in which nobody has signed in yet."""

    def __init__(self, browser: Browser, service: Service) -> None:
        self._browser = browser
        self._service = service
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        """What pages have logged as errors, breaches of their Content-Security-Policy for one."""

    async def __call__(self, **options: Any) -> Page:
        """Open a window; options are those of Playwright's `new_context`."""
        given: dict[str, Any] = {
            "viewport": DESKTOP,
            "base_url": self._service.url,
            "locale": "en-GB",
            **options,
        }
        context = await self._browser.new_context(**given)
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(PATIENCE_MS)
        self._contexts.append(context)
        page = await context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _note(self, said: ConsoleMessage) -> None:
        # That the server has refused something, or was out of reach, is no fault of the page.
        refused = said.text.startswith(("Failed to load resource", "WebSocket connection to"))
        if said.type == "error" and not refused:
            self.complaints.append(said.text)

    async def close(self) -> None:
        """Close them all."""
        for context in self._contexts:
            await context.close()


OpenWindow: TypeAlias = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser, service: Service) -> AsyncGenerator[Window]:
    """Open windows with `await window()`; the test fails when a page complains."""
    opened = Window(browser, service)
    yield opened
    await opened.close()
    assert opened.complaints == []


@pytest.fixture
def signed_in(window: Window) -> OpenWindow:
    """Open a window and sign somebody in at the real pages: `page = await signed_in(name)`."""

    async def open_window(username: str, **options: Any) -> Page:
        page = await window(**options)
        await sign_in(page, username)
        return page

    return open_window


async def sign_up(page: Page, name: str) -> None:
    """Fill the form of newcomers in, and send it."""
    await page.get_by_label("User name").fill(name)
    await page.get_by_label("E-mail address").fill(f"{name}@example.org")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_label("Date of birth").fill("1990-05-01")
    await page.get_by_role("button", name="Sign up").click()


async def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Sign in by the form; afterwards the client shows the user's own home."""
    await page.goto("/auth/sign_in")
    await page.get_by_label("User name or e-mail address").fill(username)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("button", name=f"Account @{username}")).to_be_visible()
    await expect(page.get_by_role("heading", name="Home")).to_be_visible()


async def call(page: Page, method: str, path: str, body: object = None) -> Any:
    """Call the API as whoever is signed in in a window, beside the page; return the answer."""
    asked = {"method": method, "path": path, "body": body}
    return await page.evaluate(
        """async ({method, path, body}) => {
            const headers = {Authorization: `Bearer ${localStorage["rookery.token"]}`, "Content-Type": "application/json"};
            const answer = await fetch(path, {method, headers, body: body && JSON.stringify(body)});
            if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
            return answer.json();
        }""",
        asked,
    )


async def post(page: Page, text: str, **more: Any) -> None:
    """Post as whoever is signed in in a window, beside the page."""
    await call(page, "POST", "/api/v1/statuses", {"status": text, **more})


async def axe(page: Page, *, only: tuple[str, ...] = ()) -> None:
    """Assert that axe-core finds nothing to object to in the page, of all it knows or by these rules only."""
    if not AXE.is_file():
        pytest.fail("axe-core is missing: run sh scripts/build_web", pytrace=False)
    # Through the debugger: the page's own policy lets no other script in.
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    # What is still fading in has less contrast than it will have.
    await page.evaluate(ANIMATIONS_ENDED)
    asked = {"type": "rule", "values": list(only)} if only else {"type": "tag", "values": list(WCAG_2_2_AA)}
    options = {"runOnly": asked, "resultTypes": ["violations"]}
    found = await page.evaluate("options => axe.run(document, options)", options)
    said = [
        f"{one['id']} ({one['impact']}): {one['help']}\n"
        + "\n".join(f"    {node['html']}\n      {node['failureSummary']}" for node in one["nodes"])
        for one in found["violations"]
    ]
    assert not said, f"{page.url}\n" + "\n".join(said)
