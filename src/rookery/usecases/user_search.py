"""Searching users by what they are called, mistyped or not."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from rookery import hydration, tasks
from rookery.domain.ids import ID_MAX, UserId
from rookery.domain.search import names
from rookery.domain.search.names import Asked, Candidate, Nearness
from rookery.domain.users import UserView
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import user_words
from rookery.storage.user_words import Hit

FOUND_MAX: Final = 400
"""Users whose names begin as asked, or who have all words that are asked for, that are ranked."""
FOUND_NEAR_MAX: Final = 20
"""The same for each way in which the name may have been mistyped."""
FREQUENT_MAX: Final = 4
"""Beginnings of more names than that many are ranked, of which those whom the viewer knows are asked for by name."""
LOOKED_AT_MAX: Final = 4_000
"""Users with one word that are asked for another."""
WORDS_MAX: Final = 4
INDEXED_AT_ONCE: Final = 500
INDEXING_MS: Final = 30_000
"""How long one run of the task goes through users; the next goes on from there."""


async def search_users(
    services: Services, viewer_id: UserId, text: str, *, limit: int, skip: int = 0, followed: bool = False
) -> list[UserView]:
    """Return active users who are called so, or nearly: who is called exactly so first, then whom the viewer follows.

    Who does not want to be discovered is found by strangers only under the user name as it is, or its beginning.
    """
    wanted = names.asked(_local(services, text))
    if wanted is None:
        return []
    async with services.db.read() as tx:
        looking = _Looking(tx, viewer_id, wanted, only_followed=followed)
        found = await looking.ranked(enough=skip + limit)
        views, _ = await hydration.users(services, tx, viewer_id, found[skip : skip + limit])
    return [view for view in views if view.user.active]


def _local(services: Services, text: str) -> str:
    """Return the name in an address of this instance; an empty text when it names another host or holds a NUL."""
    if "\0" in text:
        return ""
    name, at, host = text.strip().removeprefix("@").partition("@")
    if not at or " " in name or " " in host:
        return text
    return name if host.casefold() in {"", services.instance.domain.casefold()} else ""


class _Looking:
    """One search under way."""

    def __init__(self, tx: Read, viewer_id: UserId, wanted: Asked, *, only_followed: bool) -> None:
        self._tx = tx
        self._viewer_id = viewer_id
        self._wanted = wanted
        self._only_followed = only_followed
        self._candidates: dict[UserId, Candidate] = {}

    async def ranked(self, *, enough: int) -> list[UserId]:
        """Return who may be meant, the best first; typos are looked for only when there are too few without."""
        form = self._wanted.form
        await self._take(await self._beginning_with([form], each=FOUND_MAX), frozenset())
        if len(self._candidates) < enough:
            await self._take_with_every_word()
        near = names.neighbours(form)
        if near and len(self._candidates) < enough:
            await self._take(await self._beginning_with(sorted(near), each=FOUND_NEAR_MAX), near)
        sounds = names.sounds_near(form)
        if sounds and len(self._candidates) < enough:
            hits = await self._beginning_with(sounds, each=FOUND_NEAR_MAX)
            await self._take([hit._replace(form=hit.form.rpartition("=")[2]) for hit in hits], near)
        return [UserId(user_id) for user_id in names.ranked(self._candidates.values())]

    async def _beginning_with(self, beginnings: Sequence[str], *, each: int) -> list[Hit]:
        """Return a bounded number of each; of frequent ones, those whom the viewer follows or everybody knows as well."""
        found = await user_words.beginning_with(self._tx, beginnings, each=each)
        hits = [hit for some in found.values() for hit in some]
        frequent = [beginning for beginning, some in found.items() if len(some) >= each]
        for beginning in frequent[:FREQUENT_MAX]:
            hits += await user_words.known_beginning_with(self._tx, self._viewer_id, beginning)
        return hits

    async def _take_with_every_word(self) -> None:
        first, *others = self._wanted.words[:WORDS_MAX] or ("",)
        found: set[UserId] | None = None
        for other in others:
            some = await user_words.with_both(self._tx, first, other, looked=LOOKED_AT_MAX)
            found = some if found is None else found & some
        await self._add(dict.fromkeys(sorted(found or ())[:FOUND_MAX], Nearness.BEGINNING))

    async def _take(self, hits: Iterable[Hit], near: AbstractSet[str]) -> None:
        """Take in those whose forms fit, each by the form that fits best."""
        fits = {form: names.fit(self._wanted.form, form, near) for form in {hit.form for hit in hits}}
        best: dict[UserId, Nearness] = {}
        for hit in hits:
            nearness = fits[hit.form]
            if nearness is not None:
                best[hit.user_id] = min(nearness, best.get(hit.user_id, nearness))
        await self._add(best)

    async def _add(self, found: Mapping[UserId, Nearness]) -> None:
        new = [user_id for user_id in found if user_id not in self._candidates]
        if not new:
            return
        for (
            user_id,
            username,
            key,
            display_name,
            discoverable,
            followers,
            follow,
        ) in await user_words.standings(self._tx, self._viewer_id, new):
            nearness = found[user_id]
            follows = follow is not None
            if self._only_followed and not follows:
                continue
            if key == self._wanted.username:
                nearness = Nearness.NAME
            elif not (discoverable or follows or user_id == self._viewer_id):
                fits = [names.fit(self._wanted.form, form) for form in names.username_forms(username)]
                fitting = [fit for fit in fits if fit is not None]
                if not fitting:
                    continue
                nearness = min(fitting)
            elif names.is_called(display_name, self._wanted):
                nearness = Nearness.EXACT
            self._candidates[user_id] = Candidate(user_id, key, followers, follows, nearness)


async def index_users(services: Services, task: tasks.IndexUsers) -> None:  # noqa: ARG001
    """Bring the names of users to the forms by which they are found, of those who signed up before these rules."""
    async with services.db.read() as tx:
        if await user_words.is_complete(tx):
            return

    async def work(tx: Write) -> bool:
        return await user_words.index_slice(tx, limit=INDEXED_AT_ONCE, top=ID_MAX)

    until_ms = services.now_ms() + INDEXING_MS
    while await services.db.write(work):
        if services.now_ms() > until_ms:
            break
