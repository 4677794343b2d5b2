"""Reading a timeline: skeleton (ids), hydration (a fixed number of queries), rules (a pure filter), page."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from rookery import filtering
from rookery.domain.ids import TweetId
from rookery.domain.timelines import Page, PageRequest
from rookery.domain.visibility import Standings, TweetView
from rookery.domain.windows import windows
from rookery.errors import Invalid
from rookery.hydration import Hydration
from rookery.ports import Read
from rookery.services import Services
from rookery.storage import timelines

REFILLS_MAX: Final = 8
"""How often a page that the rules made short is filled up; each time twice as many ids are looked at."""
CANDIDATES_MAX: Final = 320
REPEATED_WITHIN_ENTRIES: Final = 40
"""A retweet does not show when one of so many entries below it shows the same tweet."""

OwnSkeleton = Callable[[PageRequest], Awaitable[Sequence[TweetId]]]
"""A skeleton that opens its reads itself."""
Load = Callable[[Read, Sequence[TweetId]], Awaitable[Hydration]]
Look = Callable[[PageRequest], Awaitable[tuple[Sequence[TweetId], Hydration]]]
Rule = Callable[[TweetView, Standings], bool]


async def filled(page: PageRequest, *, look: Look, rule: Rule, sift: filtering.Sieve) -> Page[TweetView]:
    """Fill a page through the rule, looking at more ids while the rule makes it short."""
    if page.limit < 1:
        raise Invalid("limit must be at least 1", field="limit")
    kept: list[TweetView] = []
    rest = page
    ids: Sequence[TweetId] = ()
    for _ in range(REFILLS_MAX):
        ids, hydrated = await look(rest)
        kept += sift([view for view in hydrated.views if rule(view, hydrated.standings)])
        if len(kept) >= page.limit or len(ids) < rest.limit:
            ids = ()
            break
        wider = min(rest.limit * 2, CANDIDATES_MAX)
        if page.oldest:
            rest = PageRequest(page.before, ids[-1], wider, oldest=True)
        else:
            rest = PageRequest(ids[-1], page.after, wider)
    kept = kept[: page.limit]
    if page.oldest:
        kept.reverse()
    edge = ids[-1] if ids else None
    if not kept:
        return Page([], newest_id=edge if page.oldest else None, oldest_id=None if page.oldest else edge)
    newest, oldest = kept[0].tweet.id, kept[-1].tweet.id
    if edge is None:
        return Page(kept, newest_id=newest, oldest_id=oldest)
    # The search was given up with more to look at: the next page goes on from there.
    return Page(kept, newest_id=edge if page.oldest else newest, oldest_id=oldest if page.oldest else edge)


def looking_once(services: Services, skeleton: OwnSkeleton, load: Load, rule: Rule) -> Look:
    """Look at entries so that a tweet which several people retweet shows once."""

    async def look(page: PageRequest) -> tuple[Sequence[TweetId], Hydration]:
        ids = await skeleton(page)
        async with services.db.read() as tx:
            hydrated = await load(tx, ids)
        retweeted = [
            view.tweet.retweet_of_id for view in hydrated.views if view.tweet.retweet_of_id is not None
        ]
        if not retweeted:
            return ids, hydrated
        older_ids = await skeleton(PageRequest(before=min(ids), limit=REPEATED_WITHIN_ENTRIES))
        async with services.db.read() as tx:
            older = await load(tx, await timelines.showing(tx, retweeted, among=older_ids))
        return ids, _unrepeated([*sorted(ids, reverse=True), *older_ids], hydrated, older, rule)

    return look


def _unrepeated(order: Sequence[TweetId], page: Hydration, older: Hydration, rule: Rule) -> Hydration:
    """Leave out retweets of what an entry a little further down shows.

    It depends on older entries only, so a page is the same whichever way one comes to it, and stays so.
    """
    places = {tweet_id: place for place, tweet_id in enumerate(order)}
    shown_at: dict[TweetId, list[int]] = {}
    for views, standings in (page, older):
        for view in views:
            if rule(view, standings):
                shown = view.tweet.retweet_of_id or view.tweet.id
                shown_at.setdefault(shown, []).append(places[view.tweet.id])

    def is_repeated(view: TweetView) -> bool:
        if view.tweet.retweet_of_id is None:
            return False
        place = places[view.tweet.id]
        return any(
            place < other <= place + REPEATED_WITHIN_ENTRIES
            for other in shown_at.get(view.tweet.retweet_of_id, ())
        )

    return Hydration([view for view in page.views if not is_repeated(view)], page.standings)


async def windowed(
    services: Services, page: PageRequest, ids_between: Callable[[PageRequest], Awaitable[list[TweetId]]]
) -> list[TweetId]:
    """Return ids from ranges that grow until they hold a page, in the page's direction (`domain.windows`)."""
    found: list[TweetId] = []
    for window in windows(page, now_ms=services.now_ms()):
        found += await ids_between(window)
        if len(found) >= page.limit:
            return found[: page.limit]
    return found
