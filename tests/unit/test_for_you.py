"""For you's formula: each term does what its name says, and nobody fills the page alone."""

from hypothesis import given
from hypothesis import strategies as st

from rookery.domain.for_you import (
    HALF_LIFE_MS,
    RUN_MAX,
    Candidate,
    Facts,
    Source,
    arranged,
    terms,
)
from rookery.domain.ids import TweetId, UserId

HOUR_MS = 3_600_000


def facts(number: int = 1, **more: object) -> Facts:
    """Return what is known of a tweet: on home and an hour old, unless it is said otherwise."""
    return Facts(**{"shown_id": TweetId(number), "source": Source.HOME, "age_ms": HOUR_MS} | more)  # type: ignore[arg-type]


def score(**more: object) -> float:
    return terms(facts(**more)).score


def candidate(number: int, *people: int, **more: object) -> Candidate:
    return Candidate(TweetId(number), tuple(map(UserId, people)), facts(number, **more))


def order(*candidates: Candidate) -> list[int]:
    return [placed.tweet_id for placed in arranged(candidates)]


def test_a_plain_new_tweet_scores_one_and_halves_with_each_half_life():
    assert score(age_ms=0) == 1
    assert score(age_ms=HALF_LIFE_MS) == 0.5
    assert score(age_ms=3 * HALF_LIFE_MS) == 0.125
    assert score(age_ms=-5) == 1, "a clock that is a little behind does no harm"


def test_what_the_reader_and_others_did_raises_a_tweet():
    plain = score()
    for more in (
        {"interactions": 1},
        {"follows_back": True},
        {"circle": 1},
        {"reactions": 1},
        {"replies": 1},
        {"media": True},
    ):
        assert score(**more) > plain, more


def test_what_was_found_elsewhere_or_given_before_counts_less():
    assert score() > score(source=Source.CIRCLE) > score(source=Source.TREND)
    assert score() > score(times_given=1) > score(times_given=2)
    assert score() > score(same_above=1) > score(same_above=2)


@given(
    st.builds(
        facts,
        age_ms=st.integers(-HOUR_MS, 10**12),
        source=st.sampled_from(Source),
        interactions=st.integers(0, 10**6),
        follows_back=st.booleans(),
        circle=st.integers(0, 10**4),
        reactions=st.integers(0, 10**9),
        replies=st.integers(0, 10**9),
        media=st.booleans(),
        times_given=st.integers(0, 10**4),
        same_above=st.integers(0, 10**3),
    )
)
def test_no_score_leaves_its_bounds(known: Facts):
    assert 0 <= terms(known).score < 7.25


def test_no_amount_of_attention_outweighs_a_day():
    assert score(age_ms=24 * HOUR_MS, reactions=10**6, replies=10**5, circle=100, interactions=500) < score(
        age_ms=0
    )


def test_a_friends_tweet_of_this_morning_stands_above_a_strangers_of_now():
    friends = candidate(1, 7, age_ms=6 * HOUR_MS, interactions=20, circle=2)
    strangers = candidate(2, 8, age_ms=0, source=Source.TREND, reactions=10)
    assert order(strangers, friends) == [1, 2]


def test_among_equals_the_newest_comes_first():
    assert order(candidate(1, 7), candidate(3, 8), candidate(2, 9)) == [3, 2, 1]


def test_what_is_so_old_that_nothing_is_left_of_it_stands_by_time():
    years = 3 * 365 * 24 * HOUR_MS
    assert order(*(candidate(number, number, age_ms=years) for number in (1, 3, 2))) == [3, 2, 1]


def test_nobody_has_more_than_two_places_in_a_row_while_there_are_others():
    loud = [candidate(number, 7, interactions=50) for number in range(10, 18)]
    others = [candidate(number, number, age_ms=40 * HOUR_MS) for number in range(1, 5)]
    placed = arranged([*others, *loud])
    people = [one.people[0] for one in placed]
    assert people[:12] == [7, 7, 4, 7, 7, 3, 7, 7, 2, 7, 7, 1]
    assert [one.facts.same_above for one in placed if one.people == (7,)] == list(range(8))


def test_whoever_retweets_a_lot_does_not_fill_the_page_either():
    retweeted = [candidate(number, number, 7, interactions=50) for number in range(10, 16)]
    others = [candidate(number, number, age_ms=40 * HOUR_MS) for number in (1, 2)]
    people = [7 in one.people for one in arranged([*retweeted, *others])]
    assert people == [True, True, False, True, True, False, True, True]


def test_when_one_person_is_all_there_is_they_have_the_page():
    assert order(*(candidate(number, 7, age_ms=-number) for number in range(1, 6))) == [5, 4, 3, 2, 1]


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 48), st.integers(0, 9)), max_size=60))
def test_everything_is_placed_once_and_runs_are_short_while_others_are_left(made: list[tuple[int, int, int]]):
    candidates = [
        candidate(number, person, age_ms=hours * HOUR_MS, interactions=deeds)
        for number, (person, hours, deeds) in enumerate(made, start=1)
    ]
    placed = arranged(candidates)
    assert sorted(one.tweet_id for one in placed) == [one.tweet_id for one in candidates]
    for place in range(RUN_MAX, len(placed)):
        run = {one.people for one in placed[place - RUN_MAX : place + 1]}
        if len(run) == 1:
            assert {one.people for one in placed[place:]} == run, "somebody else was left"
