"""What users take along: lists for other services, and an archive of everything."""

import io
import json
import zipfile

import httpx
import pytest

from rookery import tasks
from rookery.domain.archives import ASKED_EVERY_MS, KEPT_MS
from rookery.domain.lists import Replies
from rookery.domain.tweets import Visibility
from rookery.usecases import archives, blocks, bookmarks, deletion, favorites, follows, lists, mutes
from tests.api.forms import sign_in, submit
from tests.api.test_oauth import PASSWORD
from tests.api.test_own_settings import web_client
from tests.world import World

FOLLOWS = "Account address,Show boosts,Notify on new posts,Languages"


async def browser(world: World, name: str = "ada") -> httpx.AsyncClient:
    client = world.anonymous()
    await sign_in(client, name, PASSWORD)
    return client


async def archive_in(answer: httpx.Response) -> zipfile.ZipFile:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


async def test_lists_come_in_the_form_that_other_services_read(api: World):
    ada = await api.user("ada", password=PASSWORD)
    bob, cyd, dan = [await api.user(name) for name in ("bob", "cyd", "dan")]
    services, domain = api.services, "127.0.0.1:8000"
    await follows.follow(services, ada.id, bob.id, shows_retweets=False, languages=["en", "de"])
    await follows.follow(services, ada.id, cyd.id, notifies=True)
    await mutes.mute(services, ada.id, cyd.id, hides_notifications=False)
    await blocks.block(services, ada.id, dan.id)
    made = await lists.make_list(services, ada.id, title='=1+1, "x"', replies=Replies.LIST, exclusive=False)
    await lists.add_members(services, ada.id, made.id, [bob.id])
    tweet = await api.tweet(bob, "Worth keeping")
    await bookmarks.bookmark_tweet(services, ada.id, tweet.tweet.id)
    client = await browser(api)
    for name, expected in (
        (
            "follows",
            f'{FOLLOWS}\nbob@{domain},false,false,"en, de"\ncyd@{domain},true,true,\n',
        ),
        ("mutes", f"Account address,Hide notifications\ncyd@{domain},false\n"),
        ("blocks", f"dan@{domain}\n"),
        ("lists", f'"\'=1+1, ""x""",bob@{domain}\n'),
        ("bookmarks", f"http://{domain}/@bob/{tweet.tweet.id}\n"),
    ):
        answer = await client.get(f"/settings/export/{name}.csv")
        assert answer.status_code == 200, name
        assert answer.text == expected
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
        assert answer.headers["cache-control"] == "no-store"
    assert (await client.get("/settings/export/passwords.csv")).status_code == 404
    stranger = await api.anonymous().get("/settings/export/follows.csv")
    assert stranger.headers["location"] == "/auth/sign_in?next=/settings/export/follows.csv"


async def test_an_archive_holds_everything_and_is_gone_after_a_week(api: World):
    ada, bob = await api.user("ada", password=PASSWORD), await api.user("bob", password=PASSWORD)
    photo = await api.photo(ada, "A rook")
    first = await api.tweet(ada, "Look", media_ids=(photo,))
    secret = await api.tweet(ada, "@bob hush", visibility=Visibility.DIRECT)
    other = await api.tweet(bob, "Nice")
    await favorites.mark_tweet_favorite(api.services, ada.id, other.tweet.id)
    client = await browser(api)
    page = await client.get("/settings/account")
    assert (await submit(client, page, "/settings/archive")).status_code == 303
    assert "is being made" in (await client.get("/settings/account")).text
    assert (await client.get("/settings/export/archive.zip")).status_code == 404
    await api.settle()
    assert "Fetch it" in (await client.get("/settings/account")).text
    with await archive_in(await client.get("/settings/export/archive.zip")) as archive:
        assert archive.testzip() is None
        told = [json.loads(line) for line in archive.read("tweets.jsonl").splitlines()]
        assert [one["id"] for one in told] == [str(first.tweet.id), str(secret.tweet.id)]
        assert [one["visibility"] for one in told] == ["public", "direct"]
        [shown] = told[0]["media"]
        assert shown["description"] == "A rook"
        assert archive.read(shown["file"])[8:12] == b"WEBP"
        assert json.loads(archive.read("profile.json"))["email"] == "ada@example.org"
        assert str(other.tweet.id) in archive.read("favorites.csv").decode()
        assert "@ada" in archive.read("README.txt").decode()
        assert {"follows.csv", "blocks.csv", "mutes.csv", "lists.csv", "bookmarks.csv"} <= set(
            archive.namelist()
        )
    assert (await (await browser(api, "bob")).get("/settings/export/archive.zip")).status_code == 404
    assert "Make an archive" not in (await client.get("/settings/account")).text
    api.advance(ms=ASKED_EVERY_MS)
    assert "Make an archive" in (await client.get("/settings/account")).text
    api.advance(ms=KEPT_MS)
    await api.settle()
    assert (await client.get("/settings/export/archive.zip")).status_code == 404
    assert [info.key async for info in api.services.objects.list(prefix="archives/")] == []


async def test_the_web_client_asks_for_an_archive_once_a_day(api: World):
    ada = await api.user("ada", password=PASSWORD)
    client = await web_client(api)
    before = (await client.get("/api/v1/settings/exports")).json()
    assert before["archive"] is None
    assert [one["name"] for one in before["lists"]] == ["follows", "blocks", "mutes", "lists", "bookmarks"]
    for _ in range(2):
        asked = await client.post("/api/v1/settings/archive")
        assert (asked.status_code, asked.json()["state"], asked.json()["url"]) == (202, "making", None)
    await api.settle()
    ready = (await client.get("/api/v1/settings/exports")).json()["archive"]
    assert ready["state"] == "ready"
    path = ready["url"].removeprefix(api.settings.base_url)
    fetched = await client.get(path)
    assert len(fetched.content) == ready["size"]
    assert (await client.post("/api/v1/settings/archive")).status_code == 429
    api.advance(ms=ASKED_EVERY_MS)
    assert (await client.post("/api/v1/settings/archive")).status_code == 202
    await api.settle()
    assert len([info async for info in api.services.objects.list(prefix="archives/")]) == 1
    other = await api.client(ada)
    assert (await other.get("/api/v1/settings/exports")).status_code == 403
    assert (await other.post("/api/v1/settings/archive")).status_code == 403


async def test_what_does_not_fit_or_got_lost_is_named(api: World, monkeypatch: pytest.MonkeyPatch):
    ada = await api.user("ada", password=PASSWORD)
    await api.tweet(ada, "Look", media_ids=(await api.photo(ada, "A rook"),))
    monkeypatch.setattr("rookery.domain.archives.MEDIA_BYTES_MAX", 10)
    await archives.ask_for_archive(api.services, ada.id)
    await api.settle()
    with await archive_in(await (await browser(api)).get("/settings/export/archive.zip")) as archive:
        assert not [name for name in archive.namelist() if name.startswith("media/")]
        assert ".webp" in archive.read("README.txt").decode()


async def test_an_archive_goes_with_its_user(api: World):
    ada = await api.user("ada", password=PASSWORD)
    await archives.ask_for_archive(api.services, ada.id)
    await api.settle()
    await deletion.delete_user(api.services, ada.id)
    await api.settle()
    assert await api.rows("SELECT * FROM archives") == []
    assert [info.key async for info in api.services.objects.list(prefix="archives/")] == []


async def test_an_archive_that_nobody_waits_for_leaves_no_file(api: World):
    ada = await api.user("ada", password=PASSWORD)
    there = await archives.ask_for_archive(api.services, ada.id)
    await api.settle()
    await archives.make_archive(api.services, tasks.MakeArchive(ada.id, "archives/other.zip"))
    assert [info.key async for info in api.services.objects.list(prefix="archives/")] == [there.object_key]
