"""What trends, as pure rules: looking at little of the past first loses nothing that all of it would find."""

from hypothesis import example, given
from hypothesis import strategies as st

from rookery.domain.trends import WEEK_DAYS, Day, may_score, score

PEOPLE = st.one_of(st.just(0.0), st.floats(0, 500), st.integers(0, 40).map(float))
DAYS = st.builds(Day, PEOPLE, PEOPLE)


@given(DAYS, st.lists(DAYS, max_size=28))
@example(Day(40, 40), [Day(0, 0)] * 6 + [Day(40, 40)] + [Day(0, 0)] * 21)
def test_whatever_scores_may_score_by_no_past_and_by_a_week(today: Day, past: list[Day]):
    if score(today, past):
        assert may_score(today, [])
        assert may_score(today, past[:WEEK_DAYS])


def test_a_daily_rhythm_is_known_from_a_week_alone():
    assert may_score(Day(200, 30), [])
    assert not may_score(Day(200, 30), [Day(190, 28)] * WEEK_DAYS)
    assert may_score(Day(200, 30), [Day(20, 3)] * WEEK_DAYS)
