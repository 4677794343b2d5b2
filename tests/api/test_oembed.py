"""Statuses in other sites' pages."""

import re
from html import unescape
from urllib.parse import urlsplit

from rookery.domain.tweets import Visibility
from tests.world import World


async def test_a_public_status_is_quoted_without_any_script(api: World):
    ada = await api.user("ada", display_name='Ada "<b>"')
    tweet = await api.tweet(ada, "<script>alert(1)</script> & more")
    address = f"{api.settings.base_url}/@ada/{tweet.tweet.id}"
    answer = await api.anonymous().get("/api/oembed", params={"url": address, "maxwidth": 300})
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["type"], shown["version"], shown["width"], shown["height"]) == ("rich", "1.0", 300, None)
    assert shown["author_name"] == 'Ada "<b>"'
    assert shown["author_url"] == f"{api.settings.base_url}/@ada"
    assert "<script" not in shown["html"]
    assert "<b>" not in shown["html"]
    assert f'cite="{address}"' in shown["html"]


async def test_what_stands_behind_a_spoiler_stays_there(api: World):
    ada = await api.user("ada")
    tweet = await api.tweet(ada, "He did it", spoiler="The end of the film")
    address = f"{api.settings.base_url}/@ada/{tweet.tweet.id}"
    shown = (await api.anonymous().get("/api/oembed", params={"url": address})).json()
    assert "The end of the film" in shown["html"]
    assert "He did it" not in shown["html"] + shown["title"]


async def test_only_what_everybody_may_see_is_quoted_whoever_asks(api: World):
    ada = await api.user("ada")
    private = await api.tweet(ada, visibility=Visibility.FOLLOWERS)
    direct = await api.tweet(ada, visibility=Visibility.DIRECT)
    client = await api.client(ada)
    base_url = api.settings.base_url
    for address in (
        f"{base_url}/@ada/{private.tweet.id}",
        f"{base_url}/@ada/{direct.tweet.id}",
        f"{base_url}/@ada/7",
        f"{base_url}/about",
        "https://elsewhere.example/@ada/1",
        "",
    ):
        assert (await client.get("/api/oembed", params={"url": address})).status_code == 404
    assert (await client.get("/api/oembed")).status_code == 422


async def test_a_statuss_page_says_where_its_quotation_is(api: World):
    ada = await api.user("ada")
    tweet = await api.tweet(ada, "Quote me")
    visitor = api.anonymous()
    page = await visitor.get(f"/@ada/{tweet.tweet.id}")
    [found] = re.findall(r'<link rel="alternate" type="application/json\+oembed" href="([^"]+)">', page.text)
    address = urlsplit(unescape(found))
    shown = await visitor.get(f"{address.path}?{address.query}")
    assert shown.status_code == 200
    assert "Quote me" in shown.json()["html"]
