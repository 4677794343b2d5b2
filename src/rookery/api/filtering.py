"""From filters to Mastodon's JSON."""

from rookery.api.entities import filters as entities
from rookery.api.timestamps import timestamp
from rookery.domain.filters import Filter, FilterAction, FilteredTweet, FilterKeyword, FilterMatch


def filter_entity(one: Filter) -> entities.Filter:
    """Return a filter with all it looks for."""
    return entities.Filter(
        id=str(one.id),
        title=one.title,
        context=[context.value for context in one.contexts],
        expires_at=timestamp(one.expires_ms) if one.expires_ms is not None else None,
        filter_action=one.action.value,
        keywords=[keyword_entity(keyword) for keyword in one.keywords],
        statuses=[filter_status_entity(entry) for entry in one.tweets],
    )


def keyword_entity(keyword: FilterKeyword) -> entities.FilterKeyword:
    """Return a filter's keyword."""
    return entities.FilterKeyword(str(keyword.id), keyword.text, keyword.whole_word)


def filter_status_entity(entry: FilteredTweet) -> entities.FilterStatus:
    """Return a status that a filter names."""
    return entities.FilterStatus(str(entry.id), str(entry.tweet_id))


def filter_v1_entity(one: Filter, keyword: FilterKeyword) -> entities.FilterV1:
    """Return one keyword as older apps know filters."""
    return entities.FilterV1(
        id=str(keyword.id),
        phrase=keyword.text,
        context=[context.value for context in one.contexts],
        expires_at=timestamp(one.expires_ms) if one.expires_ms is not None else None,
        irreversible=one.action is FilterAction.HIDE,
        whole_word=keyword.whole_word,
    )


def filter_result(match: FilterMatch) -> entities.FilterResult:
    """Return that a filter matches a status, and by what."""
    return entities.FilterResult(
        filter=filter_entity(match.filter),
        keyword_matches=list(match.keywords) or None,
        status_matches=[str(tweet_id) for tweet_id in match.tweet_ids] or None,
    )
