"""A few people who do at random what people do, through the client API, and a look at all that each of them is shown."""

import json
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from rookery.domain.users import User
from tests.simulation.ears import Ears
from tests.simulation.model import Model, Post, Visibility
from tests.world import World

WORD = re.compile(r"zq\d+x")
TOPICS = ("plover", "gannet", "dunlin")
ORDERS = ("newest", "newest", "best")
VISIBILITIES: tuple[Visibility, ...] = ("public", "public", "unlisted", "private", "private", "direct")
REFUSED = frozenset((403, 404, 422))
PEOPLE: tuple[str, ...] = ("asta", "brin", "cleo", "dov", "esme", "finn")


@dataclass
class Leak:
    """Something that somebody was shown and must not see."""

    viewer: str | None
    surface: str
    word: str
    post: Post

    def __str__(self) -> str:
        post = self.post
        return (
            f"{self.viewer or 'a visitor'} was shown a {post.visibility} tweet {post.id} of {post.author}"
            f" (deleted: {post.deleted}, topic: {post.topic or 'none'}) by {self.surface}"
        )


@dataclass
class Town:
    """The people, what they may do, and what the model makes of it."""

    world: World
    ears: Ears
    seed: int
    model: Model = field(default_factory=Model)
    users: dict[str, User] = field(default_factory=dict)
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    filters: dict[tuple[str, str], str] = field(default_factory=dict)
    shown: int = 0
    """How many words were shown to somebody who may see them: the proof that one looked."""
    overheard: int = 0
    """How many words reached somebody unasked."""
    done: int = 0
    """How many actions were accepted."""
    _words: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    async def open(self) -> None:
        """Sign the people up; each has a list."""
        for name in PEOPLE:
            self.users[name] = await self.world.user(name)
            self.clients[name] = await self.world.client(self.users[name])
            self.model.people.add(name)
            answer = await self.clients[name].post("/api/v1/lists", json={"title": f"List of {name}"})
            self.lists[name] = answer.json()["id"]
            await self.ears.lend(name, self.users[name], self.clients[name], self.lists[name])
        await self.ears.open(await self.world.user("watch"))

    # What people do. Each returns whether the service accepted it.

    async def act(self) -> str:
        """Let somebody do something and return what."""
        self.world.advance(seconds=self.random.randint(1, 90))
        actor = self._someone()
        names, weights = zip(*_ACTIONS.items(), strict=True)
        action = self.random.choices(names, weights)[0]
        if await getattr(self, f"_{action}")(actor):
            self.done += 1
        await self.world.settle()
        return f"{actor}: {action}"

    async def _post(self, actor: str) -> bool:
        body: dict[str, Any] = {}
        visibility = self.random.choice(VISIBILITIES)
        mentioned = set(self.random.sample(PEOPLE, k=self.random.choice((0, 0, 1, 2))))
        if self.random.random() < 0.4 and (parent := self._some_post()) is not None:
            body["in_reply_to_id"] = parent.id
            mentioned.add(parent.author)
        quoted = None
        if self.random.random() < 0.3 and (quoted := self._some_post()) is not None:
            body["quoted_status_id"] = quoted.id
        word, topic = self._new_word(), self.random.choice((*TOPICS, ""))
        answer = await self.clients[actor].post(
            "/api/v1/statuses",
            json={
                "status": self._text(word, topic, mentioned),
                "visibility": visibility,
                "location": {"latitude": 0.0, "longitude": 0.0},
                **body,
            },
        )
        if not self._accepted(answer):
            return False
        status = answer.json()
        post = Post(
            status["id"],
            actor,
            status["visibility"],
            frozenset(mention["username"] for mention in status["mentions"]),
            topic=topic,
        )
        self.model.add(post, [word])
        if quoted is not None:
            self._expect_sight(actor, quoted)
            (quoted.retweet_of or quoted).quoted_by.add(actor)
        return True

    async def _edit(self, actor: str) -> bool:
        post = self._some_post(by=actor)
        if post is None or post.retweet_of is not None:
            return False
        word, topic = self._new_word(), self.random.choice((*TOPICS, ""))
        mentioned = set(self.random.sample(PEOPLE, k=self.random.choice((0, 1, 2))))
        answer = await self.clients[actor].put(
            f"/api/v1/statuses/{post.id}", json={"status": self._text(word, topic, mentioned)}
        )
        if not self._accepted(answer):
            return False
        post.mentioned = frozenset(mention["username"] for mention in answer.json()["mentions"])
        post.topic = topic
        self.model.add(post, [word])
        return True

    async def _delete(self, actor: str) -> bool:
        post = self._some_post(by=actor)
        if post is None:
            return False
        accepted = self._accepted(await self.clients[actor].delete(f"/api/v1/statuses/{post.id}"))
        if accepted:
            for other in self.model.posts.values():
                other.deleted |= other is post or other.retweet_of is post
        return accepted

    async def _retweet(self, actor: str) -> bool:
        post = self._some_post()
        if post is None:
            return False
        answer = await self.clients[actor].post(f"/api/v1/statuses/{post.id}/reblog")
        if not self._accepted(answer):
            return False
        retweet, original = answer.json(), post.retweet_of or post
        self._expect_sight(actor, original)
        if retweet["id"] not in self.model.posts:
            self.model.add(Post(retweet["id"], actor, retweet["visibility"], retweet_of=original))
        return True

    async def _favorite(self, actor: str) -> bool:
        return await self._react(actor, "favourite")

    async def _bookmark(self, actor: str) -> bool:
        return await self._react(actor, "bookmark")

    async def _mute_thread(self, actor: str) -> bool:
        return await self._react(actor, "mute")

    async def _react(self, actor: str, verb: str) -> bool:
        post = self._some_post()
        if post is None:
            return False
        accepted = self._accepted(await self.clients[actor].post(f"/api/v1/statuses/{post.id}/{verb}"))
        if accepted:
            self._expect_sight(actor, post)
        return accepted

    async def _follow(self, actor: str) -> bool:
        other = self._someone(besides=actor)
        body = {"notify": self.random.random() < 0.4, "reblogs": self.random.random() < 0.8}
        answer = await self.clients[actor].post(self._account(other, "follow"), json=body)
        accepted = self._accepted(answer)
        if accepted:
            self.model.follows.add((actor, other))
            await self.clients[actor].post(
                f"/api/v1/lists/{self.lists[actor]}/accounts", json={"account_ids": [self._id(other)]}
            )
        return accepted

    async def _unfollow(self, actor: str) -> bool:
        other = self._someone(besides=actor)
        self.model.follows.discard((actor, other))
        return self._accepted(await self.clients[actor].post(self._account(other, "unfollow")))

    async def _block(self, actor: str) -> bool:
        other = self._someone(besides=actor)
        accepted = self._accepted(await self.clients[actor].post(self._account(other, "block")))
        if accepted:
            self.model.blocks.add((actor, other))
            self.model.follows -= {(actor, other), (other, actor)}
        return accepted

    async def _unblock(self, actor: str) -> bool:
        other = self._someone(besides=actor)
        self.model.blocks.discard((actor, other))
        return self._accepted(await self.clients[actor].post(self._account(other, "unblock")))

    async def _mute(self, actor: str) -> bool:
        other = self._someone(besides=actor)
        accepted = self._accepted(await self.clients[actor].post(self._account(other, "mute")))
        if accepted:
            self.model.mutes.add((actor, other))
        return accepted

    async def _unmute(self, actor: str) -> bool:
        other = self._someone(besides=actor)
        self.model.mutes.discard((actor, other))
        return self._accepted(await self.clients[actor].post(self._account(other, "unmute")))

    async def _hide_topic(self, actor: str) -> bool:
        topic = self.random.choice(TOPICS)
        if (actor, topic) in self.filters:
            return False
        answer = await self.clients[actor].post(
            "/api/v2/filters",
            json={
                "title": topic,
                "context": ["home", "notifications", "public", "thread", "account"],
                "filter_action": "hide",
                "keywords_attributes": [{"keyword": topic, "whole_word": True}],
            },
        )
        accepted = self._accepted(answer)
        if accepted:
            self.filters[actor, topic] = answer.json()["id"]
            self.model.hidden_topics.add((actor, topic))
        return accepted

    async def _show_topic(self, actor: str) -> bool:
        mine = [topic for who, topic in self.filters if who == actor]
        if not mine:
            return False
        topic = self.random.choice(mine)
        filter_id = self.filters.pop((actor, topic))
        self.model.hidden_topics.discard((actor, topic))
        return self._accepted(await self.clients[actor].delete(f"/api/v2/filters/{filter_id}"))

    async def _leave(self, actor: str) -> bool:
        from rookery.usecases.deletion import delete_user

        if len(self.model.people) <= 4:
            return False
        await delete_user(self.world.services, self.users[actor].id)
        model = self.model
        model.people.discard(actor)
        for pairs in (model.follows, model.blocks, model.mutes):
            pairs -= {pair for pair in pairs if actor in pair}
        return True

    # What people are shown.

    async def overhear(self) -> list[Leak]:
        """Return what has reached people by streams and pushes and must not have."""
        leaks: list[Leak] = []
        for viewer, surface, words in await self.ears.heard():
            if viewer in self.model.people:
                leaks += self.judge(viewer, surface, words, welcome=True)
                self.overheard += len(WORD.findall(words))
        return leaks

    async def look(self, viewer: str | None) -> list[Leak]:
        """Read everything that this person (None: a visitor) can read, and return what they must not see."""
        client = self.clients[viewer] if viewer is not None else self.world.anonymous()
        leaks: list[Leak] = []
        for surface in self._unasked(viewer):
            leaks += self.judge(viewer, surface, (await client.get(surface)).text, welcome=True)
        for surface in self._asked(viewer):
            leaks += self.judge(viewer, surface, (await client.get(surface)).text, welcome=False)
        return leaks

    def judge(self, viewer: str | None, surface: str, shown: str, *, welcome: bool) -> list[Leak]:
        """Return the posts whose words were shown against the model; `welcome`: to somebody who did not ask for them."""
        leaks: list[Leak] = []
        for word in set(WORD.findall(shown)):
            post = self.model.word_owners[word]
            allowed = self.model.is_welcome if welcome else self.model.may_see
            if allowed(viewer, post):
                self.shown += 1
            else:
                leaks.append(Leak(viewer, surface, word, post))
        return leaks

    def _unasked(self, viewer: str | None) -> Iterable[str]:
        """Return what comes to somebody by itself: no word of people whom they block or mute, or of hidden topics."""
        yield "/api/v1/timelines/public?limit=40"
        yield "/api/v1/timelines/tag/birds?limit=40"
        yield "/api/v1/timelines/nearby?lat=0&lon=0&limit=40"
        yield from self._searches(viewer)
        if viewer is None:
            return
        yield "/api/v1/timelines/home?limit=40"
        yield f"/api/v1/timelines/list/{self.lists[viewer]}?limit=40"
        yield from self._ranked()
        yield "/api/v1/notifications?limit=80"
        yield "/api/v2/notifications?limit=80&expand_accounts=full"
        yield "/api/v1/notifications?include_filtered=true&limit=80"

    def _searches(self, viewer: str | None) -> Iterable[str]:
        """Return ways to search: by a word of every post, then by one of each kind of place that is looked in."""
        name, topic = self.random.choice(PEOPLE), self.random.choice(TOPICS)
        asked = ["birds", self.random.choice((topic, f"from:{name}", f"to:{name}", "near:0,0", "-nobody"))]
        if viewer is not None:
            asked.append(
                self.random.choice(("in:library", "in:library birds", f"is:retweet from:{name}", "in:own"))
            )
        for words in asked:
            yield f"/api/v2/search?q={quote(words)}&type=statuses&limit=40&order={self.random.choice(ORDERS)}"

    def _ranked(self) -> Iterable[str]:
        """Return now and then a way into For you: from the top, or on from any tweet of any earlier ranking."""
        post = self._some_post()
        if self.random.random() < 0.5 or post is None:
            return
        yield "/api/v1/timelines/home?order=ranked&limit=40"
        place = self.random.choice(("max_id", "min_id", "since_id"))
        yield f"/api/v1/timelines/list/1?limit=40&{place}={post.id}"

    def _asked(self, viewer: str | None) -> Iterable[str]:
        """Return what somebody asks for by name: all of it as far as they may see it."""
        standing = list(self.model.posts.values())
        for post in self.random.sample(standing, k=min(6, len(standing))):
            yield f"/api/v1/statuses/{post.id}"
            yield f"/api/v1/statuses/{post.id}/context"
            if post.retweet_of is None and viewer is not None:
                yield f"/api/v1/statuses/{post.id}/history"
                yield f"/api/v1/statuses/{post.id}/quotes"
        for name in self.random.sample(PEOPLE, k=2):
            yield f"/api/v1/accounts/{self._id(name)}/statuses?limit=40"
        if viewer is None:
            return
        yield "/api/v1/favourites?limit=40"
        yield "/api/v1/bookmarks?limit=40"
        yield "/api/v1/conversations?limit=40"
        yield "/api/v1/timelines/direct?limit=40"
        ids = "&".join(f"id[]={post.id}" for post in standing[-20:])
        yield f"/api/v1/statuses?{ids}"
        for post in standing[-1:]:
            yield f"/api/v1/statuses/{post.id}/why"

    async def missing(self, viewer: str | None) -> list[Post]:
        """Return posts that this person may see and does not get when they ask for them."""
        client = self.clients[viewer] if viewer is not None else self.world.anonymous()
        posts = [post for post in self.model.standing() if self.model.may_see(viewer, post)]
        found: list[Post] = []
        for post in self.random.sample(posts, k=min(6, len(posts))):
            answer = await client.get(f"/api/v1/statuses/{post.id}")
            if answer.status_code != 200:
                found.append(post)
        return found

    # Small choices.

    def _someone(self, *, besides: str | None = None) -> str:
        return self.random.choice(sorted(self.model.people - {besides}))

    def _some_post(self, *, by: str | None = None) -> Post | None:
        posts = [post for post in self.model.standing() if by is None or post.author == by]
        return self.random.choice(posts[-40:]) if posts else None

    def _new_word(self) -> str:
        self._words += 1
        return f"zq{self._words}x"

    def _text(self, word: str, topic: str, mentioned: set[str]) -> str:
        return " ".join((word, topic, "#birds", *sorted(f"@{name}" for name in mentioned)))

    def _id(self, name: str) -> str:
        return str(self.users[name].id)

    def _account(self, name: str, verb: str) -> str:
        return f"/api/v1/accounts/{self._id(name)}/{verb}"

    def _accepted(self, answer: httpx.Response) -> bool:
        if answer.status_code in REFUSED:
            assert not WORD.search(answer.text), "a refusal tells nothing"
            return False
        assert answer.status_code == 200, f"{answer.request.url}: {answer.status_code} {answer.text}"
        return True

    def _expect_sight(self, actor: str, post: Post) -> None:
        assert self.model.may_see(actor, post), (
            f"{actor} could react to {json.dumps(post.id)} of {post.author}"
        )


_ACTIONS = {
    "post": 30,
    "edit": 8,
    "delete": 5,
    "retweet": 10,
    "favorite": 10,
    "bookmark": 5,
    "mute_thread": 2,
    "follow": 16,
    "unfollow": 4,
    "block": 4,
    "unblock": 5,
    "mute": 4,
    "unmute": 5,
    "hide_topic": 3,
    "show_topic": 3,
    "leave": 0.2,
}
