"""Filters: what matches, what becomes of it, and where."""

from collections.abc import Sequence

import pytest

from rookery.domain.filters import CompiledFilter, Filter, FilterAction, FilterContext, FilterKeyword
from rookery.domain.polls import PollDraft
from rookery.domain.timelines import HashtagChoice, PageRequest, UserChoice
from rookery.domain.users import User
from rookery.domain.visibility import TweetView
from rookery.errors import Invalid, NotFound
from rookery.usecases import filters
from rookery.usecases.filters import FilterChange, KeywordChange
from rookery.usecases.retweets import retweet
from rookery.usecases.timelines import (
    generate_timeline,
    hashtag_timeline,
    public_timeline,
    user_timeline,
)
from rookery.usecases.tweets import delete_tweet, get_thread, get_tweet
from tests.world import World, ids

EVERYWHERE = tuple(FilterContext)


async def make(
    world: World,
    by: User,
    *words: str,
    contexts: tuple[FilterContext, ...] = EVERYWHERE,
    action: FilterAction = FilterAction.HIDE,
    whole_word: bool = True,
    expires_in_s: int | None = None,
) -> Filter:
    change = FilterChange(
        title="Not this",
        contexts=contexts,
        action=action,
        expires_in_s=expires_in_s,
        keywords=tuple(KeywordChange(text=word, whole_word=whole_word) for word in words),
    )
    return await filters.make_filter(world.services, by.id, change)


def found(text: str, *words: str, whole_word: bool = True) -> Sequence[str]:
    """Return what a filter for these words finds in a text."""
    of = Filter(
        id=1,
        title="Words",
        contexts=EVERYWHERE,
        action=FilterAction.WARN,
        expires_ms=None,
        keywords=tuple(FilterKeyword(number, word, whole_word) for number, word in enumerate(words)),
    )
    return CompiledFilter(of).words_in([text])


@pytest.mark.parametrize(
    ("text", "word", "matches"),
    [
        ("A cat sat.", "cat", True),
        ("A CAT sat.", "cat", True),
        ("Concatenate", "cat", False),
        ("cat_food", "cat", False),
        ("cat-food", "cat", True),
        ("the cats", "cat", False),
        ("I write C++ daily", "C++", True),
        ("about #rust", "#rust", True),
        ("about #rusty", "#rust", False),
        ("a.b", "a.b", True),
        ("axb", "a.b", False),
        ("Das ist eine Straße", "STRASSE", True),
        ("бизон идёт", "БИЗОН", True),
        ("бизоны", "бизон", False),
        ("今日は猫が好き", "猫", False),
        ("猫 が好き", "猫", True),
        ("बिल्ली", "बिल", False),
        ("two  spaces", "two  spaces", True),
        ("ends with (", "with (", True),
    ],
)
def test_whole_words_end_where_letters_do_in_every_script(text: str, word: str, *, matches: bool):
    assert bool(found(text, word)) is matches


@pytest.mark.parametrize(
    ("text", "word"), [("Concatenate", "CAT"), ("今日は猫が好き", "猫"), ("x[1]*y", "[1]*")]
)
def test_parts_of_words_are_found_where_that_is_asked_for(text: str, word: str):
    assert found(text, word, whole_word=False)


def test_what_was_found_is_told_as_it_stands_in_the_text():
    assert found("Cats, a CAT and a dog; cat", "cat", "dog") == ("CAT", "dog", "cat")


async def test_hiding_takes_tweets_off_the_timelines_of_its_contexts_alone(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(ada, bob)
    tweet = await world.tweet(bob, "All about spoilers #film")
    await world.settle()

    async def seen_in() -> set[str]:
        services, page = world.services, PageRequest()
        everywhere = {
            "home": await generate_timeline(services, ada.id, page),
            "public": await public_timeline(services, ada.id, page),
            "hashtag": await hashtag_timeline(services, ada.id, HashtagChoice(any_of=("film",)), page),
            "account": await user_timeline(services, ada.id, bob.id, UserChoice(), page),
        }
        return {name for name, found in everywhere.items() if ids(found.items)}

    assert await seen_in() == {"home", "public", "hashtag", "account"}
    for context, left in (
        (FilterContext.HOME, {"public", "hashtag", "account"}),
        (FilterContext.PUBLIC, {"home", "account"}),
        (FilterContext.PROFILE, {"home", "public", "hashtag"}),
        (FilterContext.THREAD, {"home", "public", "hashtag", "account"}),
    ):
        made = await make(world, ada, "spoilers", contexts=(context,))
        assert await seen_in() == left
        assert (await get_tweet(world.services, ada.id, tweet.tweet.id)).filtered
        await filters.remove_filter(world.services, ada.id, made.id)
    assert not (await get_tweet(world.services, ada.id, tweet.tweet.id)).filtered


async def test_a_hidden_answer_leaves_the_thread_and_the_tweet_asked_for_stays(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    first = await world.tweet(bob, "A riddle")
    answer = await world.tweet(bob, "The answer: wind", reply_to_id=first.tweet.id)
    await make(world, ada, "wind", contexts=(FilterContext.THREAD,))
    thread = await get_thread(world.services, ada.id, first.tweet.id)
    assert thread.descendants == []
    thread = await get_thread(world.services, ada.id, answer.tweet.id)
    assert ids(thread.ancestors) == [first.tweet.id]
    assert ids((await get_thread(world.services, bob.id, first.tweet.id)).descendants) == [answer.tweet.id]


@pytest.mark.parametrize("action", [FilterAction.WARN, FilterAction.BLUR])
async def test_warning_and_blurring_leave_the_tweet_and_tell_what_matched(world: World, action: FilterAction):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.tweet(bob, "Rain and RAIN", spoiler="rain")
    made = await make(world, ada, "rain", action=action)
    [view] = (await public_timeline(world.services, ada.id, PageRequest())).items
    [match] = view.filtered
    assert (match.filter.id, match.filter.action, match.keywords) == (
        made.id,
        action,
        ("rain", "Rain", "RAIN"),
    )
    [unfiltered] = (await public_timeline(world.services, bob.id, PageRequest())).items
    assert unfiltered.filtered == ()


async def test_own_tweets_are_not_filtered(world: World):
    ada = await world.user("ada")
    await make(world, ada, "rain")
    tweet = await world.tweet(ada, "Rain")
    assert ids((await public_timeline(world.services, ada.id, PageRequest())).items) == [tweet.tweet.id]
    assert not (await get_tweet(world.services, ada.id, tweet.tweet.id)).filtered


async def test_what_a_retweet_shows_counts_and_both_tell(world: World):
    ada, bob, cyd = [await world.user(name) for name in ("ada", "bob", "cyd")]
    await world.follow(ada, bob)
    tweet = await world.tweet(cyd, "Rain")
    await retweet(world.services, bob.id, tweet.tweet.id)
    made = await make(world, ada, "rain", action=FilterAction.WARN)
    [view] = (await generate_timeline(world.services, ada.id, PageRequest())).items
    assert view.retweet_of is not None
    assert view.filtered == view.retweet_of.filtered
    assert [match.filter.id for match in view.filtered] == [made.id]
    change = FilterChange(action=FilterAction.HIDE)
    await filters.change_filter(world.services, ada.id, made.id, change)
    assert (await generate_timeline(world.services, ada.id, PageRequest())).items == []


async def test_a_filter_ends_with_its_time(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.tweet(bob, "Rain")
    made = await make(world, ada, "rain", expires_in_s=60)
    assert (await public_timeline(world.services, ada.id, PageRequest())).items == []
    world.advance(seconds=60)
    [view] = (await public_timeline(world.services, ada.id, PageRequest())).items
    assert view.filtered == ()
    change = FilterChange(never_expires=True)
    await filters.change_filter(world.services, ada.id, made.id, change)
    assert (await public_timeline(world.services, ada.id, PageRequest())).items == []


async def test_a_filter_may_name_single_tweets(world: World):
    ada, bob, cyd = [await world.user(name) for name in ("ada", "bob", "cyd")]
    tweet, other = await world.tweet(bob, "One"), await world.tweet(bob, "Two")
    shared = await retweet(world.services, cyd.id, tweet.tweet.id)
    made = await make(world, ada)
    entry = await filters.name_tweet(world.services, ada.id, made.id, shared.tweet.id)
    assert entry.tweet_id == tweet.tweet.id
    with pytest.raises(Invalid):
        await filters.name_tweet(world.services, ada.id, made.id, tweet.tweet.id)
    assert ids((await public_timeline(world.services, ada.id, PageRequest())).items) == [other.tweet.id]
    view = await get_tweet(world.services, ada.id, tweet.tweet.id)
    assert [match.tweet_ids for match in view.filtered] == [(tweet.tweet.id,)]
    await filters.unname_tweet(world.services, ada.id, entry.id)
    assert len((await public_timeline(world.services, ada.id, PageRequest())).items) == 2


async def test_a_deleted_tweet_leaves_the_filters_that_name_it(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    tweet = await world.tweet(bob)
    made = await make(world, ada)
    await filters.name_tweet(world.services, ada.id, made.id, tweet.tweet.id)
    await delete_tweet(world.services, bob.id, tweet.tweet.id)
    await world.settle()
    assert (await filters.get_filter(world.services, ada.id, made.id)).tweets == ()


async def test_pages_are_full_though_much_is_hidden(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    kept: list[TweetView] = []
    for number in range(30):
        posted = await world.tweets(bob, 1, "Rain" if number % 3 else "Sun")
        kept += posted if number % 3 == 0 else []
    await make(world, ada, "rain")
    page = await public_timeline(world.services, ada.id, PageRequest(limit=8))
    assert ids(page.items) == ids(list(reversed(kept)))[:8]
    assert page.oldest_id is not None
    rest = await public_timeline(world.services, ada.id, PageRequest(before=page.oldest_id, limit=8))
    assert ids(rest.items) == ids(list(reversed(kept)))[8:]


async def test_keywords_are_added_changed_and_removed(world: World):
    ada = await world.user("ada")
    made = await make(world, ada, "one", "two")
    one, two = made.keywords
    changed = await filters.change_filter(
        world.services,
        ada.id,
        made.id,
        FilterChange(
            keywords=(
                KeywordChange(one.id, removed=True),
                KeywordChange(two.id, whole_word=False),
                KeywordChange(text="three"),
            )
        ),
    )
    assert [(each.text, each.whole_word) for each in changed.keywords] == [("two", False), ("three", True)]
    with pytest.raises(NotFound):
        await filters.change_filter(
            world.services, ada.id, made.id, FilterChange(keywords=(KeywordChange(one.id, "four"),))
        )
    await filters.remove_keyword(world.services, ada.id, two.id)
    assert [each.text for each in (await filters.get_filter(world.services, ada.id, made.id)).keywords] == [
        "three"
    ]


async def test_filters_are_their_owners_alone(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    made = await make(world, ada, "one")
    tweet = await world.tweet(ada)
    keyword_id = made.keywords[0].id
    for attempt in (
        filters.get_filter(world.services, bob.id, made.id),
        filters.change_filter(world.services, bob.id, made.id, FilterChange(title="Mine")),
        filters.remove_filter(world.services, bob.id, made.id),
        filters.find_keyword(world.services, bob.id, keyword_id),
        filters.change_keyword(world.services, bob.id, keyword_id, KeywordChange(text="mine")),
        filters.remove_keyword(world.services, bob.id, keyword_id),
        filters.name_tweet(world.services, bob.id, made.id, tweet.tweet.id),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await filters.list_filters(world.services, bob.id) == []
    assert await filters.list_filters(world.services, ada.id) == [made]


async def test_filters_and_keywords_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch):
    ada = await world.user("ada")
    for wrong in (
        FilterChange(contexts=EVERYWHERE),
        FilterChange(title="No context"),
        FilterChange(title="x" * 301, contexts=EVERYWHERE),
        FilterChange(title="Empty", contexts=EVERYWHERE, keywords=(KeywordChange(text=" "),)),
        FilterChange(title="Long", contexts=EVERYWHERE, keywords=(KeywordChange(text="x" * 301),)),
    ):
        with pytest.raises(Invalid):
            await filters.make_filter(world.services, ada.id, wrong)
    monkeypatch.setattr(filters, "KEYWORDS_MAX", 3)
    monkeypatch.setattr(filters, "ALL_KEYWORDS_MAX", 5)
    monkeypatch.setattr(filters, "FILTERS_MAX", 2)
    await make(world, ada, "one", "two", "three")
    for words in (["one", "two", "three", "four"], ["one", "two", "three"]):
        with pytest.raises(Invalid):
            await make(world, ada, *words)
    await make(world, ada, "one", "two")
    with pytest.raises(Invalid, match="2 filters"):
        await make(world, ada)
    monkeypatch.setattr(filters, "ALL_KEYWORD_CHARS_MAX", 20)
    [first, _] = await filters.list_filters(world.services, ada.id)
    with pytest.raises(Invalid):
        await filters.change_keyword(
            world.services, ada.id, first.keywords[0].id, KeywordChange(text="longer than before")
        )


async def test_whoever_has_no_filters_pays_nothing_on_home_and_others_once(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.follow(ada, bob)
    await world.tweet(bob, "Sun")
    await world.settle()
    await generate_timeline(world.services, ada.id, PageRequest())
    await world.settle()
    with world.counted() as without:
        await generate_timeline(world.services, ada.id, PageRequest())
    made = await make(world, ada, "rain")
    await generate_timeline(world.services, ada.id, PageRequest())
    with world.counted() as with_filters:
        await generate_timeline(world.services, ada.id, PageRequest())
    assert with_filters.reads == without.reads
    await filters.remove_filter(world.services, ada.id, made.id)
    assert list(await world.rows("SELECT filters_version FROM users WHERE filters_version <> 0")) == []


async def test_what_a_poll_asks_is_searched_as_well(world: World):
    ada, bob = await world.user("ada"), await world.user("bob")
    await world.tweet(bob, "Which?", poll=PollDraft(("Rain", "Sun"), 3600))
    await make(world, ada, "rain", action=FilterAction.WARN)
    [view] = (await public_timeline(world.services, ada.id, PageRequest())).items
    assert [match.keywords for match in view.filtered] == [("Rain",)]
