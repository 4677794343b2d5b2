# ruff: noqa: RUF001  the letters of many languages look like those of others
"""Searching tweets: what is found, by whom, in which order, and that both engines and plain Python agree."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from rookery import tasks
from rookery.domain.ids import ID_MAX
from rookery.domain.polls import PollDraft
from rookery.domain.search import documents, matching, queries
from rookery.domain.search.places import Circle
from rookery.domain.tweets import Place, Visibility
from rookery.domain.users import User
from rookery.errors import Invalid, Unauthorized
from rookery.ports import Write
from rookery.storage import search as search_records
from rookery.usecases import search
from rookery.usecases.blocks import block
from rookery.usecases.bookmarks import bookmark_tweet
from rookery.usecases.edits import edit_tweet
from rookery.usecases.favorites import mark_tweet_favorite
from rookery.usecases.mutes import mute
from rookery.usecases.retweets import retweet
from rookery.usecases.search import Wanted, index_tweets, search_tweets
from rookery.usecases.tweets import delete_tweet
from tests.world import World, ids

TEXTS = {
    "new_york": "I love New York in spring",
    "york_new": "York has a new bridge",
    "istanbul": "İSTANBUL'da ılık bir sabah",
    "cafe": "Un café à l'orée, cœur léger",
    "tokyo": "東京の鳥はとても速いです",
    "ka": "これは蚊です",
    "ga": "これは蛾が多いです",
    "beijing": "我爱北京天安门",
    "seoul": "서울에서 만나요",
    "thai": "ฉันรักประเทศไทยมาก",
    "hindi": "मैं हिन्दी बोलता हूँ",
    "arabic": "أَهْلًا وَسَهْلًا بكم في القاهرة",
    "greek": "Ο Οδυσσέας γύρισε στην Ιθάκη",
    "russian": "Ёлка стоит в углу",
    "german": "Die Straße ist naß",
    "emoji": "Good morning 👩🏽‍🚀 and 🇩🇪 too",
    "link": "Read https://www.example.org/birds/of-paradise?utm=1 today",
    "tags": "Look at the sky #BirdWatching #鳥",
    "digits": "The answer is ٤٢ today",
    "snake": "call snake_case_name now, don't wait",
    "plain": "birds bird birdsong",
}
JUDGED = {
    '"new york"': ["new_york"],
    "new york": ["york_new", "new_york"],
    "NEW yORK -love": ["york_new"],
    'new -"new york"': ["york_new"],
    "“new york”": ["new_york"],
    "istanbul": ["istanbul"],
    "ISTANBUL": ["istanbul"],
    "İstanbul": ["istanbul"],
    "ilik": ["istanbul"],
    "cafe": ["cafe"],
    "CAFÉ": ["cafe"],
    "l'orée": ["cafe"],
    "coeur": ["cafe"],
    "東京": ["tokyo"],
    "京の鳥": ["tokyo"],
    "鳥": ["tags", "tokyo"],
    "鳥京": [],
    "が": ["ga"],
    "か": [],
    "北京": ["beijing"],
    "安门": ["beijing"],
    "京": ["beijing", "tokyo"],
    "서울": ["seoul"],
    "만나": ["seoul"],
    "ประเทศ": ["thai"],
    "हिन्दी": ["hindi"],
    "اهلا": ["arabic"],
    "القاهره": ["arabic"],
    "ΟΔΥΣΣΕΑΣ": ["greek"],
    "ιθακη": ["greek"],
    "елка": ["russian"],
    "strasse": ["german"],
    "NASS": ["german"],
    "👩‍🚀": ["emoji"],
    "🇩🇪": ["emoji"],
    "🇫🇷": [],
    "paradise": ["link"],
    "https://example.org/birds/of-paradise": ["link"],
    "utm": [],
    "has:link": ["link"],
    "#birdwatching": ["tags"],
    "birdwatching": ["tags"],
    "#bird": [],
    "#bird*": ["tags"],
    "#鳥": ["tags"],
    "42": ["digits"],
    "snake_case_name": ["snake"],
    "don’t": ["snake"],
    "bird*": ["plain", "tags", "link"],
    "bird": ["plain"],
    "bird* -link:x -has:link": ["plain", "tags"],
    "lov*": ["new_york"],
    "l*": ["cafe"],
    "zebra": [],
    '""': [],
    "- + * : \" '": [],
}


async def find(world: World, viewer: User | None, text: str, **wanted: Any) -> list[int]:
    return ids((await search_tweets(world.services, viewer and viewer.id, text, Wanted(**wanted))).items)


async def post_all(world: World, by: User) -> dict[int, str]:
    names: dict[int, str] = {}
    for name, text in TEXTS.items():
        world.advance(seconds=1)
        names[(await world.tweet(by, text)).tweet.id] = name
    return names


async def test_a_judged_set_of_searches_finds_what_people_expect(world: World):
    ada = await world.user("ada")
    names = await post_all(world, ada)
    found = {text: [names[tweet_id] for tweet_id in await find(world, None, text)] for text in JUDGED}
    assert found == JUDGED


async def test_operators_find_what_they_ask_for(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    first = await world.tweet(ada, "bird one @bob", language="en")
    world.advance(days=1)
    reply = await world.tweet(bob, "bird two", reply_to_id=first.tweet.id, language="de")
    world.advance(days=1)
    poll = await world.tweet(ada, "bird three", poll=PollDraft(("yes nest", "no"), 3600), sensitive=True)
    world.advance(days=1)
    quote = await world.tweet(bob, "bird four", quoted_id=reply.tweet.id, place=Place(52.52, 13.4, "Berlin"))
    await world.tweet(ada, "else")
    found = {
        text: await find(world, ada, f"bird {text}")
        for text in (
            *("from:ada", "from:@bob", "from:me", "-from:me", "from:nobody", "to:bob", "mentions:@bob"),
            *("is:reply", "-is:reply", "is:quote", "is:sensitive", "-is:retweet", "has:poll", "has:media"),
            *("language:de", "lang:en", "near:berlin", "near:52.5,13.4,10km", "near:48.1,11.6,100km"),
            *(
                "since:2026-09-22",
                "before:2026-09-22",
                "after:2026-09-22",
                "during:2026-09-23",
                "during:2026",
            ),
            *("nest", "in:public", "in:own"),
        )
    }
    one, two, three, four = (view.tweet.id for view in (first, reply, poll, quote))
    assert found == {
        "from:ada": [three, one],
        "from:@bob": [four, two],
        "from:me": [three, one],
        "-from:me": [four, two],
        "from:nobody": [],
        "to:bob": [one],
        "mentions:@bob": [one],
        "is:reply": [two],
        "-is:reply": [four, three, one],
        "is:quote": [four],
        "is:sensitive": [three],
        "-is:retweet": [four, three, two, one],
        "has:poll": [three],
        "has:media": [],
        "language:de": [two],
        "lang:en": [one],
        "near:berlin": [four],
        "near:52.5,13.4,10km": [four],
        "near:48.1,11.6,100km": [],
        "since:2026-09-22": [four, three, two],
        "before:2026-09-22": [one],
        "after:2026-09-22": [four, three],
        "during:2026-09-23": [three],
        "during:2026": [four, three, two, one],
        "nest": [three],
        "in:public": [four, three, two, one],
        "in:own": [three, one],
    }


async def test_the_library_holds_what_one_wrote_favorited_or_bookmarked(world: World):
    ada, bob = await world.user("ada"), await world.user("bob", indexable=False)
    own, liked, kept, other = [(await world.tweet(by, "bird")).tweet.id for by in (ada, bob, bob, bob)]
    await mark_tweet_favorite(world.services, ada.id, liked)
    await bookmark_tweet(world.services, ada.id, kept)
    assert await find(world, ada, "bird in:library") == [kept, liked, own]
    assert await find(world, ada, "bird in:favorited") == [liked]
    assert await find(world, ada, "in:bookmarked") == [kept]
    assert await find(world, bob, "bird in:own") == [other, kept, liked]
    with pytest.raises(Unauthorized):
        await find(world, None, "bird in:library")


async def test_what_somebody_retweeted_is_found_by_what_it_says(world: World):
    ada, bob, eve = [await world.user(name) for name in ("ada", "bob", "eve")]
    bird, fish = [(await world.tweet(bob, text)).tweet.id for text in ("bird at sea", "fish")]
    own = (await world.tweet(ada, "bird")).tweet.id
    by_ada = [(await retweet(world.services, ada.id, tweet_id)).tweet.id for tweet_id in (bird, fish)]
    assert await find(world, eve, "is:retweet from:ada bird") == by_ada[:1]
    assert await find(world, eve, "from:ada is:retweet") == by_ada[::-1]
    assert await find(world, ada, "is:retweet from:me -bird") == by_ada[1:]
    assert await find(world, ada, "in:own is:retweet sea*") == by_ada[:1]
    assert await find(world, eve, "is:retweet from:ada -from:bob") == []
    assert await find(world, eve, "bird") == [own, bird]
    with pytest.raises(Invalid, match="whose retweets"):
        await find(world, eve, "is:retweet bird")
    await block(world.services, bob.id, eve.id)
    assert await find(world, eve, "is:retweet from:ada") == []


async def test_where_very_much_is_looked_through_a_page_ends_and_the_next_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(search, "LOOKED_THROUGH_MAX", 6)
    monkeypatch.setattr(search, "LOOKED_AT_ONCE", 3)
    ada, shy = await world.user("ada"), await world.user("shy", indexable=False)
    sea = [(await world.tweet(ada, "sea", place=Place(89.9, 10))).tweet.id]
    texts = [f"bird{' nest' if number == 3 else ''}" for number in range(20)]
    birds = [(await world.tweet(shy, text, place=Place(89.8, 40))).tweet.id for text in texts]
    for tweet_id in (*birds, *sea):
        await bookmark_tweet(world.services, ada.id, tweet_id)
    assert await every_page(world, ada, "in:bookmarked bird", limit=8) == birds[::-1]
    assert await every_page(world, ada, "in:library nest", limit=8) == [birds[3]]
    assert await every_page(world, ada, "in:library -bird", limit=8) == sea
    assert await every_page(world, ada, "-nest", limit=8) == sea
    assert await every_page(world, ada, "near:90,0", limit=8) == sea
    first = await search.search_tweets(world.services, ada.id, "-nest", Wanted())
    assert not first.items, "what it looked through belongs to somebody who is not searched"
    assert first.oldest_id == birds[14]


async def every_page(world: World, viewer: User, text: str, *, limit: int) -> list[int]:
    found: list[int] = []
    before: int | None = ID_MAX
    while before is not None:
        page = await search.search_tweets(world.services, viewer.id, text, Wanted(before=before, limit=limit))
        found += ids(page.items)
        before = page.oldest_id
    return found


async def test_everything_within_a_large_circle_is_found_at_every_latitude(world: World):
    ada, chance = await world.user("ada"), random.Random(3)
    places: dict[int, tuple[float, float]] = {}
    for _ in range(60):
        point = chance.choice((chance.uniform(70, 90), chance.uniform(-90, 90))), chance.uniform(-180, 180)
        places[(await world.tweet(ada, place=Place(*point))).tweet.id] = point
    for latitude in (-90, -60, 0, 35, 60, 75, 79, 82, 90):
        for longitude, radius in ((10, 1_000), (179.5, 1_000), (-100, 300)):
            around = Circle(latitude, longitude, radius)
            expected = [tweet_id for tweet_id, point in places.items() if around.holds(*point)][::-1]
            assert await find(world, None, f"near:{latitude},{longitude},{radius}km", limit=60) == expected


async def test_only_those_find_a_tweet_who_may_see_it(world: World):
    ada, bob, eve = [await world.user(name) for name in ("ada", "bob", "eve")]
    await world.follow(bob, ada)
    made = {
        level: (await world.tweet(ada, f"bird @bob {level.name}", visibility=level)).tweet.id
        for level in Visibility
    }
    everything = sorted(made.values(), reverse=True)
    assert await find(world, ada, "bird") == everything
    assert await find(world, bob, "bird") == everything
    assert await find(world, eve, "bird") == [made[Visibility.PUBLIC]]
    assert await find(world, None, "bird") == [made[Visibility.PUBLIC]]
    assert await find(world, None, "-zebra before:2030") == [made[Visibility.PUBLIC]]
    assert await find(world, ada, "bird in:public") == [made[Visibility.PUBLIC]]
    await block(world.services, ada.id, eve.id)
    assert await find(world, eve, "bird") == []
    await mute(world.services, bob.id, ada.id)
    assert await find(world, bob, "bird") == []


async def test_who_does_not_want_to_be_found_is_not_but_finds_themselves(world: World):
    ada, bob = await world.user("ada", indexable=False), await world.user("bob")
    tweet = (await world.tweet(ada, "bird")).tweet.id
    shown = (await world.tweet(bob, "bird")).tweet.id
    assert await find(world, bob, "bird", limit=1) == [shown]
    assert await find(world, None, "bird") == [shown]
    assert await find(world, ada, "bird") == [shown, tweet]


async def test_a_tweet_is_found_at_once_by_what_it_says_and_gone_at_once_when_deleted(world: World):
    ada = await world.user("ada")
    tweet = (await world.tweet(ada, "bird")).tweet.id
    assert await find(world, None, "bird") == [tweet]
    await edit_tweet(world.services, ada.id, tweet, text="fish")
    assert await find(world, None, "bird") == []
    assert await find(world, None, "fish") == [tweet]
    await delete_tweet(world.services, ada.id, tweet)
    assert await find(world, None, "fish") == []
    assert await world.rows("SELECT * FROM search_tweets") == []


async def test_pages_hold_each_match_once_also_while_others_post_and_delete(world: World):
    ada = await world.user("ada")
    views = [await world.tweet(ada, f"bird {number}") for number in range(25)]
    expected = ids(views)[::-1]
    seen: list[int] = []
    page = await find(world, None, "bird", limit=7)
    while page:
        seen += page
        await world.tweet(ada, "bird again")
        await delete_tweet(world.services, ada.id, page[-1])
        page = await find(world, None, "bird", limit=7, before=page[-1])
    assert seen == expected


async def test_skipping_pages_and_lower_bounds(world: World):
    ada = await world.user("ada")
    expected = ids([await world.tweet(ada, f"bird {number}") for number in range(12)])[::-1]
    assert await find(world, None, "bird", limit=5, skip=5) == expected[5:10]
    assert await find(world, None, "bird", after=expected[3]) == expected[:3]
    assert await find(world, None, "bird", skip=5_000) == []


async def test_the_best_come_first_if_so_asked(world: World):
    ada, bob, eve = [await world.user(name) for name in ("ada", "bob", "eve")]
    views = [await world.tweet(ada, f"bird {number}") for number in range(6)]
    loved, liked = views[1].tweet.id, views[3].tweet.id
    for fan in (ada, bob, eve):
        await mark_tweet_favorite(world.services, fan.id, loved)
    await mark_tweet_favorite(world.services, bob.id, liked)
    rest = [view.tweet.id for view in reversed(views) if view.tweet.id not in {loved, liked}]
    assert await find(world, None, "bird", order="best") == [loved, liked, *rest]
    assert await find(world, None, "bird", order="best", limit=2, skip=1) == [liked, rest[0]]


async def test_tweets_from_before_the_index_are_found_once_the_task_has_run(world: World):
    ada = await world.user("ada")
    views = [await world.tweet(ada, f"bird {number}") for number in range(5)]
    await write(world, "DELETE FROM search_tweets")
    await write(world, "DELETE FROM search_state")
    assert await find(world, None, "bird") == []
    newer = (await world.tweet(ada, "bird anew")).tweet.id
    await index_tweets(world.services, tasks.IndexTweets())
    assert await find(world, None, "bird") == [newer, *reversed(ids(views))]
    await write(world, "UPDATE search_tweets SET norm_version = 'old'")
    await write(world, "UPDATE search_state SET norm_version = 'old'")
    await index_tweets(world.services, tasks.IndexTweets())
    await index_tweets(world.services, tasks.IndexTweets())
    assert await find(world, None, "bird") == [newer, *reversed(ids(views))]
    assert await world.rows("SELECT tweet_id FROM search_tweets WHERE norm_version = 'old'") == []


async def write(world: World, text: str) -> None:
    from rookery.sql import Sql

    async def work(tx: Write) -> None:
        await tx.run(Sql(text, text, ()))

    await world.services.db.write(work)


ALPHABET = [
    "bird",
    "nest",
    "new",
    "york",
    "Café",
    "東京",
    "鳥",
    "서울",
    "ไทย",
    "#Sky",
    "👍",
    "don't",
    "42",
    "ab",
    "abc",
]


async def test_random_searches_find_exactly_what_plain_python_finds(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """Windows are made small, so that every kind of window is used."""
    monkeypatch.setattr(search_records, "NEWEST_WINDOW", 20)
    monkeypatch.setattr(search_records, "NEWEST_WINDOW_OF_PREFIXES", 30)
    chance = random.Random(7)
    ada, bob = await world.user("ada"), await world.user("bob")
    tweets = []
    for _ in range(150):
        manuscript = {
            "text": " ".join(chance.choices(ALPHABET, k=chance.randint(1, 5)))
            + chance.choice(["", "東", " @bob"]),
            "visibility": chance.choice([Visibility.PUBLIC, Visibility.PUBLIC, Visibility.DIRECT]),
        }
        tweets.append((await world.tweet(chance.choice([ada, bob]), **manuscript)).tweet)
    for _ in range(150):
        text = " ".join(_part(chance) for _ in range(chance.randint(1, 3)))
        viewer = chance.choice([None, ada, bob])
        query = queries.parse(text, now_ms=world.now_ms)
        expected = [
            tweet.id
            for tweet in reversed(tweets)
            if matching.fits(query, documents.tokens(tweet)) and may_be_found(documents.tokens(tweet), viewer)
        ]
        before = chance.choice(tweets).id if chance.random() < 0.3 else None
        if before is not None:
            expected = [tweet_id for tweet_id in expected if tweet_id < before]
        bounds = {} if before is None else {"before": before}
        if query.wanted:
            assert await find(world, viewer, text, limit=500, **bounds) == expected, text


def may_be_found(tokens: Sequence[str], viewer: User | None) -> bool:
    own = viewer is not None and {documents.author(viewer.id), documents.addressee(viewer.id)} & set(tokens)
    return documents.HIDDEN not in tokens or bool(own)


def _part(chance: random.Random) -> str:
    words = chance.choices(ALPHABET, k=chance.choice([1, 1, 2]))
    sign = chance.choice(["", "", "", "-"])
    if len(words) > 1:
        return f'{sign}"{" ".join(words)}"'
    return sign + (words[0][:-1] + "*" if chance.random() < 0.3 else words[0])


HOSTILE: Sequence[str] = (
    *(
        '"',
        '"" "',
        "'",
        "\\",
        "%",
        "_",
        "\x00",
        "\n\t",
        "\u200d",
        "\u200d*",
        "*",
        "**",
        "-",
        "--",
        "-*",
        '-"',
    ),
    *(
        "a OR b AND NOT c",
        "NEAR(a b)",
        "a:b:c",
        "from:",
        "from:@",
        "from:'x",
        "has:",
        "x' & !y",
        "a\\:*",
        "{a}^2",
    ),
    *(
        "#",
        "##",
        "#*",
        "#_",
        "@",
        "@*",
        "near:,",
        "near:1",
        "near:0,180,1000km",
        "near:89.9,179.9",
        "=v",
        '"=v"',
    ),
    *("\U000e0001", "\ufdfa", "e\u0301\u0301\u0301*", "\u3099", "a" * 2_000, "ก็" * 300, "🇩", "\ud7ff", "؀"),
    "-a -b -c",
)


async def test_hostile_searches_are_read_or_refused_with_a_sentence(world: World):
    ada = await world.user("ada")
    await world.tweet(ada, "x " + " ".join(text for text in HOSTILE if "\x00" not in text)[:400])
    chance = random.Random(11)
    mixed = ["".join(chance.choices([*HOSTILE, " ", "a"], k=4))[:400] for _ in range(120)]
    for text in (*HOSTILE, *mixed):
        try:
            await find(world, ada, text)
        except Invalid as error:
            assert error.message


@pytest.mark.parametrize(
    "text",
    [
        "since:tomorrow",
        "before:2026-13",
        "during:2026-02-30",
        "has:wings",
        "is:bird",
        "in:space",
        "near:95,10",
    ],
)
async def test_what_cannot_be_read_is_answered_with_a_sentence(world: World, text: str):
    with pytest.raises(Invalid) as refused:
        await find(world, None, text)
    assert len(refused.value.message) > 10
