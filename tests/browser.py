"""A real browser, driven through its DevTools protocol (https://chromedevtools.github.io/devtools-protocol/)."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect

from tests.servers import ServerFailedError, ServerMissingError, end_with_parent, wait_until

PATIENCE_S: Final = 30.0
POLL_S: Final = 0.05
MESSAGE_BYTES_MAX: Final = 50_000_000


def program() -> str:
    """Return where the browser lies."""
    return _found("chromium", "chromium-browser", "google-chrome")


def windowless_program() -> str:
    """Return where the same browser lies without windows of its own: half the work, and no notifications."""
    return _found("chromium-headless-shell")


def _found(*names: str) -> str:
    for name in names:
        if found := shutil.which(name):
            return found
    raise ServerMissingError(f"the browser is missing; install Debian's package: apt-get install {names[0]}")


class Tab:
    """One page of the browser."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._session: str | None = None
        self._number = 0
        self.complaints: list[str] = []
        """What the page has logged as an error, breaches of its Content-Security-Policy for one."""

    async def open(self) -> None:
        """Open an empty page."""
        target = await self.call("Target.createTarget", url="about:blank")
        session = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = session["sessionId"]
        await self.call("Page.enable")
        await self.call("Log.enable")

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give a command and return its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        await self._connection.send(json.dumps(message))
        while True:
            answer = json.loads(await asyncio.wait_for(self._connection.recv(), PATIENCE_S))
            if answer.get("method") == "Log.entryAdded" and answer["params"]["entry"]["level"] == "error":
                self.complaints.append(answer["params"]["entry"]["text"])
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return answer["result"]

    async def value(self, expression: str) -> Any:
        """Return what an expression of JavaScript says in the page."""
        result = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])
        return result["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until an expression is true in the page, which may be another one by then."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not await self._holds(expression):  # noqa: ASYNC110  the page cannot call us
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            shown = await self.value("location.href + '\\n' + document.body.innerText")
            raise AssertionError(f"never became true: {expression}\n{shown}\n{self.complaints}") from None

    async def _holds(self, expression: str) -> bool:
        try:
            return await self.value(f"Boolean({expression})")
        except RuntimeError:
            # The page was just leaving.
            return False

    async def visit(self, url: str) -> None:
        """Go to an address and wait until the page is there."""
        await self.call("Page.navigate", url=url)
        await self.until(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    async def fill(self, selector: str, text: str) -> None:
        """Fill in a field."""
        await self.value(f"document.querySelector({json.dumps(selector)}).value = {json.dumps(text)}")

    async def press(self, selector: str) -> None:
        """Press a button that is to be seen."""
        await self.until(f"document.querySelector({json.dumps(selector)})?.checkVisibility()")
        await self.value(f"document.querySelector({json.dumps(selector)}).click()")

    async def shows(self, text: str) -> None:
        """Wait until the page shows a text."""
        await self.until(
            f"document.readyState === 'complete' && document.body.innerText.includes({json.dumps(text)})"
        )


@asynccontextmanager
async def opened_tab(folder: Path) -> AsyncGenerator[Tab]:
    """Start a browser with an empty profile in this folder and open a page."""
    command = [program(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    command += ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
    command += [f"--user-data-dir={folder}", "--remote-debugging-port=0", "about:blank"]
    process = subprocess.Popen(  # noqa: ASYNC220  nothing else waits here
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=end_with_parent,  # noqa: PLW1509  only a system call
    )
    try:
        written = folder / "DevToolsActivePort"
        if not wait_until(lambda: written.exists() and "/" in written.read_text(), timeout_s=PATIENCE_S):
            raise ServerFailedError("the browser did not start")
        port, path = written.read_text().split()
        async with connect(f"ws://127.0.0.1:{port}{path}", max_size=MESSAGE_BYTES_MAX) as connection:
            tab = Tab(connection)
            await tab.open()
            yield tab
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
