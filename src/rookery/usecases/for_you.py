"""For you: home in the order of what seems to matter most to its reader, and why a tweet stands where it does.

A ranking is made when somebody begins to read, kept, and paged through as it was made: what was given is neither
repeated nor skipped, whatever is posted meanwhile. The rules for who may see what are applied at every page.
"""

import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

import structlog

from rookery import access, home, ranking
from rookery.domain.for_you import (
    Facts,
    Ranking,
    Source,
    holding,
    may_be_shown_to_strangers,
)
from rookery.domain.ids import ID_MAX, TweetId, UserId, time_ms_of
from rookery.domain.timelines import Page, PageRequest
from rookery.domain.visibility import TweetView
from rookery.home import Home
from rookery.ports import Write
from rookery.services import Services
from rookery.storage import rankings

FRESH_MS: Final = 60_000
"""How long a ranking is shown again to whoever begins to read; then another is made."""
KEPT_MAX: Final = 3
"""Rankings of one reader that are kept: one may page through an earlier one, on another device say."""
LOOKED_AT_MAX: Final = 80
"""Places of which the tweets are loaded at once."""

_log = structlog.get_logger(__name__)


class RankedPage(NamedTuple):
    """A page, and the ranking that it comes from (None: it is newest first)."""

    page: Page[TweetView]
    ranking_id: int | None = None


async def ranked_timeline(
    services: Services, viewer_id: UserId, page: PageRequest, *, ranking_id: int | None = None
) -> RankedPage:
    """Return a page of the viewer's home in the order of For you; behind a ranking's end it goes on newest first.

    `before` and `after` name tweets of the page that the reader has: what stands below the one or above the other in
    the ranking that it came from, which `ranking_id` says if the reader knows. Where nothing can be ranked, or that
    fails, the page is home's, newest first.
    """
    at = await home.begin(services, viewer_id)
    found = None
    if services.instance.for_you:
        try:
            found = await _Reading(services, at, page, ranking_id).found()
        except Exception:  # noqa: BLE001
            # Whatever it was: whoever wants to read gets something to read.
            services.rankings.failed += 1
            _log.exception("a home could not be ranked and is shown newest first", user=viewer_id)
    return found or RankedPage(await home.page(services, at, page))


class _Reading:
    """One page under way."""

    def __init__(self, services: Services, at: Home, wanted: PageRequest, ranking_id: int | None) -> None:
        self._services = services
        self._home = at
        self._wanted = wanted
        self._ranking_id = ranking_id
        self._kept: list[Ranking] = []

    async def found(self) -> RankedPage | None:
        """Return the page, or None when there is nothing to rank."""
        async with self._services.db.read() as tx:
            self._kept = await rankings.latest(tx, self._home.viewer_id, limit=KEPT_MAX)
        if self._wanted.before < ID_MAX:
            return await self._below()
        if self._wanted.after or self._wanted.oldest:
            return await self._above()
        latest = await self._latest()
        return await self._page(latest, range(len(latest.tweet_ids))) if latest is not None else None

    async def _latest(self) -> Ranking | None:
        """Return the ranking for whoever begins to read now; None when there is nothing to rank."""
        if self._kept:
            latest = self._kept[0]
            is_fresh = self._services.now_ms() - time_ms_of(latest.id) < FRESH_MS
            if is_fresh and latest.home_version == self._home.stamp.version:
                return latest
        return await self._make()

    async def _make(self) -> Ranking | None:
        began = time.perf_counter()
        services, viewer_id = self._services, self._home.viewer_id
        placed, floor_id = await ranking.rank(services, self._home, await self._times_given())
        if not placed:
            services.rankings.empty += 1
            _log.info("there is nothing to rank; a home is shown newest first", user=viewer_id)
            return None
        made = Ranking(
            services.new_id(),
            self._home.stamp.version,
            floor_id,
            [min(self._wanted.limit, len(placed)) - 1],
            [one.tweet_id for one in placed],
            [one.facts.source for one in placed],
        )

        async def work(tx: Write) -> None:
            await rankings.insert(tx, viewer_id, made, [one.facts for one in placed], kept=KEPT_MAX)

        await services.db.write(work)
        services.rankings.made += 1
        services.rankings.seconds += time.perf_counter() - began
        return made

    async def _times_given(self) -> dict[TweetId, int]:
        """Return how often the reader was given what the latest ranking holds, that time included."""
        if not self._kept:
            return {}
        latest = self._kept[0]
        return {
            one.shown_id: one.times_given + (place < latest.given)
            for place, one in enumerate(await self._facts(latest))
        }

    async def _facts(self, of: Ranking) -> tuple[Facts, ...]:
        async with self._services.db.read() as tx:
            return await rankings.facts(tx, self._home.viewer_id, of.id)

    async def _shown_by(self, of: Ranking) -> set[TweetId]:
        return {one.shown_id for one in await self._facts(of)}

    async def _below(self) -> RankedPage:
        wanted = self._wanted
        held = holding(self._kept, wanted.before, self._ranking_id)
        if held is None:
            return await self._behind_the_end()
        of, place = held
        places = range(place + 1, len(of.tweet_ids))
        if not wanted.after:
            return await self._page(of, places)
        edge = holding(self._kept, wanted.after, self._ranking_id)
        if edge is not None and edge[0].id == of.id:
            return await self._page(of, range(place + 1, edge[1]), ends=True)
        passed = set(edge[0].tweet_ids) if edge is not None else set[TweetId]()
        fitting = [one for one in places if of.tweet_ids[one] not in passed]
        return await self._page(of, fitting, ends=True)

    async def _above(self) -> RankedPage | None:
        """Return what stands above a tweet: in its ranking, or when it stands at the top, in a newer one."""
        held = holding(self._kept, self._wanted.after, self._ranking_id)
        passed: AbstractSet[TweetId] = frozenset()
        if held is not None:
            of, place = held
            found = await self._page(of, range(place), ends=True)
            if found.page.items:
                return found
            passed = await self._shown_by(of)
        elif self._kept and self._wanted.after < self._kept[0].floor_id:
            return await self._above_the_end(self._kept[0])
        latest = await self._latest()
        if latest is None or (held is not None and held[0].id == latest.id):
            return None if latest is None else RankedPage(Page([]), latest.id)
        facts = await self._facts(latest)
        fitting = [
            place
            for place, tweet_id in enumerate(latest.tweet_ids)
            if facts[place].shown_id not in passed and (held is not None or tweet_id > self._wanted.after)
        ]
        return await self._page(latest, fitting, ends=True)

    async def _page(self, of: Ranking, places: Sequence[int], *, ends: bool = False) -> RankedPage:
        """Return a page from these places, and from behind the ranking's end unless it `ends` with them."""
        wanted = self._wanted
        kept = await self._walk(of, places[::-1] if wanted.oldest else places)
        if not kept and ends:
            return RankedPage(Page([]), of.id)
        if kept:
            await self._note_end(of, max(place for place, _ in kept))
        items = [view for _, view in (reversed(kept) if wanted.oldest else kept)]
        oldest_id = items[-1].tweet.id if items else None
        missing = wanted.limit - len(items)
        if missing and not ends:
            more = await self._tail(of, PageRequest(before=of.floor_id, limit=missing))
            items += more.items
            oldest_id = more.oldest_id
        return RankedPage(Page(items, items[0].tweet.id if items else None, oldest_id), of.id)

    async def _walk(self, of: Ranking, places: Sequence[int]) -> list[tuple[int, TweetView]]:
        """Return as many as are wanted of what may be shown, with its places, in the order of `places`."""
        kept: list[tuple[int, TweetView]] = []
        start, count = 0, self._wanted.limit
        while start < len(places) and len(kept) < self._wanted.limit:
            part = places[start : start + count]
            kept += await self._shown(of, part)
            start, count = start + count, min(2 * count, LOOKED_AT_MAX)
        return kept[: self._wanted.limit]

    async def _shown(self, of: Ranking, places: Sequence[int]) -> list[tuple[int, TweetView]]:
        at = self._home
        by_id = {of.tweet_ids[place]: place for place in places}
        async with self._services.db.read() as tx:
            loaded = await at.load(self._services, tx, list(by_id))
        seen = [
            view
            for view in loaded.views
            if at.holds(view, loaded.standings)
            or (
                of.sources[by_id[view.tweet.id]] != Source.HOME
                and may_be_shown_to_strangers(view, at.viewer_id, loaded.standings)
            )
        ]
        return [(by_id[view.tweet.id], view) for view in at.sift(seen)]

    async def _note_end(self, of: Ranking, place: int) -> None:
        """Note where the page ends, before it is given: the next one may be asked of another process."""
        if place not in of.ends:

            async def work(tx: Write) -> None:
                await rankings.add_end(tx, self._home.viewer_id, of.id, place)

            await self._services.db.write(work)

    async def _tail(self, of: Ranking | None, request: PageRequest) -> Page[TweetView]:
        """Return a page of home, newest first, without what the ranking shows."""
        shown = await self._shown_by(of) if of is not None else frozenset[TweetId]()
        return await home.page(self._services, self._home, request, without=shown)

    async def _behind_the_end(self) -> RankedPage:
        """Return what follows a tweet that is in no ranking: home, newest first."""
        wanted = self._wanted
        named = next((one for one in self._kept if one.id == self._ranking_id), None)
        if named is None and self._kept and wanted.before <= self._kept[0].floor_id:
            named = self._kept[0]
        return RankedPage(await self._tail(named, wanted), named.id if named is not None else None)

    async def _above_the_end(self, of: Ranking) -> RankedPage:
        """Return what stands above a tweet from behind a ranking's end: more of that, or else the ranking's end."""
        wanted = self._wanted
        request = PageRequest(of.floor_id, wanted.after, wanted.limit, oldest=wanted.oldest)
        found = await self._tail(of, request)
        if found.items:
            return RankedPage(found, of.id)
        return await self._page(of, range(len(of.tweet_ids)), ends=True)


class Explanation(NamedTuple):
    """Why a tweet stands where it does on somebody's For you."""

    view: TweetView
    facts: Facts | None = None
    """What was known of it when it was ranked; None: no ranking holds it, and it shows by its time."""
    place: int = 0
    """From 0."""
    ranked_ms: int = 0


async def explain_place(services: Services, viewer_id: UserId, tweet_id: TweetId) -> Explanation:
    """Tell why a tweet, or a retweet of it, stands where it does in the viewer's latest ranking that holds it.

    Raises NotFound for a tweet that the viewer may not see.
    """
    async with services.db.read() as tx:
        view = await access.visible_view(services, tx, viewer_id, tweet_id)
        shown_id = (view.retweet_of or view).tweet.id
        for of in await rankings.latest(tx, viewer_id, limit=KEPT_MAX):
            for place, facts in enumerate(await rankings.facts(tx, viewer_id, of.id)):
                if facts.shown_id == shown_id:
                    return Explanation(view, facts, place, time_ms_of(of.id))
    return Explanation(view)
