"""The web client's pages and files: what a server with a built client answers in a browser, and to who has no script."""

import gzip
import re
from pathlib import Path

import pytest

from rookery.errors import Misconfigured
from tests.api.forms import fields, sign_in
from tests.conftest import OpenWorld
from tests.world import World

PASSWORD = "correct horse battery"
ROUTES = Path(__file__).parents[2] / "web" / "src" / "routes.ts"
PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <!-- head -->
    <script type="module" src="/assets/main-1a2b.js"></script>
  </head>
  <body><div id="app">{{ not a template }}</div><noscript><!-- noscript --></noscript></body>
</html>
"""
BUILD = b"""{
  "index.html": {"file": "assets/main-1a2b.js", "css": ["assets/main-3c4d.css"]},
  "virtual:messages/en": {"file": "assets/en-1.js"},
  "virtual:messages/en/more": {"file": "assets/more-1.js"},
  "virtual:messages/de": {"file": "assets/de-1.js"},
  "virtual:messages/de/more": {"file": "assets/more-2.js"},
  "src/thread/ThreadPage.svelte": {"file": "assets/thread-1.js", "css": ["assets/thread-1.css"],
    "imports": ["index.html", "_row.js"]},
  "_row.js": {"file": "assets/row-1.js", "imports": ["index.html"]}
}"""
SCRIPT = "console.log('a rook');\n" * 100


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """What building the client leaves, in small."""
    for name, content in (
        ("index.html", PAGE.encode()),
        ("build.json", BUILD),
        ("sw.js", b"self.skipWaiting();"),
        ("assets/main-1a2b.js", SCRIPT.encode()),
        ("assets/main-1a2b.js.gz", gzip.compress(SCRIPT.encode())),
        ("assets/main-1a2b.js.br", b"what brotli makes of it"),
        ("assets/main-3c4d.css", b"p { color: teal }"),
        ("icons/icon-192.png", b"\x89PNG"),
    ):
        file = tmp_path / "web" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return tmp_path / "web"


@pytest.fixture
def world(world: World, built: Path) -> World:
    """A world whose server has a web client."""
    world.web_client = built
    return world


async def test_a_page_names_what_it_needs_in_the_language_of_who_asks(world: World):
    ada = await world.user("ada")
    tweet = (await world.tweet(ada, "Rooks are clever")).tweet
    client = world.anonymous()
    thread = ["thread-1.js", "thread-1.css", "row-1.js"]
    for path, languages, needed in (
        ("/", "", ["en-1.js"]),
        ("/", "nl,de-AT;q=0.8,en;q=0.5", ["de-1.js"]),
        (f"/@ada/{tweet.id}", "fr", ["en-1.js", "more-1.js", *thread]),
        (f"/@ada/{tweet.id}", "de", ["de-1.js", "more-2.js", *thread]),
        ("/nowhere", "en", ["en-1.js"]),
    ):
        page = (await client.get(path, headers={"Accept-Language": languages})).text
        linked = re.findall(
            r'<link rel="(?:modulepreload|stylesheet)" crossorigin href="/assets/([^"]+)">', page
        )
        assert linked == needed, path


async def test_the_client_shows_what_the_server_would_and_both_say_the_same(world: World):
    ada = await world.user("ada", display_name="Ada </title><script>")
    tweet = (await world.tweet(ada, "Rooks are clever #rooks")).tweet
    client = world.anonymous()
    for path, title, text in (
        ("/", "Rookery", "Sign up"),
        ("/@ada", "(@ada) · Rookery", "Rooks are clever"),
        (f"/@ada/{tweet.id}", "Rooks are clever #rooks", "Rooks are clever"),
        ("/tags/rooks", "#rooks · Rookery", "Rooks are clever"),
        *((f"/@ada/{tab}", "(@ada)", "") for tab in ("replies", "media", "followers", "following")),
    ):
        response = await client.get(path)
        assert response.status_code == 200, path
        page = response.text
        head, _, body = page.partition("</head>")
        assert title in head.partition("<title>")[2].partition("</title>")[0]
        assert head.count("<title>") == 1
        assert '<script type="module" src="/assets/main-1a2b.js"></script>' in head
        assert page.count("<script") == 1
        assert "{{ not a template }}" in body
        noscript = body.partition("<noscript>")[2].partition("</noscript>")[0]
        assert text in noscript
        assert "<main>" in noscript
        assert response.headers["cache-control"] == "no-store"


async def test_crawlers_find_what_the_page_says_of_itself(world: World):
    ada = await world.user("ada", indexable=False)
    tweet = (await world.tweet(ada, "Rooks")).tweet
    head = (await world.anonymous().get(f"/@ada/{tweet.id}")).text.partition("</head>")[0]
    assert 'type="application/json+oembed"' in head
    assert '<meta name="robots" content="noindex">' in head


async def test_what_is_absent_is_404_in_the_client(world: World):
    client = world.anonymous()
    for path in ("/@nobody", "/@nobody/replies", "/@nobody/1", "/@nobody/x", "/nothing"):
        response = await client.get(path)
        assert response.status_code == 404, path
        assert 'src="/assets/main-1a2b.js"' in response.text
        assert "Nothing here" in response.text


ONLY_CLIENT = (
    "/explore", "/explore/people", "/search?q=rooks", "/notifications", "/notifications/requests", "/messages", "/messages/1/2",
    "/lists", "/lists/1", "/bookmarks", "/favorites", "/nearby", "/compose?text=Hello", "/drafts", "/settings",
    "/settings/filters/1", "/sign-in", "/signed-in?code=x&state=y", "/welcome",
)  # fmt: skip


async def test_paths_that_only_the_client_knows_lead_to_it(world: World):
    client = world.anonymous()
    for path in ONLY_CLIENT:
        response = await client.get(path)
        assert response.status_code == 200, path
        assert 'src="/assets/main-1a2b.js"' in response.text
        assert "needs JavaScript" in response.text
        assert '<meta name="robots" content="noindex">' in response.text
        assert (await client.head(path)).status_code == 200


async def test_every_page_that_the_client_has_is_reached_at_its_address(world: World):
    ada = await world.user("ada")
    tweet = (await world.tweet(ada)).tweet
    client = world.anonymous()
    paths = re.findall(r'\bpath: "(/[^"]*)"', ROUTES.read_text(encoding="utf-8"))
    assert len(paths) > 10
    for path in paths:
        address = path.replace("@:name", "@ada").replace("/:id", f"/{tweet.id}")
        for written in (re.sub(r"/:\w+\?", "", address), re.sub(r":\w+\??", "word", address)):
            response = await client.get(written)
            assert (response.status_code, "/assets/main" in response.text) == (200, True), written


async def test_pages_of_the_servers_own_stay_without_the_client(world: World):
    await world.user("ada", password=PASSWORD)
    client = world.anonymous()
    await sign_in(client, "ada", PASSWORD)
    for path in (
        "/settings/account",
        "/settings/two_factor",
        "/settings/passkeys",
        "/about",
        "/auth/sign_in?next=/",
    ):
        response = await client.get(path, follow_redirects=False)
        assert response.status_code == 200, path
        assert "/assets/" not in response.text


async def test_without_a_client_only_the_server_shows_pages(open_worlds: OpenWorld):
    world = await open_worlds()
    await world.user("ada")
    client = world.anonymous()
    for path in (
        *ONLY_CLIENT,
        "/@ada/replies",
        "/sw.js",
        "/manifest.webmanifest",
        "/assets/x.js",
        "/icons/x.png",
    ):
        response = await client.get(path)
        assert response.status_code == 404, path
        assert "Nothing here" in response.text
    page = (await client.get("/@ada")).text
    assert "<noscript>" not in page
    assert "<main>" in page


async def test_the_client_learns_who_has_signed_in_and_how_to_sign_out(world: World):
    await world.user("ada", password=PASSWORD)
    client = world.anonymous()
    stranger = (await client.get("/")).text
    assert '<html lang="en">' in stranger
    assert "rookery-csrf" not in stranger
    await sign_in(client, "ada", PASSWORD)
    for path in ("/", "/explore", "/@nobody"):
        page = (await client.get(path)).text
        assert '<html data-signed-in="ada" lang="en">' in page
    csrf = re.search(r'<meta name="rookery-csrf" content="([^"]+)">', page)
    assert csrf is not None
    assert fields(page, "/auth/sign_out")["csrf"] == csrf[1]
    response = await client.post("/auth/sign_out", data={"csrf": csrf[1]})
    assert response.status_code == 303
    assert "data-signed-in" not in (await client.get("/")).text


async def test_the_policy_lets_in_our_own_script_and_files_of_media_only(open_worlds: OpenWorld, built: Path):
    world = await open_worlds(base_url="https://birds.example", media_links="https://files.example/birds")
    world.web_client = built
    client = world.anonymous()
    for path in ("/", "/explore", "/@nobody", "/sw.js"):
        policy = (await client.get(path)).headers["content-security-policy"]
        rules = {
            name: sources for name, _, sources in (rule.strip().partition(" ") for rule in policy.split(";"))
        }
        assert rules == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "connect-src": "'self' wss://birds.example https://files.example",
            "img-src": "'self' data: blob: https://files.example",
            "media-src": "'self' blob: https://files.example",
            "font-src": "'self'",
            "manifest-src": "'self'",
            "worker-src": "'self'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
            "form-action": "'self'",
            "require-trusted-types-for": "'script'",
            "trusted-types": "svelte-trusted-html rookery default",
        }


async def test_files_with_their_version_in_the_name_are_kept_for_good(world: World):
    client = world.anonymous()
    script = await client.get("/assets/main-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert script.status_code == 200
    assert script.text == SCRIPT
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["x-content-type-options"] == "nosniff"
    worker = await client.get("/sw.js")
    assert worker.headers["cache-control"] == "no-cache"
    assert worker.headers["content-type"].startswith("text/javascript")
    again = await client.get("/sw.js", headers={"If-None-Match": worker.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get("/icons/icon-192.png")).headers["cache-control"] == "public, max-age=86400"


@pytest.mark.parametrize(
    ("accepted", "given"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("BR;Q=0.1", "br"),
        ("gzip;q=0.000", None),
        ("identity", None),
        ("", None),
    ],
)
async def test_files_come_in_the_best_coding_that_the_browser_takes(
    world: World, accepted: str, given: str | None
):
    client = world.anonymous()
    async with client.stream(
        "GET", "/assets/main-1a2b.js", headers={"Accept-Encoding": accepted}
    ) as response:
        content = b"".join([chunk async for chunk in response.aiter_raw()])
    assert response.headers.get("content-encoding") == given
    assert response.headers["vary"] == "Accept-Encoding"
    assert (
        content
        == {
            "br": b"what brotli makes of it",
            "gzip": (world.web_client or Path()).joinpath("assets/main-1a2b.js.gz").read_bytes(),
            None: SCRIPT.encode(),
        }[given]
    )
    head = await client.head("/assets/main-1a2b.js", headers={"Accept-Encoding": accepted})
    assert head.content == b""
    for name in ("content-length", "content-type", "etag"):
        assert head.headers[name] == response.headers[name]


async def test_only_what_belongs_to_the_client_is_given_out(world: World):
    client = world.anonymous()
    for path in (
        "/assets/", "/assets/main-1a2b.js.gz", "/assets/other.js", "/index.html", "/build.json",
        "/assets/../index.html", "/assets/%2e%2e/index.html", "/assets/..%2findex.html", "/icons/../../app.py",
    ):  # fmt: skip
        assert (await client.get(path)).status_code == 404, path


async def test_devices_learn_how_to_install_it(open_worlds: OpenWorld, built: Path):
    world = await open_worlds(title='The "Rooks"')
    world.web_client = built
    response = await world.anonymous().get("/manifest.webmanifest")
    assert response.headers["content-type"] == "application/manifest+json"
    assert response.headers["cache-control"] == "no-cache"
    manifest = response.json()
    assert (manifest["name"], manifest["display"], manifest["scope"]) == ('The "Rooks"', "standalone", "/")
    assert {icon["src"] for icon in manifest["icons"]} == {
        "/icons/icon-192.png",
        "/icons/icon-512.png",
        "/icons/maskable-512.png",
    }
    assert manifest["share_target"] == {
        "action": "/compose",
        "method": "GET",
        "params": {"title": "title", "text": "text", "url": "url"},
    }
    page = (await world.anonymous().get("/")).text
    assert '<meta name="rookery-title" content="The &#34;Rooks&#34;">' in page


async def test_files_do_not_count_against_rate_limits(open_worlds: OpenWorld, built: Path):
    world = await open_worlds(rate_limits="on", rate_limit_factor=0.01)
    world.web_client = built
    client = world.anonymous()
    for _ in range(10):
        for path in ("/assets/main-3c4d.css", "/sw.js", "/manifest.webmanifest", "/icons/icon-192.png"):
            assert (await client.get(path)).status_code == 200
    statuses = [(await client.get("/explore")).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert 'src="/assets/main-1a2b.js"' in (await client.get("/explore")).text


async def test_another_name_of_ones_own_machine_leads_to_where_one_can_sign_in(
    open_worlds: OpenWorld, built: Path
):
    world = await open_worlds(base_url="http://127.0.0.1:8000")
    world.web_client = built
    client = world.anonymous()
    for host, leads_on in (
        ("localhost:8000", True),
        ("[::1]:8000", True),
        ("127.0.0.1:8000", False),
        ("localhost:9000", False),
        ("localhost", False),
        ("birds.example:8000", False),
        ("localhost:x", False),
        ("evil.example@localhost:8000", True),
    ):
        response = await client.get("/tags/b%C3%A4r?max_id=5&x=a%26b", headers={"Host": host})
        assert response.status_code == (303 if leads_on else 200), host
        if leads_on:
            assert response.headers["location"] == "http://127.0.0.1:8000/tags/b%C3%A4r?max_id=5&x=a%26b"
    public = await open_worlds(base_url="https://birds.example")
    public.web_client = built
    response = await public.anonymous().get("/", headers={"Host": "localhost"})
    assert response.status_code == 200


async def test_a_page_without_its_marks_is_no_client(world: World, built: Path):
    (built / "index.html").write_text(PAGE.replace("<!-- head -->", ""))
    with pytest.raises(Misconfigured, match="<!-- head --> once"):
        _ = world.application
