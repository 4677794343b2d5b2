"""Made follow graphs: by the power law that social networks follow, and a star around one author."""

import random
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

EXPONENT: Final = 2.3
"""Of the followers' distribution in Twitter's graph: Kwak et al., "What is Twitter?", WWW 2010."""


def power_law(users: int, follows: int, *, seed: int = 1) -> Iterator[tuple[int, int]]:
    """Yield about `follows` different pairs (follower, followee) among users 1 to `users`.

    Followees are drawn with the weights of a power law of exponent 2.3, followers evenly.
    """
    chance = random.Random(seed)
    weights = list(accumulate((rank + 1) ** (-1 / (EXPONENT - 1)) for rank in range(users)))
    population = range(1, users + 1)
    seen: set[tuple[int, int]] = set()
    for _ in range(follows):
        pair = (chance.randrange(1, users + 1), chance.choices(population, cum_weights=weights)[0])
        if pair[0] != pair[1] and pair not in seen:
            seen.add(pair)
            yield pair


def star(users: int) -> Iterator[tuple[int, int]]:
    """Yield a follow of user 1 by every other: one author with `users` - 1 followers."""
    for user in range(2, users + 1):
        yield user, 1
