"""Tweets around a point: exactly those within, newest first, everywhere on earth, as far as the viewer may see them."""

import random

import asyncpg
import pytest

from rookery.domain import nearby as rules
from rookery.domain.filters import FilterAction, FilterContext
from rookery.domain.ids import ID_MAX
from rookery.domain.search.places import Circle, distance_km
from rookery.domain.timelines import PageRequest
from rookery.domain.tweets import Place, Visibility
from rookery.domain.users import User
from rookery.storage import nearby as records
from rookery.usecases.administration import disable_user
from rookery.usecases.blocks import block
from rookery.usecases.filters import FilterChange, KeywordChange, make_filter
from rookery.usecases.mutes import mute
from rookery.usecases.retweets import retweet
from rookery.usecases.timelines import nearby_timeline
from rookery.usecases.tweets import delete_tweet
from tests.world import World, ids

BERLIN = Circle(52.52, 13.405, 10)


async def near(world: World, viewer: User | None, around: Circle, **page: int | bool) -> list[int]:
    request = PageRequest(**page)  # pyright: ignore[reportArgumentType]
    found = await nearby_timeline(world.services, viewer.id if viewer else None, around, request)
    return ids(found.items)


async def tweet_at(world: World, by: User, latitude: float, longitude: float, **more: object) -> int:
    world.advance(seconds=1)
    return (await world.tweet(by, place=Place(latitude, longitude), **more)).tweet.id


async def test_tweets_within_the_circle_are_shown_newest_first(world: World):
    ada = await world.user("ada")
    alexanderplatz = await tweet_at(world, ada, 52.5219, 13.4132)
    await tweet_at(world, ada, 52.3906, 13.0645)  # Potsdam
    await world.tweet(ada, "Berlin", place=Place(name="Berlin"))
    await world.tweet(ada, "nowhere")
    zoo = await tweet_at(world, ada, 52.5079, 13.3377)
    assert await near(world, None, BERLIN) == [zoo, alexanderplatz]
    assert await near(world, None, Circle(52.5219, 13.4132, 0.05)) == [alexanderplatz]
    await delete_tweet(world.services, ada.id, zoo)
    assert await near(world, None, BERLIN) == [alexanderplatz]


MIDDLES = (
    *((0.0, 0.0), (52.52, 13.405), (-33.9, 151.2), (64.1, -21.9)),
    *((0.0, 180.0), (-17.0, -180.0), (65.8, 179.95), (-16.8, -179.99), (1.0, 179.0)),
    *((90.0, 0.0), (-90.0, 77.0), (89.9, 10.0), (-89.5, -170.0), (84.0, 100.0)),
)


async def test_what_is_shown_is_what_lies_within_whatever_the_point(world: World):
    """Points are strewn around each middle, at every distance, also beyond the date line and the poles."""
    ada, chance = await world.user("ada"), random.Random(2)
    points: dict[int, tuple[float, float]] = {}
    for latitude, longitude in MIDDLES:
        for number in range(20):
            reach = 10 ** chance.uniform(-3, 1.3) if number % 4 else 180.0
            north = min(90.0, max(-90.0, latitude + chance.uniform(-reach, reach)))
            east = (
                longitude + chance.uniform(-reach, reach) * (5 if abs(latitude) > 80 else 1) + 180
            ) % 360 - 180
            points[await tweet_at(world, ada, north, east)] = (north, east)
        for east in (-180.0, 180.0):
            points[await tweet_at(world, ada, latitude, east)] = (latitude, east)
    shown = 0
    for latitude, longitude in MIDDLES:
        for radius in (0.3, 3, 30, 100, 300, 1000):
            expected = [
                tweet_id
                for tweet_id, place in sorted(points.items(), reverse=True)
                if distance_km(latitude, longitude, *place) <= radius
            ]
            around = Circle(latitude, longitude, radius)
            assert await near(world, None, around, limit=80) == expected[:80], around
            shown += len(expected)
    assert shown > 500


async def test_pages_hold_each_tweet_once_in_both_directions(world: World, monkeypatch: pytest.MonkeyPatch):
    """Few are taken at once, so that pieces of time are shortened and lengthened."""
    monkeypatch.setattr(records, "FOUND_MAX", 4)
    ada, chance = await world.user("ada"), random.Random(5)
    inside: list[int] = []
    for number in range(40):
        # Bursts, and weeks without anything.
        world.advance(days=20 if number in {10, 11, 30} else 0, ms=chance.choice([0, 1, 5, 60_000]))
        is_inside = number % 3 > 0
        place = Place(52.5, 13.4) if is_inside else Place(52.44, 13.3)
        tweet = (await world.tweet(ada, place=place)).tweet.id
        inside += [tweet] if is_inside else []
    around = Circle(52.5, 13.4, 5)
    down: list[int] = []
    while page := await near(world, None, around, limit=4, before=down[-1] if down else ID_MAX):
        down += page
    assert down == inside[::-1]
    up: list[int] = []
    while page := await near(world, None, around, limit=4, after=up[-1] if up else 0, oldest=True):
        up += reversed(page)
    assert up == inside
    assert await near(world, None, around, after=inside[-3]) == inside[:-3:-1]


async def test_only_those_are_shown_whom_the_public_timeline_would_show(world: World):
    ada, bob, eve, mallory = [await world.user(name) for name in ("ada", "bob", "eve", "mallory")]
    where = (52.52, 13.405)
    shown = await tweet_at(world, ada, *where)
    for level in (Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.DIRECT):
        await tweet_at(world, ada, *where, visibility=level)
    await tweet_at(world, bob, *where, reply_to_id=shown)
    await retweet(world.services, bob.id, shown)
    await block(world.services, ada.id, eve.id)
    await mute(world.services, bob.id, ada.id)
    banned = await tweet_at(world, mallory, *where)
    assert await near(world, None, BERLIN) == [banned, shown]
    await disable_user(world.services, mallory.id)
    assert await near(world, None, BERLIN) == [shown]
    assert await near(world, ada, BERLIN) == [shown]
    assert await near(world, bob, BERLIN) == []
    assert await near(world, eve, BERLIN) == []


async def test_what_a_filter_of_public_timelines_hides_is_not_here_either(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    tweet = await tweet_at(world, ada, 52.52, 13.405, text="Fireworks again")
    change = FilterChange(
        title="Quiet",
        contexts=(FilterContext.PUBLIC,),
        action=FilterAction.HIDE,
        expires_in_s=None,
        keywords=(KeywordChange(text="fireworks", whole_word=True),),
    )
    await make_filter(world.services, bob.id, change)
    assert await near(world, bob, BERLIN) == []
    assert await near(world, ada, BERLIN) == [tweet]


async def test_a_page_among_very_many_that_are_not_shown_ends_and_goes_on(world: World):
    """The corner of a box is no part of the circle: whoever asks is not made to wait for what lies behind it."""
    ada = await world.user("ada")
    around = Circle(52.5, 13.4, 10)
    first = await tweet_at(world, ada, 52.5, 13.4)
    for _ in range(40):
        await tweet_at(world, ada, 52.58, 13.53)
    with world.counted() as count:
        assert await near(world, None, around, limit=2) == [first]
    assert count.reads < 40


async def test_postgres_goes_by_the_index_of_the_cells(postgres_url: str):
    session = await asyncpg.connect(postgres_url)
    try:
        await session.execute("""
            INSERT INTO tweets (id, author_id, text, spoiler, visibility, sensitive, mentions, thread_id, latitude,
                longitude, created_ms)
            SELECT n, 1, 'Tweet', '', 0, FALSE, '', n, 52 + random(), 13 + random(), 0
            FROM generate_series(1, 20000) AS n
        """)
        await session.execute("ANALYZE tweets")
        for radius, index in ((0.5, "small_cell"), (20, "cell"), (700, "large_cell")):
            around = Circle(52.5, 13.4, radius)
            cells, [box] = rules.cells(around), rules.boxes(around)
            statement = records.BY_SIZE[cells.size]
            values = {
                "cells": cells.numbers,
                "after": 0,
                "before": 2**62,
                "limit": records.FOUND_MAX,
                **box._asdict(),
            }
            rows = await session.fetch(
                f"EXPLAIN {statement.postgres}", *[values[name] for name in statement.names]
            )
            steps = "\n".join(row[0] for row in rows)
            assert f"tweets_by_{index}" in steps, steps
            condition = next(row[0] for row in rows if "Cond" in row[0])
            assert "k.value" in condition, steps
            assert "id >" in condition, steps
    finally:
        await session.close()


@pytest.mark.parametrize(
    ("around", "count"),
    [
        (Circle(0, 0, 10), 1),
        (Circle(0, 179.99, 10), 2),
        (Circle(0, -180, 10), 2),
        (Circle(89.99, 0, 10), 1),
        (Circle(-90, 0, 1000), 1),
    ],
)
def test_a_circle_lies_within_its_boxes_and_cells(around: Circle, count: int):
    boxes, cells = rules.boxes(around), rules.cells(around)
    assert len(boxes) == count
    fineness = rules.CELLS_PER_DEGREE[cells.size]
    chance = random.Random(1)
    for _ in range(2_000):
        latitude = min(90.0, max(-90.0, around.latitude + chance.uniform(-10, 10)))
        longitude = (around.longitude + chance.uniform(-180, 180) + 180) % 360 - 180
        if around.holds(latitude, longitude):
            assert any(
                box.west <= longitude <= box.east and box.south <= latitude <= box.north for box in boxes
            )
            row, column = int((latitude + 90) * fineness), int((longitude + 180) * fineness)
            assert row * rules.COLUMNS + column in cells.numbers
