"""Following hashtags, and featuring them on one's profile."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from rookery import access
from rookery.domain import text
from rookery.domain.ids import UserId, time_ms_of
from rookery.domain.live import FollowsChanged
from rookery.domain.timelines import Page, PageRequest, paged
from rookery.errors import Invalid, NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import followed_hashtags, hashtags

FOLLOWED_MAX: Final = 100
FEATURED_MAX: Final = 10
SUGGESTED_MAX: Final = 10
USES_COUNTED_MAX: Final = 10_000


class HashtagStanding(NamedTuple):
    """What the viewer has to do with a hashtag."""

    following: bool
    featuring: bool


class FeaturedHashtag(NamedTuple):
    """A hashtag on a profile, and how its owner uses it."""

    id: int
    name: str
    uses: int
    last_used_ms: int | None


def kept_name(name: str) -> str:
    """Return the kept form of a hashtag; raise NotFound when the text is none."""
    name = name.removeprefix("#")
    if not text.is_hashtag(name):
        raise NotFound
    return text.hashtag_key(name)


async def standings(
    services: Services, viewer_id: UserId | None, names: Sequence[str]
) -> dict[str, HashtagStanding]:
    """Tell whether the viewer follows and features hashtags, each in its kept form."""
    followed: AbstractSet[str] = frozenset()
    featured: AbstractSet[str] = frozenset()
    if viewer_id is not None:
        async with services.db.read() as tx:
            followed = frozenset((await followed_hashtags.followed(tx, viewer_id)).values())
            featured = {row[2] for row in await followed_hashtags.featured(tx, viewer_id)}
    return {name: HashtagStanding(name in followed, name in featured) for name in names}


async def follow_hashtag(services: Services, viewer_id: UserId, name: str) -> None:
    """Let public tweets that carry a hashtag show on the viewer's home. Doing it twice is doing it once."""
    key = kept_name(name)

    async def work(tx: Write) -> None:
        followed = await followed_hashtags.followed(tx, viewer_id)
        if len(followed) >= FOLLOWED_MAX and key not in followed.values():
            raise Invalid(f"You can follow {FOLLOWED_MAX} hashtags", field="name")
        hashtag_id = await hashtags.enter(services, tx, key)
        await followed_hashtags.follow(tx, viewer_id, hashtag_id, new_id=services.new_id())
        await services.live.announce(tx, FollowsChanged(viewer_id))

    await services.db.write(work)


async def unfollow_hashtag(services: Services, viewer_id: UserId, name: str) -> None:
    """Follow a hashtag no longer. One that was not followed stays so."""
    key = kept_name(name)

    async def work(tx: Write) -> None:
        if hashtag_id := (await hashtags.ids(tx, [key])).get(key):
            await followed_hashtags.unfollow(tx, viewer_id, hashtag_id)
            await services.live.announce(tx, FollowsChanged(viewer_id))

    await services.db.write(work)


async def page_followed(services: Services, viewer_id: UserId, page: PageRequest) -> Page[str]:
    """Return a page of the hashtags that the viewer follows, the latest first."""
    async with services.db.read() as tx:
        rows = await followed_hashtags.page(tx, viewer_id, page)
    return paged(page, [row[1] for row in rows], [row[0] for row in rows])


async def list_featured(services: Services, user_id: UserId) -> list[FeaturedHashtag]:
    """Return the hashtags on a user's profile."""
    async with services.db.read() as tx:
        await access.visible_user(tx, user_id)
        return [await _featured(tx, user_id, *row) for row in await followed_hashtags.featured(tx, user_id)]


async def _featured(tx: Read, user_id: UserId, entry_id: int, hashtag_id: int, name: str) -> FeaturedHashtag:
    uses, last_id = await followed_hashtags.own_use(tx, user_id, hashtag_id, limit=USES_COUNTED_MAX)
    return FeaturedHashtag(entry_id, name, uses, time_ms_of(last_id) if last_id is not None else None)


async def feature_hashtag(services: Services, viewer_id: UserId, name: str) -> FeaturedHashtag:
    """Put a hashtag on the viewer's profile; one that is there stays. Raises Invalid when there are enough."""
    name = name.removeprefix("#").strip()
    if not text.is_hashtag(name):
        raise Invalid("Validation failed: Name is not a hashtag", field="name")
    key = text.hashtag_key(name)

    async def work(tx: Write) -> FeaturedHashtag:
        rows = await followed_hashtags.featured(tx, viewer_id)
        if all(row[2] != key for row in rows):
            if len(rows) >= FEATURED_MAX:
                raise Invalid("You have already featured the maximum number of hashtags", field="name")
            hashtag_id = await hashtags.enter(services, tx, key)
            await followed_hashtags.feature(tx, viewer_id, hashtag_id, new_id=services.new_id())
            rows = await followed_hashtags.featured(tx, viewer_id)
        return await _featured(tx, viewer_id, *next(row for row in rows if row[2] == key))

    return await services.db.write(work)


async def unfeature(services: Services, viewer_id: UserId, entry_id: int) -> None:
    """Take a hashtag off the viewer's profile; raise NotFound when it is not there."""

    async def work(tx: Write) -> None:
        if not await followed_hashtags.unfeature(tx, viewer_id, entry_id):
            raise NotFound

    await services.db.write(work)


async def unfeature_hashtag(services: Services, viewer_id: UserId, name: str) -> None:
    """Take a hashtag off the viewer's profile, by its name. One that is not there stays so."""
    key = kept_name(name)

    async def work(tx: Write) -> None:
        for row in await followed_hashtags.featured(tx, viewer_id):
            if row[2] == key:
                await followed_hashtags.unfeature(tx, viewer_id, row[0])

    await services.db.write(work)


async def suggest_featured(services: Services, viewer_id: UserId) -> list[str]:
    """Return the hashtags that the viewer writes most and does not feature."""
    async with services.db.read() as tx:
        featured = {row[1] for row in await followed_hashtags.featured(tx, viewer_id)}
        rows = await followed_hashtags.most_used(
            tx, viewer_id, counted_max=USES_COUNTED_MAX, limit=SUGGESTED_MAX + FEATURED_MAX
        )
    return [row[1] for row in rows if row[0] not in featured][:SUGGESTED_MAX]
