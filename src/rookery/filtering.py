"""What the viewer's filters make of tweets: some are left out, others carry what matched."""

from collections.abc import Callable, Sequence

import msgspec

from rookery.domain.filters import CompiledFilter, FilterAction, FilterContext, FilterMatch, working
from rookery.domain.ids import UserId
from rookery.domain.tweets import Tweet
from rookery.domain.visibility import TweetView
from rookery.ports import Read
from rookery.services import Services
from rookery.storage import filters

Sieve = Callable[[Sequence[TweetView]], list[TweetView]]


async def sieve(
    services: Services,
    tx: Read,
    viewer_id: UserId | None,
    context: FilterContext | None,
    *,
    version: int | None = None,
) -> Sieve:
    """Return what takes the hidden out of views and lets the others carry what matched them.

    Own tweets are never filtered. Without a context (somebody asked for these very tweets) nothing is left out and
    the filters of every context tell. `version` spares a query where the caller has read `users.filters_version`.
    """
    if viewer_id is None:
        return list
    compiled = await _compiled(services, tx, viewer_id, version)
    at_work = working(compiled, context, now_ms=services.now_ms())
    if not at_work:
        return list

    def sift(views: Sequence[TweetView]) -> list[TweetView]:
        kept: list[TweetView] = []
        for view in views:
            matches = _matches(at_work, view, viewer_id)
            if not matches:
                kept.append(view)
            elif context is None or all(match.filter.action is not FilterAction.HIDE for match in matches):
                kept.append(_carrying(view, matches))
        return kept

    return sift


async def apply(
    services: Services,
    tx: Read,
    viewer_id: UserId | None,
    context: FilterContext | None,
    views: Sequence[TweetView],
) -> list[TweetView]:
    """Return what the viewer's sieve leaves of the views."""
    if not views:
        return []
    return (await sieve(services, tx, viewer_id, context))(views)


def _carrying(view: TweetView, matches: tuple[FilterMatch, ...]) -> TweetView:
    """Return the view with its matches, which a retweet shares with what it shows: clients look at either."""
    original = view.retweet_of
    if original is not None:
        original = msgspec.structs.replace(original, filtered=matches)
    return msgspec.structs.replace(view, filtered=matches, retweet_of=original)


def _matches(
    filters_at_work: Sequence[CompiledFilter], view: TweetView, viewer_id: UserId
) -> tuple[FilterMatch, ...]:
    shown = (view.retweet_of or view).tweet
    if shown.author_id == viewer_id:
        return ()
    texts = _texts(shown)
    quoted = (view.retweet_of or view).quoted
    if quoted is not None and quoted.view is not None and quoted.view.tweet.author_id != viewer_id:
        texts += _texts(quoted.view.tweet)
    return tuple(match for one in filters_at_work if (match := one.match(shown, texts)) is not None)


def _texts(tweet: Tweet) -> list[str]:
    return [tweet.spoiler, tweet.text, *(tweet.poll.options if tweet.poll is not None else ())]


async def _compiled(
    services: Services, tx: Read, viewer_id: UserId, version: int | None
) -> Sequence[CompiledFilter]:
    if version is None:
        version = await filters.version(tx, viewer_id)
    if version == 0:
        return ()
    kept = services.filter_cache.get(viewer_id)
    if kept is not None and kept[0] == version:
        return kept[1]
    compiled = [CompiledFilter(one) for one in await filters.list_by_user(tx, viewer_id)]
    services.filter_cache.put(viewer_id, (version, compiled))
    return compiled
