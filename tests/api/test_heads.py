"""What public pages say of themselves to chats that show a link, to search engines and to readers of news."""

import re
from html import unescape

from rookery.domain.polls import PollDraft
from rookery.domain.tweets import Visibility
from rookery.usecases import retweets
from tests.world import World


def properties(page: str) -> dict[str, str]:
    """Return what a page's head says, by name."""
    head = page.partition("</head>")[0]
    found = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', head)
    links = re.findall(r'<link rel="(canonical)" href="([^"]+)">', head)
    return {name: unescape(value) for name, value in [*reversed(found), *links]}


async def test_a_profile_says_whose_it_is(api: World):
    await api.user("ada", display_name='Ada "<L>"', bio="Writes\nprograms")
    page = (await api.anonymous().get("/@ada")).text
    said = properties(page)
    assert said["og:type"] == "profile"
    assert said["og:title"] == 'Ada "<L>" (@ada)'
    assert said["og:description"] == said["description"] == "Writes programs"
    assert said["canonical"] == said["og:url"] == f"{api.settings.base_url}/@ada"
    assert said["og:image"].startswith(api.settings.base_url)
    assert said["twitter:card"] == "summary"
    assert "robots" not in said
    assert (
        f'type="application/rss+xml" title="Ada &#34;&lt;L&gt;&#34; (@ada)" href="{said["canonical"]}.rss"'
        in page
    )


async def test_a_tweet_with_a_photo_shows_it_large_with_its_description(api: World):
    ada = await api.user("ada")
    photo = await api.photo(ada, "A rook on a roof")
    tweet = await api.tweet(ada, "Look up", media_ids=(photo,))
    said = properties((await api.anonymous().get(f"/@ada/{tweet.tweet.id}")).text)
    assert (said["og:type"], said["og:title"], said["og:description"]) == (
        "article",
        "ada: Look up",
        "Look up",
    )
    assert said["og:image:alt"] == "A rook on a roof"
    assert "/media/" in said["og:image"]
    assert said["twitter:card"] == "summary_large_image"
    assert said["article:published_time"].startswith("2026-")


async def test_what_stands_behind_a_warning_is_not_told(api: World):
    ada = await api.user("ada")
    photo = await api.photo(ada, "The murderer")
    tweet = await api.tweet(ada, "It was the gardener", spoiler="How it ends", media_ids=(photo,))
    page = (await api.anonymous().get(f"/@ada/{tweet.tweet.id}")).text
    head = page.partition("</head>")[0]
    assert properties(page)["og:description"] == "How it ends"
    assert "gardener" not in head
    assert "murderer" not in head
    assert properties(page)["twitter:card"] == "summary"


async def test_search_engines_are_asked_to_keep_away_where_somebody_wishes_so(api: World):
    ada, bob = await api.user("ada", indexable=False), await api.user("bob")
    public, unlisted = await api.tweet(ada), await api.tweet(bob, visibility=Visibility.UNLISTED)
    client = api.anonymous()
    for path in ("/@ada", f"/@ada/{public.tweet.id}", f"/@bob/{unlisted.tweet.id}"):
        assert properties((await client.get(path)).text)["robots"] == "noindex", path
    assert "robots" not in properties((await client.get("/@bob")).text)


async def test_what_is_not_public_has_no_page_and_says_nothing(api: World):
    ada = await api.user("ada", display_name="Secret Ada")
    private = await api.tweet(ada, "Not for you", visibility=Visibility.FOLLOWERS)
    answer = await api.anonymous().get(f"/@ada/{private.tweet.id}")
    assert answer.status_code == 404
    assert "Not for you" not in answer.text
    assert "Secret Ada" not in answer.text


async def test_a_retweets_page_is_known_as_that_of_what_it_shows(api: World):
    ada, bob = await api.user("ada"), await api.user("bob")
    tweet = await api.tweet(ada, "Worth repeating", poll=PollDraft(("Yes", "No"), duration_s=600))
    retweet = await retweets.retweet(api.services, bob.id, tweet.tweet.id)
    said = properties((await api.anonymous().get(f"/@bob/{retweet.tweet.id}")).text)
    assert said["canonical"] == f"{api.settings.base_url}/@ada/{tweet.tweet.id}"
    assert said["og:title"] == "ada: Worth repeating"


async def test_a_hashtag_and_the_first_page_say_what_they_are(api: World):
    client = api.anonymous()
    tag = properties((await client.get("/tags/Größe")).text)
    assert tag["canonical"] == f"{api.settings.base_url}/tags/gr%C3%B6sse"
    older = properties((await client.get("/tags/rooks?max_id=77")).text)
    assert older["canonical"] == f"{api.settings.base_url}/tags/rooks?max_id=77"
    start = properties((await client.get("/")).text)
    assert (start["og:title"], start["canonical"]) == ("Rookery", f"{api.settings.base_url}/")
