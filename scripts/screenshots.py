"""Write docs/screenshots/: the main pages of the web client over the town of `rookery demo`.

Each page is taken on a phone and on a desktop, in the light and in the dark theme.
"""

import asyncio
import io
import json
import os
import secrets
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from tests.browser import program
from tests.processes import ROOKERY, Process, environment
from tests.web.conftest import DESKTOP, PHONE, sign_in

FOLDER: Final = Path(__file__).parent.parent / "docs" / "screenshots"
SIZES: Final = {"phone": PHONE, "desktop": DESKTOP}
THEMES: Final = ("light", "dark")
QUALITY: Final = 80
PATIENCE_MS: Final = 60_000
FONTS: Final = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include>/etc/fonts/fonts.conf</include>
  <match target="pattern">
    <test qual="any" name="family"><string>system-ui</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Noto Sans</string></edit>
  </match>
  <match target="pattern">
    <test qual="any" name="family"><string>sans-serif</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Noto Sans</string></edit>
  </match>
</fontconfig>
"""
"""Debian's usual font is wider than what phones and desktops have."""
SETTLED_MS: Final = 700
"""How long what appears may go on moving."""


def main() -> None:
    """Fill a service and take the pictures."""
    with tempfile.TemporaryDirectory(prefix="rookery-screenshots-") as name:
        folder = Path(name)
        settings = {"database_url": f"sqlite:///{folder}/town.db", "rate_limits": "off"}
        password = secrets.token_urlsafe(12)
        print("The town comes to life …", flush=True)
        said = _command(folder, settings, "demo", "--password-stdin", text=f"{password}\n")
        clerk = said.partition("Sign in as ")[2].partition(",")[0]
        token = _command(folder, settings, "token", "create", clerk, "--scopes", "read").split()[-1]
        fonts = folder / "fonts.conf"
        fonts.write_text(FONTS)
        with Process(folder, **settings) as process:
            asyncio.run(_take_all(process.url, clerk, password, token, fonts))


def _command(folder: Path, settings: dict[str, str], *arguments: str, text: str = "") -> str:
    done = subprocess.run(
        [ROOKERY, *arguments],
        cwd=folder,
        env=environment(**settings),
        input=text,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"rookery {arguments[0]} failed")
    return done.stdout


def _asked(url: str, token: str) -> list[dict[str, Any]]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310  our own
    with urllib.request.urlopen(request) as answer:  # noqa: S310  our own
        return json.load(answer)


def _pages(url: str, clerk: str, token: str) -> dict[str, str]:
    """Return the paths of the pages to take, by name: of the tweets and profiles the ones that show most."""
    tweets = _asked(f"{url}/api/v1/timelines/home?limit=40", token)
    answered = max(tweets, key=lambda tweet: tweet["replies_count"])
    pictured = max(tweets, key=lambda tweet: (len(tweet["media_attachments"]), tweet["favourites_count"]))
    author = pictured["account"]["acct"]
    return {
        "home": "/",
        "tweet": f"/@{answered['account']['acct']}/{answered['id']}",
        "profile": f"/@{author}",
        "explore": "/explore",
        "notifications": "/notifications",
        "messages": "/messages",
        "own-profile": f"/@{clerk}",
    }


async def _take_all(url: str, clerk: str, password: str, token: str, fonts: Path) -> None:
    pages = _pages(url, clerk, token)
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program(),
            args=["--no-sandbox"],
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
        )
        for size in SIZES:
            for theme in THEMES:
                page = await _window(browser, url, size, theme)
                await _take(page, "/", f"start-{size}-{theme}")
                await sign_in(page, clerk, password)
                for name, path in pages.items():
                    await _take(page, path, f"{name}-{size}-{theme}")
                await page.context.close()
        await browser.close()


async def _window(browser: Browser, url: str, size: str, theme: str) -> Page:
    options: Any = {"viewport": SIZES[size], "color_scheme": theme, "reduced_motion": "reduce"}
    context = await browser.new_context(
        base_url=url,
        locale="en-GB",
        device_scale_factor=2 if size == "phone" else 1,
        has_touch=size == "phone",
        is_mobile=size == "phone",
        **options,
    )
    context.set_default_timeout(PATIENCE_MS)
    return await context.new_page()


async def _take(page: Page, path: str, name: str) -> None:
    await page.goto(path)
    await page.wait_for_load_state("networkidle")
    await page.wait_for_timeout(SETTLED_MS)
    with Image.open(io.BytesIO(await page.screenshot())) as picture:
        file = FOLDER / f"{name}.webp"
        picture.convert("RGB").save(file, quality=QUALITY, method=6)
    print(f"{file.relative_to(FOLDER.parent.parent)} {file.stat().st_size // 1000} kB", flush=True)


if __name__ == "__main__":
    main()
