"""Made towns to measure in: users, follows and tweets, written in a few large transactions."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final, TypeVar

from rookery import tasks
from rookery.domain.ids import TweetId, UserId, id_at
from rookery.domain.tweets import Tweet, Visibility
from rookery.domain.users import User, UserState
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import favorites, follows, hot_users, search, tweets, users
from rookery.storage import tasks as task_records

BATCH_ROWS: Final = 10_000
TWEETS_AT_ONCE: Final = 500
"""Tweets of one transaction: a statement of SQLite's walks through what its transaction has changed so far."""
_WORDS: Final = (
    *("bird", "nest", "river", "morning", "wing", "harbour", "song", "branch"),
    *("feather", "light", "market", "square", "bridge", "garden", "window", "letter"),
)

T = TypeVar("T")


def batches(items: Iterable[T], rows: int = BATCH_ROWS) -> Iterable[list[T]]:
    """Cut into lists that fit one transaction."""
    rest = iter(items)
    while batch := list(islice(rest, rows)):
        yield batch


def sentence(chance: random.Random) -> str:
    """Return a text as long as tweets usually are, about 80 characters."""
    return " ".join(chance.choices(_WORDS, k=14))


async def add_users(services: Services, count: int) -> list[UserId]:
    """Enter that many users named u1, u2, …; return their ids in this order."""
    return await add_named(services, ((f"u{number}", f"Bird {number}") for number in range(1, count + 1)))


async def add_named(services: Services, named: Iterable[tuple[str, str]]) -> list[UserId]:
    """Enter users by user name and display name; return their ids in this order."""
    added: list[UserId] = []
    for batch in batches(named):
        new = [_user(services, username, display_name) for username, display_name in batch]

        async def work(tx: Write, new: Sequence[User] = new) -> None:
            await users.insert_all(tx, new)

        await services.db.write(work)
        added += [user.id for user in new]
    return added


def _user(services: Services, username: str, display_name: str) -> User:
    now_ms = services.now_ms()
    return User(
        id=UserId(services.new_id()),
        username=username,
        display_name=display_name,
        bio="Sings in the morning.",
        fields=(),
        locked=False,
        bot=False,
        discoverable=True,
        indexable=True,
        hides_follows=False,
        default_visibility=Visibility.PUBLIC,
        default_sensitive=False,
        default_language="en",
        state=UserState.ACTIVE,
        role="user",
        created_ms=now_ms,
        changed_ms=now_ms,
    )


async def add_follows(services: Services, pairs: Iterable[tuple[UserId, UserId]]) -> int:
    """Enter follows (follower, followee), each at most once; return how many."""
    count = 0
    for batch in batches(pairs):

        async def work(tx: Write, batch: Sequence[tuple[UserId, UserId]] = batch) -> int:
            followers: Counter[UserId] = Counter()
            following: Counter[UserId] = Counter()
            for follower, followee in batch:
                if await follows.insert(tx, follower, followee, new_id=services.new_id()):
                    followers[followee] += 1
                    following[follower] += 1
            for user_id, number in followers.items():
                await users.add_counts(tx, user_id, followers=number)
                await hot_users.insert_if_hot(
                    tx, user_id, followers_max=services.limits.hot_user_followers, now_ms=services.now_ms()
                )
            for user_id, number in following.items():
                await users.add_counts(tx, user_id, following=number)
            return followers.total()

        count += await services.db.write(work)
    return count


async def add_tweets(
    services: Services, authors: Sequence[UserId], *, spread_ms: int, deliver: bool, seed: int = 1
) -> list[TweetId]:
    """Enter a tweet by each of the authors in turn, spread evenly over the last `spread_ms`.

    With `deliver`, each queues its fan-out, unless its author is hot.
    """
    chance = random.Random(seed)
    start_ms = services.now_ms() - spread_ms
    numbered = [
        (TweetId(id_at(start_ms + spread_ms * place // len(authors)) + place % 4096), author)
        for place, author in enumerate(authors)
    ]
    for batch in batches(numbered):

        async def work(tx: Write, batch: Sequence[tuple[TweetId, UserId]] = batch) -> None:
            for tweet_id, author in batch:
                await _add_tweet(services, tx, tweet_id, author, sentence(chance), deliver=deliver)

        await services.db.write(work)
    return [tweet_id for tweet_id, _ in numbered]


async def add_favorites(services: Services, pairs: Iterable[tuple[UserId, TweetId]]) -> None:
    """Enter favorites (user, tweet), each at most once; nothing counts them."""
    for batch in batches(pairs):

        async def work(tx: Write, batch: Sequence[tuple[UserId, TweetId]] = batch) -> None:
            for user_id, tweet_id in batch:
                await favorites.insert(tx, user_id, tweet_id, new_id=services.new_id())

        await services.db.write(work)


async def add_written(services: Services, written: Iterable[Tweet], *, searchable: bool = True) -> None:
    """Enter tweets as they are, in the order in which they came, and let them be found."""
    for batch in batches(written, TWEETS_AT_ONCE):

        async def work(tx: Write, batch: Sequence[Tweet] = batch) -> None:
            await tweets.insert_all(tx, batch)
            if searchable:
                await search.insert_all(tx, batch)

        await services.db.write(work)


async def _add_tweet(
    services: Services, tx: Write, tweet_id: TweetId, author: UserId, text: str, *, deliver: bool
) -> None:
    tweet = Tweet(
        id=tweet_id,
        author_id=author,
        text=text,
        language="en",
        thread_id=tweet_id,
        created_ms=services.now_ms(),
    )
    await tweets.insert(tx, tweet)
    await users.note_tweet(tx, author, now_ms=services.now_ms())
    if deliver and await hot_users.is_pushed(tx, author, followers_max=services.limits.hot_user_followers):
        await task_records.enqueue(services, tx, tasks.FanOutTweet(tweet_id, author))
