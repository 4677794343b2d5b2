"""The town in `town.toml`: who lives there, and what happens when, as a plan that the same seed makes again."""

import random
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Final, Literal

import msgspec

from rookery.demo.plumages import Plumage
from rookery.demo.scenes import Hour, Place
from rookery.domain.tweets import Visibility

SEED: Final = "a town of birds"
HOUR_MS: Final = 3_600_000
MINUTE_MS: Final = 60_000
BEGIN_HOURS: Final = 206.0
"""How long before the present the first bird joins."""
CLERK: Final = "rook"
"""Whose view of the town is the richest: the first to join, and its administrator."""


class Scene(msgspec.Struct, frozen=True, array_like=True):
    """A landscape to draw, and the words that describe it to those who do not see it."""

    place: Place
    hour: Hour
    description: str = ""


class Bird(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who lives in the town."""

    name: str
    shown: str
    bio: str
    header: Scene
    plumage: Plumage
    says: tuple[str, ...]
    """What they post some time or other."""
    fields: tuple[tuple[str, str], ...] = ()
    language: str = "en"
    locked: bool = False
    bot: bool = False


class AskedPoll(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A poll."""

    options: tuple[str, ...]
    hours: int
    multiple: bool = False


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer within a conversation."""

    by: str
    text: str
    under: int = 0
    """Which answer it answers, counted from 1; 0 is what the conversation began with."""
    language: str = ""
    liked: float = 0.25


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that is posted at its time, with what comes of it."""

    by: str
    ago: float
    """Hours before the present."""
    text: str
    key: str = ""
    language: str = ""
    spoiler: str = ""
    visibility: Literal["public", "followers"] = "public"
    photos: tuple[Scene, ...] = ()
    video: bool = False
    song: bool = False
    poll: AskedPoll | None = None
    votes: tuple[float, ...] = ()
    """How likely somebody chooses each option."""
    place: str = ""
    quotes: str = ""
    pinned: bool = False
    liked: float = 0.3
    """How likely somebody favorites it."""
    shared: float = 0.04
    replies: tuple[Reply, ...] = ()


class Wave(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A hashtag that many take up."""

    hashtag: str
    start: float = msgspec.field(name="from")
    end: float = msgspec.field(name="to")
    lines: tuple[tuple[str, str], ...] = ()


class Letters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What two say to each other alone, in turn."""

    ago: float
    between: tuple[str, str]
    lines: tuple[str, ...]


class NamedList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list."""

    by: str
    title: str
    members: tuple[str, ...]


class TownPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page elsewhere that somebody links to, and what it says about itself."""

    url: str
    title: str
    description: str
    provider: str
    author: str
    picture: Scene


class TownRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule of the instance."""

    text: str
    hint: str = ""


class Town(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that `town.toml` tells."""

    places: dict[str, tuple[float, float]]
    birds: tuple[Bird, ...]
    tweets: tuple[Told, ...]
    waves: tuple[Wave, ...]
    letters: tuple[Letters, ...]
    lists: tuple[NamedList, ...]
    pages: tuple[TownPage, ...]
    rules: tuple[TownRule, ...]


def load() -> Town:
    """Read the town."""
    return msgspec.toml.decode(resources.files("rookery.demo").joinpath("town.toml").read_bytes(), type=Town)


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody posts a tweet; `key` is how later events name it."""

    key: str
    by: str
    told: Told
    reply_to: str = ""
    visibility: Visibility = Visibility.PUBLIC


class Join(msgspec.Struct, frozen=True):
    """A bird joins the town."""

    bird: Bird


class Deed(msgspec.Struct, frozen=True):
    """Somebody does something to a tweet, or to somebody: `to` is the tweet's key, or the name."""

    kind: Literal["favorite", "retweet", "bookmark", "pin", "follow", "accept", "mute", "block", "refresh"]
    by: str = ""
    to: str = ""


class Vote(msgspec.Struct, frozen=True):
    """Somebody votes."""

    by: str
    to: str
    choices: tuple[int, ...]


REACTIONS: Final = frozenset(("favorite", "retweet", "bookmark", "follow"))
"""What people do without waiting for each other."""
TOGETHER_MAX: Final = 40
REFRESHED_EVERY_HOURS: Final = 6
"""How often trends are counted, polls ended and followers served."""
Event = Join | Post | Deed | Vote
TimedEvent = tuple[int, int, Event]
"""When (ms, UTC), which of those of the same moment, what."""


def plan(town: Town, now_ms: int) -> list[TimedEvent]:
    """Return all that happens in the town until now, in its order; the same now makes the same plan."""
    planner = _Planner(town, now_ms)
    planner.arrivals()
    planner.follows()
    for told in town.tweets:
        planner.conversation(told)
    for bird in town.birds:
        planner.chatter(bird)
    for wave in town.waves:
        planner.wave(wave)
    for letters in town.letters:
        planner.letters(letters)
    planner.refreshes()
    return sorted(planner.events, key=lambda event: event[:2])


def moments(events: Sequence[TimedEvent]) -> Iterator[tuple[int, list[Event]]]:
    """Yield times with what happens then: reactions that follow each other happen together, which is quicker."""
    together: list[Event] = []
    last_ms = 0
    for at_ms, _, event in events:
        is_reaction = isinstance(event, Vote) or (isinstance(event, Deed) and event.kind in REACTIONS)
        if together and (not is_reaction or len(together) >= TOGETHER_MAX):
            yield last_ms, together
            together = []
        last_ms = at_ms
        if is_reaction:
            together.append(event)
        else:
            yield at_ms, [event]
    if together:
        yield last_ms, together


class _Planner:
    def __init__(self, town: Town, now_ms: int) -> None:
        self.events: list[TimedEvent] = []
        self._town = town
        self._now_ms = now_ms
        self._chance = random.Random(SEED)
        self._names = [bird.name for bird in town.birds]
        self._languages = {bird.name: bird.language for bird in town.birds}
        self._posts = 0

    def _add(self, at_ms: float, event: Event) -> None:
        self.events.append((round(at_ms), len(self.events), event))

    def _ago(self, hours: float) -> float:
        return self._now_ms - hours * HOUR_MS

    def _soon(self, since_ms: float, mean_minutes: float) -> float:
        """Return a time some while later, but before the present."""
        at_ms = since_ms + self._chance.expovariate(1 / mean_minutes) * MINUTE_MS
        if at_ms < self._now_ms:
            return at_ms
        return since_ms + (self._now_ms - since_ms) * self._chance.uniform(0.1, 0.95)

    def arrivals(self) -> None:
        """Let everybody join within some hours, the clerk first."""
        for number, bird in enumerate(self._town.birds):
            self._add(self._ago(BEGIN_HOURS - 8 * number / len(self._names)), Join(bird))

    def follows(self) -> None:
        """Let most follow each other, a few of them only lately; who is locked accepts most of those who ask."""
        begin = self._ago(BEGIN_HOURS - 8)
        locked = {bird.name for bird in self._town.birds if bird.locked}
        for follower in self._names:
            for followee in self._names:
                likely = 0.9 if CLERK in {follower, followee} else 0.5
                if follower == followee or "cuckoo" in {follower, followee} or self._chance.random() > likely:
                    continue
                is_late = self._chance.random() < 0.12
                at_ms = self._soon(self._ago(self._chance.uniform(0.5, 60)) if is_late else begin, 60)
                self._add(at_ms, Deed("follow", follower, followee))
                if followee in locked and (not is_late or follower == CLERK):
                    self._add(self._soon(at_ms, 30), Deed("accept", followee, follower))
        self._add(self._ago(30), Deed("follow", "cuckoo", CLERK))
        self._add(self._ago(29), Deed("mute", CLERK, "cuckoo"))
        self._add(self._ago(28), Deed("block", "wren", "cuckoo"))

    def conversation(self, told: Told) -> None:
        """Let something be posted, answered and liked."""
        at_ms = self._ago(told.ago)
        visibility = Visibility.FOLLOWERS if told.visibility == "followers" else Visibility.PUBLIC
        root = self._post(at_ms, told, visibility=visibility)
        if told.pinned:
            self._add(at_ms + MINUTE_MS, Deed("pin", told.by, root))
        self._vote(told, root, at_ms)
        posted = [(root, told.by, at_ms)]
        latest_ms = at_ms
        for reply in told.replies:
            key, author, answered_ms = posted[reply.under]
            latest_ms = self._soon(max(latest_ms, answered_ms), 3 if author == reply.by else 30)
            mention = "" if author == reply.by else f"@{author} "
            answer = Told(
                by=reply.by,
                ago=0,
                text=mention + reply.text,
                language=reply.language,
                liked=reply.liked,
                shared=0.02,
            )
            posted.append((self._post(latest_ms, answer, reply_to=key), reply.by, latest_ms))

    def chatter(self, bird: Bird) -> None:
        """Let a bird say what it says, some time."""
        for line in bird.says:
            told = Told(by=bird.name, ago=0, text=line, liked=self._chance.uniform(0.1, 0.6))
            self._post(self._ago(self._chance.uniform(0.3, 190)), told)

    def wave(self, wave: Wave) -> None:
        """Let a hashtag come up, slowly first."""
        for number, (name, line) in enumerate(wave.lines):
            share = ((number + self._chance.uniform(0.2, 0.8)) / len(wave.lines)) ** 0.6
            hours = wave.start + (wave.end - wave.start) * share
            self._post(self._ago(hours), Told(by=name, ago=0, text=f"{line} #{wave.hashtag}"))

    def letters(self, letters: Letters) -> None:
        """Let two write to each other alone."""
        at_ms, before = self._ago(letters.ago), ""
        for number, line in enumerate(letters.lines):
            told = Told(by=letters.between[number % 2], ago=0, text=line, liked=0, shared=0)
            before = self._post(at_ms, told, reply_to=before, visibility=Visibility.DIRECT)
            at_ms = self._soon(at_ms, 20)

    def refreshes(self) -> None:
        """Let trends be counted as the hours go."""
        for hours in range(round(BEGIN_HOURS), 0, -REFRESHED_EVERY_HOURS):
            self._add(self._ago(hours - 0.5), Deed("refresh"))
        self._add(self._now_ms, Deed("refresh"))

    def _post(
        self, at_ms: float, told: Told, *, reply_to: str = "", visibility: Visibility = Visibility.PUBLIC
    ) -> str:
        self._posts += 1
        key = told.key or f"{told.by} {self._posts}"
        language = told.language or self._languages[told.by]
        told = msgspec.structs.replace(told, language=language)
        self._add(at_ms, Post(key=key, by=told.by, told=told, reply_to=reply_to, visibility=visibility))
        if visibility <= Visibility.FOLLOWERS:
            self._reactions(key, told, at_ms, shares=visibility is Visibility.PUBLIC)
        return key

    def _reactions(self, key: str, told: Told, at_ms: float, *, shares: bool) -> None:
        for name in self._names:
            if name in {told.by, "cuckoo"}:
                continue
            if self._chance.random() < told.liked * (0.7 if name == CLERK else 0.45):
                self._add(self._soon(at_ms + MINUTE_MS, 150), Deed("favorite", name, key))
            if shares and self._chance.random() < told.shared * 0.25:
                self._add(self._soon(at_ms + MINUTE_MS, 200), Deed("retweet", name, key))
            if name == CLERK and self._chance.random() < 0.05:
                self._add(self._soon(at_ms + MINUTE_MS, 200), Deed("bookmark", name, key))

    def _vote(self, told: Told, key: str, at_ms: float) -> None:
        if told.poll is None:
            return
        ends_ms = at_ms + told.poll.hours * HOUR_MS
        is_open = ends_ms > self._now_ms
        for name in self._names:
            # What the clerk can still vote on is left to whoever signs in.
            if name in {told.by, "cuckoo"} or (is_open and name == CLERK) or self._chance.random() < 0.2:
                continue
            choices = self._chance.choices(range(len(told.votes)), told.votes)
            if told.poll.multiple:
                choices += [
                    number for number, share in enumerate(told.votes) if self._chance.random() < share
                ]
            cast_ms = self._soon(at_ms + MINUTE_MS, 240)
            if cast_ms < ends_ms:
                self._add(cast_ms, Vote(name, key, tuple(sorted(set(choices)))))
