"""Carrying the plan of the town out: each event at its time, by the use cases that people's own deeds go through."""

import asyncio
import io
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from PIL import Image

from rookery import tasks
from rookery.demo import films, plumages, scenes
from rookery.demo.town import CLERK, SEED, Bird, Deed, Event, Join, Post, Told, Town, TownPage, Vote
from rookery.domain.composing import Manuscript
from rookery.domain.ids import TweetId, UserId
from rookery.domain.lists import Replies
from rookery.domain.measurements import Measurement
from rookery.domain.media import MediaId, MediaPurpose, Upload
from rookery.domain.polls import PollDraft
from rookery.domain.previews import Preview
from rookery.domain.profiles import ProfileChanges
from rookery.domain.tweets import Place
from rookery.errors import Forbidden, NotFound
from rookery.services import Services
from rookery.usecases import (
    blocks,
    bookmarks,
    drafts,
    favorites,
    follow_requests,
    followed_hashtags,
    follows,
    lists,
    mutes,
    pins,
    polls,
    profile_pictures,
    profiles,
    retweets,
    rules,
    sign_up,
    trends,
    tweets,
    uploads,
)
from rookery.workers.loop import Worker

PHOTO_SIZE: Final = (1_200, 800)
HEADER_SIZE: Final = (1_500, 500)
PHOTO_QUALITY: Final = 90


class TownPreviews:
    """Knows what the pages say that the town links to, and asks nobody."""

    def __init__(self, pages: Sequence[TownPage], *, pictures: bool) -> None:
        """Take the pages, and whether they have pictures."""
        self._pictures = pictures
        self._pages = {page.url: page for page in pages}

    async def fetch(self, url: str, /) -> Preview | None:
        """Return what a page of the town says about itself."""
        page = self._pages.get(url)
        if page is None:
            return None
        return Preview(
            title=page.title,
            description=page.description,
            author_name=page.author,
            provider_name=page.provider,
            language="en",
            picture_url=page.url if self._pictures else "",
            picture_description=page.picture.description,
        )

    async def fetch_picture(self, url: str, /) -> bytes | None:
        """Draw the picture of a page of the town."""
        if (page := self._pages.get(url)) is None:
            return None
        width, height = PHOTO_SIZE
        place, hour = page.picture.place, page.picture.hour
        content = io.BytesIO()
        drawn = scenes.scene(place, hour, width=width, height=height, seed=SEED + url)
        drawn.save(content, "JPEG", quality=PHOTO_QUALITY)
        return content.getvalue()

    def measurements(self) -> Sequence[Measurement]:
        """Count nothing."""
        return ()

    async def close(self) -> None:
        """Have nothing to let go of."""


class Life:
    """The town as far as it has got."""

    def __init__(
        self, services: Services, worker: Worker, town: Town, *, password: str, pictures: bool
    ) -> None:
        """Take the services, the worker that carries out what deeds leave behind, and everybody's password."""
        self._services = services
        self._worker = worker
        self._town = town
        self._password = password
        self._pictures = pictures
        self._users: dict[str, UserId] = {}
        self._tweets: dict[str, TweetId] = {}
        self._deeds = self._known_deeds()

    async def begin(self) -> None:
        """Set the town's rules."""
        for rule in self._town.rules:
            await rules.add_rule(self._services, text=rule.text, hint=rule.hint)

    async def live(self, events: Sequence[Event]) -> None:
        """Let events happen, side by side."""
        await asyncio.gather(*[self._live(event) for event in events])

    async def _live(self, event: Event) -> None:
        match event:
            case Join(bird):
                await self._join(bird)
            case Post():
                await self._post(event)
            case Vote(by, to, choices):
                await polls.vote(self._services, self._users[by], self._tweets[to], choices)
            case Deed():
                await self._do(event)

    async def end(self) -> None:
        """Let the clerk put the desk in order, and finish what is under way."""
        services, clerk = self._services, self._users[CLERK]
        for wanted in self._town.lists:
            owner = self._users[wanted.by]
            made = await lists.make_list(
                services, owner, title=wanted.title, replies=Replies.LIST, exclusive=False
            )
            members = [self._users[name] for name in wanted.members]
            await lists.add_members(services, owner, made.id, await self._followed(owner, members))
        await followed_hashtags.follow_hashtag(services, clerk, "DawnChorus")
        await followed_hashtags.feature_hashtag(services, clerk, "NewFountain")
        unfinished = Manuscript(text="Dear birds, about the second nail: ", language="en")
        await drafts.keep_draft(services, clerk, unfinished)
        await self._worker.drain()

    async def _followed(self, owner: UserId, members: Sequence[UserId]) -> list[UserId]:
        found = await follows.list_relations(self._services, owner, members)
        return [user_id for user_id, relation in found if relation.following]

    async def _join(self, bird: Bird) -> None:
        services = self._services
        user = await sign_up.create_user(
            services,
            username=bird.name,
            email=f"{bird.name}@birds.example",
            password=self._password,
            role="admin" if bird.name == CLERK else "user",
        )
        self._users[bird.name] = user.id
        changes = ProfileChanges(
            display_name=bird.shown,
            bio=bird.bio,
            fields=bird.fields,
            locked=bird.locked,
            bot=bird.bot,
            default_language=bird.language,
        )
        await profiles.change_profile(services, user.id, changes)
        if self._pictures:
            await self._dress(user.id, bird)

    async def _dress(self, user_id: UserId, bird: Bird) -> None:
        """Give a bird its avatar and header."""
        width, height = HEADER_SIZE
        place, hour = bird.header.place, bird.header.hour
        header = scenes.scene(place, hour, width=width, height=height, seed=SEED + bird.name)
        await asyncio.gather(
            self._show(user_id, MediaPurpose.AVATAR, plumages.portrait(bird.plumage, SEED + bird.name)),
            self._show(user_id, MediaPurpose.HEADER, header),
        )

    async def _show(self, user_id: UserId, purpose: MediaPurpose, picture: Image.Image) -> None:
        with tempfile.TemporaryDirectory(prefix="rookery-demo-") as folder:
            path = Path(folder) / "picture.jpg"
            picture.save(path, quality=PHOTO_QUALITY)
            await profile_pictures.set_picture(self._services, user_id, purpose, _upload(path))

    async def _post(self, event: Post) -> None:
        told, author = event.told, self._users[event.by]
        place = None
        if told.place:
            latitude, longitude = self._town.places[told.place]
            place = Place(latitude, longitude, told.place)
        poll = None
        if told.poll is not None:
            poll = PollDraft(
                told.poll.options, duration_s=told.poll.hours * 3_600, multiple=told.poll.multiple
            )
        manuscript = Manuscript(
            text=told.text,
            spoiler=told.spoiler,
            visibility=event.visibility,
            language=told.language,
            reply_to_id=self._tweets[event.reply_to] if event.reply_to else None,
            quoted_id=self._tweets[told.quotes] if told.quotes else None,
            place=place,
            poll=poll,
            media_ids=await self._media(author, event.key, told),
        )
        view = await tweets.post_tweet(self._services, author, manuscript)
        self._tweets[event.key] = view.tweet.id

    async def _media(self, author: UserId, key: str, told: Told) -> tuple[MediaId, ...]:
        """Draw what the tweet shows, take it in and wait until it is converted."""
        taken: list[MediaId] = []
        if not self._pictures:
            return ()
        with tempfile.TemporaryDirectory(prefix="rookery-demo-") as folder:
            for number, photo in enumerate(told.photos):
                path = Path(folder) / f"{number}.jpg"
                width, height = PHOTO_SIZE
                seed = f"{SEED}{key}{number}"
                picture = scenes.scene(photo.place, photo.hour, width=width, height=height, seed=seed)
                picture.save(path, quality=PHOTO_QUALITY)
                taken.append(await self._taken_in(author, path, photo.description))
            if told.video:
                path = Path(folder) / "film.mp4"
                films.write_film(path, SEED)
                words = (
                    "A great flock of starlings turns over a lake in the evening, now a ribbon, now a ball"
                )
                taken.append(await self._taken_in(author, path, words))
            if told.song:
                path = Path(folder) / "song.m4a"
                films.write_song(path, SEED)
                taken.append(await self._taken_in(author, path, "Whistles and trills of a nightingale"))
            if taken:
                await self._worker.drain()
        return tuple(taken)

    async def _taken_in(self, author: UserId, path: Path, description: str) -> MediaId:
        return (await uploads.take_in(self._services, author, _upload(path, description))).id

    async def _do(self, deed: Deed) -> None:
        if deed.kind == "refresh":
            await self._worker.drain()
            await trends.refresh_trends(self._services, tasks.RefreshTrends())
            return
        # Who is not let in, or has been blocked, finds nothing to do it to: so it goes in towns.
        with suppress(NotFound, Forbidden):
            await self._deeds[deed.kind](self._users[deed.by], deed.to)

    def _known_deeds(self) -> "Mapping[str, Callable[[UserId, str], Awaitable[object]]]":
        services, users, posted = self._services, self._users, self._tweets
        return {
            "favorite": lambda by, to: favorites.mark_tweet_favorite(services, by, posted[to]),
            "retweet": lambda by, to: retweets.retweet(services, by, posted[to]),
            "bookmark": lambda by, to: bookmarks.bookmark_tweet(services, by, posted[to]),
            "pin": lambda by, to: pins.pin_tweet(services, by, posted[to]),
            "follow": lambda by, to: follows.follow(services, by, users[to]),
            "accept": lambda by, to: follow_requests.accept_follow_request(services, by, users[to]),
            "mute": lambda by, to: mutes.mute(services, by, users[to]),
            "block": lambda by, to: blocks.block(services, by, users[to]),
        }


def _upload(path: Path, description: str = "") -> Upload:
    return Upload(path=str(path), size_bytes=path.stat().st_size, description=description)
