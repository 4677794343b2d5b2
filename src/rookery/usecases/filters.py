"""Making, changing and removing filters."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from rookery import access, filtering
from rookery.domain.filters import Filter, FilterAction, FilterContext, FilteredTweet, FilterKeyword
from rookery.domain.ids import TweetId, UserId
from rookery.domain.live import FiltersChanged
from rookery.domain.visibility import TweetView
from rookery.errors import Invalid, NotFound
from rookery.ports import Read, Write
from rookery.services import Services
from rookery.storage import filters

FILTERS_MAX: Final = 100
KEYWORDS_MAX: Final = 200
"""Keywords of one filter."""
TWEETS_MAX: Final = 400
"""Single tweets that one filter names."""
ALL_KEYWORDS_MAX: Final = 1_000
"""Keywords of all of a user's filters: every page they read is searched for each."""
ALL_KEYWORD_CHARS_MAX: Final = 20_000
KEYWORD_CHARS_MAX: Final = 300
TITLE_CHARS_MAX: Final = 300


class KeywordChange(NamedTuple):
    """A keyword to enter (without an id), to change, or to remove; what is None stays."""

    id: int | None = None
    text: str | None = None
    whole_word: bool | None = None
    removed: bool = False


class FilterChange(NamedTuple):
    """What a filter shall be; what is None stays."""

    title: str | None = None
    contexts: tuple[FilterContext, ...] | None = None
    action: FilterAction | None = None
    expires_in_s: int | None = None
    never_expires: bool = False
    keywords: tuple[KeywordChange, ...] = ()


async def list_filters(services: Services, viewer_id: UserId) -> list[Filter]:
    """Return the viewer's filters."""
    async with services.db.read() as tx:
        return await filters.list_by_user(tx, viewer_id)


async def get_filter(services: Services, viewer_id: UserId, filter_id: int) -> Filter:
    """Return one of the viewer's filters, or raise NotFound."""
    async with services.db.read() as tx:
        return await _own(tx, viewer_id, filter_id)


async def find_keyword(
    services: Services, viewer_id: UserId, keyword_id: int
) -> tuple[Filter, FilterKeyword]:
    """Return one of the viewer's keywords and its filter, or raise NotFound."""
    async with services.db.read() as tx:
        return await _keyword(tx, viewer_id, keyword_id)


async def find_tweet(services: Services, viewer_id: UserId, entry_id: int) -> FilteredTweet:
    """Return one of the viewer's filtered tweets by the entry's id, or raise NotFound."""
    async with services.db.read() as tx:
        for one in await filters.list_by_user(tx, viewer_id):
            for entry in one.tweets:
                if entry.id == entry_id:
                    return entry
    raise NotFound


async def make_filter(services: Services, viewer_id: UserId, change: FilterChange) -> Filter:
    """Make a filter. Raises Invalid naming the field."""

    async def work(tx: Write) -> Filter:
        if len(await filters.list_by_user(tx, viewer_id)) >= FILTERS_MAX:
            raise Invalid(f"You can have {FILTERS_MAX} filters", field="title")
        if not change.contexts:
            raise Invalid("Context can't be blank", field="context")
        fresh = Filter(id=services.new_id(), title="", contexts=(), action=FilterAction.WARN, expires_ms=None)
        return await _apply(services, tx, viewer_id, fresh, change)

    return await services.db.write(work)


async def change_filter(
    services: Services, viewer_id: UserId, filter_id: int, change: FilterChange
) -> Filter:
    """Change a filter and its keywords. Raises NotFound, and Invalid naming the field."""

    async def work(tx: Write) -> Filter:
        return await _apply(services, tx, viewer_id, await _own(tx, viewer_id, filter_id), change)

    return await services.db.write(work)


async def _apply(
    services: Services, tx: Write, viewer_id: UserId, before: Filter, change: FilterChange
) -> Filter:
    title = before.title if change.title is None else change.title.strip()
    if not title:
        raise Invalid("Title can't be blank", field="title")
    if len(title) > TITLE_CHARS_MAX:
        raise Invalid(f"Title is too long (maximum is {TITLE_CHARS_MAX} characters)", field="title")
    expires_ms = before.expires_ms
    if change.never_expires:
        expires_ms = None
    elif change.expires_in_s is not None:
        expires_ms = services.now_ms() + change.expires_in_s * 1000
    after = msgspec.structs.replace(
        before,
        title=title,
        contexts=before.contexts if change.contexts is None else tuple(dict.fromkeys(change.contexts)),
        action=before.action if change.action is None else change.action,
        expires_ms=expires_ms,
    )
    if not after.contexts:
        raise Invalid("Context can't be blank", field="context")
    await filters.put(tx, viewer_id, after)
    await _apply_keywords(services, tx, viewer_id, before, change.keywords)
    await _note(services, tx, viewer_id)
    return await _own(tx, viewer_id, after.id)


async def _apply_keywords(
    services: Services, tx: Write, viewer_id: UserId, of: Filter, changes: Sequence[KeywordChange]
) -> None:
    known = {keyword.id: keyword for keyword in of.keywords}
    left = len(known)
    for change in changes:
        if change.id is not None and change.id not in known:
            raise NotFound
        if change.removed:
            if change.id is not None:
                left -= await filters.delete_keywords(tx, viewer_id, [change.id])
            continue
        before = known[change.id] if change.id is not None else FilterKeyword(services.new_id(), "", True)
        left += change.id is None
        if left > KEYWORDS_MAX:
            raise Invalid(f"A filter can have {KEYWORDS_MAX} keywords", field="keywords_attributes")
        text = before.text if change.text is None else change.text.strip()
        whole_word = before.whole_word if change.whole_word is None else change.whole_word
        await filters.put_keyword(
            tx, viewer_id, of.id, FilterKeyword(before.id, _checked_keyword(text), whole_word)
        )
    if changes:
        await _refuse_too_many(tx, viewer_id)


async def _refuse_too_many(tx: Read, viewer_id: UserId) -> None:
    texts = [keyword.text for one in await filters.list_by_user(tx, viewer_id) for keyword in one.keywords]
    if len(texts) > ALL_KEYWORDS_MAX or sum(map(len, texts)) > ALL_KEYWORD_CHARS_MAX:
        raise Invalid(
            f"Your filters can have {ALL_KEYWORDS_MAX} keywords and {ALL_KEYWORD_CHARS_MAX} characters in all",
            field="keywords_attributes",
        )


def _checked_keyword(text: str) -> str:
    if not text:
        raise Invalid("Keyword can't be blank", field="keyword")
    if len(text) > KEYWORD_CHARS_MAX:
        raise Invalid(f"Keyword is too long (maximum is {KEYWORD_CHARS_MAX} characters)", field="keyword")
    return text


async def remove_filter(services: Services, viewer_id: UserId, filter_id: int) -> None:
    """Remove a filter; raise NotFound when there is no such one."""

    async def work(tx: Write) -> None:
        await _own(tx, viewer_id, filter_id)
        await filters.delete(tx, viewer_id, filter_id)
        await _note(services, tx, viewer_id)

    await services.db.write(work)


async def change_keyword(
    services: Services, viewer_id: UserId, keyword_id: int, change: KeywordChange
) -> FilterKeyword:
    """Change a keyword; raise NotFound when there is no such one."""

    async def work(tx: Write) -> FilterKeyword:
        of, _ = await _keyword(tx, viewer_id, keyword_id)
        await _apply_keywords(services, tx, viewer_id, of, [change._replace(id=keyword_id)])
        await _note(services, tx, viewer_id)
        return (await _keyword(tx, viewer_id, keyword_id))[1]

    return await services.db.write(work)


async def remove_keyword(services: Services, viewer_id: UserId, keyword_id: int) -> None:
    """Remove a keyword; raise NotFound when there is no such one."""

    async def work(tx: Write) -> None:
        if not await filters.delete_keywords(tx, viewer_id, [keyword_id]):
            raise NotFound
        await _note(services, tx, viewer_id)

    await services.db.write(work)


async def remove_single(services: Services, viewer_id: UserId, keyword_id: int) -> None:
    """Remove a keyword, and its filter when nothing is left of it: what an older app takes for one filter."""

    async def work(tx: Write) -> None:
        of, _ = await _keyword(tx, viewer_id, keyword_id)
        if len(of.keywords) > 1 or of.tweets:
            await filters.delete_keywords(tx, viewer_id, [keyword_id])
        else:
            await filters.delete(tx, viewer_id, of.id)
        await _note(services, tx, viewer_id)

    await services.db.write(work)


async def name_tweet(
    services: Services, viewer_id: UserId, filter_id: int, tweet_id: TweetId
) -> FilteredTweet:
    """Let a filter match one tweet, whatever it says; raise NotFound when either is not there for the viewer."""

    async def work(tx: Write) -> FilteredTweet:
        of = await _own(tx, viewer_id, filter_id)
        shown = await access.visible_tweet(services, tx, viewer_id, tweet_id)
        if len(of.tweets) >= TWEETS_MAX:
            raise Invalid(f"A filter can name {TWEETS_MAX} posts", field="tweet_id")
        if not await filters.insert_tweet(tx, viewer_id, filter_id, shown.id, new_id=services.new_id()):
            raise Invalid("This post has already been taken", field="tweet_id")
        await _note(services, tx, viewer_id)
        changed = await _own(tx, viewer_id, filter_id)
        return next(entry for entry in changed.tweets if entry.tweet_id == shown.id)

    return await services.db.write(work)


async def with_matches(services: Services, viewer_id: UserId, view: TweetView) -> TweetView:
    """Return a view that a deed has given back with what the viewer's filters find in it."""
    async with services.db.read() as tx:
        return (await filtering.apply(services, tx, viewer_id, None, [view]))[0]


async def unname_tweet(services: Services, viewer_id: UserId, entry_id: int) -> None:
    """Let a filter name a tweet no more; raise NotFound when there is no such entry."""

    async def work(tx: Write) -> None:
        if not await filters.delete_tweets(tx, viewer_id, [entry_id]):
            raise NotFound
        await _note(services, tx, viewer_id)

    await services.db.write(work)


async def _own(tx: Read, viewer_id: UserId, filter_id: int) -> Filter:
    for one in await filters.list_by_user(tx, viewer_id):
        if one.id == filter_id:
            return one
    raise NotFound


async def _keyword(tx: Read, viewer_id: UserId, keyword_id: int) -> tuple[Filter, FilterKeyword]:
    for one in await filters.list_by_user(tx, viewer_id):
        for keyword in one.keywords:
            if keyword.id == keyword_id:
                return one, keyword
    raise NotFound


async def _note(services: Services, tx: Write, viewer_id: UserId) -> None:
    await filters.note_change(tx, viewer_id, version=services.new_id())
    await services.live.announce(tx, FiltersChanged(viewer_id))
