"""RSS: what readers of news are given of people and hashtags."""

from xml.etree import ElementTree as ET

import httpx

from rookery.domain.tweets import Visibility
from rookery.usecases import administration, blocks, retweets
from tests.world import World

MEDIA = "{http://search.yahoo.com/mrss/}"


def items(answer: httpx.Response) -> list[ET.Element]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/rss+xml")
    return ET.fromstring(answer.content).findall("channel/item")


def said(item: ET.Element, name: str) -> str:
    return item.findtext(name) or ""


async def test_a_feed_tells_what_somebody_posts_newest_first(api: World):
    ada = await api.user("ada", display_name="Ada & Co")
    first = await api.tweet(ada, "Hello <b> #rooks")
    second = await api.tweet(ada, "Bell\x07 and 𝄞")
    answer = await api.anonymous().get("/@ada.rss")
    found = items(answer)
    channel = ET.fromstring(answer.content).find("channel")
    assert channel is not None
    assert channel.findtext("title") == "Ada & Co"
    assert channel.findtext("link") == f"{api.settings.base_url}/@ada"
    assert [said(item, "guid") for item in found] == [
        f"{api.settings.base_url}/@ada/{tweet.tweet.id}" for tweet in (second, first)
    ]
    assert "&lt;b&gt;" in said(found[1], "description")
    assert said(found[1], "category") == "rooks"
    assert "Bell and 𝄞" in said(found[0], "description")
    assert said(found[0], "pubDate").endswith("GMT")


async def test_photos_come_as_enclosures_with_their_descriptions(api: World):
    ada = await api.user("ada")
    photos = (await api.photo(ada, "First"), await api.photo(ada, "Second"))
    await api.tweet(ada, "Look", media_ids=photos, sensitive=True)
    [item] = items(await api.anonymous().get("/@ada.rss"))
    [enclosure] = item.findall("enclosure")
    assert enclosure.get("type") == "image/webp"
    assert int(enclosure.get("length", "0")) > 0
    contents = item.findall(f"{MEDIA}content")
    assert [content.findtext(f"{MEDIA}description") for content in contents] == ["First", "Second"]
    assert {content.findtext(f"{MEDIA}rating") for content in contents} == {"adult"}
    fetched = await api.anonymous().get(enclosure.get("url", "").removeprefix(api.settings.base_url))
    assert len(fetched.content) == int(enclosure.get("length", "0"))


async def test_a_feed_holds_what_everybody_may_see_and_nothing_else(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    other = await api.tweet(bob, "Somebody else's")
    await api.tweet(ada, "For followers", visibility=Visibility.FOLLOWERS)
    await api.tweet(ada, "@bob For one", visibility=Visibility.DIRECT)
    await api.tweet(ada, "An answer", reply_to_id=other.tweet.id)
    await retweets.retweet(api.services, ada.id, other.tweet.id)
    await api.tweet(ada, "For all")
    client = await api.client(ada)
    for reader in (api.anonymous(), client):
        [item] = items(await reader.get("/@ada.rss"))
        assert said(item, "description") == "<p>For all</p>"
    await blocks.block(api.services, ada.id, bob.id)
    assert len(items(await api.anonymous().get("/@ada.rss"))) == 1
    await administration.disable_user(api.services, ada.id)
    for name in ("ada", "nobody"):
        assert (await api.anonymous().get(f"/@{name}.rss")).status_code == 404


async def test_a_warning_stands_before_what_it_warns_of(api: World):
    ada = await api.user("ada")
    await api.tweet(ada, "It was the gardener", spoiler="How it <ends>")
    [item] = items(await api.anonymous().get("/@ada.rss"))
    assert said(item, "description").startswith("<p><strong>How it &lt;ends&gt;</strong></p><hr>")


async def test_a_hashtag_has_a_feed_of_public_tweets(api: World):
    ada = await api.user("ada")
    tweet = await api.tweet(ada, "All about #Rooks")
    await api.tweet(ada, "Quietly #rooks", visibility=Visibility.UNLISTED)
    [item] = items(await api.anonymous().get("/tags/ROOKS.rss"))
    assert said(item, "link").endswith(f"/@ada/{tweet.tweet.id}")
    assert items(await api.anonymous().get("/tags/nothing.rss")) == []


async def test_a_reader_that_knows_the_feed_is_told_so(api: World):
    ada = await api.user("ada", indexable=False)
    await api.tweet(ada, "One")
    client = api.anonymous()
    first = await client.get("/@ada.rss")
    assert first.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in first.headers
    assert "max-age" in first.headers["cache-control"]
    known = {"If-None-Match": first.headers["etag"]}
    again = await client.get("/@ada.rss", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    await api.tweet(ada, "Two")
    assert len(items(await client.get("/@ada.rss", headers=known))) == 2
    head = await client.head("/@ada.rss")
    assert (head.status_code, head.content) == (200, b"")
