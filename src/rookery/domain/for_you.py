"""For you: in which order a home shows what seems to matter most to its reader. One formula, and nothing else decides.

    score = recency * (1 + affinity + closeness + circle + attention + talk + media) * reach * repeats * variety

Sources: the product of affinity, weight and decay is that of EdgeRank (R. Sanghvi and A. Steinberg at Facebook's f8,
2010). Halving with age: Y. Ding and X. Li, "Time Weight Collaborative Filtering" (CIKM 2005). Affinity counted from
what one person did with another's tweets: K. Kamath et al., "RealGraph: User Interaction Prediction at Twitter" (2014).
x / (x + half) as in BM25 (S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework", 2009): the tenth
favorite says less than the first, and no term can outweigh all others. Choosing each next one by what stands above it:
J. Carbonell and J. Goldstein, "The Use of MMR, Diversity-Based Reranking" (SIGIR 1998).
"""

import heapq
import math
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

import msgspec

from rookery.domain.ids import TweetId, UserId
from rookery.domain.tweets import Visibility
from rookery.domain.visibility import (
    STRANGER,
    Standings,
    TweetView,
    is_followed_for_language,
    is_quiet,
    may_see,
)

LIST_ID: Final = 1
"""As which list apps see For you; no list has it, since ids hold a time."""
HALF_LIFE_MS: Final = 6 * 3_600_000
"""After so long a tweet counts half: what happened since breakfast is worth a look in the evening if it mattered."""
AFFINITY_MAX: Final = 2.0
AFFINITY_HALF: Final = 8
"""Weighted interactions at which affinity is half of the most it can be."""
CLOSENESS: Final = 0.5
CIRCLE_MAX: Final = 2.0
CIRCLE_HALF: Final = 2
"""People of the circle at which their favorites and retweets count half of the most they can."""
ATTENTION_MAX: Final = 1.0
ATTENTION_HALF: Final = 5
"""Doublings of everybody's reactions, counted likewise."""
TALK_MAX: Final = 0.5
TALK_HALF: Final = 3
MEDIA: Final = 0.25
CIRCLE_REACH: Final = 0.6
TREND_REACH: Final = 0.5
REPEATS_SHARE: Final = 0.35
"""What is left of a tweet's score each time the reader was given it before."""
VARIETY_SHARE: Final = 0.75
"""What is left of a tweet's score for each one by the same person above it."""
RUN_MAX: Final = 2
"""Tweets by one person that may stand one below the other while there are others to show."""
INTERACTION_WEIGHTS: Final = {"favorites": 1, "retweets": 2, "replies": 3}
"""What the reader's own deeds count towards affinity: the more trouble one takes, the more it says."""


class Source(IntEnum):
    """How a tweet came to be looked at."""

    HOME = 0
    """It is on the reader's home."""
    CIRCLE = 1
    """It is by somebody else, and people whom the reader follows have favorited or retweeted it."""
    TREND = 2
    """It is by somebody else and trends."""


REACH: Final[Mapping[Source, float]] = {
    Source.HOME: 1.0,
    Source.CIRCLE: CIRCLE_REACH,
    Source.TREND: TREND_REACH,
}
"""What counts of a tweet by how it was found: people know whom they have chosen to follow."""


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a tweet when a ranking is made; kept with it, so that it can be asked for."""

    shown_id: TweetId
    """The tweet that shows: of a retweet, what it points at."""
    source: Source
    age_ms: int
    interactions: int = 0
    """What the reader has done lately with tweets of who wrote or retweeted it, by `INTERACTION_WEIGHTS`."""
    follows_back: bool = False
    """Whether its author follows the reader."""
    circle: int = 0
    """People of the circle who have favorited or retweeted it."""
    reactions: int = 0
    """Everybody's favorites, and retweets and quotes twice."""
    replies: int = 0
    media: bool = False
    times_given: int = 0
    """In how many rankings before this one the reader was given it."""
    same_above: int = 0
    """How many by the same person stand above it."""


class Candidate(NamedTuple):
    """A tweet that may have a place in a ranking."""

    tweet_id: TweetId
    """Of a retweet its own id."""
    people: tuple[UserId, ...]
    """Who wrote it and, if somebody else did, who retweeted it."""
    facts: Facts


class Ranking(msgspec.Struct, frozen=True):
    """An order in which somebody's home was shown, as it was when it was made."""

    id: int
    """A Snowflake: it tells when the ranking was made."""
    home_version: int
    floor_id: int
    """Below this tweet nothing of the home was looked at; 0: all of it was."""
    ends: list[int]
    """The places, from 0, at which pages ended that the reader was given."""
    tweet_ids: Sequence[TweetId]
    sources: Sequence[int]
    """Of each place the `Source`."""

    @property
    def given(self) -> int:
        """How many places, from the first, the reader was given so far."""
        return max(self.ends, default=-1) + 1

    def place_of(self, tweet_id: int) -> int | None:
        """Return the place of a tweet, from 0, or None."""
        try:
            return self.tweet_ids.index(TweetId(tweet_id))
        except ValueError:
            return None


class Terms(NamedTuple):
    """The formula's terms for one tweet, in its order."""

    recency: float
    affinity: float
    closeness: float
    circle: float
    attention: float
    talk: float
    media: float
    reach: float
    repeats: float
    variety: float

    @property
    def worth(self) -> float:
        """What speaks for the tweet, beside its time: 1 for one of which nothing is known."""
        return 1 + self.affinity + self.closeness + self.circle + self.attention + self.talk + self.media

    @property
    def score(self) -> float:
        """What they come to."""
        return self.recency * self.worth * self.reach * self.repeats * self.variety


def terms(facts: Facts) -> Terms:
    """Return what the formula makes of a tweet."""
    return Terms(
        recency=0.5 ** (max(0, facts.age_ms) / HALF_LIFE_MS),
        affinity=AFFINITY_MAX * _saturated(facts.interactions, AFFINITY_HALF),
        closeness=CLOSENESS if facts.follows_back else 0.0,
        circle=CIRCLE_MAX * _saturated(facts.circle, CIRCLE_HALF),
        attention=ATTENTION_MAX * _saturated(math.log2(1 + facts.reactions), ATTENTION_HALF),
        talk=TALK_MAX * _saturated(math.log2(1 + facts.replies), TALK_HALF),
        media=MEDIA if facts.media else 0.0,
        reach=REACH[facts.source],
        repeats=REPEATS_SHARE**facts.times_given,
        variety=VARIETY_SHARE**facts.same_above,
    )


def _saturated(amount: float, half: float) -> float:
    return amount / (amount + half)


def arranged(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return candidates in the order in which they show, each knowing how many of the same person stand above it.

    Each place goes to the one that scores highest below those already placed. Nobody has more than `RUN_MAX` places
    one below the other unless nobody else is left.
    """
    scores = [terms(candidate.facts).score for candidate in candidates]
    waiting = [(-score, -candidates[place].tweet_id, place) for place, score in enumerate(scores)]
    heapq.heapify(waiting)
    above: dict[UserId, int] = {}
    order: list[Candidate] = []

    while waiting:
        running = _running(order)
        held: list[tuple[float, int, int]] = []
        chosen: Candidate | None = None
        while waiting and chosen is None:
            entry = heapq.heappop(waiting)
            candidate = candidates[entry[2]]
            score = scores[entry[2]] * VARIETY_SHARE ** _most(above, candidate.people)
            if score < -entry[0]:
                heapq.heappush(waiting, (-score, *entry[1:]))
            elif running.isdisjoint(candidate.people):
                chosen = candidate
            else:
                held.append(entry)
        if chosen is None:
            # Whoever is left is of those who run: they stand as they score.
            for _, _, place in held:
                _put(candidates[place], order, above)
            break
        _put(chosen, order, above)
        for entry in held:
            heapq.heappush(waiting, entry)
    return order


def _put(candidate: Candidate, order: list[Candidate], above: dict[UserId, int]) -> None:
    if same_above := _most(above, candidate.people):
        facts = msgspec.structs.replace(candidate.facts, same_above=same_above)
        candidate = candidate._replace(facts=facts)
    order.append(candidate)
    for person in candidate.people:
        above[person] = above.get(person, 0) + 1


def _most(above: Mapping[UserId, int], people: Sequence[UserId]) -> int:
    return max([above.get(person, 0) for person in people])


def _running(order: Sequence[Candidate]) -> set[UserId]:
    """Return those who have as many of the last places as anybody may have."""
    if len(order) < RUN_MAX:
        return set()
    last, *others = [candidate.people for candidate in order[-RUN_MAX:]]
    return {person for person in last if all(person in people for people in others)}


def may_be_shown_to_strangers(view: TweetView, viewer_id: UserId, standings: Standings) -> bool:
    """Tell whether a tweet may come to somebody who does not follow its author and has not asked for it.

    Public ones may that nobody has marked as sensitive, that begin a thread, and whose authors want to be discovered.
    """
    tweet = view.tweet
    return (
        tweet.visibility is Visibility.PUBLIC
        and not tweet.sensitive
        and tweet.retweet_of_id is None
        and tweet.reply_to_id is None
        and view.author.user.discoverable
        and is_followed_for_language(view, standings.get(tweet.author_id, STRANGER))
        and may_see(view, viewer_id, standings)
        and is_quiet(view, viewer_id, standings)
    )


def holding(
    kept: Sequence[Ranking], tweet_id: int, ranking_id: int | None = None
) -> tuple[Ranking, int] | None:
    """Return the ranking from which the reader was given a tweet, and its place there, of those kept, latest first.

    That is the one that is named; if none is, the latest of which a page ended there, since apps ask for what follows
    the last tweet they have; if there is none, the latest that gave it out, or else the latest that holds it. None when
    the tweet is in none of them: it was shown by its time.
    """
    if any(ranking.id == ranking_id for ranking in kept):
        kept = [ranking for ranking in kept if ranking.id == ranking_id]
    found = [(ranking, place) for ranking in kept if (place := ranking.place_of(tweet_id)) is not None]
    # Sorting keeps the latest first among those that are as likely.
    found.sort(key=lambda one: (one[1] not in one[0].ends, one[1] >= one[0].given))
    return found[0] if found else None


class Reason(msgspec.Struct, frozen=True):
    """One of the things that decided over a tweet's place."""

    term: str
    """The name of the formula's term."""
    factor: float
    """By how much it multiplied the score: above 1 it raised the tweet, below 1 it lowered it."""
    count: int = 0
    """How many there were of what the term counts; of recency the age in minutes."""


def reasons(facts: Facts) -> list[Reason]:
    """Return what decided over a tweet's place, the weightiest first, without the terms that changed nothing."""
    found = terms(facts)
    counts = {
        "recency": max(0, facts.age_ms) // 60_000,
        "affinity": facts.interactions,
        "circle": facts.circle,
        "attention": facts.reactions,
        "talk": facts.replies,
        "repeats": facts.times_given,
        "variety": facts.same_above,
    }
    factors: dict[str, float] = {}
    for name in ("recency", "reach", "repeats", "variety"):
        factors[name] = getattr(found, name)
    for name in ("affinity", "closeness", "circle", "attention", "talk", "media"):
        factors[name] = found.worth / (found.worth - getattr(found, name))
    return sorted(
        (Reason(name, factor, counts.get(name, 0)) for name, factor in factors.items() if factor != 1),
        # What is left of the oldest tweets is no number that a logarithm takes.
        key=lambda reason: -abs(math.log(max(reason.factor, 1e-300))),
    )
