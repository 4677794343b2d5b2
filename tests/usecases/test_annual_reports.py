"""Yearly reports: when there can be one, and that it counts right."""

from datetime import UTC, datetime

import pytest

from rookery.domain.annual_reports import Archetype, Figures, State, counted
from rookery.domain.tweets import Visibility
from rookery.errors import NotFound
from rookery.usecases import annual_reports
from rookery.usecases.retweets import retweet
from rookery.usecases.tweets import delete_tweet
from tests.world import World

YEAR = 2026


def move_to(world: World, year: int, month: int, day: int) -> None:
    world.clock.now_ms = int(datetime(year, month, day, tzinfo=UTC).timestamp()) * 1000


async def state(world: World, user_id: int, year: int = YEAR) -> State:
    return await annual_reports.report_state(world.services, user_id, year)  # pyright: ignore[reportArgumentType]


async def test_a_year_is_counted_when_it_is_nearly_over_and_something_was_done(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(annual_reports, "SLICE_TWEETS", 2)
    ada, bob, cyd = [await world.user(name) for name in ("ada", "bob", "cyd")]
    move_to(world, YEAR, 10, 1)
    await world.follow(bob, ada)
    favorite = await world.tweet(ada, "One #Rooks and #crows")
    await world.tweet(ada, "Two #rooks")
    secret = await world.tweet(ada, "Secret", visibility=Visibility.FOLLOWERS)
    theirs = await world.tweet(bob, "Hi")
    await world.tweet(ada, "Hello", reply_to_id=theirs.tweet.id)
    await world.tweet(ada, "More", reply_to_id=favorite.tweet.id)
    await retweet(world.services, ada.id, theirs.tweet.id)
    await retweet(world.services, ada.id, secret.tweet.id)
    for fan in (bob, cyd):
        await retweet(world.services, fan.id, favorite.tweet.id)
    assert await state(world, ada.id) is State.INELIGIBLE
    assert await annual_reports.make_report(world.services, ada.id, YEAR) is State.INELIGIBLE
    move_to(world, YEAR, 12, 10)
    assert await state(world, ada.id) is State.ELIGIBLE
    move_to(world, YEAR + 1, 1, 2)
    await world.tweet(ada, "A new year #new")
    assert await annual_reports.make_report(world.services, ada.id, YEAR) is State.ELIGIBLE
    assert await annual_reports.make_report(world.services, ada.id, YEAR) is State.GENERATING
    with pytest.raises(NotFound):
        await annual_reports.get_report(world.services, ada.id, YEAR)
    await world.settle()
    assert await state(world, ada.id) is State.AVAILABLE
    views = await annual_reports.get_report(world.services, ada.id, YEAR)
    [report] = views.reports
    figures = report.figures
    assert (figures.tweets, figures.retweets, figures.replies, figures.followers) == (7, 2, 1, 1)
    assert figures.top_hashtags == [("rooks", 2), ("crows", 1)]
    assert figures.archetype is Archetype.LURKER
    assert [view.tweet.id for view in views.tweets] == [favorite.tweet.id]
    await delete_tweet(world.services, ada.id, favorite.tweet.id)
    assert (await annual_reports.get_report(world.services, ada.id, YEAR)).tweets == []


async def test_a_report_waits_until_it_is_read(world: World):
    ada = await world.user("ada")
    await world.tweet(ada)
    move_to(world, YEAR + 1, 2, 1)
    await annual_reports.make_report(world.services, ada.id, YEAR)
    assert (await annual_reports.list_reports(world.services, ada.id)).reports == []
    with pytest.raises(NotFound):
        await annual_reports.read_report(world.services, ada.id, YEAR)
    await world.settle()
    assert [one.year for one in (await annual_reports.list_reports(world.services, ada.id)).reports] == [YEAR]
    for _ in range(2):
        await annual_reports.read_report(world.services, ada.id, YEAR)
    assert (await annual_reports.list_reports(world.services, ada.id)).reports == []
    assert (await annual_reports.get_report(world.services, ada.id, YEAR)).reports[0].viewed


async def test_there_is_no_report_of_years_that_cannot_be(world: World):
    ada = await world.user("ada")
    await world.tweet(ada)
    for year in (0, 1000, 2009, YEAR + 1, 9999):
        assert await state(world, ada.id, year) is State.INELIGIBLE


@pytest.mark.parametrize(
    ("figures", "archetype"),
    [
        (Figures(tweets=10, retweets=10), Archetype.LURKER),
        (Figures(tweets=200, retweets=150), Archetype.RETWEETER),
        (Figures(tweets=200, polls=30), Archetype.POLLSTER),
        (Figures(tweets=200, replies=150), Archetype.REPLIER),
        (Figures(tweets=200, replies=50, retweets=50), Archetype.ORACLE),
    ],
)
def test_an_archetype_is_what_one_did_most(figures: Figures, archetype: Archetype):
    assert figures.archetype is archetype


def test_nothing_adds_nothing():
    assert counted(Figures(tweets=3), [], {}) == Figures(tweets=3)
