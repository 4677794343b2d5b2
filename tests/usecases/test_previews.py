"""Previews of links: what is fetched from pages that mean well, and from those that do not."""

import asyncio
import gzip
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from rookery import tasks
from rookery.domain.previews import Preview
from rookery.domain.tweets import Visibility
from rookery.engines.previews import (
    PAGE_BYTES_MAX,
    PICTURE_BYTES_MAX,
    REDIRECTS_MAX,
    HttpPreviewFetcher,
)
from rookery.engines.public_addresses import is_public
from rookery.usecases.edits import edit_tweet
from rookery.usecases.previews import fetch_preview
from rookery.usecases.tweets import delete_tweet, get_tweet
from tests import samples
from tests.conftest import OpenWorld
from tests.world import World

Write = Callable[[bytes], Awaitable[None]]
PAGE = """<html lang="en-GB"><head><title>Plain</title><meta property="og:title" content="Rooks\u202e &amp;
crows"><meta name="description" content="<b>Birds</b>"><meta property="og:site_name" content="Nest"></head></html>"""


class Site:
    """A web server that answers as it is told, and counts who asks for what."""

    def __init__(self) -> None:
        self.address = ""
        self.asked: list[str] = []
        self.answers: dict[str, Callable[[Write], Awaitable[None]]] = {}

    def says(
        self, path: str, body: bytes | str, *, status: str = "200 OK", kind: str = "text/html", more: str = ""
    ) -> str:
        """Let a path answer this; return its address."""
        content = body.encode() if isinstance(body, str) else body
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n{more}\r\n"

        async def answer(write: Write) -> None:
            await write(head.encode() + content)

        self.answers[path] = answer
        return self.address + path

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def write(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        try:
            path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
            self.asked.append(path)
            await self.answers[path](write)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def site() -> AsyncGenerator[Site]:
    """A web server on loopback."""
    found = Site()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield found
    server.close()


@asynccontextmanager
async def fetching(
    *, private_addresses: bool = True, timeout_s: float = 30
) -> AsyncGenerator[HttpPreviewFetcher]:
    fetcher = HttpPreviewFetcher(private_addresses=private_addresses, timeout_s=timeout_s)
    yield fetcher
    await fetcher.close()


async def fetched(url: str) -> Preview | None:
    async with fetching() as fetcher:
        return await fetcher.fetch(url)


async def test_a_page_is_told_of_in_plain_text(site: Site):
    found = await fetched(site.says("/page?a=b", PAGE))
    assert found == Preview(
        title="Rooks & crows", description="<b>Birds</b>", provider_name="Nest", language="en"
    )
    assert await fetched(site.says("/bare", "<title>Only this</title>")) == Preview(
        title="Only this", provider_name="127.0.0.1"
    )
    assert await fetched(site.says("/none", "<p>Nothing")) is None
    long = await fetched(site.says("/long", f"<title>{'a' * 5_000}</title>"))
    assert long is not None
    assert len(long.title) == 200


async def test_linked_data_and_oembed_are_understood(site: Site):
    data = '{"@type":"Article","headline":"Nests","author":[{"name":"Ada"}],"publisher":{"name":"Daily"}}'
    found = await fetched(site.says("/ld", f'<script type="application/ld+json">{data}</script>'))
    assert found is not None
    assert (found.title, found.author_name, found.provider_name) == ("Nests", "Ada", "Daily")
    site.says(
        "/oembed",
        '{"title":"Flight","author_name":"Bob","author_url":"javascript:x"}',
        kind="application/json",
    )
    found = await fetched(site.says("/video", '<link type="application/json+oembed" href="/oembed">'))
    assert found is not None
    assert (found.title, found.author_name, found.author_url) == ("Flight", "Bob", "")
    broken = '<title>Fine</title><script type="application/ld+json">{"a":</script>'
    assert await fetched(site.says("/broken", broken)) is not None


@pytest.mark.parametrize(
    ("kind", "body", "title"),
    [
        ("text/html; charset=windows-1251", "<title>Грач</title>".encode("cp1251"), "Грач"),
        (
            "text/html",
            '<meta charset="shift_jis"><title>ミヤマガラス</title>'.encode("shift_jis"),
            "ミヤマガラス",
        ),
        ("text/html; charset=utf-8", b"<title>R\xffk</title>", "R\N{REPLACEMENT CHARACTER}k"),
        ("text/html; charset=punycode", b"<title>Rook</title>", "Rook"),
        ("text/html; charset=nonsense", b"<title>Rook</title>", "Rook"),
    ],
)
async def test_a_page_is_read_in_its_own_charset_or_a_harmless_one(
    site: Site, kind: str, body: bytes, title: str
):
    found = await fetched(site.says("/page", body, kind=kind))
    assert found is not None
    assert found.title == title


async def test_what_is_no_page_is_left_alone(site: Site):
    for kind in ("image/png", "application/pdf", "text/plain", ""):
        assert await fetched(site.says("/file", "<title>No</title>", kind=kind)) is None
    assert await fetched(site.says("/gone", "<title>No</title>", status="404 Not Found")) is None
    for packed in ("br", "deflate", "gzip"):
        url = site.says("/packed", "<title>No</title>", more=f"Content-Encoding: {packed}\r\n")
        assert await fetched(url) is None
    assert await fetched("ftp://127.0.0.1/") is None
    assert await fetched("http://nobody.invalid/") is None


async def test_redirects_are_followed_and_end(site: Site):
    site.says("/page", PAGE)
    url = site.says("/old", "", status="301 Moved", more="Location: /page\r\n")
    assert await fetched(url) is not None
    site.asked.clear()
    loop = site.says("/loop", "", status="302 Found", more="Location: /loop\r\n")
    assert await fetched(loop) is None
    assert len(site.asked) == REDIRECTS_MAX + 1
    for target in ("file:///etc/passwd", "javascript:alert(1)", "//[", "http://\xe9.example/"):
        url = site.says("/odd", "", status="302 Found", more=f"Location: {target}\r\n")
        assert await fetched(url) is None


async def test_of_an_endless_page_the_beginning_is_read(site: Site):
    sent = 0

    async def endless(write: Write) -> None:
        nonlocal sent
        await write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Endless</title>")
        while True:
            await write(b" " * 65_536)
            sent += 65_536

    site.answers["/endless"] = endless
    found = await fetched(site.address + "/endless")
    assert found is not None
    assert found.title == "Endless"
    bomb = gzip.compress(b"<title>Bomb</title>" + b" " * (20 * PAGE_BYTES_MAX))
    found = await fetched(site.says("/bomb", bomb, more="Content-Encoding: gzip\r\n"))
    assert found is not None
    assert found.title == "Bomb"


async def test_a_page_that_drips_is_given_up(site: Site):
    async def drip(write: Write) -> None:
        await write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Slow</title>")
        while True:
            await write(b" ")
            await asyncio.sleep(0.05)

    site.answers["/drip"] = drip
    async with fetching(timeout_s=0.5) as fetcher:
        assert await fetcher.fetch(site.address + "/drip") is None


async def test_nothing_private_is_asked_not_even_by_another_name(site: Site):
    site.says("/page", PAGE)
    port = site.address.rpartition(":")[2]
    async with fetching(private_addresses=False) as fetcher:
        for host in (
            "127.0.0.1",
            "localhost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "0.0.0.0",
            "2130706433",
            "0x7f.1",
        ):
            assert await fetcher.fetch(f"http://{host}:{port}/page") is None
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    [
        *["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0"],
        *["224.0.0.1", "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1"],
    ],
)
def test_addresses_that_not_everybody_can_reach_are_known(address: str):
    assert not is_public(address)


def test_addresses_that_everybody_can_reach_are_known():
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")
    assert is_public("64:ff9b::5db8:d822")


PICTURED = """<title>Rooks</title><meta property="og:image" content="/rook.png">
<meta property="og:image:alt" content="A rook\u202e on a roof">"""


async def shown_card(world: World, tweet_id: int) -> dict[str, Any]:
    return (await world.anonymous().get(f"/api/v1/statuses/{tweet_id}")).json()["card"]


async def test_a_card_shows_the_pages_picture_which_comes_from_here(open_worlds: OpenWorld, site: Site):
    world = await open_worlds(link_previews="on", preview_private_addresses="on")
    ada, bob = await world.user("ada"), await world.user("bob")
    url = site.says("/page", PICTURED)
    site.says("/rook.png", samples.photo((1200, 900), form="PNG"), kind="image/png")
    first = (await world.tweet(ada, f"Look {url}")).tweet
    second = (await world.tweet(bob, f"Look {url}")).tweet
    await world.settle()
    assert site.asked == ["/page", "/rook.png"]
    card = await shown_card(world, first.id)
    assert (card["width"], card["height"], card["image_description"]) == (554, 415, "A rook on a roof")
    assert card["blurhash"]
    assert site.address not in card["image"]
    picture = await world.anonymous().get(urlsplit(card["image"]).path)
    assert picture.headers["Content-Type"] == "image/webp"
    assert (await shown_card(world, second.id))["image"] == card["image"]
    await delete_tweet(world.services, ada.id, first.id)
    await world.settle()
    assert (await shown_card(world, second.id))["image"] == card["image"]
    await delete_tweet(world.services, bob.id, second.id)
    await world.settle()
    assert (await world.anonymous().get(urlsplit(card["image"]).path)).status_code == 404
    for table in ("media", "media_files", "media_objects", "links", "link_previews"):
        assert not await world.rows(f"SELECT 1 FROM {table}"), table


async def test_a_page_that_is_fetched_anew_shows_its_new_picture_or_none(open_worlds: OpenWorld, site: Site):
    world = await open_worlds(link_previews="on", preview_private_addresses="on")
    ada = await world.user("ada")
    url = site.says("/page", PICTURED)
    site.says("/rook.png", samples.photo(), kind="image/png")
    tweet_id = (await world.tweet(ada, url)).tweet.id
    await world.settle()
    before = (await shown_card(world, tweet_id))["image"]
    world.advance(days=15)
    site.says("/rook.png", samples.photo(color=(0, 0, 200)), kind="image/png")
    await world.tweet(ada, f"Again {url}")
    await world.settle()
    after = (await shown_card(world, tweet_id))["image"]
    assert after not in {before, None}
    assert len(await world.rows("SELECT 1 FROM media_objects")) == 1
    world.advance(days=15)
    site.says("/rook.png", "gone", status="500 Oh")
    await world.tweet(ada, f"And again {url}")
    await world.settle()
    assert (await shown_card(world, tweet_id))["image"] == after
    world.advance(days=15)
    site.says("/page", "<title>Plain</title>")
    await world.tweet(ada, f"At last {url}")
    await world.settle()
    card = await shown_card(world, tweet_id)
    assert (card["title"], card["image"]) == ("Plain", None)
    assert not await world.rows("SELECT 1 FROM media_objects")


async def test_a_hostile_picture_costs_the_card_its_picture_only(
    open_worlds: OpenWorld, site: Site, tmp_path: Path
):
    world = await open_worlds(link_previews="on", preview_private_addresses="on")
    ada = await world.user("ada")
    pictures = {
        "not-a-picture": (b"<script>alert(1)</script>", "image/png"),
        "a-page": (samples.photo(), "text/html"),
        "a-drawing-that-runs": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        "a-video": (samples.video(tmp_path / "video.mp4"), "image/jpeg"),
        "cut-off": (samples.photo((640, 480))[:-200], "image/jpeg"),
        "a-bomb": (samples.photo((12_000, 12_000), mode="1", color=0, form="PNG"), "image/png"),
        "too-large": (b"\xff\xd8\xff" + bytes(PICTURE_BYTES_MAX), "image/jpeg"),
        "a-counter": (samples.photo((1, 1)), "image/jpeg"),
    }
    ids: dict[str, int] = {}
    for name, (content, kind) in pictures.items():
        site.says(f"/{name}.png", content, kind=kind)
        url = site.says(f"/{name}", f'<title>{name}</title><meta property="og:image" content="/{name}.png">')
        ids[name] = (await world.tweet(ada, url)).tweet.id
    for name, address in (
        ("a-script", "javascript:alert(1)"),
        ("a-file", "file:///etc/passwd"),
        ("odd", "//["),
    ):
        url = site.says(f"/{name}", f'<title>{name}</title><meta property="og:image" content="{address}">')
        ids[name] = (await world.tweet(ada, url)).tweet.id
    await world.settle()
    for name, tweet_id in ids.items():
        card = await shown_card(world, tweet_id)
        assert (card["title"], card["image"]) == (name, None)
    assert not await world.rows("SELECT 1 FROM media_objects")


async def test_pictures_of_links_take_no_room_that_is_not_there(open_worlds: OpenWorld, site: Site):
    world = await open_worlds(link_previews="on", preview_private_addresses="on")
    ada = await world.user("ada")
    url = site.says("/page", PICTURED)
    site.says("/rook.png", samples.photo(), kind="image/png")
    tweet_id = (await world.tweet(ada, url)).tweet.id
    [(link_id,)] = await world.rows("SELECT id FROM links")
    full = replace(world.services, limits=msgspec.structs.replace(world.services.limits, media_bytes_max=100))
    await fetch_preview(full, tasks.FetchPreview(link_id))
    assert (await shown_card(world, tweet_id))["title"] == "Rooks"
    assert (await shown_card(world, tweet_id))["image"] is None


async def test_an_edit_of_other_words_leaves_the_card_as_it_is(open_worlds: OpenWorld, site: Site):
    world = await open_worlds(link_previews="on", preview_private_addresses="on")
    ada = await world.user("ada")
    url = site.says("/page", PICTURED)
    site.says("/rook.png", samples.photo(), kind="image/png")
    tweet_id = (await world.tweet(ada, f"One {url}")).tweet.id
    await world.settle()
    before = await shown_card(world, tweet_id)
    await edit_tweet(world.services, ada.id, tweet_id, text=f"Two {url}")
    await world.settle()
    assert await shown_card(world, tweet_id) == before
    assert site.asked == ["/page", "/rook.png"]
    await edit_tweet(world.services, ada.id, tweet_id, text="Three")
    await world.settle()
    assert await shown_card(world, tweet_id) is None
    assert not await world.rows("SELECT 1 FROM media_objects")


async def test_a_tweet_shows_its_first_link_which_is_fetched_once(open_worlds: OpenWorld, site: Site):
    world = await open_worlds(link_previews="on", preview_private_addresses="on")
    ada, bob = await world.user("ada"), await world.user("bob")
    url, other = site.says("/page", PAGE), site.says("/other", "<title>Other</title>")
    first = (await world.tweet(ada, f"Look {url}#part and {other}")).tweet
    second = (await world.tweet(bob, f"This {url}")).tweet
    secret = (await world.tweet(ada, f"@bob {url}/secret", visibility=Visibility.DIRECT)).tweet
    assert (await get_tweet(world.services, None, first.id)).tweet.card is None
    await world.settle()
    assert site.asked == ["/page"]
    for tweet_id in (first.id, second.id):
        card = (await get_tweet(world.services, None, tweet_id)).tweet.card
        assert card is not None
        assert (card.url, card.preview.title) == (url, "Rooks & crows")
    assert (await get_tweet(world.services, ada.id, secret.id)).tweet.card is None
    client = world.anonymous()
    shown = (await client.get(f"/api/v1/statuses/{first.id}")).json()["card"]
    assert (shown["url"], shown["title"], shown["type"]) == (url, "Rooks & crows", "link")
    late = (await world.tweet(bob, f"Late {url}")).tweet
    await world.settle()
    assert (await get_tweet(world.services, None, late.id)).tweet.card is not None
    assert site.asked == ["/page"]
    await edit_tweet(world.services, bob.id, late.id, text=f"Now {other}")
    await world.settle()
    card = (await get_tweet(world.services, None, late.id)).tweet.card
    assert card is not None
    assert card.preview.title == "Other"
    for author, tweet_id in ((ada, first.id), (bob, second.id), (bob, late.id), (ada, secret.id)):
        await delete_tweet(world.services, author.id, tweet_id)
    assert not await world.rows("SELECT 1 FROM links")
    assert not await world.rows("SELECT 1 FROM link_previews")
