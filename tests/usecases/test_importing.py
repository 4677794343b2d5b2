"""Imports: twice is once, counts are exact, and what is wrong is refused with the rest going on."""

import json
from typing import Any

import pytest

from rookery.domain import importing
from rookery.domain.importing import FollowLine, TweetLine
from rookery.domain.timelines import HashtagChoice, PageRequest, UserChoice
from rookery.domain.users import UserState
from rookery.errors import Invalid
from rookery.storage import people, users
from rookery.usecases import deletion, follows, timelines
from rookery.usecases.importing import Tally, TweetImport, import_follows
from tests.conftest import OpenWorld
from tests.world import World

HOUR_MS = 3_600_000


async def follow_lines(world: World, *pairs: tuple[int, int]) -> Tally:
    lines = [FollowLine(number, f"u{one}", f"u{two}") for number, (one, two) in enumerate(pairs, start=1)]
    return await import_follows(world.services, lines)


async def counts(world: World) -> dict[str, tuple[int, int]]:
    """Followers and followees by user name."""
    rows = await world.rows(
        "SELECT u.username, c.followers, c.following FROM users u JOIN user_counts c ON c.user_id = u.id"
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def line(world: World, number: int = 1, **fields: Any) -> TweetLine:
    fields = {"author": "ada", "text": "Hello", "time": world.now_ms - HOUR_MS, **fields}
    return importing.parse_tweet(number, json.dumps(fields).encode(), now_ms=world.now_ms)


async def tweet_lines(world: World, *lines: TweetLine) -> Tally:
    tweet_import = TweetImport(world.services)
    tally = await tweet_import.add(lines)
    await tweet_import.finish()
    return tally


async def test_follows_bring_the_users_they_name(world: World):
    tally = await follow_lines(world, (1, 2), (1, 3), (2, 3))
    assert (tally.added, tally.users_added, tally.refused) == (3, 3, [])
    assert await counts(world) == {"u1": (0, 2), "u2": (1, 1), "u3": (2, 0)}


async def test_importing_follows_twice_changes_nothing(world: World):
    await follow_lines(world, (1, 2), (1, 3))
    before = await world.rows("SELECT id, home_version FROM users ORDER BY id")
    tally = await follow_lines(world, (1, 2), (1, 3), (1, 2))
    assert (tally.added, tally.present, tally.users_added) == (0, 3, 0)
    assert [tuple(row) for row in await world.rows("SELECT id, home_version FROM users ORDER BY id")] == [
        tuple(row) for row in before
    ]
    assert await counts(world) == {"u1": (0, 2), "u2": (1, 0), "u3": (1, 0)}


async def test_imported_follows_join_those_that_are_there(world: World):
    ada, bob = await world.user("u1"), await world.user("u2")
    await world.follow(ada, bob)
    tally = await follow_lines(world, (1, 2), (2, 1), (3, 2))
    assert (tally.added, tally.present, tally.users_added) == (2, 1, 1)
    assert await counts(world) == {"u1": (1, 1), "u2": (2, 1), "u3": (0, 1)}
    await follows.unfollow(world.services, ada.id, bob.id)
    assert (await counts(world))["u2"] == (1, 1)


async def test_names_are_found_whatever_their_case(world: World):
    await world.user("U1")
    tally = await follow_lines(world, (1, 2))
    assert tally.users_added == 1
    assert await counts(world) == {"U1": (0, 1), "u2": (1, 0)}


async def test_lines_that_name_deleted_users_are_refused_and_the_rest_goes_on(world: World):
    gone = await world.user("u1")
    await deletion.delete_user(world.services, gone.id)
    tally = await follow_lines(world, (2, 3), (1, 2), (3, 2))
    assert tally.added == 2
    assert [number for number, _ in tally.refused] == [2]
    assert "u1" in tally.refused[0][1]


async def test_imported_follows_change_the_home_timeline_at_once(world: World):
    ada, bob = await world.user("u1"), await world.user("u2")
    view = await world.tweet(bob, "Before the import")
    await world.settle()
    await timelines.generate_timeline(world.services, ada.id, PageRequest())
    await world.settle()
    await follow_lines(world, (1, 2))
    page = await timelines.generate_timeline(world.services, ada.id, PageRequest())
    assert [item.tweet.id for item in page.items] == [view.tweet.id]


async def test_users_whom_many_follow_become_hot(open_worlds: OpenWorld):
    world = await open_worlds(hot_user_followers=2)
    await follow_lines(world, (1, 9), (2, 9), (3, 9), (3, 8), (2, 8))
    rows = await world.rows("SELECT u.username FROM hot_users h JOIN users u ON u.id = h.user_id")
    assert [row[0] for row in rows] == ["u9"]


async def test_imported_users_cannot_sign_in_and_can_be_given_a_password(world: World):
    await follow_lines(world, (1, 2))
    async with world.services.db.read() as tx:
        user = await users.get_by_name(tx, "u1")
        assert user is not None
        person = await people.get(world.services, tx, user.id)
        assert await people.password_hash(tx, user.id) is None
    assert user.state is UserState.ACTIVE
    assert person is not None
    assert person.email == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"1", "there are 1"),
        (b"1 2 3", "there are 3"),
        (b"a 2", "'a'"),
        (b"1 -2", "'-2'"),
        (b"1 2.5", "'2.5'"),
        (b"\xff\xfe 2", "whole number"),
        (b"1 " + b"9" * 21, "20 digits"),
        ("1 ٣".encode(), "whole number"),
        (b"7 7", "themselves"),
    ],
)
def test_malformed_follows_are_refused(text: bytes, sentence: str):
    with pytest.raises(Invalid, match=sentence):
        importing.parse_follow(1, text)


def test_columns_may_be_separated_by_any_blanks():
    assert importing.parse_follow(4, b" 12\t \t7\r\n") == FollowLine(4, "u12", "u7")


def test_blank_lines_and_comments_say_nothing():
    assert [importing.is_empty(text) for text in (b"\n", b"  \r\n", b"# 1 2\n", b"1 2\n")] == [
        True,
        True,
        True,
        False,
    ]


async def test_imported_tweets_are_like_posted_ones(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    place = {"latitude": 53.5, "longitude": 10.0, "name": "Hamburg"}
    tally = await tweet_lines(world, line(world, text="@bob Look at the #harbour", place=place))
    assert (tally.added, tally.refused) == (1, [])
    page = await timelines.user_timeline(world.services, bob.id, ada.id, UserChoice(), PageRequest())
    tweet = page.items[0].tweet
    assert tweet.created_ms == world.now_ms - HOUR_MS
    assert [mention.user_id for mention in tweet.mentions] == [bob.id]
    assert tweet.place is not None
    assert (tweet.place.latitude, tweet.place.name) == (53.5, "Hamburg")
    assert page.items[0].author.counts.tweets == 1
    assert page.items[0].author.counts.last_tweet_ms == tweet.created_ms
    tagged = await timelines.hashtag_timeline(
        world.services, None, HashtagChoice(any_of=("harbour",)), PageRequest()
    )
    assert [item.tweet.id for item in tagged.items] == [tweet.id]


async def test_importing_tweets_twice_changes_nothing(world: World):
    await world.user("ada")
    lines = [line(world, 1, id="a"), line(world, 2, text="Re", reply="a"), line(world, 3, text="More")]
    assert (await tweet_lines(world, *lines)).added == 3
    tally = await tweet_lines(world, *lines)
    assert (tally.added, tally.present, tally.refused) == (0, 3, [])
    assert [tuple(row) for row in await world.rows("SELECT tweets FROM user_counts")] == [(3,)]
    assert [tuple(row) for row in await world.rows("SELECT replies FROM tweet_counts")] == [(1,)]


async def test_an_import_that_was_cut_off_goes_on_where_it_was(world: World):
    await world.user("ada")
    first, answer = line(world, 1, id="a"), line(world, 2, text="Re", reply="a")
    await tweet_lines(world, first)
    tally = await tweet_lines(world, first, answer)
    assert (tally.added, tally.present) == (1, 1)


async def test_answers_follow_their_lines_across_batches(world: World):
    await world.user("ada")
    await world.user("bob")
    tweet_import = TweetImport(world.services)
    await tweet_import.add([line(world, 1, id=1)])
    await tweet_import.add([line(world, 2, id=2, text="Re", author="bob", reply=1)])
    await tweet_import.add([line(world, 3, text="Re re", reply="2")])
    rows = await world.rows("SELECT id, reply_to_id, thread_id, text FROM tweets")
    ids = {row[3]: row[0] for row in rows}
    assert {row[3]: (row[1], row[2]) for row in rows} == {
        "Hello": (None, ids["Hello"]),
        "Re": (ids["Hello"], ids["Hello"]),
        "Re re": (ids["Re"], ids["Hello"]),
    }


async def test_lines_with_equal_words_are_told_apart_by_their_ids(world: World):
    await world.user("ada")
    tally = await tweet_lines(
        world, line(world, 1), line(world, 2), line(world, 3, id=1), line(world, 4, id=2)
    )
    assert (tally.added, tally.present) == (3, 1)


async def test_bad_tweets_are_refused_and_the_rest_goes_on(world: World):
    await world.user("ada")
    tally = await tweet_lines(
        world,
        line(world, 1, author="nobody"),
        line(world, 2, text="x" * 501),
        line(world, 3, text=" "),
        line(world, 4, reply="missing"),
        line(world, 5, place={"latitude": 91.0, "longitude": 0.0}),
        line(world, 6, text="Fine"),
    )
    assert tally.added == 1
    assert [number for number, _ in tally.refused] == [1, 2, 3, 4, 5]
    assert all(len(sentence) > 10 for _, sentence in tally.refused)


async def test_imported_tweets_show_on_kept_homes(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(bob, ada)
    await timelines.generate_timeline(world.services, bob.id, PageRequest())
    await world.settle()
    await tweet_lines(world, line(world))
    page = await timelines.generate_timeline(world.services, bob.id, PageRequest())
    assert [item.tweet.text for item in page.items] == ["Hello"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"{", "no JSON"),
        (b"[]", "object"),
        (b'"x"', "object"),
        (b'{"author": "ada"}', "text"),
        (b'{"author": 1, "text": "x", "time": 5}', "author"),
        (b'{"author": "ada", "text": "x", "time": "soon"}', "ISO 8601"),
        (b'{"author": "ada", "text": "x", "time": 1.5}', "time"),
        (b'{"author": "ada", "text": "x", "time": true}', "time"),
        (b'{"author": "ada", "text": "x", "time": "2006-03-21"}', "2010"),
        (b'{"author": "ada", "text": "x", "time": 99999999999999999999}', "time|integer|range"),
        (b'{"author": "ada", "text": "x", "time": "2100-01-01"}', "future"),
        (b'{"author": "ada", "text": "\\u0000", "time": "2020-01-01"}', "NUL"),
        (b'{"author": "ada", "text": "\xff", "time": "2020-01-01"}', "UTF-8|utf-8"),
        (b'{"author": "ada", "text": "x", "time": "2020-01-01", "id": "' + b"9" * 201 + b'"}', "200"),
        (b'{"author": "ada", "text": "x", "time": "2020-01-01", "place": {"latitude": "x"}}', "latitude"),
        (b'{"author": "ada", "text": "x", "time": "2020-01-01", "more": ' + b"[" * 100_000, "no JSON"),
    ],
)
def test_malformed_tweets_are_refused(text: bytes, sentence: str):
    with pytest.raises(Invalid, match=sentence):
        importing.parse_tweet(1, text, now_ms=1_790_000_000_000)


def test_times_are_understood_in_every_spelling():
    times = ("2026-03-01T06:12:00Z", "2026-03-01T07:12:00+01:00", "2026-03-01 06:12", 1_772_345_520_000)
    lines = [
        importing.parse_tweet(
            1, json.dumps({"author": "ada", "text": "x", "time": time}).encode(), now_ms=1_790_000_000_000
        )
        for time in times
    ]
    assert {parsed.time_ms for parsed in lines} == {1_772_345_520_000}
