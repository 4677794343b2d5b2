"""Bringing in follows and tweets from elsewhere. Whatever is there already is left as it is, so twice is once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from rookery.domain import composing, importing
from rookery.domain.ids import TweetId, UserId
from rookery.domain.importing import FollowLine, TweetLine
from rookery.domain.tweets import Tweet, Visibility
from rookery.domain.users import User, UserState
from rookery.errors import Invalid, RookeryError
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import hashtags, mentions, search, user_words
from rookery.storage import importing as records
from rookery.storage import tweets as tweet_records
from rookery.storage import users as user_records
from rookery.storage.user_words import Names
from rookery.storage.users import username_key

FOLLOWS_PER_COMMIT: Final = 10_000
"""Follows in one transaction: a few tenths of a second, for which other writers wait."""
TWEETS_PER_COMMIT: Final = 1_000
AUTHORS_PER_COMMIT: Final = 50
"""Authors whose followers' homes are declared outdated in one transaction."""


@dataclass(slots=True)
class Tally:
    """What came of some lines."""

    added: int = 0
    present: int = 0
    """Were there already."""
    users_added: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Lines, by number, that could not be brought in, with a sentence each."""


async def import_follows(services: Services, lines: Sequence[FollowLine]) -> Tally:
    """Bring in follows in one transaction, with the users they name. Give at most `FOLLOWS_PER_COMMIT` lines."""

    async def work(tx: Write) -> Tally:
        tally = Tally()
        named = dict.fromkeys(name for line in lines for name in line[1:])
        ids = await _named_users(services, tx, named, tally)
        wanted: dict[tuple[UserId, UserId], None] = {}
        for line in lines:
            unknown = [name for name in line[1:] if name not in ids]
            if unknown:
                tally.refused.append((line.number, f"{unknown[0]} is not active here"))
            else:
                wanted[ids[line.follower], ids[line.followee]] = None
        known = await records.following(tx, list({pair[0] for pair in wanted}))
        new = [pair for pair in wanted if pair not in known]
        tally.added = len(new)
        tally.present = len(lines) - len(tally.refused) - len(new)
        if new:
            await _enter_follows(services, tx, new)
        return tally

    return await services.db.write(work)


async def _named_users(
    services: Services, tx: Write, names: Iterable[str], tally: Tally
) -> dict[str, UserId]:
    """Return the ids of those of the named who are active, adding those who are missing."""
    found = await records.users_by_names(tx, names)
    missing = [(UserId(services.new_id()), name) for name in names if username_key(name) not in found]
    if missing:
        await records.insert_users(tx, missing, now_ms=services.now_ms())
        # Another process may have taken a name meanwhile: then that is the user.
        found |= await records.users_by_names(tx, [name for _, name in missing])
        ours = [user_id for user_id, name in missing if found[username_key(name)][0] == user_id]
        await records.insert_empty_parts(tx, ours, key_id=services.vault.key_id)
        await user_words.insert(
            tx, [Names(user_id, name, "") for user_id, name in missing if user_id in set(ours)]
        )
        tally.users_added = len(ours)
    active = {key: user_id for key, (user_id, state) in found.items() if state == UserState.ACTIVE}
    return {name: active[username_key(name)] for name in names if username_key(name) in active}


async def _enter_follows(services: Services, tx: Write, pairs: Sequence[tuple[UserId, UserId]]) -> None:
    await records.insert_follows(tx, [(*pair, services.new_id()) for pair in pairs])
    followers, followees = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    await records.count_follows_again(tx, sorted(followers | followees))
    await records.insert_hot(
        tx,
        sorted(followees),
        followers_max=services.limits.hot_user_followers,
        now_ms=services.now_ms(),
    )
    await user_records.bump_home_version(tx, sorted(followers))


class _Known(NamedTuple):
    """What an answer needs to know of the tweet it answers."""

    tweet_id: TweetId
    author_id: UserId
    thread_id: TweetId


class TweetImport:
    """Brings in the tweets of one file; call `finish` at its end."""

    def __init__(self, services: Services) -> None:
        """Start at the beginning of a file."""
        self._services = services
        self._by_source_id: dict[str, _Known] = {}
        self._authors: set[UserId] = set()

    async def add(self, lines: Sequence[TweetLine]) -> Tally:
        """Bring in tweets in one transaction, without telling anybody. Give at most `TWEETS_PER_COMMIT` lines."""

        async def work(tx: Write) -> Tally:
            batch = _Batch(self._services, tx, dict(self._by_source_id))
            await batch.add(lines)
            # NOTE: kept only at the end, for a transaction may be begun again from the start.
            self._by_source_id = batch.by_source_id
            self._authors |= batch.authors
            return batch.tally

        return await self._services.db.write(work)

    async def finish(self) -> None:
        """Let the homes of those who follow the authors be made anew."""
        rest = iter(sorted(self._authors))
        while authors := list(islice(rest, AUTHORS_PER_COMMIT)):

            async def work(tx: Write, authors: Sequence[UserId] = authors) -> None:
                await records.outdate_homes(tx, authors)

            await self._services.db.write(work)


class _Batch:
    """The tweets of one transaction."""

    def __init__(self, services: Services, tx: Write, by_source_id: dict[str, _Known]) -> None:
        self.tally = Tally()
        self.by_source_id = by_source_id
        self.authors: set[UserId] = set()
        self._services = services
        self._tx = tx

    async def add(self, lines: Sequence[TweetLine]) -> None:
        tx = self._tx
        found = await records.users_by_names(tx, dict.fromkeys(line.author for line in lines))
        users = {user.id: user for user in await user_records.load(tx, [row[0] for row in found.values()])}
        present = {tweet.id: tweet for tweet in await tweet_records.load(tx, map(importing.tweet_id, lines))}
        new: list[Tweet] = []
        for line in lines:
            author = users.get(found.get(username_key(line.author), (UserId(0), ""))[0])
            try:
                tweet = await self._one(line, author, present)
            except RookeryError as error:
                self.tally.refused.append((line.number, error.message))
                continue
            if tweet.id in present:
                self.tally.present += 1
            else:
                present[tweet.id] = tweet
                new.append(tweet)
            self.authors.add(tweet.author_id)
            if line.source_id is not None:
                self.by_source_id[line.source_id] = _Known(tweet.id, tweet.author_id, tweet.thread_id)
        self.tally.added = len(new)
        await self._count(new)

    async def _one(self, line: TweetLine, author: User | None, present: dict[TweetId, Tweet]) -> Tweet:
        """Return the line's tweet, entered or already there; raise a RookeryError that says why neither."""
        if author is None or not author.active:
            raise Invalid(f"there is no user {line.author!r}")
        tweet_id = importing.tweet_id(line)
        if (there := present.get(tweet_id)) is not None:
            if there.author_id != author.id or there.created_ms != line.time_ms:
                raise Invalid(
                    "another tweet has the id that this one would get; change its time by a millisecond"
                )
            return there
        parent = self.by_source_id.get(line.reply) if line.reply is not None else None
        if line.reply is not None and parent is None:
            raise Invalid(f"it answers {line.reply!r}, which no earlier line has brought in")
        tweet, names = await self._composed(line, tweet_id, author, parent)
        await tweet_records.insert(self._tx, tweet)
        await search.insert(self._tx, tweet)
        await mentions.insert(self._tx, tweet_id, tweet.mentions)
        await hashtags.insert(self._services, self._tx, tweet_id, author.id, names)
        return tweet

    async def _composed(
        self, line: TweetLine, tweet_id: TweetId, author: User, parent: _Known | None
    ) -> tuple[Tweet, Sequence[str]]:
        """Return the tweet and its hashtags."""
        draft = composing.compose(
            author,
            text=line.text,
            spoiler="",
            visibility=Visibility.PUBLIC,
            sensitive=None,
            language=None,
            place=line.place,
            limits=self._services.limits,
            domain=self._services.instance.domain,
        )
        tweet = Tweet(
            id=tweet_id,
            author_id=author.id,
            text=draft.text,
            spoiler=draft.spoiler,
            language=draft.language,
            visibility=draft.visibility,
            sensitive=draft.sensitive,
            reply_to_id=parent.tweet_id if parent else None,
            reply_to_author_id=parent.author_id if parent else None,
            thread_id=parent.thread_id if parent else tweet_id,
            mentions=await mentions.mentionable(self._tx, author.id, draft.mentioned),
            place=draft.place,
            created_ms=line.time_ms,
        )
        return tweet, draft.hashtags

    async def _count(self, new: Sequence[Tweet]) -> None:
        number = Counter(tweet.author_id for tweet in new)
        last_ms: dict[UserId, int] = {}
        for tweet in new:
            last_ms[tweet.author_id] = max(tweet.created_ms, last_ms.get(tweet.author_id, 0))
        await records.note_tweets(
            self._tx, [(number[author], last_ms[author], author) for author in sorted(number)]
        )
        replies = Counter(tweet.reply_to_id for tweet in new if tweet.reply_to_id is not None)
        for parent_id in sorted(replies):
            await tweet_records.add_counts(self._tx, parent_id, replies=replies[parent_id])
