"""`rookery demo`: the town of birds, as it is planned, drawn and lived."""

import asyncio
import random
import re
from pathlib import Path

import pytest
from PIL import Image

from rookery import cli
from rookery.app import now_ms, running
from rookery.demo import films, plumages, scenes, town
from rookery.domain.media import MediaKind, MediaLimits, MediaPurpose
from rookery.domain.timelines import PageRequest
from rookery.engines.media.converting import ChildConverter
from rookery.entrance import Visitor
from rookery.settings import Settings
from rookery.usecases import administration, conversations, drafts, lists, sign_in, timelines, trends
from tests.conftest import OpenWorld
from tests.world import BEGINNING_MS


async def run(*, url: str, media: Path, patch: pytest.MonkeyPatch) -> int:
    patch.setenv("ROOKERY_DATABASE_URL", url)
    patch.setenv("ROOKERY_MEDIA_URL", f"file:///{media}")
    return await asyncio.to_thread(cli.run, ["demo", "--no-pictures"])


async def test_an_empty_database_becomes_a_lively_town_that_can_be_signed_in_to(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert await run(url=sqlite_url, media=tmp_path / "media", patch=monkeypatch) == 0
    printed = capsys.readouterr().out
    password = re.search(r"^Password: (\S{12})$", printed, re.MULTILINE)
    assert password is not None
    assert f"Sign in as {town.CLERK}" in printed
    async with running(Settings(database_url=sqlite_url, media_url=f"file:///{tmp_path}/media")) as parts:
        services = parts.services
        clerk = await administration.named_user(services, town.CLERK)
        assert await sign_in.sign_in(
            services, login=town.CLERK, password=password[1], visitor=Visitor("127.0.0.1", "a browser")
        )
        page = await timelines.generate_timeline(services, clerk.id, PageRequest(limit=40))
        assert len(page.items) == 40
        assert len({view.tweet.language for view in page.items}) >= 4
        assert all(view.tweet.created_ms <= now_ms() for view in page.items)
        tags = await trends.trending_hashtags(services, trends.Where(), offset=0, limit=10)
        assert {"newfountain", "firstfrost", "murmuration"} <= set(tags)
        links = await trends.trending_links(services, trends.Where(), offset=0, limit=10)
        assert [link.card.preview.title for link in links if link.card] == [
            "Reed Lake, four degrees, one breath"
        ]
        assert await trends.trending_tweets(services, clerk.id, trends.Where(), offset=0, limit=10)
        assert (await conversations.list_conversations(services, clerk.id, PageRequest(limit=10))).items
        assert (await drafts.page_drafts(services, clerk.id, PageRequest(limit=10))).items
        assert [kept.title for kept in await lists.list_lists(services, clerk.id)] == ["Harbour", "Music"]


async def test_a_database_with_people_in_it_is_left_alone(
    open_worlds: OpenWorld,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
):
    world = await open_worlds()
    await world.user("ada")
    assert await run(url=world.settings.database_url, media=tmp_path, patch=monkeypatch) == 1
    assert "there are people in this database already" in capsys.readouterr().err
    assert [one.username for one in await administration.list_everybody(world.services)] == ["ada"]


def test_the_plan_is_the_same_every_time_and_everything_happens_in_its_order():
    loaded = town.load()
    events = town.plan(loaded, BEGINNING_MS)
    assert events == town.plan(loaded, BEGINNING_MS)
    assert all(at_ms <= BEGINNING_MS for at_ms, _, _ in events)
    here: set[str] = set()
    posted: set[str] = set()
    for _, _, event in events:
        match event:
            case town.Join(bird):
                here.add(bird.name)
            case town.Post():
                assert event.by in here
                assert {event.reply_to, event.told.quotes} - {""} <= posted
                posted.add(event.key)
            case town.Vote(by, to, choices):
                assert by in here
                assert to in posted
                assert choices
            case town.Deed(kind, by, to):
                assert kind == "refresh" or (by in here and to in here | posted)
    together = [event for _, events_then in town.moments(events) for event in events_then]
    assert together == [event for _, _, event in events]


def test_pictures_are_the_same_for_the_same_seed_and_no_two_birds_look_alike():
    birds = town.load().birds[:4]
    portraits = [plumages.portrait(bird.plumage, bird.name).tobytes() for bird in birds]
    assert portraits == [plumages.portrait(bird.plumage, bird.name).tobytes() for bird in birds]
    assert len(set(portraits)) == len(birds)
    assert len(bytes(films.song("a", seconds=2))) == 2 * 2 * films.SAMPLES_PER_S
    assert films.song("a", seconds=2) == films.song("a", seconds=2) != films.song("b", seconds=2)


@pytest.mark.parametrize(
    "place", ["harbour", "meadow", "forest", "mountains", "reeds", "roofs", "sea", "snow", "wires"]
)
def test_every_landscape_can_be_drawn(place: scenes.Place):
    hour = random.Random(place).choice(("dawn", "day", "dusk", "night", "rain"))
    picture = scenes.scene(place, hour, width=300, height=200, seed=place)
    assert picture.size == (300, 200)
    small: Image.Image = picture.resize((30, 20))
    assert len(small.getcolors(maxcolors=600) or []) > 100


async def test_the_film_is_taken_for_a_video_with_sound(tmp_path: Path):
    source, into = tmp_path / "film.mp4", tmp_path / "out"
    into.mkdir()
    films.write_film(source, "a", seconds=1)
    made = await ChildConverter(MediaLimits()).convert(
        source, into=into, purpose=MediaPurpose.TWEET, progress=lambda _: None
    )
    assert made.kind is MediaKind.VIDEO
    assert made.files[0].duration_ms == pytest.approx(1_000, abs=150)
